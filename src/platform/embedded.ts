import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import {
  allParsers,
  type Database,
  type Door,
  type Param,
  type Queries,
  type Statement,
  withoutRow,
} from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { migrationsFolder, privileges } from './migrations.ts'

const queriesOn = (
  runner: Pick<PGlite, 'query'> | Transaction,
  counted: () => void,
  first: readonly Param[] = [],
): Queries => ({
  rows: async <R>(statement: Statement<R>, ...params: readonly Param[]) => {
    counted()
    try {
      const options = { parsers: allParsers }
      return (await runner.query(statement.text, [...first, ...params], options)).rows as R[]
    } catch (error) {
      throw withoutRow(error, statement.name)
    }
  },
})

const doorOn = (runner: Pick<PGlite, 'query'> | Transaction, counted: () => void): Door => ({
  as: institution => ({ institution, ...queriesOn(runner, counted, [institution]) }),
  system: queriesOn(runner, counted),
})

/** The embedded database, with what only it can do. */
export interface EmbeddedDatabase extends Database {
  /** What the first start does is done: from now on the directory is kept. Until then the next start begins anew. */
  settled(): Promise<void>
  /** The whole data directory as a tar file. */
  dump(): Promise<Blob>
  /** Runs SQL text as the owner of the schema or as the application, in one exclusive block; for restoring and checking. */
  raw(sql: string, asApplication: boolean): Promise<Record<string, unknown>[]>
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Begins anew where a first start was interrupted, and marks one that begins now. */
const prepare = async (directory: string, marker: string): Promise<void> => {
  const database = join(directory, 'database')
  if (await exists(marker)) await rm(database, { recursive: true, force: true })
  if (!(await exists(database))) await writeFile(marker, '', { mode: 0o600 })
}

/**
 * PostgreSQL inside the process, in a directory of its own (or in memory).
 * @param directory data directory, null = in memory
 * @param snapshot a dump to start from instead of an empty database
 * @throws DirectoryInUse when another process has the directory open
 */
export const openEmbedded = async (
  directory: string | null,
  { onRoundTrip = () => {}, snapshot }: { onRoundTrip?: () => void; snapshot?: Blob } = {},
): Promise<EmbeddedDatabase> => {
  if (directory) await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock = directory ? await lockDirectory(directory) : async () => {}
  const marker = directory ? join(directory, 'unsettled') : null
  if (directory && marker) await prepare(directory, marker)
  const lite = await PGlite.create({
    ...(directory ? { dataDir: join(directory, 'database') } : {}),
    ...(snapshot ? { loadDataDir: snapshot } : {}),
  })
  await lite.exec('reset role; set timezone to utc; set client_min_messages to warning')
  if (!snapshot) {
    await migrate(drizzle(lite), { migrationsFolder })
    await lite.exec(await privileges())
  }
  await lite.exec('set role bangfu_app')
  return {
    kind: 'embedded',
    ...doorOn(lite, onRoundTrip),
    transaction: async work => await lite.transaction(tx => work(doorOn(tx, onRoundTrip))),
    ping: async () => {
      await lite.query('select 1')
    },
    close: async () => {
      await lite.close()
      await unlock()
    },
    settled: async () => {
      if (marker) await rm(marker, { force: true })
    },
    dump: async () => await lite.dumpDataDir('none'),
    raw: (sql, asApplication) =>
      lite.transaction(async tx => {
        if (!asApplication) await tx.exec('reset role')
        const results = await tx.exec(sql)
        if (!asApplication) await tx.exec('set role bangfu_app')
        return results.at(-1)?.rows ?? []
      }) as Promise<Record<string, unknown>[]>,
  }
}
