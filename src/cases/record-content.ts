import type { z } from 'zod'
import { spokenFaults } from '../platform/http/problems.ts'
import { openJson, type Place, sealJson } from '../platform/words.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import { confidentialPaths, joinContent, type RecordKind, splitContent } from '../practice/record-kind.ts'
import { recordKind } from '../practice/record-kinds.ts'
import type { CaseDeps } from './change.ts'
import { type Loaded, loadStatement } from './facts.ts'

/** A record as the load statements find it, for those who write and sign it. */
export interface StoredRecord {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly version: number
  readonly content: Record<string, unknown>
  /** base64 */
  readonly sealed: string | null
  readonly authorId: string
  readonly amendsId: string | null
  /** Parties that signed the present version, with the person who signed by own token. */
  readonly signatures: readonly { readonly party: string; readonly personId: string | null }[]
}

/** JSON of a {@link StoredRecord} of case `c`; `$7` is its id. */
export const storedRecordJson = `(select json_build_object('id', r.id, 'kind', r.kind, 'status', r.status, 'version', r.version,
  'content', r.content, 'sealed', encode(r.sealed, 'base64'), 'authorId', r.author_id, 'amendsId', r.amends_id,
  'signatures', (select coalesce(json_agg(json_build_object('party', g.party, 'personId', g.person_id)), '[]')
    from record_signatures g where g.institution_id = $1::uuid and g.record_id = r.id and g.record_version = r.version))
  from records r join c on c.id = r.case_id where r.institution_id = $1::uuid and r.id = $7::uuid and exists (select from rel))`

/** A case with one of its records. */
export const loadWithRecord = loadStatement<{ record: StoredRecord | null }>('cases.load_record', {
  record: storedRecordJson,
})

const pathsByKind = new Map<string, ReturnType<typeof confidentialPaths>>()

/** Splits content into its public and confidential parts. */
export const split = (kind: RecordKind, content: unknown) => {
  const paths = pathsByKind.get(kind.kind) ?? confidentialPaths(kind.content as z.ZodType)
  pathsByKind.set(kind.kind, paths)
  return splitContent(content, paths)
}

/** The whole content of a stored record. @throws Problem key_is_erased */
export const wholeContent = (
  deps: CaseDeps,
  about: { readonly institution: string; readonly caseId: string; readonly dataKey: string | null },
  record: Pick<StoredRecord, 'id' | 'content' | 'sealed'>,
): Record<string, unknown> => {
  if (record.sealed === null) return record.content
  const place = {
    institution: about.institution,
    subject: about.caseId,
    table: 'records',
    row: record.id,
    field: 'content',
  }
  const secret = openJson(deps.ambient, place, about.dataKey, record.sealed) as Record<string, unknown>
  return joinContent({ open: record.content, secret })
}

/** Where the words of evidence of a party's signature are sealed. */
export const signaturePlace = (institution: string, caseId: string, recordId: string, party: string): Place => ({
  institution,
  subject: caseId,
  table: 'record_signatures',
  row: recordId,
  field: party,
})

/** The kind by name. @throws Problem unknown_record_kind */
export const kindNamed = (name: string): RecordKind => {
  const kind = recordKind(name)
  if (!kind) throw new Problem('unknown_record_kind')
  return kind
}

/** Refuses a kind in a step where it is not written. @throws Problem kind_not_writable_here, case_is_closed */
export const requireWritable = (kind: RecordKind, facts: CaseFacts): void => {
  const { step } = facts.standing
  const closed = step === 'closed'
  const steps = kind.writableIn
  if (steps === 'always') return
  if (closed && steps !== 'after_closed') throw new Problem('case_is_closed')
  if (steps === 'open' || (steps === 'after_closed' && closed)) return
  if (typeof steps === 'string' || !steps.includes(step))
    throw new Problem('kind_not_writable_here', { steps: typeof steps === 'string' ? [steps] : [...steps] })
}

/** Refuses who does not write this kind. @throws Problem writer_not_allowed */
export const requireWriter = (kind: RecordKind, relations: readonly string[]): void => {
  const parties = [
    ...(relations.includes('owner') || relations.includes('co_worker') ? ['worker'] : []),
    ...relations.filter(relation => relation === 'student' || relation === 'line_manager'),
  ]
  if (!kind.writers.some(writer => parties.includes(writer)))
    throw new Problem('writer_not_allowed', { writers: [...kind.writers] })
}

/** Content checked against its kind, with what the service derives. @throws Problem content_invalid */
export const checkedContent = (kind: RecordKind, content: unknown): unknown => {
  const result = kind.content.safeParse(content)
  if (!result.success) throw new Problem('content_invalid', { errors: spokenFaults(kind.content, content, '/content') })
  return kind.derive ? kind.derive(result.data) : result.data
}

/** A content as it is stored: the open part, and the confidential part under the case’s key. */
export const sealContent = (
  deps: CaseDeps,
  institution: string,
  loaded: Loaded,
  kind: RecordKind,
  id: string,
  content: unknown,
) => {
  const { open, secret } = split(kind, content)
  const place = { institution, subject: loaded.facts.id, table: 'records', row: id, field: 'content' }
  const empty = Object.keys(secret).length === 0
  return { content: open, sealed: empty ? null : sealJson(deps.ambient, place, loaded.dataKey, secret) }
}
