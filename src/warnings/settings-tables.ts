import { integer, jsonb, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { instant, institutionId } from '../platform/columns.ts'

/** How an institution warns: window, targets, routing, notices, calendar. One row; without it the defaults hold. */
export const warningSettings = pgTable(
  'warning_settings',
  {
    institutionId: institutionId(),
    version: integer('version').notNull(),
    /** As `practice/warning-settings.ts` describes. */
    settings: jsonb('settings').notNull(),
    /** Working hours, holidays 节假日, make-up days 调休 and the horizon up to which they are known. */
    calendar: jsonb('calendar').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  table => [primaryKey({ name: 'warning_settings_pk', columns: [table.institutionId] })],
)
