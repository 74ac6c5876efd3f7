import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keyTexts, type World } from './world.ts'

const run = promisify(execFile)

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

const residentMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** Starts the service as an operator does. @returns seconds until ready, and MB resident after five idle seconds */
const startOnce = async (environment: Record<string, string>): Promise<[number, number]> => {
  const begin = performance.now()
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, ...environment, PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', chunk => (said += chunk))
  while (!said.includes('ready ')) {
    if (child.exitCode !== null) throw new Error(said)
    await pause(5)
  }
  const took = (performance.now() - begin) / 1000
  await pause(5_000)
  const resident = await residentMegabytes(child.pid as number)
  child.kill('SIGTERM')
  await once(child, 'exit')
  return [took, resident]
}

const sizeOf = async (folder: string): Promise<number> => {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : await sizeOf(path)
    else bytes += (await stat(path)).size
  }
  return bytes
}

/** Bytes of the packages that production installs. */
const productionBytes = async (): Promise<number> => {
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'])
  const folders = stdout.split('\n').filter(path => path.includes('node_modules'))
  let bytes = 0
  for (const folder of new Set(folders)) bytes += await sizeOf(folder)
  return bytes
}

const told = ([took, resident]: [number, number]) => `${took.toFixed(2)} s to ready, ${resident.toFixed(0)} MB idle`

/** Start-up on existing data, resident memory, size of what production installs. */
export const measureStart = async ({ url, folder }: World): Promise<[string, string][]> => {
  const postgres = {
    DATABASE_URL: url,
    BANGFU_KEY_RING: keyTexts.kekRing,
    BANGFU_SIGNING_KEY: keyTexts.signingKey,
    BANGFU_SECRET: keyTexts.secret,
  }
  const embedded = { BANGFU_DATA_DIR: join(folder, 'data') }
  await startOnce(embedded)
  return [
    ['G10 start on PostgreSQL', told(await startOnce(postgres))],
    ['G10 start on the embedded database', told(await startOnce(embedded))],
    ['G10 production node_modules', `${((await productionBytes()) / 1_048_576).toFixed(0)} MB`],
  ]
}
