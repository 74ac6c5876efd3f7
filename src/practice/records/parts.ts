import { z } from 'zod'
import type { CaseEffects } from '../case-effects.ts'
import { isTooFarAhead } from '../dating.ts'
import type { CaseFacts } from '../facts.ts'
import { daysAfter, localId, type NamedRecord, type SigningFault, words } from '../record-kind.ts'

/** A fault at signing. */
export const fault = (pointer: string, code: string, en: string, zh: string): SigningFault => ({
  pointer,
  code,
  detail: { en, zh },
})

/** Progress of goals, as a session or follow-up tells it; unknown needs a reason. */
export const progressList = () =>
  z
    .array(
      z.strictObject({
        goalId: localId().describe('Goal of the plan in force'),
        progress: z.enum(['progress', 'none', 'not_started', 'unknown']).describe('What was seen'),
        reason: words(500).optional().describe('Why it is unknown'),
      }),
    )
    .max(20)

/** Attainment of goals, −2…+2, 0 = as expected. */
export const attainmentList = () =>
  z
    .array(
      z.strictObject({
        goalId: localId().describe('Goal of the plan in force'),
        level: z.int().min(-2).max(2).describe('−2 much less … 0 as expected … +2 much more than expected'),
        note: words(1000).optional().describe('What shows it'),
      }),
    )
    .max(20)

/** What becomes of open actions. */
export const settlementList = () =>
  z
    .array(
      z.strictObject({
        actionId: localId().describe('Action of the plan in force'),
        outcome: z.enum(['carry', 'drop', 'done']).describe('Carried on, dropped or done'),
        reason: words(500).optional().describe('Why'),
      }),
    )
    .max(60)

/** A view that was heard, or that could not be after so many attempts. */
export const view = () =>
  z.discriminatedUnion('obtained', [
    z.strictObject({
      obtained: z.literal('yes').describe('It was heard'),
      words: words(4000).describe('In their own words'),
    }),
    z.strictObject({
      obtained: z.literal('no').describe('It could not be heard'),
      attempts: z.int().min(1).max(50).describe('Number of attempts'),
      reason: words(500).describe('Why it was not obtained'),
    }),
  ])

/** Goals of a case or group, as far as forms look at them. */
interface WithGoals {
  readonly goals: readonly { readonly id: string; readonly status: 'open' | 'settled' }[]
}

const openGoals = (facts: WithGoals) => facts.goals.filter(goal => goal.status === 'open').map(goal => goal.id)

/** Ids that are no open goals of the subject, or named twice. */
export const goalFaults = (items: readonly { goalId: string }[], facts: WithGoals, member: string): SigningFault[] =>
  items.flatMap((item, index) => {
    const pointer = `/${member}/${index}/goalId`
    if (!openGoals(facts).includes(item.goalId))
      return [fault(pointer, 'unknown_goal', 'No open goal has the id', '没有此目标')]
    return items.findIndex(other => other.goalId === item.goalId) < index
      ? [fault(pointer, 'repeated_goal', 'The goal is named twice', '目标重复')]
      : []
  })

/**
 * Faults of the progress a session or follow-up tells: goals that are not open, unknown without a reason, and anything
 * but unknown where the student was not reached: an attempt shows nothing, and says so for each goal it was about.
 */
export const progressFaults = (
  { outcome, progress }: { outcome: 'held' | 'attempted'; progress: z.output<ReturnType<typeof progressList>> },
  facts: CaseFacts,
): SigningFault[] => [
  ...goalFaults(progress, facts, 'progress'),
  ...progress.flatMap((item, index) =>
    outcome === 'attempted' && item.progress !== 'unknown'
      ? [fault(`/progress/${index}/progress`, 'nothing_seen', 'An attempt shows no progress', '未联系上时不能记录进展')]
      : [],
  ),
  ...progress.flatMap((item, index) =>
    item.progress === 'unknown' && !item.reason
      ? [fault(`/progress/${index}/reason`, 'reason_required', 'Say why progress is unknown', '请说明进展未知的原因')]
      : [],
  ),
]

/** Ids that are no open actions of the case, or named twice. */
export const actionFaults = (
  items: readonly { actionId: string }[],
  facts: CaseFacts,
  member: string,
): SigningFault[] =>
  items.flatMap((item, index) => {
    const known = facts.actions.some(action => action.id === item.actionId && action.status === 'open')
    const pointer = `/${member}/${index}/actionId`
    if (!known) return [fault(pointer, 'unknown_action', 'No open action of this case has the id', '本案没有此行动')]
    return items.findIndex(other => other.actionId === item.actionId) < index
      ? [fault(pointer, 'repeated_action', 'The action is named twice', '行动重复')]
      : []
  })

