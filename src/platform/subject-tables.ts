import { sql } from 'drizzle-orm'
import { type AnyPgColumn, check, foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Process } from '../kernel/process.ts'
import { moveConstraints, stepConstraint } from '../kernel/process-sql.ts'
import { bytea, id, instant, institutionId } from './columns.ts'

/** Columns of every guarded subject beside cases. The trigger `subject_keep_history` keeps what is derived. */
export const subjectColumns = () => ({
  institutionId: institutionId(),
  id: id(),
  step: text('step').notNull(),
  /** Version at which the step was entered; kept by trigger. */
  stepSince: integer('step_since').notNull(),
  /** Rises with every write that can change a decision: the ETag. */
  version: integer('version').notNull(),
  /** Rises with every write: what commands compare. */
  writes: integer('writes').notNull(),
  /** Number of moves; kept by trigger. */
  moveCount: integer('move_count').notNull(),
  /** Who moves, null = the service, and why: read by the trigger. */
  movedBy: uuid('moved_by'),
  moveReason: text('move_reason'),
  openedAt: instant('opened_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  /** Data key wrapped by the key-encryption key; null once erased. */
  dataKey: bytea('data_key'),
})

/** `<table>_step_known`: the steps of the process. */
export const stepKnown = (process: Process, table: string) =>
  check(`${table}_step_known`, sql.raw(stepConstraint(process, 'step')))

/** Moves of a guarded subject: written by trigger only. Row 0 is the opening. */
export const movesTable = (process: Process, name: string, subject: () => [AnyPgColumn, AnyPgColumn]) =>
  pgTable(
    name,
    {
      institutionId: institutionId(),
      subjectId: uuid('subject_id').notNull(),
      n: integer('n').notNull(),
      fromStep: text('from_step'),
      toStep: text('to_step').notNull(),
      /** Step a returning move goes back to; null where the process remembers none. */
      cameFrom: text('came_from'),
      /** Subject version after the move. */
      version: integer('version').notNull(),
      at: instant('at').notNull(),
      byId: uuid('by_id'),
      reason: text('reason'),
    },
    table => [
      primaryKey({ name: `${name}_pk`, columns: [table.institutionId, table.subjectId, table.n] }),
      foreignKey({
        name: `${name}_subject`,
        columns: [table.institutionId, table.subjectId],
        foreignColumns: subject(),
      }),
      ...moveConstraints(process, name).map(rule => check(rule.name, sql.raw(rule.sql))),
    ],
  )
