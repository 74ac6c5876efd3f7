import type { z } from 'zod'
import { actorOf } from '../people/actor.ts'
import { attempt, commandStatement, commit } from '../platform/command.ts'
import { faultsOf } from '../platform/http/problems.ts'
import type { Answer } from '../platform/http/route.ts'
import type { EventType } from '../practice/events.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import { confidentialPaths, joinContent, type RecordKind, splitContent } from '../practice/record-kind.ts'
import { recordKind } from '../practice/record-kinds.ts'
import { addendum } from '../practice/records/addendum.ts'
import type { CaseDeps, Request } from './change.ts'
import { type Loaded, loadCase, loadStatement, requireVersion } from './facts.ts'
import { openJson, sealJson } from './words.ts'

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

const loadPlain = loadStatement('cases.load')
const loadAdopted = loadStatement<{ adopted: Adopted | null }>('cases.load_adopting', {
  adopted: `(select json_build_object('kind', r.kind, 'status', r.status, 'content', r.content, 'caseId', r.case_id,
      'sealed', encode(r.sealed, 'base64'), 'dataKey', encode(p.data_key, 'base64'))
    from records r join c on c.predecessor_id = r.case_id join cases p on p.institution_id = $1::uuid and p.id = r.case_id
    where r.institution_id = $1::uuid and r.id = $7::uuid)`,
})
const loadRecord = loadStatement<{ record: StoredRecord | null }>('cases.load_record', { record: storedRecordJson })

interface Adopted {
  readonly kind: string
  readonly status: string
  readonly content: Record<string, unknown>
  readonly caseId: string
  readonly sealed: string | null
  readonly dataKey: string | null
}

/** The case row is held and compared, so that nothing slips into a case that moved on meanwhile. */
const held = (drafts: string, compared: string) => `
c as (update cases set draft_count = draft_count + (${drafts}), writes = cases.writes + 1, updated_at = (given.e->>'at')::timestamptz
  from given where cases.institution_id = $1::uuid and cases.id = (given.e->>'caseId')::uuid and ${compared}
    and (select ok from free) returning cases.id, cases.step)`

const saveDraft = commandStatement(
  'records.draft',
  `${held('1', "cases.step = given.e->>'step'")},
r as (insert into records (institution_id, id, case_id, kind, status, version, content, sealed, author_id, written_at, step,
    amends_id, adopted_from_id)
  select $1::uuid, (e->>'id')::uuid, c.id, e->>'kind', 'draft', 1, e->'content', decode(e->>'sealed', 'base64'), $2::uuid,
    (e->>'at')::timestamptz, c.step, (e->>'amendsId')::uuid, (e->>'adoptedFromId')::uuid
  from given cross join c returning id)`,
  'exists (select from r)',
)

const changed = (assignment: string, drafts: string) => `
${held(drafts, "cases.writes = (given.e->>'writes')::int")},
r as (update records set version = records.version + 1, ${assignment} from given, c
  where records.institution_id = $1::uuid and records.id = (given.e->>'id')::uuid and records.case_id = c.id
    and records.status = 'draft' and records.version = (given.e->>'version')::int returning records.id)`

const saveReplaced = commandStatement(
  'records.replace',
  changed("content = given.e->'content', sealed = decode(given.e->>'sealed', 'base64')", '0'),
  'exists (select from r)',
)

const saveDiscarded = commandStatement(
  'records.discard',
  changed("status = 'discarded', sealed = null, content = '{}'", '-1'),
  'exists (select from r)',
)

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
    caseId: about.caseId,
    table: 'records',
    row: record.id,
    field: 'content',
  }
  const secret = openJson(deps.ambient, place, about.dataKey, record.sealed) as Record<string, unknown>
  return joinContent({ open: record.content, secret })
}

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

const requireWriter = (kind: RecordKind, relations: readonly string[]): void => {
  const parties = [
    ...(relations.includes('owner') || relations.includes('co_worker') ? ['worker'] : []),
    ...relations.filter(relation => relation === 'student' || relation === 'line_manager'),
  ]
  if (!kind.writers.some(writer => parties.includes(writer)))
    throw new Problem('writer_not_allowed', { writers: [...kind.writers] })
}

