import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { students } from '../people/tables.ts'
import { bytea, id, instant, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'
import { severities, signalKinds } from '../practice/signals.ts'

/** Systems that may send signals. The secret they sign with is kept as a wrapped data key. */
export const signalSources = pgTable(
  'signal_sources',
  {
    institutionId: institutionId(),
    id: id(),
    name: text('name').notNull(),
    /** Kinds it may send. */
    kinds: jsonb('kinds').$type<string[]>().notNull(),
    /** Signals a day at most. */
    dailyQuota: integer('daily_quota').notNull(),
    /** Machine client that may send as this source by bearer token; null = by signature only. */
    clientId: uuid('client_id'),
    /** 32 bytes wrapped by the key-encryption key: the signing secret. */
    secret: bytea('secret').notNull(),
    /** The secret before, still good until `previous_until`. */
    previousSecret: bytea('previous_secret'),
    previousUntil: instant('previous_until'),
    version: integer('version').notNull(),
    createdAt: instant('created_at').notNull(),
    disabledAt: instant('disabled_at'),
  },
  table => [
    keyOf('signal_sources', table),
    unique('signal_sources_id_is_unique').on(table.id),
    unique('signal_sources_name').on(table.institutionId, table.name),
    unique('signal_sources_client').on(table.institutionId, table.clientId),
  ],
)

/** Signals a source sent, or a person raised, a day; in shards so that senders do not wait for one another. */
export const signalUsage = pgTable(
  'signal_usage',
  {
    institutionId: institutionId(),
    /** Source, or person who raises by hand. */
    sourceId: uuid('source_id').notNull(),
    /** `YYYY-MM-DD` in the institution's zone. */
    day: text('day').notNull(),
    shard: integer('shard').notNull(),
    taken: integer('taken').notNull(),
  },
  table => [
    primaryKey({
      name: 'signal_usage_pk',
      columns: [table.institutionId, table.sourceId, table.day, table.shard],
    }),
  ],
)

/** Data keys of signals' words, one a month of receipt: erasing one erases the words of that month. */
export const signalKeys = pgTable(
  'signal_keys',
  {
    institutionId: institutionId(),
    id: id(),
    /** `YYYY-MM` */
    month: text('month').notNull(),
    dataKey: bytea('data_key'),
  },
  table => [keyOf('signal_keys', table), unique('signal_keys_month').on(table.institutionId, table.month)],
)

/** Signals 预警信号 as last observed; what an update replaced lies in `signal_history`. */
export const signals = pgTable(
  'signals',
  {
    institutionId: institutionId(),
    id: id(),
    /** Id of the registered source, or `people`, `rules`, `service`. */
    origin: text('origin').notNull(),
    /** The source's own id: unique for ever. */
    externalId: text('external_id').notNull(),
    studentNumber: text('student_number').notNull(),
    /** null = no such student yet: in quarantine. */
    studentId: uuid('student_id'),
    kind: text('kind').notNull(),
    /** null for positive signals. */
    severity: text('severity'),
    status: text('status').notNull(),
    observedAt: instant('observed_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** 1 = as first received; rises with every newer observation. */
    revision: integer('revision').notNull(),
    /** Figures and codes that show it; never words. */
    figures: jsonb('figures').notNull(),
    /** Words, sealed under the key of the month. */
    sealed: bytea('sealed'),
    keyId: uuid('key_id'),
    /** Person who raised it by hand. */
    raisedBy: uuid('raised_by'),
    /** Waits to be fused into an alert. */
    pending: boolean('pending').notNull(),
    alertId: uuid('alert_id'),
    /** Version of the alert at which it joined, or was last observed anew. */
    alertVersion: integer('alert_version'),
  },
  table => [
    keyOf('signals', table),
    unique('signals_once').on(table.institutionId, table.origin, table.externalId),
    refersTo('signals_student', table, table.studentId, students),
    index('signals_pending').on(table.institutionId, table.studentId).where(sql`pending and student_id is not null`),
    index('signals_quarantined').on(table.institutionId, table.studentNumber, table.id).where(sql`student_id is null`),
    index('signals_of_source')
      .on(table.institutionId, table.origin, table.id)
      .where(sql`origin not in ('people', 'rules', 'service')`),
    index('signals_of_person').on(table.institutionId, table.raisedBy, table.id).where(sql`raised_by is not null`),
    index('signals_by_student')
      .on(table.institutionId, table.studentId, table.observedAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`student_id is not null`),
    index('signals_by_alert').on(table.institutionId, table.alertId).where(sql`alert_id is not null`),
    check('signals_kind_known', oneOf('kind', Object.keys(signalKinds))),
    check(
      'signals_severity_known',
      sql.raw(
        `severity is null or severity in (${Object.keys(severities)
          .map(each => `'${each}'`)
          .join(', ')})`,
      ),
    ),
    check('signals_status_known', oneOf('status', ['open', 'cleared'])),
  ],
)

/** What newer observations replaced, and older ones that came too late: nothing observed is lost. */
export const signalHistory = pgTable(
  'signal_history',
  {
    institutionId: institutionId(),
    signalId: uuid('signal_id').notNull(),
    observedAt: instant('observed_at').notNull(),
    status: text('status').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** Kind, severity and figures. */
    observation: jsonb('observation').notNull(),
    sealed: bytea('sealed'),
    keyId: uuid('key_id'),
  },
  table => [
    // Two updates of one revision both keep it here: the second is refused whole.
    primaryKey({
      name: 'signal_history_pk',
      columns: [table.institutionId, table.signalId, table.observedAt, table.status],
    }),
    refersTo('signal_history_signal', table, table.signalId, signals),
  ],
)
