import { z } from 'zod'
import { codesOf } from '../codes.ts'
import { day, daysAfter, defineRecord, localId, words } from '../record-kind.ts'
import { strategies } from '../strategies.ts'
import { fault, pastFaults, repeatFaults } from './parts.ts'

const action = z.strictObject({
  id: localId().describe('Id in this case; a plan that names it again takes it up under a goal'),
  text: words(1000).describe('What is done'),
  by: z.enum(['student', 'worker', 'other']).describe('Who does it'),
  dueOn: day().describe('Due day'),
  strategy: z.enum(codesOf(strategies)).optional().describe('Strategy of the library'),
})

/**
 * Provisional actions 临时措施: what cannot wait for a plan, or arises beside it. They serve no goal; the next plan, an
 * evaluation or a settlement settles them, and no case is closed over an open one.
 * Source: domain §2, steps gate moves, not writing; seed article 3, §3.2 程序可以调整.
 */
export const provisionalAction = defineRecord({
  kind: 'provisional_action',
  of: 'case',
  title: { en: 'Provisional actions', zh: '临时措施' },
  source: 'Seed article 3, §3.2 程序可以调整 and (5) 干预',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({ actions: z.array(action).min(1).max(20).describe('Actions') }),
  check: ({ actions }, facts, today) => [
    ...repeatFaults(
      actions.map(each => each.id),
      index => `/actions/${index}/id`,
      'repeated_id',
      '编号重复',
    ),
    ...actions.flatMap(({ id }, index) =>
      facts.actions.some(each => each.id === id)
        ? [fault(`/actions/${index}/id`, 'id_taken', 'An action of this case has the id', '本案已有此编号的行动')]
        : [],
    ),
    ...actions.flatMap(({ dueOn }, index) => pastFaults(`/actions/${index}/dueOn`, dueOn, today)),
  ],
  effects: ({ actions }) => ({
    actions: actions.map(({ id, by, dueOn, strategy }) => ({
      id,
      goalId: null,
      dueOn,
      by,
      strategy: strategy ?? null,
    })),
  }),
  example: today => ({
    actions: [
      {
        id: 'p1',
        text: '联系任课教师,商定缺交作业的补交期限。',
        by: 'worker',
        dueOn: daysAfter(today, 5),
        strategy: 'teaching_feedback',
      },
    ],
  }),
})
