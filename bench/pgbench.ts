import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { warmSeconds } from './world.ts'

const literal = (value: string | number | boolean | null): string => {
  if (value === null) return 'null'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** A statement with its parameters written in, so that pgbench can run it; `vars` are pgbench's own by parameter. */
export const inlined = (
  text: string,
  params: readonly (string | number | boolean | null)[],
  vars: Readonly<Record<number, string>> = {},
): string =>
  `${text
    // pgbench takes a colon and a letter for a variable, inside quotes too
    .replaceAll('HH24:MI:SS', "HH24' || chr(58) || 'MI' || chr(58) || 'SS")
    .replace(/\$(\d+)/g, (_whole, number: string) => {
      const at = Number(number)
      return vars[at] ?? literal(params[at - 1] ?? null)
    })
    .replace(/\s*\n\s*/g, ' ')};\n`

/** Runs a pgbench script; what it does in the first seconds, while connections make their plans, does not count. @returns transactions per second */
export const pgbench = async (
  url: string,
  folder: string,
  name: string,
  script: string,
  options: { clients: number; seconds: number; prepared: boolean },
): Promise<number> => {
  const path = join(folder, `${name}.sql`)
  await writeFile(path, script)
  const args = [
    '-n',
    '-D',
    'w=1',
    '-f',
    path,
    '-c',
    String(options.clients),
    '-j',
    '2',
    '-T',
    String(warmSeconds + options.seconds),
    '-P',
    '1',
    '-M',
    options.prepared ? 'prepared' : 'simple',
    url,
  ]
  const child = spawn('pgbench', args, {
    env: {
      ...process.env,
      PGOPTIONS:
        '-c role=bangfu_app -c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
    },
  })
  let told = ''
  child.stdout.on('data', chunk => (told += chunk))
  child.stderr.on('data', chunk => (told += chunk))
  await new Promise(resolve => child.once('close', resolve))
  const found = [...told.matchAll(/^progress: [\d.]+ s, ([\d.]+) tps/gm)]
    .map(([, tps]) => Number(tps))
    .slice(warmSeconds)
  if (found.length === 0) throw new Error(`pgbench ${name}: ${told}`)
  return found.reduce((sum, tps) => sum + tps, 0) / found.length
}
