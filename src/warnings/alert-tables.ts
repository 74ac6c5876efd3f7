import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { staff, students } from '../people/tables.ts'
import { bytea, dayColumn, id, instant, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'
import { movesTable, stepKnown, subjectColumns } from '../platform/subject-tables.ts'
import { alertProcess, dispositions } from '../practice/alerts.ts'
import { severities } from '../practice/signals.ts'

/** Alerts 预警. Step history is kept by trigger; version only rises. */
export const alerts = pgTable(
  'alerts',
  {
    ...subjectColumns(),
    studentId: uuid('student_id').notNull(),
    /** Unit whose line manager answers for the alert: the student's, when it was last routed. */
    orgUnitId: uuid('org_unit_id').notNull(),
    /** Who answers for it; null = nobody holds the role routed to. */
    ownerId: uuid('owner_id'),
    /** Combined severity of its signals. */
    severity: text('severity').notNull(),
    /** Signals observed until then join it. */
    joinsUntil: instant('joins_until').notNull(),
    signalCount: integer('signal_count').notNull(),
    /** Version, and moment, at which it last rose: what was filed before does not count for it. */
    risenVersion: integer('risen_version').notNull().default(1),
    risenAt: instant('risen_at'),
    /** Version up to which somebody has seen it: by acknowledging, a disposition, merging; 0 = nobody yet. */
    seenVersion: integer('seen_version').notNull().default(0),
    /** When it was acknowledged; null again once it rises, until a disposition is filed. */
    acknowledgedAt: instant('acknowledged_at'),
    resolvedAt: instant('resolved_at'),
    /** Targets; null = past the calendar's horizon, never guessed. */
    acknowledgeBy: instant('acknowledge_by'),
    resolveBy: instant('resolve_by'),
    /** The institution's calendar did not reach far enough to set a target. */
    beyondHorizon: boolean('beyond_horizon').notNull(),
    /** Version of the institution's settings the targets were set by; 0 = the defaults. */
    rulesVersion: integer('rules_version').notNull(),
    /** When the sweep looks at it next: the target not met yet, or the next level; null = never. */
    escalatesAt: instant('escalates_at'),
    /** Levels escalated so far. */
    escalation: integer('escalation').notNull(),
    mergedInto: uuid('merged_into'),
  },
  table => [
    keyOf('alerts', table),
    refersTo('alerts_student', table, table.studentId, students),
    refersTo('alerts_owner', table, table.ownerId, staff),
    index('alerts_open_by_student').on(table.institutionId, table.studentId).where(sql`step <> 'resolved'`),
    index('alerts_by_student').on(table.institutionId, table.studentId, table.openedAt.desc(), table.id.desc()),
    index('alerts_open_by_owner')
      .on(table.institutionId, table.ownerId, table.openedAt.desc(), table.id.desc())
      .where(sql`step <> 'resolved'`),
    index('alerts_open_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc(), table.id.desc())
      .where(sql`step <> 'resolved'`),
    index('alerts_by_owner').on(table.institutionId, table.ownerId, table.openedAt.desc(), table.id.desc()),
    index('alerts_by_unit').on(table.institutionId, table.orgUnitId, table.openedAt.desc(), table.id.desc()),
    index('alerts_without_target').on(table.institutionId, table.rulesVersion).where(sql`beyond_horizon`),
    index('alerts_to_escalate').on(table.escalatesAt).where(sql`escalates_at is not null`),
    stepKnown(alertProcess as never, 'alerts'),
    check('alerts_severity_known', oneOf('severity', Object.keys(severities))),
  ],
)

/** Moves of alerts: written by trigger only. */
export const alertMoves = movesTable(alertProcess as never, 'alert_moves', () => [alerts.institutionId, alerts.id])

/** Foreign key to the alert. */
const ofAlert = (name: string, table: { institutionId: never; alertId: never }) =>
  foreignKey({ name, columns: [table.institutionId, table.alertId], foreignColumns: [alerts.institutionId, alerts.id] })

const alertId = () => uuid('alert_id').notNull()

/** Who is told of an alert: by routing, by escalation, as owner of an open case, or as owner of an alert merged into it. */
export const alertTold = pgTable(
  'alert_told',
  {
    institutionId: institutionId(),
    alertId: alertId(),
    staffId: uuid('staff_id').notNull(),
    why: text('why').notNull(),
    at: instant('at').notNull(),
    /** When the alert was raised, and whether it is open: their inbox walks one index. */
    openedAt: instant('opened_at').notNull(),
    open: boolean('open').notNull(),
  },
  table => [
    primaryKey({ name: 'alert_told_pk', columns: [table.institutionId, table.alertId, table.staffId] }),
    ofAlert('alert_told_alert', table as never),
    index('alert_told_by_staff').on(table.institutionId, table.staffId, table.openedAt.desc(), table.alertId.desc()),
    index('alert_told_open_by_staff')
      .on(table.institutionId, table.staffId, table.openedAt.desc(), table.alertId.desc())
      .where(sql`open`),
    check('alert_told_why_known', oneOf('why', ['routed', 'escalated', 'case_owner', 'merged'])),
  ],
)

/** Dispositions 处置 of an alert: what became of it. */
export const alertDispositions = pgTable(
  'alert_dispositions',
  {
    institutionId: institutionId(),
    id: id(),
    alertId: alertId(),
    kind: text('kind').notNull(),
    /** Day it happened. */
    on: dayColumn('on_day').notNull(),
    /** Version of the alert it was filed at. */
    version: integer('version').notNull(),
    byId: uuid('by_id').notNull(),
    at: instant('at').notNull(),
    /** Case opened or joined, crisis opened, alert merged into. */
    caseId: uuid('case_id'),
    crisisId: uuid('crisis_id'),
    /** Day until which the student is watched. */
    until: dayColumn('until_day'),
    /** When the student was flagged again because that day came. */
    flaggedAt: instant('flagged_at'),
    /** Words, sealed under the alert's key. */
    sealed: bytea('sealed'),
  },
  table => [
    keyOf('alert_dispositions', table),
    ofAlert('alert_dispositions_alert', table as never),
    index('alert_dispositions_by_alert').on(table.institutionId, table.alertId),
    index('alert_dispositions_watched').on(table.until).where(sql`until_day is not null and flagged_at is null`),
    check('alert_dispositions_kind_known', oneOf('kind', Object.keys(dispositions))),
  ],
)

/** Notices 告知 of an alert: to the student or the family, given or attempted. */
export const alertNotices = pgTable(
  'alert_notices',
  {
    institutionId: institutionId(),
    id: id(),
    alertId: alertId(),
    to: text('to_whom').notNull(),
    method: text('method').notNull(),
    outcome: text('outcome').notNull(),
    on: dayColumn('on_day').notNull(),
    /** Version of the alert it was filed at. */
    version: integer('version').notNull().default(1),
    byId: uuid('by_id').notNull(),
    at: instant('at').notNull(),
    /** When the student signed that it was received. */
    signedAt: instant('signed_at'),
    /** What the student was told by it `{severity, signals}`, as it stood then; null = nothing, or not to the student. */
    shown: jsonb('shown'),
    sealed: bytea('sealed'),
  },
  table => [
    keyOf('alert_notices', table),
    ofAlert('alert_notices_alert', table as never),
    index('alert_notices_by_alert').on(table.institutionId, table.alertId),
    check('alert_notices_to_known', oneOf('to_whom', ['student', 'family'])),
    check('alert_notices_outcome_known', oneOf('outcome', ['given', 'signed', 'attempted'])),
  ],
)

/** Objections 异议 of the student, and the answer. */
export const alertObjections = pgTable(
  'alert_objections',
  {
    institutionId: institutionId(),
    id: id(),
    alertId: alertId(),
    /** Version of the alert it was made at. */
    version: integer('version').notNull().default(1),
    at: instant('at').notNull(),
    sealed: bytea('sealed'),
    answer: text('answer'),
    answeredAt: instant('answered_at'),
    answeredBy: uuid('answered_by'),
    sealedAnswer: bytea('sealed_answer'),
  },
  table => [
    keyOf('alert_objections', table),
    ofAlert('alert_objections_alert', table as never),
    index('alert_objections_by_alert').on(table.institutionId, table.alertId),
    check('alert_objections_answer_known', sql.raw("answer is null or answer in ('upheld', 'rejected')")),
  ],
)
