import { integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant, institutionId } from '../platform/columns.ts'

/** Saved column mappings of plain CSV files. */
export const importMappings = pgTable(
  'import_mappings',
  {
    institutionId: institutionId(),
    name: text('name').notNull(),
    /** Rises with every change: the ETag. */
    version: integer('version').notNull(),
    /** Kind of rows, columns by member, words for codes, encoding. */
    mapping: jsonb('mapping').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  table => [primaryKey({ name: 'import_mappings_pk', columns: [table.institutionId, table.name] })],
)
