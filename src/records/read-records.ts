import { callerParams } from '../people/actor.ts'
import { requireAccess } from '../people/guarded.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes } from '../platform/words.ts'
import { type Sealed, signaturePlace, wholeContent } from './content.ts'
import { readThing } from './reading.ts'
import type { HeaderPage, RecordRead, Records } from './statements.ts'

/** Which headers to list. */
export interface ListRecords {
  readonly subjectId: string
  readonly kind?: string | undefined
  readonly status?: string | undefined
  readonly limit: number
  readonly after: readonly unknown[] | null
}

/** Headers of a subject's records, newest first; no content. One round trip. */
export const listRecords = async ({ db, ambient }: Deps, house: Records, request: Request, input: ListRecords) => {
  const [row] = await db
    .as(request.caller.institution)
    .rows(
      house.statements.list,
      ...callerParams(request.caller, ambient.now()),
      input.subjectId,
      input.kind ?? null,
      input.status ?? null,
      input.limit,
      (input.after?.[0] as string | undefined) ?? null,
      (input.after?.[1] as string | undefined) ?? null,
    )
  const found = row as HeaderPage
  requireAccess(request, found, house.permissions.read)
  return { items: found.items, last: found.count > input.limit ? found.last : null }
}

/**
 * One record with its content, as far as the reader may see it; the reading is journalled by the same statement.
 * @throws Problem not_found, key_is_erased
 */
export const readRecord = async (
  deps: Deps,
  house: Records,
  request: Request,
  { subjectId, recordId }: { readonly subjectId: string; readonly recordId: string },
) => {
  const asked = { subjectId, id: recordId, called: 'record', permission: house.permissions.read }
  const found = await readThing(deps, house, request, house.statements.read, asked)
  const { thing, dataKey, caller, relations } = found
  const { sealed: _, beside, ...record } = thing
  const about = { institution: request.caller.institution, subjectId, dataKey }
  const content = wholeContent(deps, house, about, thing)
  const { outsiders } = house
  const works = relations.some(relation => !outsiders.relations.includes(relation))
  const own = thing.authorId === caller.id || outsiders.whole?.includes(thing.kind)
  return {
    ...record,
    signatures: record.signatures.map(({ sealed, ...signature }) => ({
      ...signature,
      evidence: works && sealed ? evidenceOf(deps, house, about, record.id, signature.party, sealed) : null,
    })),
    [`${house.kind}Id`]: subjectId,
    ...toldBeside(deps, house, about, beside ?? []),
    content: works || own ? content : asOpened(house, thing, content),
  }
}

/** What is told together with a record, where there is something. */
const toldBeside = (deps: Deps, house: Records, about: Sealed, rows: NonNullable<RecordRead['beside']>) => {
  if (!house.beside || rows.length === 0) return {}
  const { told, member } = house.beside
  return { [member]: rows.map(row => told(row.id, wholeContent(deps, house, about, row))) }
}

/** Words of evidence in the clear. @throws Problem key_is_erased */
const evidenceOf = (
  deps: Deps,
  house: Records,
  about: Sealed,
  recordId: string,
  party: string,
  sealed: string,
): string => {
  const place = signaturePlace(house, about, recordId, party)
  return openBytes(deps.ambient, place, about.dataKey, sealed).toString('utf8')
}

/** What those read who do not work on the subject: all they are asked to sign, else what the kind opens. */
const asOpened = (
  { kinds, outsiders }: Records,
  { kind: name, status }: RecordRead,
  content: Record<string, unknown>,
): Record<string, unknown> => {
  const kind = kinds[name]
  if (!kind) return {}
  const { studentReads } = kind
  const asked = status === 'draft' && kind.signers.includes(outsiders.party)
  if (studentReads === 'whole' || asked) return content
  if (studentReads === 'nothing') return {}
  return Object.fromEntries(Object.entries(content).filter(([field]) => studentReads.includes(field)))
}
