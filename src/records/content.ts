import type { z } from 'zod'
import type { Loaded } from '../people/guarded.ts'
import { spokenFaults } from '../platform/http/problems.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openJson, type Place, sealJson } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { confidentialPaths, joinContent, type RecordKind, splitContent } from '../practice/record-kind.ts'
import type { House, StoredRecord } from './house.ts'

const pathsByKind = new Map<string, ReturnType<typeof confidentialPaths>>()

/** Splits content into its public and confidential parts. */
const split = (kind: RecordKind, content: unknown) => {
  const paths = pathsByKind.get(kind.kind) ?? confidentialPaths(kind.content as z.ZodType)
  pathsByKind.set(kind.kind, paths)
  return splitContent(content, paths)
}

/** Where confidential content lies: of which subject, under which key. */
export interface Sealed {
  readonly institution: string
  readonly subjectId: string
  /** Wrapped, base64; null once erased. */
  readonly dataKey: string | null
}

/** Where the confidential content of a subject that was loaded lies. */
export const sealedOf = ({ caller }: Request, { facts, dataKey }: Loaded): Sealed => ({
  institution: caller.institution,
  subjectId: facts.id,
  dataKey,
})

const contentPlace = ({ tables }: House, { institution, subjectId }: Sealed, recordId: string): Place => ({
  institution,
  subject: subjectId,
  table: tables.records,
  row: recordId,
  field: 'content',
})

/** Where the words of evidence of a party's signature are sealed. */
export const signaturePlace = (
  { tables }: House,
  { institution, subjectId }: Pick<Sealed, 'institution' | 'subjectId'>,
  recordId: string,
  party: string,
): Place => ({ institution, subject: subjectId, table: tables.signatures, row: recordId, field: party })

/** The whole content of a stored record. @throws Problem key_is_erased */
export const wholeContent = (
  deps: Deps,
  house: House,
  about: Sealed,
  record: Pick<StoredRecord, 'id' | 'content' | 'sealed'>,
): Record<string, unknown> => {
  if (record.sealed === null) return record.content
  const place = contentPlace(house, about, record.id)
  const secret = openJson(deps.ambient, place, about.dataKey, record.sealed) as Record<string, unknown>
  return joinContent({ open: record.content, secret })
}

/** A content as it is stored: the open part, and the confidential part under the subject’s key, null where there is none. */
export const sealContent = (
  deps: Deps,
  house: House,
  about: Sealed,
  kind: RecordKind,
  id: string,
  content: unknown,
) => {
  const { open, secret } = split(kind, content)
  const empty = Object.keys(secret).length === 0
  const sealed = empty ? null : sealJson(deps.ambient, contentPlace(house, about, id), about.dataKey, secret)
  return { content: open, sealed }
}

/** The kind by name. @throws Problem unknown_record_kind */
export const kindNamed = ({ kinds }: House, name: string): RecordKind => {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (!kind) throw new Problem('unknown_record_kind')
  return kind
}

/**
 * Refuses a kind in a step where it is not written. `begun` = there is a draft of it: one's own words, which nobody else
 * could wait for, are finished after the closing.
 * @throws Problem kind_not_writable_here, or as the subject is closed
 */
export const requireWritable = (
  house: House,
  { writableIn: steps, ownTokenOnly }: RecordKind,
  { facts }: Loaded,
  begun: boolean,
): void => {
  const { step } = facts.standing
  const closed = house.closed.steps.includes(step)
  if (steps === 'always' || (closed && begun && ownTokenOnly)) return
  if (closed && steps !== 'after_closed') throw new Problem(house.closed.problem)
  if (steps === 'open' || (steps === 'after_closed' && closed)) return
  if (typeof steps === 'string' || !steps.includes(step))
    throw new Problem('kind_not_writable_here', { steps: typeof steps === 'string' ? [steps] : [...steps] })
}

/** Refuses who does not write this kind, or not of whom `record` is about. @throws Problem writer_not_allowed */
export const requireWriter = (
  house: House,
  { writers }: RecordKind,
  found: Loaded,
  record: Pick<StoredRecord, 'content'> | null,
): void => {
  if (!writers.some(writer => house.parties[writer]?.(found, record)))
    throw new Problem('writer_not_allowed', { writers: [...writers] })
}

/** The kind the caller corrects a record by: the workers any, whoever else may write its kind that. */
export const addendumTo = (house: House, found: Loaded, record: StoredRecord): RecordKind => {
  const { addendum, ownAddenda = [], parties } = house
  const amended = kindNamed(house, record.kind)
  const corrects = (kind: RecordKind, of: readonly string[]) =>
    kind.writers.some(writer => of.includes(writer) && parties[writer]?.(found, record))
  return corrects(addendum, addendum.writers)
    ? addendum
    : (ownAddenda.find(kind => corrects(kind, amended.writers)) ?? addendum)
}

/** Content checked against its kind, with what the service derives. @throws Problem content_invalid */
export const checkedContent = (kind: RecordKind, content: unknown): unknown => {
  const result = kind.content.safeParse(content)
  if (!result.success) throw new Problem('content_invalid', { errors: spokenFaults(kind.content, content, '/content') })
  return kind.derive ? kind.derive(result.data) : result.data
}
