import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, id, instant, institutionId, oneOf } from '../platform/columns.ts'
import { recordStatuses, signingMethods } from './codes.ts'

/** Whose records: the name of the subject, which gives its column (`case_id`), and its key (institution, id). */
export interface RecordsOf {
  readonly kind: string
  readonly key: () => [AnyPgColumn, AnyPgColumn]
}

/** Records 记录 of a subject. Confidential fields lie in `sealed`, under the subject's key. */
export const recordsTable = (name: string, { kind, key }: RecordsOf) =>
  pgTable(
    name,
    {
      institutionId: institutionId(),
      id: id(),
      subjectId: uuid(`${kind}_id`).notNull(),
      kind: text('kind').notNull(),
      status: text('status').notNull(),
      version: integer('version').notNull(),
      /** Public part of the content. */
      content: jsonb('content').notNull(),
      /** Confidential part, encrypted; null once there is none. */
      sealed: bytea('sealed'),
      authorId: uuid('author_id').notNull(),
      writtenAt: instant('written_at').notNull(),
      /** Step of the subject when it was written. */
      step: text('step').notNull(),
      /** The record this one corrects by addendum. */
      amendsId: uuid('amends_id'),
      /** The record of the predecessor it was adopted from. */
      adoptedFromId: uuid('adopted_from_id'),
      signedAt: instant('signed_at'),
      /** Subject version of the last signature. */
      signedVersion: integer('signed_version'),
    },
    table => [
      primaryKey({ name: `${name}_pk`, columns: [table.institutionId, table.id] }),
      foreignKey({ name: `${name}_${kind}`, columns: [table.institutionId, table.subjectId], foreignColumns: key() }),
      foreignKey({
        name: `${name}_amends`,
        columns: [table.institutionId, table.amendsId],
        foreignColumns: [table.institutionId, table.id],
      }),
      foreignKey({
        name: `${name}_adopted_from`,
        columns: [table.institutionId, table.adoptedFromId],
        foreignColumns: [table.institutionId, table.id],
      }),
      index(`${name}_signed`)
        .on(table.institutionId, table.subjectId, table.kind, table.signedVersion)
        .where(sql`status = 'signed'`),
      index(`${name}_by_${kind}`).on(
        table.institutionId,
        table.subjectId,
        table.writtenAt.desc().nullsFirst(),
        table.id.desc().nullsFirst(),
      ),
      index(`${name}_drafts`).on(table.institutionId, table.subjectId).where(sql`status = 'draft'`),
      check(`${name}_status_known`, oneOf('status', recordStatuses)),
      check(
        `${name}_signed_whole`,
        sql.raw("(status in ('signed', 'superseded')) = (signed_at is not null and signed_version is not null)"),
      ),
    ],
  )

/** Signatures: one per party and record version, never changed; those of an older version are void. */
export const recordSignaturesTable = (
  name: string,
  { kind }: RecordsOf,
  parties: readonly string[],
  records: ReturnType<typeof recordsTable>,
  attachments: ReturnType<typeof attachmentsTable>,
) =>
  pgTable(
    name,
    {
      institutionId: institutionId(),
      recordId: uuid('record_id').notNull(),
      subjectId: uuid(`${kind}_id`).notNull(),
      party: text('party').notNull(),
      method: text('method').notNull(),
      /** Who signed by own token; null for a guardian and for what staff recorded. */
      personId: uuid('person_id'),
      /** Staff member who recorded another's signature. */
      recordedBy: uuid('recorded_by'),
      attachmentId: uuid('attachment_id'),
      /** Words of evidence, encrypted. */
      sealed: bytea('sealed'),
      at: instant('at').notNull(),
      /** Record version that was signed. */
      recordVersion: integer('record_version').notNull(),
    },
    table => [
      primaryKey({
        name: `${name}_pk`,
        columns: [table.institutionId, table.recordId, table.party, table.recordVersion],
      }),
      foreignKey({
        name: `${name}_record`,
        columns: [table.institutionId, table.recordId],
        foreignColumns: [records.institutionId, records.id],
      }),
      foreignKey({
        name: `${name}_attachment`,
        columns: [table.institutionId, table.subjectId, table.attachmentId],
        foreignColumns: [attachments.institutionId, attachments.subjectId, attachments.id],
      }),
      check(`${name}_party_known`, oneOf('party', parties)),
      check(`${name}_method_known`, oneOf('method', signingMethods)),
      check(
        `${name}_evidence`,
        sql.raw(
          "(method = 'own_token' and recorded_by is null) or (method <> 'own_token' and recorded_by is not null)",
        ),
      ),
    ],
  )

/** Attachments: encrypted blobs under the subject's key. */
export const attachmentsTable = (name: string, { kind, key }: RecordsOf) =>
  pgTable(
    name,
    {
      institutionId: institutionId(),
      id: id(),
      subjectId: uuid(`${kind}_id`).notNull(),
      mediaType: text('media_type').notNull(),
      /** Size of the plain file in bytes. */
      size: integer('size').notNull(),
      sealedName: bytea('sealed_name'),
      sealed: bytea('sealed'),
      uploadedBy: uuid('uploaded_by').notNull(),
      uploadedAt: instant('uploaded_at').notNull(),
    },
    table => [
      primaryKey({ name: `${name}_pk`, columns: [table.institutionId, table.id] }),
      foreignKey({ name: `${name}_${kind}`, columns: [table.institutionId, table.subjectId], foreignColumns: key() }),
      unique(`${name}_of_${kind}`).on(table.institutionId, table.subjectId, table.id),
      check(`${name}_size`, sql.raw('size between 1 and 10485760')),
    ],
  )
