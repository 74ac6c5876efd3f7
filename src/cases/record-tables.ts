import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytea, id, instant, institutionId, oneOf } from '../platform/columns.ts'

import { recordStatuses, signingMethods, signingParties } from './codes.ts'
import { caseId, cases, ofCase } from './tables.ts'

/** Records 记录 of a case. Confidential fields lie in `sealed`, under the case's key. */
export const records = pgTable(
  'records',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    version: integer('version').notNull(),
    /** Public part of the content. */
    content: jsonb('content').notNull(),
    /** Confidential part, encrypted; null once there is none. */
    sealed: bytea('sealed'),
    authorId: uuid('author_id').notNull(),
    writtenAt: instant('written_at').notNull(),
    /** Step of the case when it was written. */
    step: text('step').notNull(),
    /** The record this one corrects by addendum. */
    amendsId: uuid('amends_id'),
    /** The record of the predecessor case it was adopted from. */
    adoptedFromId: uuid('adopted_from_id'),
    signedAt: instant('signed_at'),
    /** Case version of the last signature. */
    signedVersion: integer('signed_version'),
  },
  table => [
    primaryKey({ name: 'records_pk', columns: [table.institutionId, table.id] }),
    foreignKey({
      name: 'records_case',
      columns: [table.institutionId, table.caseId],
      foreignColumns: [cases.institutionId, cases.id],
    }),
    foreignKey({
      name: 'records_amends',
      columns: [table.institutionId, table.amendsId],
      foreignColumns: [table.institutionId, table.id],
    }),
    foreignKey({
      name: 'records_adopted_from',
      columns: [table.institutionId, table.adoptedFromId],
      foreignColumns: [table.institutionId, table.id],
    }),
    index('records_signed')
      .on(table.institutionId, table.caseId, table.kind, table.signedVersion)
      .where(sql`status = 'signed'`),
    index('records_by_case').on(
      table.institutionId,
      table.caseId,
      table.writtenAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('records_drafts').on(table.institutionId, table.caseId).where(sql`status = 'draft'`),
    check('records_status_known', oneOf('status', recordStatuses)),
    check(
      'records_signed_whole',
      sql.raw("(status in ('signed', 'superseded')) = (signed_at is not null and signed_version is not null)"),
    ),
  ],
)

/** Signatures: one per party and record version, never changed; those of an older version are void. */
export const recordSignatures = pgTable(
  'record_signatures',
  {
    institutionId: institutionId(),
    recordId: uuid('record_id').notNull(),
    caseId: caseId(),
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
      name: 'record_signatures_pk',
      columns: [table.institutionId, table.recordId, table.party, table.recordVersion],
    }),
    foreignKey({
      name: 'record_signatures_record',
      columns: [table.institutionId, table.recordId],
      foreignColumns: [records.institutionId, records.id],
    }),
    foreignKey({
      name: 'record_signatures_attachment',
      columns: [table.institutionId, table.caseId, table.attachmentId],
      foreignColumns: [attachments.institutionId, attachments.caseId, attachments.id],
    }),
    check('record_signatures_party_known', oneOf('party', signingParties)),
    check('record_signatures_method_known', oneOf('method', signingMethods)),
    check(
      'record_signatures_evidence',
      sql.raw("(method = 'own_token' and recorded_by is null) or (method <> 'own_token' and recorded_by is not null)"),
    ),
  ],
)

/** Attachments: encrypted blobs under the case's key. */
export const attachments = pgTable(
  'attachments',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    mediaType: text('media_type').notNull(),
    /** Size of the plain file in bytes. */
    size: integer('size').notNull(),
    sealedName: bytea('sealed_name'),
    sealed: bytea('sealed'),
    uploadedBy: uuid('uploaded_by').notNull(),
    uploadedAt: instant('uploaded_at').notNull(),
  },
  table => [
    primaryKey({ name: 'attachments_pk', columns: [table.institutionId, table.id] }),
    ofCase('attachments_case', table as never),
    unique('attachments_of_case').on(table.institutionId, table.caseId, table.id),
    check('attachments_size', sql.raw('size between 1 and 10485760')),
  ],
)
