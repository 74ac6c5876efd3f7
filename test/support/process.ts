import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { root } from '../../src/platform/migrations.ts'
import { postgresUrl } from './database.ts'
import type { Service } from './service.ts'

const main = join(root, 'dist/src/main.js')

/** Skips what only the embedded mode has when the suite runs on PostgreSQL. */
export const onEmbedded = { skip: postgresUrl ? 'the embedded mode is tested without DATABASE_URL' : false }

/** The service as a process of its own, with what it has said so far. */
export type Child = ChildProcess & {
  /** Everything, on either stream. */
  said: () => string
  /** What came on standard output alone. */
  printed: () => string
}

const quietEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL|NODE_OPTIONS|TAP)/.test(name)))

/** Starts the command line with this environment and nothing else of ours. */
export const start = (args: string[], environment: Record<string, string>): Child => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...quietEnvironment(), LOG_LEVEL: 'error', ...environment },
  })
  let words = ''
  let output = ''
  child.stdout?.on('data', chunk => {
    words += chunk
    output += chunk
  })
  child.stderr?.on('data', chunk => (words += chunk))
  return Object.assign(child, { said: () => words, printed: () => output })
}

/** Waits for the end. @returns exit code and words */
export const finished = async (child: Child) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  return { code: child.exitCode, said: child.said(), printed: child.printed() }
}

/** A folder that ends with the test. */
export const folderFor = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-process-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Waits until it listens. @returns its base URL */
export const ready = async (child: Child): Promise<string> => {
  for (let tries = 0; tries < 2_400; tries++) {
    const found = /ready {3}(\S+)/.exec(child.said())
    if (found) return found[1] as string
    if (child.exitCode !== null) throw new Error(child.said())
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`not ready: ${child.said()}`)
}

/** What a process of its own needs to serve the database and the tokens of a test's service. */
export const environmentOf = (service: Service, url = service.url as string): Record<string, string> => ({
  DATABASE_URL: url,
  BANGFU_KEY_RING: service.keyTexts.kekRing,
  BANGFU_SIGNING_KEY: service.keyTexts.signingKey,
  BANGFU_SECRET: service.keyTexts.secret,
  PORT: '0',
  REQUESTS_PER_MINUTE: '0',
})
