import { z } from 'zod'
import { codesOf } from '../../codes.ts'
import { budgetCategories } from '../../group-codes.ts'
import type { GroupFacts } from '../../group-facts.ts'
import { defineRecord, localId, type SigningFault, words } from '../../record-kind.ts'
import { fault, repeatedIds } from '../parts.ts'

const content = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        id: localId().describe('Id in this group, kept through versions'),
        category: z.enum(codesOf(budgetCategories)).describe('What it pays for'),
        purpose: words(500).describe('What for'),
        source: words(300).describe('Where the money comes from'),
        plannedFen: z.int().min(1).max(1_000_000_000).describe('Planned, in fen'),
      }),
    )
    .max(60)
    .describe('Lines; none = the group costs nothing'),
  nothingNeeded: words(1000).optional().describe('Why the group costs nothing; needed without lines'),
})

/** What was spent or settled stays: its line may shrink to what was spent, and not vanish. */
const keptFaults = ({ lines }: z.output<typeof content>, facts: GroupFacts): SigningFault[] =>
  facts.budgetLines.flatMap(({ id, spentFen, settled, plannedFen }) => {
    const index = lines.findIndex(each => each.id === id)
    const line = lines[index]
    if (!line)
      return spentFen > 0 || settled
        ? [fault('/lines', 'line_was_used', `Line ${id} was spent on or settled`, `预算项${id}已有支出或已结算`)]
        : []
    if (settled && line.plannedFen !== plannedFen)
      return [fault(`/lines/${index}`, 'line_was_used', 'The line is settled', '该项已结算')]
    return line.plannedFen < spentFen
      ? [fault(`/lines/${index}/plannedFen`, 'less_than_spent', 'More was spent already', '低于已支出金额')]
      : []
  })

/** Budget 预算 of a group; zero with a statement is valid. Source: seed article 3, §3.3 (5). */
export const groupBudget = defineRecord({
  kind: 'group_budget',
  of: 'group',
  title: { en: 'Budget', zh: '小组预算' },
  source: 'Seed article 3, §3.3 (5) 预算; MZ/T 095-2017 筹备',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['preparation', 'early', 'middle', 'late'],
  cardinality: 'one',
  studentReads: 'nothing',
  content,
  check: (given, facts) => [
    ...repeatedIds(given.lines, 'lines'),
    ...keptFaults(given, facts),
    ...(given.lines.length === 0 && !given.nothingNeeded
      ? [fault('/nothingNeeded', 'reason_required', 'Say why the group costs nothing', '请说明无须经费的理由')]
      : []),
    ...(given.lines.length > 0 && given.nothingNeeded
      ? [fault('/nothingNeeded', 'lines_are_there', 'The budget has lines', '预算已列有项目')]
      : []),
  ],
  effects: ({ lines }) => ({
    budgetLines: lines.map(({ id, category, plannedFen }) => ({ id, category, plannedFen })),
  }),
  example: () => ({
    lines: [
      {
        id: 'b1',
        category: 'materials',
        purpose: '白板笔、便签、习题册。',
        source: '学院学生工作经费',
        plannedFen: 30000,
      },
      { id: 'b2', category: 'refreshments', purpose: '开组与总结活动茶歇。', source: '校友捐助', plannedFen: 20000 },
    ],
  }),
})
