import { secretText } from '../kernel/webhook-signature.ts'
import {
  actorOf,
  authorise,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { commandStatement, commit } from '../platform/command.ts'
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

/** JSON of source `s`: {@link SourceView}. */
export const sourceJson = `json_build_object('id', s.id, 'name', s.name, 'kinds', s.kinds, 'dailyQuota', s.daily_quota, 'clientId', s.client_id,
  'disabled', s.disabled_at is not null, 'previousUntil', ${utc('s.previous_until')}, 'createdAt', ${utc('s.created_at')}, 'version', s.version)`

/** Parameters: 1–4 caller, 5 source or null for all. */
const readStatement = tenantStatement<{ caller: KnownCaller; sources: readonly SourceView[] }>(
  'sources.read',
  `with ${callerCtes}
select ${callerJson} as caller, (select coalesce(json_agg(${sourceJson} order by s.created_at, s.id), '[]') from (
  select * from signal_sources where institution_id = $1::uuid and ($5::uuid is null or id = $5::uuid) order by created_at, id limit 200) s) as sources`,
)

const clientFits = `((given.e->>'clientId') is null or exists (select from clients c
  where c.institution_id = $1::uuid and c.id = (given.e->>'clientId')::uuid and c.revoked_at is null))`

const saveCreated = commandStatement(
  'sources.create',
  `x as (insert into signal_sources (institution_id, id, name, kinds, daily_quota, client_id, secret, version, created_at)
  select $1::uuid, (e->>'id')::uuid, e->>'name', e->'kinds', (e->>'dailyQuota')::int, (e->>'clientId')::uuid, decode(e->>'secret', 'base64'), 1, (e->>'at')::timestamptz
  from given cross join free where free.ok and ${clientFits} returning id)`,
  'exists (select from x)',
)

const changing = (name: string, set: string, guard = 'true') =>
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
  clientFits,
)

const saveRotated = changing(
  'sources.rotate',
  `previous_secret = s.secret, previous_until = (given.e->>'previousUntil')::timestamptz, secret = decode(given.e->>'secret', 'base64')`,
)

const newSecret = ({ ambient }: Deps, institution: string, id: string) => {
  const { key, wrapped } = ambient.vault.newDataKey(`${institution}|${id}`)
  return { told: secretText(key), wrapped: wrapped.toString('base64') }
}

interface Told {
  readonly type: EventType
  readonly id: string
  readonly version: number
  readonly fields?: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
}

const save = (
  deps: Deps,
  request: Request,
  actor: Actor,
  statement: ReturnType<typeof commandStatement>,
  { id, version, type, ...told }: Told,
  effects: Readonly<Record<string, unknown>>,
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
    idempotency: null,
    status: 200,
    receipt: {},
    entries: [entry],
    effects: { ...effects, id, at, version: version - 1 },
    wallClock: ambient.wallClock(),
  })
}

const unknownClient = () =>
  new RequestInvalid([{ pointer: '/clientId', code: 'unknown_reference', detail: 'there is no such client' }])

/** What a source may send. */
export interface SourceTerms {
  readonly name: string
  readonly kinds: readonly string[]
  readonly dailyQuota: number
  readonly clientId: string | null
}

/**
 * Registers a source; its secret is told once and kept wrapped.
 * @throws Problem not_permitted, source_exists, client_already_linked; RequestInvalid for an unknown client
 */
export const createSource = async (deps: Deps, request: Request, terms: SourceTerms) => {
  const { caller } = request
  const known = await authorise(deps.db.as(caller.institution), caller, 'sources:manage', deps.ambient.now())
  const id = deps.ambient.newId()
  const secret = newSecret(deps, caller.institution, id)
  const { kinds, dailyQuota, clientId } = terms
  const told = { type: 'source.created' as const, id, version: 1, data: { kinds, dailyQuota, clientId } }
  const done = await save(deps, request, actorOf(known), saveCreated, told, { ...terms, secret: secret.wrapped })
  if (!done) throw unknownClient()
  const createdAt = deps.ambient.now().toISOString()
  return { id, ...terms, disabled: false, previousUntil: null, createdAt, version: 1, secret: secret.told }
}

const read = async (deps: Deps, { caller }: Request, id: string | null) => {
  const [row] = await deps.db
    .as(caller.institution)
    .rows(readStatement, ...callerParams(caller, deps.ambient.now()), id)
  const found = row as { caller: KnownCaller; sources: readonly SourceView[] }
  const known = knownCaller(caller, found.caller)
  requirePermission(caller, known, 'sources:manage')
  return { known, sources: found.sources }
}

/** One source. @throws Problem not_permitted, not_found */
export const readSource = async (deps: Deps, request: Request, id: string) => {
  const { known, sources } = await read(deps, request, id)
  const [source] = sources
  if (!source) throw new Problem('not_found')
  return { known, source }
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
  if (await save(deps, request, actorOf(known), saveChanged, told, { ...after })) return after
  if (change.clientId) throw unknownClient()
  throw new Problem('version_stale')
}

/**
 * Gives a source a new secret, told once. The one before stays good for a while; one before that ends at once.
 * @throws Problem not_permitted, not_found, version_stale
 */
export const rotateSecret = async (deps: Deps, request: Request, id: string, overlapHours: number) => {
  const { known, source } = await readSource(deps, request, id)
  const secret = newSecret(deps, request.caller.institution, id)
  const previousUntil = new Date(deps.ambient.wallClock().getTime() + overlapHours * 3_600_000).toISOString()
  const told = { type: 'source.secret_rotated' as const, id, version: source.version + 1, data: { previousUntil } }
  const effects = { previousUntil, secret: secret.wrapped }
  if (!(await save(deps, request, actorOf(known), saveRotated, told, effects))) throw new Problem('version_stale')
  return { id, secret: secret.told, previousUntil, version: source.version + 1 }
}
