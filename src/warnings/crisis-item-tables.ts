import { sql } from 'drizzle-orm'
import { type AnyPgColumn, boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytea, dayColumn, id, instant, institutionId, keyOf, maybeOneOf, oneOf } from '../platform/columns.ts'
import {
  appealResults,
  crisisOutcomes,
  exemptions,
  measureBases,
  measureKinds,
  responderAnswers,
  responderKinds,
} from '../practice/crisis-codes.ts'
import { crisisId, ofCrisis } from './crisis-tables.ts'

const columns = () => ({ institutionId: institutionId(), id: id(), crisisId: crisisId() })

/** When it was written and by whom; its words lie in `sealed`, under the crisis's key. */
const writing = () => ({
  /** Version of the crisis it was filed at. */
  version: integer('version').notNull(),
  byId: uuid('by_id').notNull(),
  at: instant('at').notNull(),
  sealed: bytea('sealed'),
})

/** Keys of a row of a crisis. */
const keysOf = (name: string, table: Record<'institutionId' | 'id' | 'crisisId', AnyPgColumn>) => [
  keyOf(name, table),
  ofCrisis(name, table),
]

/** Responders of a crisis: contacted, answered, released. Names and numbers of those outside are sealed. */
export const crisisResponders = pgTable(
  'crisis_responders',
  {
    ...columns(),
    ...writing(),
    kind: text('kind').notNull(),
    /** Staff member, where it is one: reads the crisis until released. */
    staffId: uuid('staff_id'),
    contactedAt: instant('contacted_at'),
    answeredAt: instant('answered_at'),
    answer: text('answer'),
    sealedAnswer: bytea('sealed_answer'),
    releasedAt: instant('released_at'),
  },
  table => [
    ...keysOf('crisis_responders', table),
    index('crisis_responders_by_crisis').on(table.institutionId, table.crisisId),
    index('crisis_responders_by_staff')
      .on(table.institutionId, table.staffId, table.crisisId)
      .where(sql`staff_id is not null and released_at is null`),
    uniqueIndex('crisis_responders_one_a_person')
      .on(table.institutionId, table.crisisId, table.staffId)
      .where(sql`staff_id is not null and released_at is null`),
    check('crisis_responders_kind_known', oneOf('kind', Object.keys(responderKinds))),
    check('crisis_responders_answer_known', maybeOneOf('answer', Object.keys(responderAnswers))),
    check('crisis_responders_answer_has_time', sql.raw('(answer is null) = (answered_at is null)')),
    check('crisis_responders_contacted_first', sql.raw('answered_at is null or contacted_at is not null')),
    check('crisis_responders_staff_named', sql.raw("kind <> 'staff' or staff_id is not null")),
  ],
)

/** Monitoring measures 监管 with the consent or the law they rest on. */
export const crisisMeasures = pgTable(
  'crisis_measures',
  {
    ...columns(),
    ...writing(),
    kind: text('kind').notNull(),
    basis: text('basis').notNull(),
    from: instant('from_at').notNull(),
    /** When it is to end; null = until further notice. */
    until: instant('until_at'),
    endedAt: instant('ended_at'),
    /** ended, or handed over to others. */
    endedHow: text('ended_how'),
    sealedEnd: bytea('sealed_end'),
  },
  table => [
    ...keysOf('crisis_measures', table),
    index('crisis_measures_by_crisis').on(table.institutionId, table.crisisId),
    check('crisis_measures_kind_known', oneOf('kind', Object.keys(measureKinds))),
    check('crisis_measures_basis_known', oneOf('basis', Object.keys(measureBases))),
    check('crisis_measures_ended_how_known', maybeOneOf('ended_how', ['ended', 'handed_over'])),
    check('crisis_measures_end_whole', sql.raw('(ended_at is null) = (ended_how is null)')),
  ],
)

/** Minutes of a crisis: what happened when. Never changed; those written late say so. */
export const crisisMinutes = pgTable(
  'crisis_minutes',
  {
    ...columns(),
    ...writing(),
    /** When it happened; `at` is when it was written. */
    happenedAt: instant('happened_at').notNull(),
    late: boolean('late').notNull(),
  },
  table => [
    ...keysOf('crisis_minutes', table),
    index('crisis_minutes_by_time').on(table.institutionId, table.crisisId, table.happenedAt, table.id),
  ],
)

/** Notices to the guardian: given, or attempted. */
export const crisisNotices = pgTable(
  'crisis_notices',
  {
    ...columns(),
    ...writing(),
    method: text('method').notNull(),
    outcome: text('outcome').notNull(),
    on: instant('on_at').notNull(),
  },
  table => [
    ...keysOf('crisis_notices', table),
    index('crisis_notices_by_crisis').on(table.institutionId, table.crisisId),
    check('crisis_notices_outcome_known', oneOf('outcome', ['given', 'attempted'])),
  ],
)

/** What a crisis does without, and why. */
export const crisisExemptions = pgTable(
  'crisis_exemptions',
  { ...columns(), ...writing(), from: text('exempt_from').notNull(), reason: text('reason').notNull() },
  table => [
    ...keysOf('crisis_exemptions', table),
    index('crisis_exemptions_by_crisis').on(table.institutionId, table.crisisId),
    check('crisis_exemptions_from_known', oneOf('exempt_from', Object.keys(exemptions))),
  ],
)

/** Decisions of the institution, and the appeal 申诉 against each. */
export const crisisDecisions = pgTable(
  'crisis_decisions',
  {
    ...columns(),
    ...writing(),
    decision: text('decision').notNull(),
    decidedOn: dayColumn('decided_on').notNull(),
    appealedOn: dayColumn('appealed_on'),
    sealedAppeal: bytea('sealed_appeal'),
    settledOn: dayColumn('settled_on'),
    result: text('result'),
    sealedResult: bytea('sealed_result'),
  },
  table => [
    ...keysOf('crisis_decisions', table),
    index('crisis_decisions_by_crisis').on(table.institutionId, table.crisisId),
    check('crisis_decisions_decision_known', oneOf('decision', Object.keys(crisisOutcomes))),
    check('crisis_decisions_result_known', maybeOneOf('result', Object.keys(appealResults))),
    check('crisis_decisions_settled_whole', sql.raw('(settled_on is null) = (result is null)')),
    check('crisis_decisions_appealed_first', sql.raw('settled_on is null or appealed_on is not null')),
  ],
)

/** Debriefs: what was learnt. */
export const crisisDebriefs = pgTable(
  'crisis_debriefs',
  { ...columns(), ...writing(), on: dayColumn('on_day').notNull() },
  table => [
    ...keysOf('crisis_debriefs', table),
    index('crisis_debriefs_by_crisis').on(table.institutionId, table.crisisId),
  ],
)
