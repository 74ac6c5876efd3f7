import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makeIssuer, ownIssuer } from '../src/platform/identity.ts'
import { newKeyTexts, readKeys } from '../src/platform/keys.ts'
import { newId } from '../src/platform/new-id.ts'
import { migratePostgres } from '../src/platform/postgres.ts'
import { makeVault } from '../src/platform/vault.ts'

/** PostgreSQL the benches run on. */
const server = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const institution = '0193a000-0000-7000-8000-000000000000'
export const ownerId = '0193a000-0000-7000-8000-0000000000aa'
/** Seconds each arm runs. */
export const seconds = Number(process.env.BENCH_SECONDS ?? 4)
/** Seconds each arm runs before: connections make their plans, and the engine compiles what has run some thousand times. */
export const warmSeconds = 8
/** Connections and workers at once. */
export const clients = 16
export const keyTexts = newKeyTexts()
export const keys = readKeys(keyTexts)
const now = () => new Date()
export const ambient = { now, wallClock: now, newId, vault: makeVault(keys.kek), keys }

/** A token of the service itself. */
export const issue = makeIssuer({
  ...ownIssuer,
  privateKey: keys.signing.privateKey,
  kid: keys.signing.kid,
  wallClock: now,
})

/** Where a bench works. */
export interface World {
  readonly url: string
  readonly client: pg.Client
  readonly folder: string
}

/** Runs a bench on a migrated database and a folder of its own, which end with it. */
export const inWorld = async <T>(name: string, work: (world: World) => Promise<T>): Promise<T> => {
  const database = `bangfu_bench_${name}_${process.pid}`
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${database}`)
  const address = new URL(server)
  address.pathname = `/${database}`
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-bench-'))
  const client = new pg.Client({ connectionString: address.href })
  try {
    await migratePostgres(address.href)
    await client.connect()
    return await work({ url: address.href, client, folder })
  } finally {
    await client.end()
    await admin.query(`drop database ${database} with (force)`)
    await admin.end()
    await rm(folder, { recursive: true })
  }
}
