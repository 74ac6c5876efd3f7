import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { ownIssuer } from '../src/app.ts'
import { type Issue, makeIssuer } from '../src/platform/identity.ts'
import { newKeyTexts, readKeys } from '../src/platform/keys.ts'
import { migratePostgres } from '../src/platform/postgres.ts'
import { makeVault } from '../src/platform/vault.ts'

const server = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const keyTexts = newKeyTexts()
const keys = readKeys(keyTexts)
const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** Seconds a bench runs. */
export const seconds = Number(process.env.BENCH_SECONDS ?? 8)
/** The institution benched. */
export const institution = '0193a000-0000-7000-8000-000000000000'
/** Time, ids and keys as the service has them. */
export const ambient = {
  now: () => new Date(),
  wallClock: () => new Date(),
  newId: v7,
  vault: makeVault(keys.kek),
  keys,
}

/** Starts the service in a process of its own. */
export const startService = async (url: string, sealing: boolean): Promise<{ child: ChildProcess; base: string }> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server.js'), JSON.stringify({ url, keys: keyTexts, sealing })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [words] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { child, base: words.toString().replace('ready ', '').trim() }
}

const issue = makeIssuer({
  ...ownIssuer,
  privateKey: keys.signing.privateKey,
  kid: keys.signing.kid,
  wallClock: () => new Date(),
})

/** A token of the institution for the time of a bench. */
export const tokenFor = (subject: string, more: Partial<Issue> = {}): string =>
  issue({ subject, institution, lifetimeSeconds: 86_000, ...more })

/** One request on a kept connection. */
export const send = (
  base: string,
  token: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(
      `${base}${path}`,
      { method, agent, headers: { authorization: `Bearer ${token}`, ...headers } },
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })

/** One line of the result. */
export const show = (name: string, value: number, unit: string, ratio?: string) =>
  process.stdout.write(`${name.padEnd(52)}${value.toFixed(0).padStart(8)} ${unit.padEnd(8)}${ratio ?? ''}\n`)

/** Gives a bench a migrated database and a folder of its own, and takes them away again. */
export const onDatabase = async (work: (url: string, client: pg.Client, folder: string) => Promise<void>) => {
  const name = `bangfu_bench_${process.pid}`
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const address = new URL(server)
  address.pathname = `/${name}`
  const url = address.href
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-bench-'))
  const client = new pg.Client({ connectionString: url })
  try {
    await migratePostgres(url)
    await client.connect()
    await work(url, client, folder)
  } finally {
    await client.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
    await rm(folder, { recursive: true })
    agent.destroy()
  }
}
