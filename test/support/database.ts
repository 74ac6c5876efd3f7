import { createHash, randomUUID } from 'node:crypto'
import { access, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Test } from 'tap'
import type { Database } from '../../src/platform/database.ts'
import { openEmbedded } from '../../src/platform/embedded.ts'
import { migrationsFolder } from '../../src/platform/migrations.ts'
import { migratePostgres, openPostgres } from '../../src/platform/postgres.ts'

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly db: Database
  /** Round trips so far. */
  readonly roundTrips: () => number
  /** Runs SQL as the owner of the schema: to tamper, and to look. */
  readonly asOwner: (sql: string) => Promise<Record<string, unknown>[]>
  /** Runs SQL as the application role. @throws the database's refusal */
  readonly asApplication: (sql: string) => Promise<Record<string, unknown>[]>
  /** Connection string, on PostgreSQL. */
  readonly url: string | null
}

/** Where PostgreSQL is, when the suite runs on it. */
export const postgresUrl = process.env.DATABASE_URL

const fingerprint = async (): Promise<string> => {
  const hash = createHash('sha256')
  for (const name of (await readdir(migrationsFolder)).filter(file => file.endsWith('.sql')).sort())
    hash.update(await readFile(join(migrationsFolder, name)))
  return hash.digest('hex').slice(0, 16)
}

const makeSnapshot = async (): Promise<Blob> => {
  const path = join(tmpdir(), `bangfu-${await fingerprint()}.tar`)
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (!exists) {
    const lite = await openEmbedded(null)
    await writeFile(`${path}.${process.pid}`, Buffer.from(await (await lite.dump()).arrayBuffer()))
    await lite.close()
    await rename(`${path}.${process.pid}`, path)
  }
  // Read at once: another test file may be putting its own, equal, snapshot in its place.
  return new Blob([await readFile(path)])
}

let snapshot: Promise<Blob> | null = null

/** A migrated, empty data directory: made once a machine, read once a process. */
const embeddedSnapshot = (): Promise<Blob> => {
  snapshot ??= makeSnapshot()
  return snapshot
}

const openLite = async (t: Test): Promise<TestDatabase> => {
  let trips = 0
  const db = await openEmbedded(null, { onRoundTrip: () => trips++, snapshot: await embeddedSnapshot() })
  t.teardown(() => db.close())
  return {
    db,
    url: null,
    roundTrips: () => trips,
    asOwner: sql => db.raw(sql, false),
    asApplication: sql => db.raw(sql, true),
  }
}

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const onDatabase = (url: string, name: string): string => {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

const openServer = async (t: Test, server: string): Promise<TestDatabase> => {
  const template = `bangfu_test_${await fingerprint()}`
  const name = `bangfu_${randomUUID().replaceAll('-', '')}`
  await withClient(server, async client => {
    await client.query("select pg_advisory_lock(hashtextextended('bangfu test template', 0))")
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
    if (!rowCount) {
      await client.query(`create database ${template}`)
      await migratePostgres(onDatabase(server, template))
    }
    await client.query(`create database ${name} template ${template}`)
  })
  const url = onDatabase(server, name)
  let trips = 0
  const db = await openPostgres(url, { onRoundTrip: () => trips++, skipMigrations: true })
  t.teardown(async () => {
    await db.close()
    await withClient(server, client => client.query(`drop database ${name} with (force)`))
  })
  const run = (sql: string, role: string) =>
    withClient(url, async client => {
      await client.query(role)
      const result = await client.query(sql)
      return (Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows) as Record<string, unknown>[]
    })
  return {
    db,
    url,
    roundTrips: () => trips,
    asOwner: sql => run(sql, 'reset role'),
    asApplication: sql => run(sql, 'set role bangfu_app'),
  }
}

/** Opens an empty, migrated database that ends with the test: embedded, or on PostgreSQL with `DATABASE_URL`. */
export const openTestDatabase = (t: Test): Promise<TestDatabase> =>
  postgresUrl ? openServer(t, postgresUrl) : openLite(t)
