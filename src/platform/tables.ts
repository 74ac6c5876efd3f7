import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, id, instant, institutionId } from './columns.ts'

/** Tenants. Every other table names one first in every key. */
export const institutions = pgTable('institutions', {
  id: uuid('id').primaryKey(),
  nameZh: text('name_zh').notNull(),
  nameEn: text('name_en').notNull(),
  /** IANA zone that decides what day it is. */
  timeZone: text('time_zone').notNull(),
  createdAt: instant('created_at').notNull(),
})

/** The spine: one row a change. Only position and hash are ever set afterwards, once, by the sealer. */
export const journal = pgTable(
  'journal',
  {
    /** Order of writing, taken after the subject's row lock. */
    seq: bigint('seq', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    institutionId: institutionId(),
    id: id(),
    /** Gapless per institution; null until sealed. */
    position: bigint('position', { mode: 'number' }),
    /** sha256 over previous hash, position and the entry's text. */
    hash: text('hash'),
    /** `noun.past_tense` */
    type: text('type').notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id'),
    /** The case whose timeline shows the entry. */
    caseId: uuid('case_id'),
    subjectId: uuid('subject_id').notNull(),
    /** Version of the subject after the change; null where the entry changes nothing (a read). */
    subjectVersion: integer('subject_version'),
    /** `YYYY-MM-DDTHH`, only for reads: one entry per actor, subject and hour. */
    readHour: text('read_hour'),
    /** Canonical JSON: what is hashed and told. Never free text. */
    entry: text('entry').notNull(),
  },
  table => [
    uniqueIndex('journal_position').on(table.institutionId, table.position),
    uniqueIndex('journal_one_entry_a_version')
      .on(table.institutionId, table.subjectId, table.subjectVersion)
      .where(sql`subject_version is not null`),
    uniqueIndex('journal_one_read_an_hour')
      .on(table.institutionId, table.actorId, table.subjectId, table.readHour)
      .where(sql`read_hour is not null`),
    index('journal_unsealed').on(table.seq).where(sql`position is null`),
    index('journal_timeline').on(table.institutionId, table.caseId, table.seq).where(sql`case_id is not null`),
    index('journal_enrolments')
      .on(table.institutionId, table.subjectId, table.seq)
      .where(sql`type = 'student.enrolment_changed'`),
    check('journal_sealed_whole', sql.raw('(position is null) = (hash is null)')),
  ],
)

/** Last sealed position and hash of each institution. */
export const journalHeads = pgTable('journal_heads', {
  institutionId: uuid('institution_id').primaryKey(),
  position: bigint('position', { mode: 'number' }).notNull(),
  hash: text('hash').notNull(),
  /** Position of the last signed checkpoint and when it was made. */
  checkpointPosition: bigint('checkpoint_position', { mode: 'number' }).notNull(),
  checkpointAt: instant('checkpoint_at').notNull(),
})

/** Answers already given: a receipt, kept for 24 hours, without confidential fields. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    institutionId: institutionId(),
    actorId: uuid('actor_id').notNull(),
    key: text('key').notNull(),
    /** HMAC of method, address with its query, If-Match and body. */
    fingerprint: text('fingerprint').notNull(),
    status: integer('status').notNull(),
    receipt: jsonb('receipt').notNull(),
    /** Where the answer said the new resource is. */
    location: text('location'),
    expiresAt: instant('expires_at').notNull(),
  },
  table => [
    primaryKey({ name: 'idempotency_keys_pk', columns: [table.institutionId, table.actorId, table.key] }),
    index('idempotency_keys_expiry').on(table.expiresAt),
  ],
)

/** Machine clients of the token endpoint. */
export const clients = pgTable(
  'clients',
  {
    institutionId: institutionId(),
    id: id(),
    name: text('name').notNull(),
    /** sha256 of a 256-bit random secret. */
    secretHash: text('secret_hash').notNull(),
    scopes: jsonb('scopes').$type<string[]>().notNull(),
    /** Types of journal entries it may read. */
    types: jsonb('types').$type<string[]>().notNull().default([]),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  table => [
    primaryKey({ name: 'clients_pk', columns: [table.institutionId, table.id] }),
    unique('clients_id_is_unique').on(table.id),
  ],
)

/** Words given with a command (why, to whom): encrypted, named by the journal entry that tells of the command. */
export const vault = pgTable(
  'vault',
  {
    institutionId: institutionId(),
    id: id(),
    /** Case, alert, crisis, … under whose data key the words are sealed. */
    subjectId: uuid('subject_id').notNull(),
    sealed: bytea('sealed'),
  },
  table => [primaryKey({ name: 'vault_pk', columns: [table.institutionId, table.id] })],
)

/** How far each follower of the journal has come, per institution. */
export const journalFollowers = pgTable(
  'journal_followers',
  {
    name: text('name').notNull(),
    institutionId: institutionId(),
    /** Last position it has dealt with. */
    position: bigint('position', { mode: 'number' }).notNull(),
  },
  table => [primaryKey({ name: 'journal_followers_pk', columns: [table.name, table.institutionId] })],
)
