import type { KeyObject } from 'node:crypto'
import { chainHash, genesisHash, verifyText } from '../kernel/signature.ts'
import { type Database, systemStatement } from './database.ts'
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
  readonly head: { readonly position: number; readonly hash: string }
  readonly unsealed: number
  readonly faults: readonly JournalFault[]
}

interface Row {
  readonly id: string
  readonly position: number
  readonly hash: string
  readonly entry: string
  readonly same: boolean
}

const institutions = systemStatement<{ id: string; position: number | null; hash: string | null; unsealed: number }>(
  'verify.institutions',
  `select i.id, h.position, h.hash, (select count(*)::int from journal j where j.institution_id = i.id and j.position is null) as unsealed
   from institutions i left join journal_heads h on h.institution_id = i.id order by i.id`,
)

const page = systemStatement<Row>(
  'verify.page',
  `select id, position, hash, entry,
    (entry::jsonb->>'id' = id::text and entry::jsonb->>'type' = type and (entry::jsonb->>'at')::timestamptz = at
      and entry::jsonb->'actor'->>'id' is not distinct from actor_id::text and entry::jsonb->>'caseId' is not distinct from case_id::text
      and entry::jsonb->'subject'->>'id' = subject_id::text and entry::jsonb->'subject'->>'version' is not distinct from subject_version::text
      and entry::jsonb->>'institution' = institution_id::text) as same
   from journal where institution_id = $1::uuid and position > $2::bigint order by position limit 2000`,
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

/** What is wrong with one entry, given the one before. */
const entryFault = (row: Row, expected: number, before: string): JournalFault | null => {
  const at = { position: row.position, entryId: row.id }
  if (row.position !== expected) return fault('deleted', `position ${expected} is missing`, { position: expected })
  if (row.hash !== chainHash(before, row.position, row.entry))
    return fault('flipped_or_reordered', 'the hash does not follow from the text and the hash before', at)
  return row.same ? null : fault('columns_differ', 'the columns do not say what the entry says', at)
}

const checkpointFaults = (
  checkpoints: readonly Checkpoint[],
  hashes: ReadonlyMap<number, string>,
  last: number,
  publicKeys: readonly KeyObject[],
): JournalFault[] =>
  checkpoints.flatMap(checkpoint => {
    const { position } = checkpoint
    if (!publicKeys.some(key => verifyText(key, checkpointText(checkpoint), checkpoint.signature)))
      return [fault('forged_checkpoint', 'no known key made this signature', { position })]
    if (position > last)
      return [fault('cut_tail', `a checkpoint tells of position ${position}`, { position: last + 1 })]
    if (hashes.get(position) === checkpoint.hash) return []
    return [fault('rewritten', `the hash at position ${position} is not the one that was signed`, { position })]
  })

/**
 * Recomputes the chain of every institution and names the first bad entry of each.
 * @param checkpoints signed checkpoints kept elsewhere: only they show a journal rewritten as a whole
 */
export const verifyJournal = async (
  db: Database,
  { checkpoints, publicKeys }: { checkpoints: readonly Checkpoint[]; publicKeys: readonly KeyObject[] },
): Promise<JournalReport[]> => {
  const reports: JournalReport[] = []
  for (const institution of await db.system.rows(institutions)) {
    const given = checkpoints.filter(checkpoint => checkpoint.institution === institution.id)
    const wanted = new Set(given.map(checkpoint => checkpoint.position))
    const hashes = new Map<number, string>()
    let [position, hash, first] = [0, genesisHash, null as JournalFault | null]
    for (;;) {
      const rows = await db.system.rows(page, institution.id, position)
      for (const row of rows) {
        first ??= entryFault(row, position + 1, hash)
        position = row.position
        hash = row.hash
        if (wanted.has(position)) hashes.set(position, hash)
      }
      if (rows.length < 2000) break
    }
    if (!first && (institution.position ?? 0) > position)
      first = fault('cut_tail', `the head is at ${institution.position}`, { position: position + 1 })
    if (!first && institution.hash !== null && institution.hash !== hash)
      first = fault('flipped_or_reordered', 'the head has another hash than the last entry', { position })
    const holes = (await db.system.rows(gaps, institution.id)).map(gap =>
      fault('version_gap', `subject ${gap.subject} has ${gap.versions} versions up to ${gap.highest}`),
    )
    reports.push({
      institution: institution.id,
      entries: position,
      head: { position, hash },
      unsealed: institution.unsealed,
      faults: [...(first ? [first] : []), ...checkpointFaults(given, hashes, position, publicKeys), ...holes],
    })
  }
  return reports
}
