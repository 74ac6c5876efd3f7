import { attempt, commandStatement, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { Problem } from '../practice/problems.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import { addendum } from '../practice/records/addendum.ts'
import type { CaseDeps, Request } from './change.ts'
import { type Loaded, loadCase, loadStatement } from './facts.ts'
import { holdCase, tellOfReading, tellOfRecord } from './record-change.ts'
import {
  checkedContent,
  kindNamed,
  loadWithRecord,
  requireWritable,
  requireWriter,
  sealContent,
  wholeContent,
} from './record-content.ts'

const loadPlain = loadStatement('cases.load')
const loadAdopted = loadStatement<{ adopted: Adopted | null }>('cases.load_adopting', {
  adopted: `(select json_build_object('kind', r.kind, 'status', r.status, 'content', r.content, 'caseId', r.case_id,
      'sealed', encode(r.sealed, 'base64'), 'dataKey', encode(p.data_key, 'base64'))
    from records r join c on c.predecessor_id = r.case_id join cases p on p.institution_id = $1::uuid and p.id = r.case_id
    where r.institution_id = $1::uuid and r.id = $7::uuid)`,
})
interface Adopted {
  readonly kind: string
  readonly status: string
  readonly content: Record<string, unknown>
  readonly caseId: string
  readonly sealed: string | null
  readonly dataKey: string | null
}

const saveDraft = commandStatement(
  'records.draft',
  `${holdCase('1', "cases.step = given.e->>'step'")},
r as (insert into records (institution_id, id, case_id, kind, status, version, content, sealed, author_id, written_at, step,
    amends_id, adopted_from_id)
  select $1::uuid, (e->>'id')::uuid, c.id, e->>'kind', 'draft', 1, e->'content', decode(e->>'sealed', 'base64'), $2::uuid,
    (e->>'at')::timestamptz, c.step, (e->>'amendsId')::uuid, (e->>'adoptedFromId')::uuid
  from given cross join c returning id)`,
  'exists (select from r)',
)

/** A draft to write; `content` is null when it is adopted from the predecessor. */
export interface DraftRecord {
  readonly caseId: string
  readonly kind: string
  readonly content: unknown
  /** Record of the predecessor case to adopt. */
  readonly adopts: string | null
  readonly amendsId?: string
}

/**
 * Writes a draft. Adopting reads a record of the predecessor: its access log says so.
 * @throws Problem unknown_record_kind, content_invalid, kind_not_writable_here, case_is_closed, writer_not_allowed,
 *   not_adoptable, key_is_erased
 */
export const draftRecord = (deps: CaseDeps, request: Request, input: DraftRecord): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const { institution } = request.caller
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now: deps.ambient.now(),
    idempotency: request.idempotency,
  }
  return attempt(
    request.idempotency,
    // load
    async (): Promise<Loaded<{ adopted?: Adopted | null }>> =>
      input.adopts === null
        ? loadCase(tenant, loadPlain, 'record:write', about)
        : loadCase(tenant, loadAdopted, 'record:write', about, input.adopts),
    async found => {
      // decide
      const kind = kindNamed(input.kind)
      requireWriter(kind, found.relations)
      requireWritable(kind, found.facts)
      const given =
        input.adopts === null ? input.content : adoptedContent(deps, institution, kind, input.adopts, found.adopted)
      const content = checkedContent(kind, given)
      // save, tell
      const id = deps.ambient.newId()
      const receipt = {
        id,
        caseId: input.caseId,
        kind: kind.kind,
        status: 'draft',
        version: 1,
        caseVersion: found.facts.version,
      }
      const location = `/v1/cases/${input.caseId}/records/${id}`
      const done = await commit(tenant, saveDraft, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 201,
        receipt,
        entries: [
          ...tellOfRecord(deps, request, found, input.amendsId ? 'record.amended' : 'record.drafted', {
            id,
            kind: kind.kind,
            version: 1,
          }),
          ...(found.adopted && input.adopts
            ? [tellOfReading(deps, request, found.caller, found.adopted.caseId, input.adopts)]
            : []),
        ],
        effects: {
          id,
          caseId: input.caseId,
          step: found.facts.standing.step,
          kind: kind.kind,
          at: deps.ambient.now().toISOString(),
          amendsId: input.amendsId ?? null,
          adoptedFromId: input.adopts,
          ...sealContent(deps, institution, found, kind, id, content),
        },
        location,
        wallClock: deps.ambient.wallClock(),
      })
      return done ? { status: 201, body: receipt, etag: 1, location } : null
    },
  )
}

const adoptedContent = (
  deps: CaseDeps,
  institution: string,
  kind: RecordKind,
  id: string,
  adopted: Adopted | null | undefined,
): unknown => {
  if (!adopted || adopted.kind !== kind.kind || !kind.adoptable || adopted.status !== 'signed')
    throw new Problem('not_adoptable')
  return wholeContent(deps, { institution, caseId: adopted.caseId, dataKey: adopted.dataKey }, { id, ...adopted })
}

/** Drafts an addendum to a signed record. @throws Problem not_found, record_not_signed and those of {@link draftRecord} */
export const amendRecord = async (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; recordId: string; text: string },
): Promise<Answer> => {
  const { caller } = request
  const about = { caller, caseId: input.caseId, now: deps.ambient.now(), idempotency: null }
  const { record } = await loadCase(
    deps.db.as(caller.institution),
    loadWithRecord,
    'record:write',
    about,
    input.recordId,
  )
  if (!record) throw new Problem('not_found')
  if (record.status !== 'signed') throw new Problem('record_not_signed')
  const draft = {
    caseId: input.caseId,
    kind: addendum.kind,
    content: { text: input.text },
    adopts: null,
    amendsId: record.id,
  }
  return draftRecord(deps, request, draft)
}
