import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Door, systemStatement } from './database.ts'

const packageRoot = (from: string): string =>
  existsSync(join(from, 'package.json')) ? from : packageRoot(dirname(from))

/** Folder of the package: where migrations and generated documents lie. */
export const root = packageRoot(dirname(fileURLToPath(import.meta.url)))

/** Folder of the migrations. */
export const migrationsFolder = join(root, 'migrations')

/** When the newest migration of the package was made, in ms: what the migrator writes down when it is applied. */
export const newestMigration = async (): Promise<number> => {
  const text = await readFile(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')
  const { entries } = JSON.parse(text) as { entries: { when: number }[] }
  return Math.max(...entries.map(entry => entry.when))
}

const applied = systemStatement<{ newest: number | null }>(
  'migrations.applied',
  'select max(created_at)::bigint as newest from drizzle.__drizzle_migrations',
)

/** Whether the database has every migration of this package; it may have later ones. @throws DatabaseUnavailable */
export const isMigrated = async ({ system }: Door, newest: number): Promise<boolean> => {
  const [row] = await system.rows(applied)
  return (row?.newest ?? 0) >= newest
}

/** SQL that gives the application role what it may do; idempotent. */
export const privileges = (): Promise<string> => readFile(join(migrationsFolder, 'privileges.sql'), 'utf8')