/** Content checked against its kind, with what the service derives. @throws Problem content_invalid */
const checkedContent = (kind: RecordKind, content: unknown): unknown => {
  const result = kind.content.safeParse(content)
  if (!result.success) throw new Problem('content_invalid', { errors: faultsOf(result.error, '/content') })
  return kind.derive ? kind.derive(result.data) : result.data
}

const sealContent = (
  deps: CaseDeps,
  institution: string,
  loaded: Loaded,
  kind: RecordKind,
  id: string,
  content: unknown,
) => {
  const { open, secret } = split(kind, content)
  const place = { institution, caseId: loaded.facts.id, table: 'records', row: id, field: 'content' }
  const empty = Object.keys(secret).length === 0
  return { content: open, sealed: empty ? null : sealJson(deps.ambient, place, loaded.dataKey, secret) }
}

const tell = (
  deps: CaseDeps,
  request: Request,
  loaded: Loaded,
  type: EventType,
  record: { id: string; kind: string; version: number },
) => [
  {
    id: deps.ambient.newId(),
    type,
    at: deps.ambient.now().toISOString(),
    institution: request.caller.institution,
    actor: actorOf(loaded.caller),
    subject: { kind: 'record', id: record.id, version: record.version },
    caseId: loaded.facts.id,
    request: request.requestId,
    data: { kind: record.kind },
  },
]

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
 * Writes a draft.
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
      const done = await commit(tenant, saveDraft, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 201,
        receipt,
        entries: tell(deps, request, found, input.amendsId ? 'record.amended' : 'record.drafted', {
          id,
          kind: kind.kind,
          version: 1,
        }),
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
        wallClock: deps.ambient.wallClock(),
      })
      if (!done) return null
      return { status: 201, body: receipt, etag: 1, location: `/v1/cases/${input.caseId}/records/${id}` }
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

/** The record a command is about, which must be a draft of the version named. @throws Problem not_found, record_not_draft, version_stale */
const draftFound = (record: StoredRecord | null, ifMatch: number | null): StoredRecord => {
  if (!record) throw new Problem('not_found')
  if (record.status !== 'draft') throw new Problem('record_not_draft')
  requireVersion(ifMatch, record.version)
  return record
}

/** Puts a draft's whole content anew (PUT), or with `content` undefined discards it. Signatures of the older version are void. */
export const changeDraft = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; recordId: string; ifMatch: number | null; content?: unknown },
): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now: deps.ambient.now(),
    idempotency: request.idempotency,
  }
  const discards = input.content === undefined
  return attempt(
    request.idempotency,
    // load
    () => loadCase(tenant, loadRecord, 'record:write', about, input.recordId),
    async found => {
      // decide
      const record = draftFound(found.record, input.ifMatch)
      const kind = kindNamed(record.kind)
      requireWriter(kind, found.relations)
      if (!discards) requireWritable(kind, found.facts)
      const content = discards ? null : checkedContent(kind, input.content)
      // save, tell
      const version = record.version + 1
      const receipt = {
        id: record.id,
        caseId: input.caseId,
        kind: kind.kind,
        status: discards ? 'discarded' : 'draft',
        version,
        caseVersion: found.facts.version,
      }
      const done = await commit(tenant, discards ? saveDiscarded : saveReplaced, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 200,
        receipt,
        entries: tell(deps, request, found, discards ? 'record.discarded' : 'record.replaced', {
          id: record.id,
          kind: kind.kind,
          version,
        }),
        effects: {
          id: record.id,
          caseId: input.caseId,
          writes: found.facts.writes,
          version: record.version,
          at: deps.ambient.now().toISOString(),
          ...(discards ? {} : sealContent(deps, request.caller.institution, found, kind, record.id, content)),
        },
        wallClock: deps.ambient.wallClock(),
      })
      return done ? { status: 200, body: receipt, etag: version } : null
    },
  )
}

/** Drafts an addendum to a signed record. @throws Problem not_found, record_not_signed and those of {@link draftRecord} */
export const amendRecord = async (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; recordId: string; text: string },
): Promise<Answer> => {
  const { caller } = request
  const about = { caller, caseId: input.caseId, now: deps.ambient.now(), idempotency: null }
  const { record } = await loadCase(deps.db.as(caller.institution), loadRecord, 'record:write', about, input.recordId)
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