/** A day that lies ahead where something is said to have happened. */
export const futureFaults = (pointer: string, on: string, today: string): SigningFault[] =>
  on > today ? [fault(pointer, 'in_the_future', 'This day has not come yet', '日期尚未到来')] : []

/** A time of today that lies ahead where something is said to have begun; `time` = the time it is, both `HH:MM`. */
export const notBegunFaults = (
  pointer: string,
  { on, startsAt }: { readonly on: string; readonly startsAt: string },
  today: string,
  time: string,
): SigningFault[] =>
  on === today && startsAt > time ? [fault(pointer, 'in_the_future', 'This time has not come yet', '时间尚未到来')] : []

/** A case or group, by the day it was opened on. */
interface Opened {
  readonly openedOn: string
}

/** One day’s grace, for examples are dated by the day that has begun everywhere on earth. */
const graceDays = 1

/** How long before the opening work may have begun that led to it: a talk with the family, a screening, a scale. */
const leadDays = 366

/** A day to come, or more than so many days before a case or group was opened. */
const dayFaults =
  (days: number, code: string, en: string, zh: string) =>
  (pointer: string, on: string, { openedOn }: Opened, today: string): SigningFault[] => [
    ...futureFaults(pointer, on, today),
    ...(on < daysAfter(openedOn, -days) ? [fault(pointer, code, `${en} ${openedOn}`, `${zh}${openedOn}`)] : []),
  ]

/** A day of which a case or group cannot tell, for it happens within one: before it was opened, or to come. */
export const lifetimeFaults = dayFaults(
  graceDays,
  'before_opening',
  'This day lies before the opening on',
  '日期早于设立日期',
)

/** A day of which a case cannot tell that also holds what led to it: more than a year before it was opened, or to come. */
export const leadingUpFaults = dayFaults(
  leadDays,
  'long_before_opening',
  'This day lies more than a year before the opening on',
  '日期早于设立前一年;设立日期',
)

/** A day that has passed where something is said to be ahead. */
export const pastFaults = (pointer: string, on: string, today: string): SigningFault[] =>
  on < today ? [fault(pointer, 'in_the_past', 'This day has passed', '日期已过')] : []

/** A day that has passed, or lies more than a year ahead, where something is owed by it. */
export const owedFaults = (pointer: string, by: string, today: string): SigningFault[] => [
  ...pastFaults(pointer, by, today),
  ...(isTooFarAhead(by, today)
    ? [fault(pointer, 'too_far_ahead', 'This day lies more than a year ahead', '日期超过一年')]
    : []),
]

/** Items that name again what an earlier one named. */
export const repeatFaults = (
  names: readonly string[],
  pointer: (index: number) => string,
  code: string,
  zh: string,
): SigningFault[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) < index ? [fault(pointer(index), code, 'This is named twice', zh)] : [],
  )

/** Ids that items of a form give twice. */
export const repeatedIds = (items: readonly { readonly id: string }[], member: string): SigningFault[] =>
  repeatFaults(
    items.map(each => each.id),
    index => `/${member}/${index}/id`,
    'repeated_id',
    '编号重复',
  )

/** Due days of items of a form that have passed. */
export const pastDueDays = (
  items: readonly { readonly dueOn: string }[],
  member: string,
  today: string,
): SigningFault[] => items.flatMap((item, index) => pastFaults(`/${member}/${index}/dueOn`, item.dueOn, today))

/** The signed record of one of the kinds that an id names, if the case has it. */
export const namedOf = (named: readonly NamedRecord[], id: string, kinds: readonly string[]): NamedRecord | undefined =>
  named.find(each => each.id === id.toLowerCase() && kinds.includes(each.kind))

/** A record that this case does not have signed. */
export const unknownRecord = (pointer: string): SigningFault =>
  fault(pointer, 'unknown_record', 'No signed record of this case and kind has the id', '本案没有此编号的已签署记录')

/** Settlements as effects. */
export const settled = (
  items: readonly { actionId: string; outcome: 'carry' | 'drop' | 'done' }[],
): NonNullable<CaseEffects['settled']> => {
  const outcomes = { carry: 'carried', drop: 'dropped', done: 'done' } as const
  return items.map(({ actionId, outcome }) => ({ actionId, outcome: outcomes[outcome] }))
}
