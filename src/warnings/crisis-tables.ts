import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { staff, students } from '../people/tables.ts'
import { bytea, dayColumn, instant, institutionId, keyOf, maybeOneOf, oneOf, refersTo } from '../platform/columns.ts'
import { movesTable, stepKnown, subjectColumns } from '../platform/subject-tables.ts'
import { crisisProcess, lastingSteps } from '../practice/crisis.ts'
import { crisisKinds, crisisOutcomes, crisisSubkinds, earlyReasons } from '../practice/crisis-codes.ts'
import { alerts } from './alert-tables.ts'

const lasts = sql.raw(`step in (${lastingSteps.map(step => `'${step}'`).join(', ')})`)

/** Crises 危机. Step history is kept by trigger; version only rises. */
export const crises = pgTable(
  'crises',
  {
    ...subjectColumns(),
    studentId: uuid('student_id').notNull(),
    /** Unit whose line manager answers for it. */
    orgUnitId: uuid('org_unit_id').notNull(),
    leadId: uuid('lead_id').notNull(),
    kind: text('kind').notNull(),
    subkind: text('subkind'),
    /** Alert it came from. */
    alertId: uuid('alert_id'),
    /** Case whose worker opened it; shown only to those who know the case. */
    caseId: uuid('case_id'),
    /** First words, sealed under the crisis's own key. */
    sealed: bytea('sealed'),
    /** How it came out, once it ran its course. */
    outcome: text('outcome'),
    outcomeOn: dayColumn('outcome_on'),
    /** Why it ended before it was stabilised. */
    endReason: text('end_reason'),
    closedAt: instant('closed_at'),
    /** Target of the present stage; null = none, or past the calendar's horizon, never guessed. */
    dueAt: instant('due_at'),
    /** The institution's calendar did not reach far enough to set the target. */
    beyondHorizon: boolean('beyond_horizon').notNull(),
    /** When the sweep looks at it next; null = never. */
    escalatesAt: instant('escalates_at'),
    /** Levels the present stage was escalated to. */
    escalation: integer('escalation').notNull(),
  },
  table => [
    keyOf('crises', table),
    uniqueIndex('crises_one_open').on(table.institutionId, table.studentId, table.kind).where(lasts),
    refersTo('crises_student', table, table.studentId, students),
    refersTo('crises_lead', table, table.leadId, staff),
    refersTo('crises_alert', table, table.alertId, alerts),
    index('crises_by_lead').on(
      table.institutionId,
      table.leadId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('crises_open_by_lead')
      .on(table.institutionId, table.leadId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null`),
    index('crises_by_unit').on(
      table.institutionId,
      table.orgUnitId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('crises_open_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null`),
    index('crises_to_escalate').on(table.escalatesAt).where(sql`escalates_at is not null`),
    stepKnown(crisisProcess as never, 'crises'),
    check('crises_kind_known', oneOf('kind', Object.keys(crisisKinds))),
    check('crises_subkind_known', maybeOneOf('subkind', Object.keys(crisisSubkinds))),
    check('crises_outcome_known', maybeOneOf('outcome', Object.keys(crisisOutcomes))),
    check('crises_end_reason_known', maybeOneOf('end_reason', earlyReasons)),
    check('crises_closed_has_time', sql.raw("(step = 'closed') = (closed_at is not null)")),
  ],
)

/** Moves of crises: written by trigger only. */
export const crisisMoves = movesTable(crisisProcess as never, 'crisis_moves', () => [crises.institutionId, crises.id])

/** Foreign key to the crisis. */
export const ofCrisis = (name: string, table: { institutionId: AnyPgColumn; crisisId: AnyPgColumn }) =>
  refersTo(`${name}_crisis`, table, table.crisisId, crises)

/** Column of the crisis a row belongs to. */
export const crisisId = () => uuid('crisis_id').notNull()

/** Who is told of a crisis: because they opened it for another lead, or by escalation. */
export const crisisTold = pgTable(
  'crisis_told',
  {
    institutionId: institutionId(),
    crisisId: crisisId(),
    staffId: uuid('staff_id').notNull(),
    why: text('why').notNull(),
    at: instant('at').notNull(),
  },
  table => [
    primaryKey({ name: 'crisis_told_pk', columns: [table.institutionId, table.crisisId, table.staffId] }),
    ofCrisis('crisis_told', table),
    index('crisis_told_by_staff').on(table.institutionId, table.staffId, table.crisisId),
    check('crisis_told_why_known', oneOf('why', ['opened', 'escalated'])),
  ],
)
