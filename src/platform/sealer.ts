import type { KeyObject } from 'node:crypto'
import { canonicalJson, chainHash, genesisHash, signText } from '../kernel/signature.ts'
import { type Database, type Queries, systemStatement } from './database.ts'
import { entryRow, insertEntries } from './journal.ts'
import { type Loop, startLoop } from './loop.ts'

/** A signed statement of where a journal stood. */
export interface Checkpoint {
  readonly institution: string
  readonly position: number
  readonly hash: string
  /** RFC 3339 UTC */
  readonly at: string
  readonly kid: string
  /** ES256 over the canonical JSON of the other members. */
  readonly signature: string
}

/** The text a checkpoint signs. */
export const checkpointText = ({ signature: _, ...rest }: Checkpoint): string => canonicalJson(rest)

export interface SealerOptions {
  readonly wallClock: () => Date
  readonly newId: () => string
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject }
  /** Told after a pass that sealed something was committed. */
  readonly onSealed?: (count: number) => void
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void
  readonly onError?: (error: unknown) => void
  readonly idleMs?: number
  readonly checkpointMs?: number
  /** How soon after its first entry a journal has its first checkpoint. */
  readonly firstCheckpointMs?: number
}

interface Unsealed {
  readonly seq: number
  readonly institution: string
  readonly entry: string
}

interface Head {
  readonly institution: string
  readonly position: number
  readonly hash: string
  readonly checkpointPosition: number
  readonly checkpointAt: string
}

const take = systemStatement<{ got: boolean }>(
  'journal.lock',
  `select pg_try_advisory_xact_lock(hashtextextended('bangfu sealer', 0)) as got`,
)

const unsealed = systemStatement<Unsealed>(
  'journal.unsealed',
  `select seq, institution_id as institution, entry from journal where position is null and seq > $1::bigint order by seq limit $2::int`,
)

const heads = systemStatement<Head>(
  'journal.heads',
  `select institution_id as institution, position, hash, checkpoint_position as "checkpointPosition",
    to_char(checkpoint_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "checkpointAt" from journal_heads`,
)

const seal = systemStatement<{ sealed: number }>(
  'journal.seal',
  `with s as (update journal j set position = x.position, hash = x.hash
    from jsonb_to_recordset($1::jsonb) x(seq bigint, position bigint, hash text) where j.seq = x.seq and j.position is null returning 1),
  h as (insert into journal_heads (institution_id, position, hash, checkpoint_position, checkpoint_at)
    select x.institution, x.position, x.hash, x."checkpointPosition", x."checkpointAt"
    from jsonb_to_recordset($2::jsonb) x(institution uuid, position bigint, hash text, "checkpointPosition" bigint, "checkpointAt" timestamptz)
    on conflict (institution_id) do update set position = excluded.position, hash = excluded.hash,
      checkpoint_position = excluded.checkpoint_position, checkpoint_at = excluded.checkpoint_at)
  select count(*)::int as sealed from s`,
)

const append = systemStatement('journal.append', `${insertEntries('$2::jsonb')}`)

const batchOf = (db: Database) => (db.kind === 'postgres' ? 2_000 : 200)

/** Gives positions and hashes in order of writing, per institution. */
const chain = (entries: readonly Unsealed[], known: Map<string, Head>, now: Date) => {
  const touched = new Map<string, Head>()
  const rows = entries.map(({ seq, institution, entry }) => {
    const before = touched.get(institution) ?? known.get(institution)
    const position = (before?.position ?? 0) + 1
    const hash = chainHash(before?.hash ?? genesisHash, position, entry)
    touched.set(institution, {
      institution,
      position,
      hash,
      checkpointPosition: before?.checkpointPosition ?? 0,
      checkpointAt: before?.checkpointAt ?? now.toISOString(),
    })
    return { seq, position, hash }
  })
  return { rows, touched }
}

/** Signs a checkpoint for each journal that grew since its last, an hour ago; for a new one after a minute. */
const checkpoints = async (tx: Queries, known: readonly Head[], options: SealerOptions): Promise<Checkpoint[]> => {
  const now = options.wallClock()
  const pauseOf = (head: Head) =>
    head.checkpointPosition === 0 ? (options.firstCheckpointMs ?? 60_000) : (options.checkpointMs ?? 3_600_000)
  const due = known.filter(
    head => head.position > head.checkpointPosition && now.getTime() - Date.parse(head.checkpointAt) >= pauseOf(head),
  )
  const made: Checkpoint[] = []
  for (const { institution, position, hash } of due) {
    const at = now.toISOString()
    const unsigned = { institution, position, hash, at, kid: options.signing.kid, signature: '' }
    const checkpoint = { ...unsigned, signature: signText(options.signing.privateKey, checkpointText(unsigned)) }
    const entry = {
      id: options.newId(),
      type: 'journal.checkpointed',
      at,
      institution,
      actor: { kind: 'service' as const, id: null },
      subject: { kind: 'institution', id: institution, version: null },
      caseId: null,
      request: 'sealer',
      data: { position, hash, at, kid: checkpoint.kid, signature: checkpoint.signature },
    }
    await tx.rows(append, institution, JSON.stringify([entryRow(entry)]))
    // The entry that tells of a checkpoint does not call for the next one.
    const head = { institution, position, hash, checkpointPosition: position + 1, checkpointAt: at }
    await tx.rows(seal, '[]', JSON.stringify([head]))
    made.push(checkpoint)
  }
  return made
}

interface Pass {
  readonly sealed: number
  readonly full: boolean
  readonly lastSeq: number
  readonly made: readonly Checkpoint[]
}

const idle: Pass = { sealed: 0, full: false, lastSeq: 0, made: [] }

/** One pass in one transaction: seals what is visible above a floor. Only one runs at a time, whoever starts it. */
export const sealOnce = (db: Database, options: SealerOptions, floor = 0): Promise<Pass> =>
  db.transaction(async ({ system: tx }) => {
    const [lock] = await tx.rows(take)
    if (!lock?.got) return idle
    const batch = batchOf(db)
    const known = await tx.rows(heads)
    const made = await checkpoints(tx, known, options)
    if (made.length > 0) return { ...idle, full: true, made }
    const entries = await tx.rows(unsealed, floor, batch)
    if (entries.length === 0) return idle
    const { rows, touched } = chain(entries, new Map(known.map(head => [head.institution, head])), options.wallClock())
    await tx.rows(seal, JSON.stringify(rows), JSON.stringify([...touched.values()]))
    const lastSeq = entries.at(-1)?.seq ?? floor
    return { sealed: entries.length, full: entries.length === batch, lastSeq, made: [] }
  })

const fullScanMs = 60_000

/**
 * Seals in the background until stopped, from a remembered floor, once a minute from the beginning: a lower seq may
 * commit late. An outage makes it wait and try again.
 */
export const startSealer = (db: Database, options: SealerOptions): Loop => {
  let floor = 0
  let fullAt = 0
  const pass = async (): Promise<boolean> => {
    const now = options.wallClock().getTime()
    if (now - fullAt >= fullScanMs) {
      floor = 0
      fullAt = now
    }
    const done = await sealOnce(db, options, floor)
    floor = Math.max(floor, done.lastSeq - 10_000, 0)
    if (done.sealed > 0) options.onSealed?.(done.sealed)
    for (const checkpoint of done.made) options.onCheckpoint?.(checkpoint)
    return done.full
  }
  const work = { name: 'sealer', pass, idleMs: options.idleMs ?? 200 }
  return startLoop(options.onError ? { ...work, onError: options.onError } : work, options.wallClock)
}
