import { aboutOf, type Loaded, loadSubject } from '../people/guarded.ts'
import { answerOf, attempt, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import {
  addendumTo,
  checkedContent,
  kindNamed,
  requireWritable,
  requireWriter,
  sealContent,
  sealedOf,
  wholeContent,
} from './content.ts'
import { tellOfReading, tellOfRecord } from './entries.ts'
import type { Adopted, House, StoredRecord } from './house.ts'
import type { Records } from './statements.ts'

/** A draft to write; `content` is null when it is adopted from the predecessor. */
export interface DraftRecord {
  readonly subjectId: string
  /** null = the kind by which the caller corrects what is amended. */
  readonly kind: string | null
  readonly content: unknown
  /** Record of the predecessor to adopt. */
  readonly adopts: string | null
  /** Signed record of the subject it is an addendum to. */
  readonly amendsId?: string
}

type Found = Loaded & { readonly adopted?: Adopted | null; readonly record?: StoredRecord | null }

const load = async (deps: Deps, house: Records, request: Request, input: DraftRecord): Promise<Found> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = aboutOf(deps, request, input.subjectId)
  const { statements, permissions } = house
  if (input.amendsId) return loadSubject(tenant, statements.loadRecord, permissions.write, about, [input.amendsId])
  if (input.adopts === null) return loadSubject(tenant, statements.load, permissions.write, about)
  if (!statements.loadAdopting) throw new Problem('not_adoptable')
  return loadSubject(tenant, statements.loadAdopting, permissions.write, about, [input.adopts])
}

/** The kind to write; only a record in force is amended. @throws Problem not_found, record_not_signed, kind_not_drafted */
const kindOf = (house: House, { kind: named }: DraftRecord, found: Found): RecordKind => {
  if (named === null) {
    if (!found.record) throw new Problem('not_found')
    if (found.record.status !== 'signed') throw new Problem('record_not_signed')
    return addendumTo(house, found, found.record)
  }
  const kind = kindNamed(house, named)
  if (kind.writtenBy) throw new Problem('kind_not_drafted', { operation: kind.writtenBy })
  return kind
}

/** What to write, and what its kind makes of it. */
const decide = (deps: Deps, house: Records, request: Request, input: DraftRecord, found: Found) => {
  const kind = kindOf(house, input, found)
  requireWriter(house, kind, found, null)
  requireWritable(house, kind, found, false)
  const { institution } = request.caller
  const given =
    input.adopts === null ? input.content : adoptedContent(deps, house, institution, kind, input.adopts, found)
  const content = checkedContent(kind, given)
  requireWriter(house, kind, found, { content: content as Record<string, unknown> })
  const open = house.oneDraft?.(found) ?? null
  if (open?.includes(kind.kind)) throw new Problem('draft_is_open')
  // Two drafts at once must not both find none open.
  return { kind, content, writes: open === null ? null : found.facts.writes }
}

const adoptedContent = (
  deps: Deps,
  house: Records,
  institution: string,
  kind: RecordKind,
  id: string,
  { adopted }: Found,
): unknown => {
  if (!adopted || adopted.kind !== kind.kind || !kind.adoptable || adopted.status !== 'signed')
    throw new Problem('not_adoptable')
  return wholeContent(deps, house, { institution, ...adopted }, { id, ...adopted })
}

const entriesOf = (
  deps: Deps,
  house: Records,
  request: Request,
  { adopts, amendsId }: DraftRecord,
  found: Found,
  written: { readonly id: string; readonly kind: string },
) => {
  const { drafted, amended } = house.events
  return [
    tellOfRecord(deps, house, request, found, amendsId ? amended : drafted, { ...written, version: 1 }),
    ...(found.adopted && adopts
      ? [tellOfReading(deps, house, request, found.caller, found.adopted.subjectId, adopts)]
      : []),
  ]
}

/**
 * Writes a draft. Adopting reads a record of the predecessor: its access log says so.
 * @throws Problem unknown_record_kind, kind_not_drafted, content_invalid, kind_not_writable_here, writer_not_allowed, not_adoptable,
 *   draft_is_open, key_is_erased, and as the subject is closed
 */
export const draftRecord = (deps: Deps, house: Records, request: Request, input: DraftRecord): Promise<Answer> => {
  const { subjectId } = input
  return attempt(
    request.idempotency,
    // load
    () => load(deps, house, request, input),
    async found => {
      // decide
      const { kind, content, writes } = decide(deps, house, request, input, found)
      // save, tell
      const id = deps.ambient.newId()
      const named = `${house.kind}Id`
      const version = { [`${house.kind}Version`]: found.facts.version }
      const receipt = { id, [named]: subjectId, kind: kind.kind, status: 'draft', version: 1, ...version }
      const location = `/v1/${house.table}/${subjectId}/records/${id}`
      const done = await commit(deps.db.as(request.caller.institution), house.statements.draft, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 201,
        receipt,
        entries: entriesOf(deps, house, request, input, found, { id, kind: kind.kind }),
        effects: {
          id,
          [named]: subjectId,
          step: found.facts.standing.step,
          writes,
          kind: kind.kind,
          at: deps.ambient.now().toISOString(),
          amendsId: input.amendsId ?? null,
          adoptedFromId: input.adopts,
          ...sealContent(deps, house, sealedOf(request, found), kind, id, content),
        },
        location,
        wallClock: deps.ambient.wallClock(),
      })
      return done ? answerOf(201, receipt, location) : null
    },
  )
}

/**
 * Drafts an addendum to a signed record, of the kind by which the caller corrects it.
 * @throws Problem not_found, record_not_signed and those of {@link draftRecord}
 */
export const amendRecord = (
  deps: Deps,
  house: Records,
  request: Request,
  { subjectId, recordId, text }: { readonly subjectId: string; readonly recordId: string; readonly text: string },
): Promise<Answer> =>
  draftRecord(deps, house, request, { subjectId, kind: null, content: { text }, adopts: null, amendsId: recordId })
