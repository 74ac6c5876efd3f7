import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { moveConstraints, stepConstraint } from '../kernel/process-sql.ts'
import { staff, students } from '../people/tables.ts'
import { bytea, dayColumn, id, instant, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'

import { casework, closureReasons } from '../practice/casework.ts'
import { caseKinds, caseSources } from './codes.ts'

/** Column of the case a row belongs to. */
export const caseId = () => uuid('case_id').notNull()

/** Cases 个案. Step history is kept by trigger; version only rises. */
export const cases = pgTable(
  'cases',
  {
    institutionId: institutionId(),
    id: id(),
    /** 档案编号, per institution and year: `2026-0001`. */
    number: text('number').notNull(),
    kind: text('kind').notNull(),
    studentId: uuid('student_id').notNull(),
    /** Unit whose line manager and practice supervisors answer for the case. */
    orgUnitId: uuid('org_unit_id').notNull(),
    ownerId: uuid('owner_id').notNull(),
    /** Version at which the present owner took over; 0 = opened it. */
    ownerSince: integer('owner_since').notNull(),
    source: text('source').notNull(),
    step: text('step').notNull(),
    /** Version at which the step was entered by a forward move; kept by trigger. */
    stepSince: integer('step_since').notNull(),
    /** The step closure was entered from; kept by trigger. */
    cameFrom: text('came_from'),
    cameFromSince: integer('came_from_since'),
    /** Version at which tracking was first entered; kept by trigger. */
    trackingSince: integer('tracking_since'),
    version: integer('version').notNull(),
    /** Number of moves; kept by trigger. */
    moveCount: integer('move_count').notNull(),
    openedAt: instant('opened_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** Who moves, and why: read by the trigger. */
    movedBy: uuid('moved_by').notNull(),
    moveReason: text('move_reason'),
    closeReason: text('close_reason'),
    closedAt: instant('closed_at'),
    pausedOn: dayColumn('paused_on'),
    pauseReason: text('pause_reason'),
    expectedReturn: dayColumn('expected_return'),
    /** Last day of the newest service agreement, null = none yet: what flags look at. */
    agreementUntil: dayColumn('agreement_until'),
    /** Earliest day a deferral still owed is due, null = nothing is owed: what flags look at. */
    deferralDueOn: dayColumn('deferral_due_on'),
    predecessorId: uuid('predecessor_id'),
    /** Rises with every write in the case: what commands compare, so that none overlooks another. */
    writes: integer('writes').notNull(),
    /** Every step the case has been in; kept by trigger. */
    reached: text('reached').array().notNull(),
    /** Counts as the open case of its student and kind: neither in closure nor closed; kept by trigger. */
    countsAsOpen: boolean('counts_as_open').notNull(),
    /** Drafts not yet signed or discarded. */
    draftCount: integer('draft_count').notNull(),
    /** Data key wrapped by the key-encryption key; null once erased. */
    dataKey: bytea('data_key'),
    keyErasedAt: instant('key_erased_at'),
  },
  table => [
    keyOf('cases', table),
    unique('cases_number').on(table.institutionId, table.number),
    uniqueIndex('cases_one_open').on(table.institutionId, table.studentId, table.kind).where(sql`counts_as_open`),
    refersTo('cases_student', table, table.studentId, students),
    refersTo('cases_owner', table, table.ownerId, staff),
    refersTo('cases_predecessor', table, table.predecessorId, table),
    index('cases_by_owner').on(
      table.institutionId,
      table.ownerId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('cases_open_by_owner')
      .on(table.institutionId, table.ownerId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null`),
    index('cases_by_unit').on(
      table.institutionId,
      table.orgUnitId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('cases_open_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null`),
    index('cases_owing_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null and deferral_due_on is not null`),
    index('cases_paused_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`closed_at is null and paused_on is not null`),
    index('cases_by_student').on(
      table.institutionId,
      table.studentId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('cases_by_predecessor').on(table.institutionId, table.predecessorId).where(sql`predecessor_id is not null`),
    check('cases_draft_count_not_negative', sql.raw('draft_count >= 0')),
    check('cases_step_known', sql.raw(stepConstraint(casework, 'step'))),
    check('cases_kind_known', oneOf('kind', caseKinds)),
    check('cases_source_known', oneOf('source', caseSources)),
    check(
      'cases_close_reason_while_ending',
      sql.raw(
        `(step in ('closure', 'closed')) = (close_reason is not null) and (close_reason is null or close_reason in (${closureReasons.map(reason => `'${reason}'`).join(', ')}))`,
      ),
    ),
    check('cases_closed_has_time', sql.raw("(step = 'closed') = (closed_at is not null)")),
  ],
)

/** Moves: written by trigger only. Row 0 is the opening. */
export const caseMoves = pgTable(
  'case_moves',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    n: integer('n').notNull(),
    fromStep: text('from_step'),
    toStep: text('to_step').notNull(),
    /** Where closure had been entered from, before this move. */
    cameFrom: text('came_from'),
    /** Case version after the move. */
    version: integer('version').notNull(),
    at: instant('at').notNull(),
    byId: uuid('by_id').notNull(),
    reason: text('reason'),
  },
  table => [
    primaryKey({ name: 'case_moves_pk', columns: [table.institutionId, table.caseId, table.n] }),
    refersTo('case_moves_case', table, table.caseId, cases),
    ...moveConstraints(casework, 'case_moves').map(rule => check(rule.name, sql.raw(rule.sql))),
  ],
)

/** Last case number given, per institution and year. */
export const caseNumbers = pgTable(
  'case_numbers',
  { institutionId: institutionId(), year: integer('year').notNull(), last: integer('last').notNull() },
  table => [primaryKey({ name: 'case_numbers_pk', columns: [table.institutionId, table.year] })],
)

/** Foreign key to the case. */
export const ofCase = (name: string, table: { institutionId: never; caseId: never }) =>
  foreignKey({ name, columns: [table.institutionId, table.caseId], foreignColumns: [cases.institutionId, cases.id] })
