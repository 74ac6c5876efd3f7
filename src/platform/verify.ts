import type { KeyObject } from 'node:crypto'
import { chainHash, genesisHash, verifyText } from '../kernel/signature.ts'
import { type Database, systemStatement } from './database.ts'
import { columnsAgree, type StoredEntry } from './entry-columns.ts'
import { type Checkpoint, checkpointText } from './sealer.ts'

/** What is wrong with a journal, and where. */
export interface JournalFault {
  readonly kind:
    | 'deleted'
    | 'flipped_or_reordered'
    | 'columns_differ'
    | 'cut_tail'
    | 'rewritten'
    | 'forged_checkpoint'
    | 'version_gap'
  readonly position: number | null
  readonly entryId: string | null
  readonly detail: string
}

export interface JournalReport {
  readonly institution: string
  readonly entries: number
  /** As recomputed. */
  readonly head: { readonly position: number; readonly hash: string }
  readonly unsealed: number
  readonly faults: readonly JournalFault[]
}

interface Institution {
  readonly id: string
  readonly position: number | null
  readonly hash: string | null
  readonly unsealed: number
}

/** Institutions that are known, have a head, or have entries: whoever takes one away does not take its journal. */
const institutions = systemStatement<Institution>(
  'verify.institutions',
  `select i.id, h.position, h.hash, (select count(*)::int from journal j where j.institution_id = i.id and j.position is null) as unsealed
   from (select id from institutions union select institution_id from journal_heads union select institution_id from journal) i
   left join journal_heads h on h.institution_id = i.id order by i.id`,
)

/** Columns as they are; nothing is parsed here, so that nothing an entry says can stop the reading. */
const page = systemStatement<StoredEntry>(
  'verify.page',
  `select id::text, position::text as position, hash, entry, type, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as at,
    actor_id::text as "actorId", case_id::text as "caseId", subject_id::text as "subjectId", subject_version as "subjectVersion",
    institution_id::text as institution
   from journal j where institution_id = $1::uuid and j.position > $2::text::bigint order by j.position limit 2000`,
)

const signed = systemStatement<{ id: string; position: number; entry: string }>(
  'verify.signed',
  `select id::text, position, entry from journal
   where institution_id = $1::uuid and type = 'journal.checkpointed' and position between 1 and 9007199254740991 order by position`,
)

const gaps = systemStatement<{ subject: string; versions: number; highest: number }>(
  'verify.versions',
  `select subject_id as subject, count(*)::int as versions, max(subject_version) as highest from journal
   where institution_id = $1::uuid and subject_version is not null group by subject_id
   having count(*) <> max(subject_version) or min(subject_version) <> 1 order by subject_id limit 20`,
)

const fault = (kind: JournalFault['kind'], detail: string, at: Partial<JournalFault> = {}): JournalFault => ({
  kind,
  detail,
  position: at.position ?? null,
  entryId: at.entryId ?? null,
})

/** What is wrong with one entry, given where it should stand and the hash it should have. */
const entryFault = (row: StoredEntry, expected: number, hash: string): JournalFault | null => {
  const at = { position: expected, entryId: row.id }
  if (row.position !== String(expected))
    return fault('deleted', `position ${expected} is missing`, { position: expected })
  if (row.hash !== hash)
    return fault('flipped_or_reordered', 'the hash does not follow from the text and the hash before', at)
  return columnsAgree(row) ? null : fault('columns_differ', 'the columns do not say what the entry says', at)
}

interface Chain {
  readonly entries: number
  readonly hash: string
  /** Recomputed hashes at the positions wanted. */
  readonly hashes: ReadonlyMap<number, string>
  readonly first: JournalFault | null
}

/** Recomputes the chain up to its first bad entry. */
const walk = async (db: Database, institution: string, wanted: ReadonlySet<number>): Promise<Chain> => {
  const hashes = new Map<number, string>()
  let [entries, hash, after] = [0, genesisHash, '0']
  for (;;) {
    const rows = await db.system.rows(page, institution, after)
    for (const row of rows) {
      const next = chainHash(hash, entries + 1, row.entry)
      const first = entryFault(row, entries + 1, next)
      if (first) return { entries, hash, hashes, first }
      entries += 1
      hash = next
      after = row.position
      if (wanted.has(entries)) hashes.set(entries, hash)
    }
    if (rows.length < 2000) return { entries, hash, hashes, first: null }
  }
}

