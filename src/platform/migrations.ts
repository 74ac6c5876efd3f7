import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageRoot = (from: string): string =>
  existsSync(join(from, 'package.json')) ? from : packageRoot(dirname(from))

/** Folder of the package: where migrations and generated documents lie. */
export const root = packageRoot(dirname(fileURLToPath(import.meta.url)))

/** Folder of the migrations. */
export const migrationsFolder = join(root, 'migrations')

/** SQL that gives the application role what it may do; idempotent. */
export const privileges = (): Promise<string> => readFile(join(migrationsFolder, 'privileges.sql'), 'utf8')
