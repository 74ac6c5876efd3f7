import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { sha256Hex } from '../kernel/signature.ts'
import { attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { systemStatement, tenantStatement } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import type { Issue } from '../platform/identity.ts'
import { utc } from '../platform/sql.ts'
import { Problem } from '../practice/problems.ts'
import {
  actorOf,
  authorise,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from './actor.ts'
import { type AskedPage, newestOf, readPage } from './page.ts'
import type { PeopleDeps } from './upsert.ts'

/** Lifetime of a machine client's token in seconds. */
export const clientTokenSeconds = 900

/** Parameters: 1–4 caller, 5 idempotency key. */
const loadCaller = tenantStatement<{ found: { caller: KnownCaller; replay: Replay | null } }>(
  'clients.caller',
  `with ${callerCtes} select json_build_object('caller', ${callerJson},
  'replay', ${replayJson('(select person_id from me)', '$5::text')}) as found`,
)

const saveCreated = commandStatement(
  'clients.create',
  `x as (insert into clients (institution_id, id, name, secret_hash, scopes, types, created_at)
  select $1::uuid, (e->>'id')::uuid, e->>'name', e->>'secretHash', e->'scopes', e->'types', (e->>'at')::timestamptz from given, free where free.ok returning id)`,
  'exists (select from x)',
)

/** A client is made and revoked: two versions. */
const versionOf = (client: string) => `(case when ${client}.revoked_at is null then 1 else 2 end)`

const saveRevoked = commandStatement(
  'clients.revoke',
  `x as (update clients set revoked_at = (given.e->>'at')::timestamptz from given, free
  where free.ok and (given.e->>'version')::int = ${versionOf('clients')} and clients.institution_id = $1::uuid and clients.id = (given.e->>'id')::uuid and clients.revoked_at is null returning clients.id)`,
  'exists (select from x)',
)

const list = newestOf('clients.list', {
  table: 'clients',
  at: 'created_at',
  item: `json_build_object('id', x.id, 'version', ${versionOf('x')}, 'name', x.name, 'scopes', x.scopes, 'types', x.types,
    'createdAt', ${utc('x.created_at')}, 'revoked', x.revoked_at is not null)`,
})

const versionStatement = tenantStatement<{ version: number }>(
  'clients.version',
  `select ${versionOf('x')} as version from clients x where institution_id = $1::uuid and id = $2::uuid`,
)

const one = systemStatement<{ institution: string; secretHash: string; scopes: string[] }>(
  'clients.by_id',
  `select institution_id as institution, secret_hash as "secretHash", scopes from clients where id = $1::uuid and revoked_at is null`,
)

interface Request {
  readonly caller: Caller
  readonly requestId: string
}

const tell = (
  deps: PeopleDeps,
  request: Request,
  actor: ReturnType<typeof actorOf>,
  id: string,
  data: Readonly<Record<string, unknown>> | null,
) => ({
  id: deps.ambient.newId(),
  type: data ? 'client.created' : 'client.revoked',
  at: deps.ambient.now().toISOString(),
  institution: request.caller.institution,
  actor,
  subject: { kind: 'client', id, version: data ? 1 : 2 },
  caseId: null,
  request: request.requestId,
  ...(data ? { data } : {}),
})

/**
 * Registers a machine client. The secret is told once and kept only as a hash: a replay tells the client without it.
 */
export const createClient = (
  deps: PeopleDeps,
  request: Request & { readonly idempotency: Idempotency | null },
  input: { name: string; scopes: readonly string[]; types: readonly string[] },
): Promise<Answer> => {
  const { caller, idempotency } = request
  const tenant = deps.db.as(caller.institution)
  return attempt(
    idempotency,
    // load
    async () => {
      const params = callerParams(caller, deps.ambient.now())
      const [row] = await tenant.rows(loadCaller, ...params, idempotency?.key ?? null)
      const { found } = row as { found: { caller: KnownCaller; replay: Replay | null } }
      const known = knownCaller(caller, found.caller)
      requirePermission(caller, known, 'clients:manage')
      return { known, replay: found.replay }
    },
    async ({ known }) => {
      const id = deps.ambient.newId()
      const secret = `bfs_${randomBytes(32).toString('base64url')}`
      const receipt = { ...input, id, version: 1 }
      // save, tell
      const done = await commit(tenant, saveCreated, {
        actorId: known.id as string,
        idempotency,
        status: 201,
        receipt,
        entries: [tell(deps, request, actorOf(known), id, { scopes: input.scopes, types: input.types })],
        effects: { ...input, id, secretHash: sha256Hex(secret), at: deps.ambient.now().toISOString() },
        wallClock: deps.ambient.wallClock(),
      })
      return done ? { status: 201, body: { ...receipt, secret }, etag: 1 } : null
    },
  )
}

/**
 * Revokes a client; tokens it holds end within {@link clientTokenSeconds}.
 * @throws Problem not_found, version_stale
 */
export const revokeClient = async (
  deps: PeopleDeps,
  request: Request,
  { id, version }: { id: string; version: number },
): Promise<void> => {
  const tenant = deps.db.as(request.caller.institution)
  const known = await authorise(tenant, request.caller, 'clients:manage', deps.ambient.now())
  const done = await commit(tenant, saveRevoked, {
    actorId: known.id as string,
    idempotency: null,
    status: 204,
    receipt: {},
    entries: [tell(deps, request, actorOf(known), id, null)],
    effects: { id, version, at: deps.ambient.now().toISOString() },
    wallClock: deps.ambient.wallClock(),
  })
  if (done) return
  const [client] = await tenant.rows(versionStatement, id)
  throw client ? new Problem('version_stale', { version: client.version }) : new Problem('not_found')
}

/** Clients of the institution, revoked ones too, newest first: {@link readPage}. */
export const listClients = (deps: PeopleDeps, caller: Caller, input: AskedPage['input']) =>
  readPage(deps, caller, list, { operation: 'listClients', input, permission: 'clients:manage' })

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const digest = (text: string) => createHash('sha256').update(text).digest()

/**
 * A token for a machine client by client credentials (RFC 6749 §4.4).
 * @throws Problem invalid_client, invalid_scope, unsupported_grant_type
 */
export const clientToken = async (
  deps: PeopleDeps,
  issue: (what: Issue) => string,
  input: { grantType: string; clientId: string; clientSecret: string; scope: string | null },
) => {
  if (input.grantType !== 'client_credentials') throw new Problem('unsupported_grant_type')
  const [client] = uuid.test(input.clientId) ? await deps.db.system.rows(one, input.clientId) : []
  const given = digest(sha256Hex(input.clientSecret))
  const matches = timingSafeEqual(given, digest(client?.secretHash ?? ''))
  if (!client || !matches) throw new Problem('invalid_client', {}, { 'WWW-Authenticate': 'Basic' })
  const scopes = input.scope === null ? client.scopes : input.scope.split(' ').filter(Boolean)
  if (scopes.some(scope => !client.scopes.includes(scope))) throw new Problem('invalid_scope')
  const token = issue({
    subject: input.clientId,
    institution: client.institution,
    lifetimeSeconds: clientTokenSeconds,
    scopes,
    clientId: input.clientId,
  })
  return { access_token: token, token_type: 'Bearer', expires_in: clientTokenSeconds, scope: scopes.join(' ') }
}
