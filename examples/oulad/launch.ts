import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** Environment of the service. */
export type Environment = Readonly<Record<string, string>>

const main = 'dist/src/main.js'
const settled = { PORT: '0', LOG_LEVEL: 'error', REQUESTS_PER_MINUTE: '0' }

/** Runs a command of the service. @returns what it printed */
export const command = async (args: readonly string[], environment: Environment): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], {
    env: { ...process.env, ...environment },
  })
  return stdout.trim()
}

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

/** Whether the journal of the stopped service is clean. */
const verified = (environment: Environment): Promise<boolean> =>
  command(['verify'], environment).then(
    () => true,
    () => false,
  )

/** Starts a service of our own. @returns where it listens, and how to stop and verify it */
export const launch = async (
  environment: Environment,
): Promise<{ readonly baseUrl: string; readonly stop: () => Promise<boolean> }> => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...environment, ...settled },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', line => {
      said.push(line)
      if (line.startsWith('ready')) resolve(line.replace('ready', '').trim())
    })
    child.once('exit', () => reject(new Error(`the service did not start:\n${said.slice(-5).join('\n')}`)))
  })
  const stop = async () => {
    await stopped(child)
    return verified(environment)
  }
  return { baseUrl: await ready, stop }
}
