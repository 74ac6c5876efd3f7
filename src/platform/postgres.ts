import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import {
  type Database,
  DatabaseUnavailable,
  type Door,
  type Param,
  parsers,
  type Queries,
  type Statement,
  withoutRow,
} from './database.ts'
import { migrationsFolder, privileges } from './migrations.ts'

/** Least time limits: none of a request's statements may outlive its request. */
const settings = [
  'TimeZone=UTC',
  'role=bangfu_app',
  'jit=off',
  // Plans are made once a connection, perhaps while tables are empty: they must be those of full tables.
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'statement_timeout=30000',
  'lock_timeout=10000',
  'idle_in_transaction_session_timeout=30000',
]

/** Who asks for health does not wait long. */
const pingTimeoutMs = 3_000

const types = { getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text) }

const queriesOn = (runner: pg.Pool | pg.PoolClient, counted: () => void, first: readonly Param[] = []): Queries => ({
  rows: async <R>(statement: Statement<R>, ...params: readonly Param[]) => {
    counted()
    try {
      const query = { name: statement.name, text: statement.text, values: [...first, ...params], types }
      return (await runner.query(query as pg.QueryConfig)).rows as R[]
    } catch (error) {
      throw withoutRow(error, statement.name)
    }
  },
})

const doorOn = (runner: pg.Pool | pg.PoolClient, counted: () => void): Door => ({
  as: institution => ({ institution, ...queriesOn(runner, counted, [institution]) }),
  system: queriesOn(runner, counted),
})

/**
 * Migrates as the connecting user, then serves as the application role.
 * @param url connection string of PostgreSQL 15–18
 * @param poolSize connections at most
 * @param queryTimeoutMs how long a database that says nothing is waited for: less than a request's 30 s
 * @param onRoundTrip called once a round trip (tests count them)
 * @throws DatabaseUnavailable
 */
export const openPostgres = async (
  url: string,
  { poolSize = 10, onRoundTrip = () => {}, skipMigrations = false, queryTimeoutMs = 25_000 } = {},
): Promise<Database> => {
  if (!skipMigrations) await migratePostgres(url)
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'bangfu',
    options: settings.map(setting => `-c ${setting}`).join(' '),
  })
  pool.on('error', () => {})
  // A pool listens only to connections that lie idle: one that dies while it is checked out would end the process.
  pool.on('connect', client => client.on('error', () => {}))
  return {
    kind: 'postgres',
    ...doorOn(pool, onRoundTrip),
    transaction: work => inTransaction(pool, onRoundTrip, work),
    ping: async () => {
      const question = { text: 'select 1', query_timeout: Math.min(pingTimeoutMs, queryTimeoutMs) }
      await pool.query(question as pg.QueryConfig).catch(error => {
        throw withoutRow(error, 'ping')
      })
    },
    close: () => pool.end(),
  }
}

const run = async (client: pg.PoolClient, text: string): Promise<void> => {
  await client.query(text).catch(error => {
    throw withoutRow(error, text)
  })
}

const inTransaction = async <T>(pool: pg.Pool, counted: () => void, work: (tx: Door) => Promise<T>): Promise<T> => {
  const client = await pool.connect().catch(error => {
    throw withoutRow(error, 'connect')
  })
  try {
    await run(client, 'begin')
    const result = await work(doorOn(client, counted))
    await run(client, 'commit')
    client.release()
    return result
  } catch (error) {
    // Where the database is gone there is nothing to roll back, and nobody to wait for.
    const lost = error instanceof DatabaseUnavailable
    const broken =
      lost ||
      (await run(client, 'rollback').then(
        () => false,
        () => true,
      ))
    client.release(broken)
    throw error
  }
}

/** Brings the schema up to date; several processes may start together. @throws DatabaseUnavailable */
export const migratePostgres = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'bangfu' })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(
      "set client_min_messages = warning; select pg_advisory_lock(hashtextextended('bangfu migrations', 0))",
    )
    await migrate(drizzle(client), { migrationsFolder })
    await client.query(await privileges())
  } catch (error) {
    throw withoutRow((error as { cause?: unknown }).cause ?? error, 'migrations')
  } finally {
    await client.end().catch(() => {})
  }
}
