import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { root } from '../../src/platform/migrations.ts'
import { postgresUrl } from './database.ts'

const main = join(root, 'dist/src/main.js')
/** Skips what only the embedded mode has when the suite runs on PostgreSQL. */
export const onEmbedded = { skip: postgresUrl ? 'the embedded mode is tested without DATABASE_URL' : false }

/** A running service and what it has said so far. */
export type Child = ChildProcess & { said: () => string }

const quietEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL|NODE_OPTIONS|TAP)/.test(name)))

/** Starts the built service with these variables and none of the test's own. */
export const start = (args: string[], environment: Record<string, string>): Child => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...quietEnvironment(), LOG_LEVEL: 'error', ...environment },
  })
  let words = ''
  child.stdout?.on('data', chunk => (words += chunk))
  child.stderr?.on('data', chunk => (words += chunk))
  return Object.assign(child, { said: () => words })
}

/** Waits for the end. */
export const finished = async (child: Child) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { code: child.exitCode, said: child.said() }
}

/** A folder that ends with the test. */
export const folderFor = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-process-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Waits until the service says where it listens. @returns its address */
export const ready = async (child: Child): Promise<string> => {
  for (let tries = 0; tries < 600; tries++) {
    const found = /ready {3}(\S+)/.exec(child.said())
    if (found) return found[1] as string
    if (child.exitCode !== null) throw new Error(child.said())
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`not ready: ${child.said()}`)
}
