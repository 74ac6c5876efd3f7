import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyCases } from './cases/verify-cases.ts'
import type { Config } from './config.ts'
import { type Database, systemStatement } from './platform/database.ts'
import { ringRetired, ringRotated, ringText, type ServiceKeys, writePrivate } from './platform/keys.ts'
import type { Checkpoint } from './platform/sealer.ts'
import { makeVault } from './platform/vault.ts'
import { verifyJournal } from './platform/verify.ts'

const checkpointsIn = async (path: string | undefined): Promise<Checkpoint[]> => {
  if (path === undefined) return []
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line) as Checkpoint)
}

/**
 * Recomputes the journal's chain, compares checkpoints, and recomputes every case from its moves and entries.
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
  const cases = await verifyCases(db)
  for (const found of cases) say(`  BAD case ${found.id}: ${found.detail}`)
  const clean = cases.length === 0 && reports.every(report => report.faults.length === 0)
  say(clean ? 'verified: clean' : 'verified: NOT clean')
  return clean
}

const wrappedKeys = systemStatement<{ institution: string; id: string; wrapped: Buffer }>(
  'keys.page',
  `select institution_id as institution, id, data_key as wrapped from cases
   where data_key is not null and (institution_id, id) > ($1::uuid, $2::uuid) order by institution_id, id limit 500`,
)

const rewrap = systemStatement(
  'keys.rewrap',
  `update cases c set data_key = decode(x.wrapped, 'base64') from jsonb_to_recordset($1::jsonb) x(institution uuid, id uuid, wrapped text, before text)
   where c.institution_id = x.institution and c.id = x.id and c.data_key = decode(x.before, 'base64')`,
)

const zero = '00000000-0000-0000-0000-000000000000'

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
  let [institution, id, count] = [zero, zero, 0]
  for (;;) {
    const page = await db.system.rows(wrappedKeys, institution, id)
    const rows = page.map(row => ({
      institution: row.institution,
      id: row.id,
      before: Buffer.from(row.wrapped).toString('base64'),
      wrapped: vault.rewrap(`${row.institution}|${row.id}`, Buffer.from(row.wrapped)).toString('base64'),
    }))
    await db.system.rows(rewrap, JSON.stringify(rows))
    count += rows.length
    const last = page.at(-1)
    if (!last || page.length < 500) break
    institution = last.institution
    id = last.id
  }
  if (args.includes('--retire')) await keep(ringText(ringRetired(rotated)))
  say(
    `wrapped ${count} data keys under ${rotated.current}${args.includes('--retire') ? '; older keys are retired' : ''}`,
  )
}
