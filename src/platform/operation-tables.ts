import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, id, instant, institutionId, oneOf } from './columns.ts'

/** Where long work can stand. */
export const operationStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

/** Long work: asked for once, done by any process, kept for 30 days after its end. */
export const operations = pgTable(
  'operations',
  {
    institutionId: institutionId(),
    id: id(),
    /** Name of an operation kind: who runs it. */
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    /** Rises with every change that is told. */
    version: integer('version').notNull(),
    /** Who asked: staff member, student or machine client. */
    actorKind: text('actor_kind').notNull(),
    actorId: uuid('actor_id').notNull(),
    /** Request that asked. */
    request: text('request').notNull(),
    /** Options of the work: codes, names and numbers. */
    input: jsonb('input').notNull(),
    /** Bytes that came with the request; null once the work has ended. */
    uploadId: uuid('upload_id'),
    /** Where a process that takes over goes on; null = from the beginning. */
    state: jsonb('state'),
    /** What has been found so far and need not be written with every step. */
    report: jsonb('report'),
    /** Progress; total is null until known. */
    done: bigint('done', { mode: 'number' }).notNull(),
    total: bigint('total', { mode: 'number' }),
    result: jsonb('result'),
    /** `{code, members}` of the problem it failed with. */
    problem: jsonb('problem'),
    /** False once stopping would leave it half done. */
    cancellable: boolean('cancellable').notNull(),
    cancelRequestedAt: instant('cancel_requested_at'),
    /** Until then the work belongs to the process that claimed it. */
    leaseUntil: instant('lease_until'),
    /** Rises with every claim; a process that holds a lower one can write nothing. */
    fence: integer('fence').notNull(),
    /** Claims since the last progress. */
    attempts: integer('attempts').notNull(),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  table => [
    primaryKey({ name: 'operations_pk', columns: [table.institutionId, table.id] }),
    index('operations_by_actor').on(table.institutionId, table.actorId, table.id),
    index('operations_unfinished').on(table.createdAt, table.id).where(sql`finished_at is null`),
    index('operations_finished').on(table.finishedAt).where(sql`finished_at is not null`),
    check('operations_status_known', oneOf('status', operationStatuses)),
    check(
      'operations_end_is_dated',
      sql.raw("(finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled'))"),
    ),
    check('operations_fail_with_a_problem', sql.raw("(status = 'failed') = (problem is not null)")),
  ],
)

/** Bytes that came with a request and wait for the work that reads them. */
export const uploads = pgTable(
  'uploads',
  {
    institutionId: institutionId(),
    id: id(),
    createdAt: instant('created_at').notNull(),
    /** Bytes; null while they still come. */
    size: bigint('size', { mode: 'number' }),
  },
  table => [
    primaryKey({ name: 'uploads_pk', columns: [table.institutionId, table.id] }),
    index('uploads_by_age').on(table.createdAt),
  ],
)

/** Pieces of an upload, all of one size but the last, each sealed. */
export const uploadChunks = pgTable(
  'upload_chunks',
  {
    institutionId: institutionId(),
    uploadId: uuid('upload_id').notNull(),
    n: integer('n').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  table => [primaryKey({ name: 'upload_chunks_pk', columns: [table.institutionId, table.uploadId, table.n] })],
)
