import { type Door, systemStatement } from '../../platform/database.ts'
import type { Feed } from './feed.ts'

const analyseTable = systemStatement<unknown>('imports.analyse', 'select analyse_roster($1::text) is null')

/**
 * Has the table of a feed counted by the planner, which otherwise goes on believing it empty. What does not succeed (another
 * holds the table) does no harm.
 */
export const analyse = async (db: Door, feed: Feed): Promise<void> => {
  await db.system.rows(analyseTable, feed.collection.name.replace('-', '_')).catch(() => {})
}
