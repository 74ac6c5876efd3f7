import { verifyCases } from './cases/verify-cases.ts'
import { checkpointsIn, publicKeyIn, readOptions } from './command-options.ts'
import { foreignKeys, rewrapTable } from './platform/data-keys.ts'
import type { Database } from './platform/database.ts'
import { ringRetired, ringRotated, ringText, type ServiceKeys } from './platform/keys.ts'
import { type KeyRing, makeVault } from './platform/vault.ts'
import { verifyJournal } from './platform/verify.ts'
import { verifySubjects } from './platform/verify-subjects.ts'

/** Guarded subjects beside cases: their table and their moves. */
const guarded = [
  ['alerts', 'alert_moves'],
  ['crises', 'crisis_moves'],
  ['groups', 'group_moves'],
] as const

/**
 * Recomputes the journal's chain, compares checkpoints, and recomputes every case and guarded subject from its moves and
 * entries. `--checkpoint <file>` and `--key <file>` (of a signing key used before) may be given several times.
 * @returns whether all is well; faults are said, the first bad entry by name
 * @throws ConfigInvalid for options and files that do not fit
 */
export const verify = async (
  db: Database,
  keys: ServiceKeys,
  args: readonly string[],
  say: (words: string) => void,
): Promise<boolean> => {
  const given = readOptions(args, ['checkpoint', 'key'])
  const checkpoints = (await Promise.all((given.checkpoint ?? []).map(checkpointsIn))).flat()
  const earlier = await Promise.all((given.key ?? []).map(publicKeyIn))
  const reports = await verifyJournal(db, { checkpoints, publicKeys: [keys.signing.publicKey, ...earlier] })
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
export const keyed: readonly (readonly [table: string, column?: string])[] = [
  ['cases'],
  ['alerts'],
  ['crises'],
  ['groups'],
  ['signal_keys'],
  ['signal_sources', 'secret'],
  ['signal_sources', 'previous_secret'],
]

/** Retiring was asked for while data keys still name another key. */
export class KeysInUse extends Error {
  constructor(count: number) {
    super(`${count} data keys are wrapped by another key than the current one: run rotate-keys --rewrap first`)
    this.name = 'KeysInUse'
  }
}

const withNewKey = (ring: KeyRing): KeyRing =>
  ringRotated(ring, `k${Object.keys(ring.keys).length + 1}-${Date.now().toString(36)}`)

const rewrapAll = async (db: Database, ring: KeyRing): Promise<number> => {
  const vault = makeVault(ring)
  let count = 0
  for (const [table, column] of keyed) count += await rewrapTable(db, vault, ring.current, table, column)
  return count
}

const retired = async (db: Database, ring: KeyRing): Promise<KeyRing> => {
  let count = 0
  for (const [table, column] of keyed) count += await foreignKeys(db, ring.current, table, column)
  if (count > 0) throw new KeysInUse(count)
  return ringRetired(ring)
}

/** What the command line gives a rotation beside the database. */
export interface Rotation {
  readonly ring: KeyRing
  readonly args: readonly string[]
  readonly say: (words: string) => void
  /** Puts a ring where the service, or its operator, takes it from. */
  readonly keep: (text: string) => Promise<void>
}

/**
 * Key rotation while the service runs, in three phases; each prints at most one ring, for the operator to deploy:
 * nothing = the ring with a new current key, no row is touched; `--rewrap`, once every process runs with that ring =
 * every data key is wrapped by its current key; `--retire` = the ring without the old keys, which open nothing any more.
 * @throws KeysInUse when there is something left to rewrap
 */
export const rotateKeys = async (db: Database, { ring, args, say, keep }: Rotation): Promise<void> => {
  if (args.includes('--retire')) {
    const { current } = ring
    await keep(ringText(await retired(db, ring)))
    return say(`only ${current} is left; older keys open nothing any more`)
  }
  if (args.includes('--rewrap')) return say(`wrapped ${await rewrapAll(db, ring)} data keys under ${ring.current}`)
  const next = withNewKey(ring)
  await keep(ringText(next))
  say(`${next.current} is the new current key: deploy this ring to every process, then run rotate-keys --rewrap`)
}

/** Rotation of an embedded database, which nobody else has open: all phases at once; old keys go with `--retire`. */
export const rotateKeysEmbedded = async (db: Database, { ring, args, say, keep }: Rotation): Promise<void> => {
  const next = args.includes('--rewrap') ? ring : withNewKey(ring)
  await keep(ringText(next))
  say(`wrapped ${await rewrapAll(db, next)} data keys under ${next.current}`)
  if (!args.includes('--retire')) return
  await keep(ringText(await retired(db, next)))
  say('older keys are retired')
}
