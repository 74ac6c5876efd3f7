import { sql } from 'drizzle-orm'
import { bigint, check, integer, pgTable } from 'drizzle-orm/pg-core'
import { instant } from '../platform/columns.ts'

/** How far the clock of the embedded mode was moved: one row, or none. */
export const sandboxClock = pgTable(
  'sandbox_clock',
  {
    /** 1, always. */
    id: integer('id').primaryKey(),
    /** Milliseconds ahead of the real time; only rises. */
    offsetMs: bigint('offset_ms', { mode: 'number' }).notNull(),
    /** When it was last moved, by the real time. */
    movedAt: instant('moved_at').notNull(),
  },
  () => [check('sandbox_clock_one_row', sql.raw('id = 1')), check('sandbox_clock_forward', sql.raw('offset_ms >= 0'))],
)
