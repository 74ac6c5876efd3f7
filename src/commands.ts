import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyCases } from './cases/verify-cases.ts'
import type { Config } from './config.ts'
import { rewrapTable } from './platform/data-keys.ts'
import type { Database } from './platform/database.ts'
import { ringRetired, ringRotated, ringText, type ServiceKeys, writePrivate } from './platform/keys.ts'
import type { Checkpoint } from './platform/sealer.ts'
import { makeVault } from './platform/vault.ts'
import { verifyJournal } from './platform/verify.ts'
import { verifySubjects } from './platform/verify-subjects.ts'

const checkpointsIn = async (path: string | undefined): Promise<Checkpoint[]> => {
  if (path === undefined) return []
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line) as Checkpoint)
}

/** Guarded subjects beside cases: their table and their moves. */
const guarded = [
  ['alerts', 'alert_moves'],
  ['crises', 'crisis_moves'],
] as const

/**
 * Recomputes the journal's chain, compares checkpoints, and recomputes every case and guarded subject from its moves and entries.
 * @returns whether all is well; faults are said, the first bad entry by name
 */
export const verify = async (
  db: Database,
  keys: ServiceKeys,
  args: readonly string[],
  say: (words: string) => void,
): Promise<boolean> => {
  const at = args.indexOf('--checkpoint')
  const checkpoints = await checkpointsIn(at < 0 ? undefined : args[at + 1])
  const reports = await verifyJournal(db, { checkpoints, publicKeys: [keys.signing.publicKey] })
  for (const report of reports) {
    say(
      `institution ${report.institution}: ${report.entries} entries sealed, ${report.unsealed} not yet, head ${report.head.hash}`,
    )
    for (const fault of report.faults)
      say(`  BAD ${fault.kind} at position ${fault.position ?? '–'} entry ${fault.entryId ?? '–'}: ${fault.detail}`)
  }
  const subjects = await verifyCases(db)
  for (const [table, moves] of guarded) subjects.push(...(await verifySubjects(db, table, moves)))
  for (const found of subjects) say(`  BAD subject ${found.id}: ${found.detail}`)
  const clean = subjects.length === 0 && reports.every(report => report.faults.length === 0)
  say(clean ? 'verified: clean' : 'verified: NOT clean')
  return clean
}

/** Every place a wrapped data key lies: table and column. */
const keyed: readonly (readonly [table: string, column?: string])[] = [
  ['cases'],
  ['alerts'],
  ['crises'],
  ['signal_keys'],
  ['signal_sources', 'secret'],
  ['signal_sources', 'previous_secret'],
]

/**
 * Makes a new key-encryption key and wraps every data key anew; with `--retire` the old keys are dropped, and open
 * nothing any more. In production the new ring is printed for the operator to put where secrets are kept: run it first
 * without `--retire`, deploy the ring, then retire.
 */
export const rotateKeys = async (
  db: Database,
  keys: ServiceKeys,
  config: Config,
  args: readonly string[],
  say: (words: string) => void,
): Promise<void> => {
  const rotated = ringRotated(keys.kek, `k${Object.keys(keys.kek.keys).length + 1}-${Date.now().toString(36)}`)
  const keep = async (text: string): Promise<void> => {
    if (config.databaseUrl) process.stdout.write(text)
    else await writePrivate(join(config.dataDir, 'keys', 'key-ring.json'), text)
  }
  await keep(ringText(rotated))
  const vault = makeVault(rotated)
  let count = 0
  for (const [table, column] of keyed) count += await rewrapTable(db, vault, table, column)
  if (args.includes('--retire')) await keep(ringText(ringRetired(rotated)))
  say(
    `wrapped ${count} data keys under ${rotated.current}${args.includes('--retire') ? '; older keys are retired' : ''}`,
  )
}
