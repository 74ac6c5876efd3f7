import { z } from 'zod'
import { casework } from '../casework.ts'
import { isOnFile } from '../checks/deferrals.ts'
import { type CaseFacts, crisisIsOpen } from '../facts.ts'
import { day, daysAfter, defineRecord, type SigningFault, words } from '../record-kind.ts'
import { waivableOf } from '../waivable.ts'
import { fault, owedFaults, repeatFaults } from './parts.ts'

/** Needs and checks of casework that may be waived or deferred. */
export const waivable = waivableOf(casework)

/** What an urgent start defers in one act 紧急介入. Source: seed article 3, §3.2 程序可以调整 and §5 危机干预. */
export const urgentNeeds = [
  'personal_profile',
  'environment',
  'cause_attribution',
  'goals_graded',
  'feasibility_reviewed',
] as const

const content = z.strictObject({
  needs: z.array(z.enum(waivable)).min(1).max(10).describe('Needs and checks'),
  mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
  dueOn: day().optional().describe('Day a deferred need is owed by, within a year; a waiver has none'),
  urgent: z.boolean().optional().describe('An urgent start 紧急介入, while a crisis is open; left out = no'),
  reason: words(2000).describe('Why'),
})

/** An urgent start defers, never waives, what it may, and only while a crisis is open. */
const urgentFaults = ({ needs, mode }: z.output<typeof content>, facts: CaseFacts): SigningFault[] => [
  ...(crisisIsOpen(facts)
    ? []
    : [
        fault(
          '/urgent',
          'no_open_crisis',
          'No crisis is open; a hold by hand is none',
          '没有进行中的危机;手动挂起不算',
        ),
      ]),
  ...(mode === 'deferred'
    ? []
    : [fault('/mode', 'urgent_defers', 'An urgent start defers and never waives', '紧急介入只能延后')]),
  ...needs.flatMap((need, index) =>
    (urgentNeeds as readonly string[]).includes(need)
      ? []
      : [fault(`/needs/${index}`, 'not_urgent', 'An urgent start may not defer this', '紧急介入不可延后此项')],
  ),
]

const dueFaults = ({ mode, dueOn }: z.output<typeof content>, today: string): SigningFault[] => {
  if ((mode === 'deferred') !== (dueOn !== undefined))
    return [
      fault('/dueOn', 'due_day_required', 'A deferral has a day to come, a waiver has none', '延后须有期限,豁免则无'),
    ]
  return dueOn === undefined ? [] : owedFaults('/dueOn', dueOn, today)
}

/** Waiver or deferral 豁免与延后 by the deciding line manager. Source: seed article 3, §3.2 个案程序并非一成不变. */
export const waiver = defineRecord({
  kind: 'waiver',
  of: 'case',
  title: { en: 'Waiver or deferral', zh: '豁免或延后' },
  source: 'Seed article 3, §3.2 程序可以调整,档案应当完整',
  writers: ['line_manager'],
  signers: ['line_manager'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content,
  check: (given, facts, today) => [
    ...dueFaults(given, today),
    ...repeatFaults(given.needs, index => `/needs/${index}`, 'repeated_need', '事项重复'),
    ...given.needs.flatMap((need, index) =>
      isOnFile(facts, need)
        ? [fault(`/needs/${index}`, 'already_on_file', 'This is on file already', '此项已在档案中')]
        : [],
    ),
    ...(given.urgent ? urgentFaults(given, facts) : []),
  ],
  effects: given => ({
    waivers: given.needs.map(need => ({ need, mode: given.mode, dueOn: given.dueOn ?? null })),
  }),
  entry: ({ needs, mode, dueOn, urgent }) => ({
    type: urgent ? 'case.urgent_started' : 'need.waived',
    data: { needs, mode, ...(dueOn ? { dueOn } : {}) },
  }),
  example: today => ({
    needs: ['environment'],
    mode: 'deferred',
    dueOn: daysAfter(today, 14),
    reason: '学生住院,环境情况待其返校后补充。',
  }),
})