const headFault = (head: Institution, { entries, hash, first }: Chain): JournalFault | null => {
  if (first) return null
  if ((head.position ?? 0) > entries)
    return fault('cut_tail', `the head is at ${head.position}`, { position: entries + 1 })
  if (entries > 0 && head.hash !== hash)
    return fault('flipped_or_reordered', 'the head has another hash than the last entry, or is missing', {
      position: entries,
    })
  return null
}

/** A checkpoint, and the entry that tells of it where it was found in the journal itself. */
type Found = Omit<Checkpoint, 'institution'> & { readonly institution: string; readonly entryId?: string }

/** The checkpoints a journal tells of; what cannot be read is a fault of the chain, and found there. */
const toldIn = (rows: readonly { id: string; entry: string }[], institution: string): Found[] =>
  rows.flatMap(row => {
    try {
      const { data } = JSON.parse(row.entry) as { data: Checkpoint }
      const { position, hash, at, kid, signature } = data
      return [{ institution, position, hash, at, kid, signature, entryId: row.id }]
    } catch {
      return []
    }
  })

const isSigned = ({ entryId: _, ...checkpoint }: Found, publicKeys: readonly KeyObject[]): boolean => {
  try {
    return publicKeys.some(key => verifyText(key, checkpointText(checkpoint), checkpoint.signature))
  } catch {
    return false
  }
}

const checkpointFault = (
  found: Found,
  { entries, hashes, first }: Chain,
  publicKeys: readonly KeyObject[],
): JournalFault[] => {
  const { position } = found
  const at = { position, ...(found.entryId ? { entryId: found.entryId } : {}) }
  if (!isSigned(found, publicKeys))
    return [fault('forged_checkpoint', `none of the keys given made this signature (key ${found.kid})`, at)]
  const hash = hashes.get(position)
  if (hash === undefined)
    return first ? [] : [fault('cut_tail', `a checkpoint tells of position ${position}`, { position: entries + 1 })]
  if (hash === found.hash) return []
  return [fault('rewritten', `the hash at position ${position} is not the one that was signed`, at)]
}

const verifyOne = async (
  db: Database,
  institution: Institution,
  checkpoints: readonly Checkpoint[],
  publicKeys: readonly KeyObject[],
): Promise<JournalReport> => {
  const told = toldIn(await db.system.rows(signed, institution.id), institution.id)
  const found: Found[] = [...checkpoints.filter(each => each.institution === institution.id), ...told]
  const chain = await walk(db, institution.id, new Set(found.map(each => each.position)))
  const broken = chain.first ?? headFault(institution, chain)
  const holes = (await db.system.rows(gaps, institution.id)).map(gap =>
    fault('version_gap', `subject ${gap.subject} has ${gap.versions} versions up to ${gap.highest}`),
  )
  return {
    institution: institution.id,
    entries: chain.entries,
    head: { position: chain.entries, hash: chain.hash },
    unsealed: institution.unsealed,
    faults: [
      ...(broken ? [broken] : []),
      ...found.flatMap(each => checkpointFault(each, { ...chain, first: broken }, publicKeys)),
      ...holes,
    ],
  }
}

/**
 * Recomputes the chain of every institution and names the first bad entry of each; compares checkpoints, those the
 * journal tells of itself too, with the recomputed hashes.
 * @param checkpoints signed checkpoints kept elsewhere: only they show a journal cut with its head or taken away whole
 * @param publicKeys of the signing key and of those before it
 */
export const verifyJournal = async (
  db: Database,
  { checkpoints, publicKeys }: { checkpoints: readonly Checkpoint[]; publicKeys: readonly KeyObject[] },
): Promise<JournalReport[]> => {
  const known = await db.system.rows(institutions)
  const gone = [...new Set(checkpoints.map(checkpoint => checkpoint.institution))]
    .filter(id => !known.some(institution => institution.id === id))
    .map(id => ({ id, position: null, hash: null, unsealed: 0 }))
  const reports: JournalReport[] = []
  for (const institution of [...known, ...gone]) reports.push(await verifyOne(db, institution, checkpoints, publicKeys))
  return reports
}
