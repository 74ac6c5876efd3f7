import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { type Commit, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import { RequestInvalid } from '../platform/http/problems.ts'
import type { Actor, Entry } from '../platform/journal.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { EventType } from '../practice/events.ts'
import { Problem } from '../practice/problems.ts'

/** A source as it is shown: never its secret. */
export interface SourceView {
  readonly id: string
  readonly name: string
  readonly kinds: readonly string[]
  readonly dailyQuota: number
  readonly clientId: string | null
  readonly disabled: boolean
  readonly previousUntil: string | null
  readonly createdAt: string
  readonly version: number
}

/** Who asks, and an answer given before. */
export interface Asked {
  readonly caller: KnownCaller
  readonly replay: Replay | null
}

/** JSON of source `s`: {@link SourceView}. */
export const sourceJson = `json_build_object('id', s.id, 'name', s.name, 'kinds', s.kinds, 'dailyQuota', s.daily_quota, 'clientId', s.client_id,
  'disabled', s.disabled_at is not null, 'previousUntil', ${utc('s.previous_until')}, 'createdAt', ${utc('s.created_at')}, 'version', s.version)`

/** SQL of the answer the caller was given before under a key. */
export const replay = (key: string) => replayJson('(select person_id from me)', key)

/** Parameters: 1–4 caller, 5 source, 6 idempotency key. */
const readStatement = tenantStatement<Asked & { source: SourceView | null }>(
  'sources.read',
  `with ${callerCtes}
select ${callerJson} as caller, ${replay('$6::text')} as replay,
  (select ${sourceJson} from signal_sources s where s.institution_id = $1::uuid and s.id = $5::uuid) as source`,
)

/** SQL of whether a client may be linked: none, or one that is there; `id` = its expression. */
export const clientFits = (id: string) => `(${id} is null or exists (select from clients c
  where c.institution_id = $1::uuid and c.id = ${id} and c.revoked_at is null))`

/** The same of the client named in the effects. */
export const givenClientFits = clientFits("(given.e->>'clientId')::uuid")

/** A statement that changes a source of the version given, and what else `guard` asks. */
export const changing = (name: string, set: string, guard = 'true') =>
  commandStatement(
    name,
    `x as (update signal_sources s set version = s.version + 1, ${set} from given cross join free
  where free.ok and s.institution_id = $1::uuid and s.id = (given.e->>'id')::uuid and s.version = (given.e->>'version')::int and ${guard} returning s.id)`,
    'exists (select from x)',
  )

const saveChanged = changing(
  'sources.change',
  `name = given.e->>'name', kinds = given.e->'kinds', daily_quota = (given.e->>'dailyQuota')::int, client_id = (given.e->>'clientId')::uuid,
    disabled_at = case when (given.e->>'disabled')::boolean then coalesce(s.disabled_at, (given.e->>'at')::timestamptz) end`,
  givenClientFits,
)

/** What is told of a change of a source. */
export interface Told {
  readonly type: EventType
  readonly id: string
  readonly version: number
  readonly fields?: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
}

/** Saves and tells one change of a source. @returns false when a compare was lost */
export const saveSource = (
  deps: Deps,
  request: Request,
  actor: Actor,
  statement: ReturnType<typeof commandStatement>,
  { id, version, type, ...told }: Told,
  effects: Readonly<Record<string, unknown>>,
  kept: Pick<Commit, 'idempotency' | 'status' | 'receipt' | 'location'> = {
    idempotency: null,
    status: 200,
    receipt: {},
  },
): Promise<boolean> => {
  const { ambient } = deps
  const { institution } = request.caller
  const at = ambient.now().toISOString()
  const entry: Entry = {
    id: ambient.newId(),
    type,
    at,
    institution,
    actor,
    subject: { kind: 'source', id, version },
    caseId: null,
    request: request.requestId,
    ...told,
  }
  return commit(deps.db.as(institution), statement, {
    actorId: actor.id,
    ...kept,
    entries: [entry],
    effects: { ...effects, id, at, version: version - 1 },
    wallClock: ambient.wallClock(),
  })
}

/** Refuses a client that is not there. */
export const unknownClient = () =>
  new RequestInvalid([{ pointer: '/clientId', code: 'unknown_reference', detail: 'there is no such client' }])

/** What a source may send. */
export interface SourceTerms {
  readonly name: string
  readonly kinds: readonly string[]
  readonly dailyQuota: number
  readonly clientId: string | null
}

/** One source. @throws Problem not_permitted, not_found */
export const readSource = async (deps: Deps, { caller, idempotency }: Request, id: string) => {
  const [row] = await deps.db
    .as(caller.institution)
    .rows(readStatement, ...callerParams(caller, deps.ambient.now()), id, idempotency?.key ?? null)
  const found = row as NonNullable<typeof row>
  const known = knownCaller(caller, found.caller)
  requirePermission(caller, known, 'sources:manage')
  const { source } = found
  if (!source) throw new Problem('not_found')
  return { ...found, source, known }
}

/** Members of a source that change. */
export type SourceChange = { readonly [K in keyof SourceTerms]?: SourceTerms[K] | undefined } & {
  readonly disabled?: boolean | undefined
}

/**
 * Changes a source. @returns the source as it is now
 * @throws Problem not_permitted, not_found, version_stale, source_exists, client_already_linked; RequestInvalid
 */
export const changeSource = async (
  deps: Deps,
  request: Request,
  id: string,
  version: number,
  change: SourceChange,
): Promise<SourceView> => {
  // load
  const { known, source } = await readSource(deps, request, id)
  if (source.version !== version) throw new Problem('version_stale', { version: source.version })
  // decide
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  const after: SourceView = { ...source, ...Object.fromEntries(given), version: version + 1 }
  const { kinds, dailyQuota, clientId, disabled } = after
  const fields = given.map(([name]) => name).sort()
  // save, tell
  const told = {
    type: 'source.changed' as const,
    id,
    version: version + 1,
    fields,
    data: { kinds, dailyQuota, clientId, disabled },
  }
  if (await saveSource(deps, request, actorOf(known), saveChanged, told, { ...after })) return after
  if (change.clientId) throw unknownClient()
  throw new Problem('version_stale')
}
