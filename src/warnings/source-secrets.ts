import { secretText } from '../kernel/webhook-signature.ts'
import { actorOf, callerCtes, callerJson, callerParams, knownCaller, requirePermission } from '../people/actor.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt, commandStatement } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import {
  type Asked,
  changing,
  clientFits,
  givenClientFits,
  readSource,
  replay,
  type SourceTerms,
  saveSource,
  unknownClient,
} from './sources.ts'

/** Parameters: 1–4 caller, 5 idempotency key, 6 client. */
const loadNew = tenantStatement<Asked & { clientFits: boolean }>(
  'sources.load_new',
  `with ${callerCtes}
select ${callerJson} as caller, ${replay('$5::text')} as replay, ${clientFits('$6::uuid')} as "clientFits"`,
)

const saveCreated = commandStatement(
  'sources.create',
  `x as (insert into signal_sources (institution_id, id, name, kinds, daily_quota, client_id, secret, version, created_at)
  select $1::uuid, (e->>'id')::uuid, e->>'name', e->'kinds', (e->>'dailyQuota')::int, (e->>'clientId')::uuid, decode(e->>'secret', 'base64'), 1, (e->>'at')::timestamptz
  from given cross join free where free.ok and ${givenClientFits} returning id)`,
  'exists (select from x)',
)

const saveRotated = changing(
  'sources.rotate',
  `previous_secret = s.secret, previous_until = (given.e->>'previousUntil')::timestamptz, secret = decode(given.e->>'secret', 'base64')`,
)

const newSecret = ({ ambient }: Deps, institution: string, id: string) => {
  const { key, wrapped } = ambient.vault.newDataKey(`${institution}|${id}`)
  return { told: secretText(key), wrapped: wrapped.toString('base64') }
}

/**
 * Registers a source; its secret is told once and kept wrapped: a replay tells the source without it.
 * @throws Problem not_permitted, source_exists, client_already_linked; RequestInvalid for an unknown client
 */
export const createSource = (deps: Deps, request: Request, terms: SourceTerms): Promise<Answer> => {
  const { caller, idempotency } = request
  const { db, ambient } = deps
  return attempt(
    idempotency,
    // load
    async () => {
      const params = callerParams(caller, ambient.now())
      const [row] = await db.as(caller.institution).rows(loadNew, ...params, idempotency?.key ?? null, terms.clientId)
      const found = row as NonNullable<typeof row>
      const known = knownCaller(caller, found.caller)
      requirePermission(caller, known, 'sources:manage')
      return { ...found, known }
    },
    async ({ known, clientFits: fits }) => {
      // decide
      if (!fits) throw unknownClient()
      // save, tell
      const id = ambient.newId()
      const secret = newSecret(deps, caller.institution, id)
      const { kinds, dailyQuota, clientId } = terms
      const told = { type: 'source.created' as const, id, version: 1, data: { kinds, dailyQuota, clientId } }
      const createdAt = ambient.now().toISOString()
      const receipt = { id, ...terms, disabled: false, previousUntil: null, createdAt, version: 1 }
      const location = `/v1/signal-sources/${id}`
      const kept = { idempotency, status: 201, receipt, location }
      const effects = { ...terms, secret: secret.wrapped }
      const done = await saveSource(deps, request, actorOf(known), saveCreated, told, effects, kept)
      return done ? { status: 201, body: { ...receipt, secret: secret.told }, etag: 1, location } : null
    },
  )
}

/**
 * Gives a source a new secret, told once: a replay leaves it out. The one before stays good for a while; one before that
 * ends at once.
 * @throws Problem not_permitted, not_found, version_stale
 */
export const rotateSecret = (
  deps: Deps,
  request: Request,
  { id, ifMatch, overlapHours }: { id: string; ifMatch: number | null; overlapHours: number },
): Promise<Answer> =>
  attempt(
    request.idempotency,
    // load
    () => readSource(deps, request, id),
    async ({ known, source }) => {
      // decide
      requireVersion(ifMatch, source.version)
      // save, tell
      const secret = newSecret(deps, request.caller.institution, id)
      const version = source.version + 1
      const previousUntil = new Date(deps.ambient.wallClock().getTime() + overlapHours * 3_600_000).toISOString()
      const told = { type: 'source.secret_rotated' as const, id, version, data: { previousUntil } }
      const effects = { previousUntil, secret: secret.wrapped }
      const receipt = { id, previousUntil, version }
      const kept = { idempotency: request.idempotency, status: 200, receipt }
      const done = await saveSource(deps, request, actorOf(known), saveRotated, told, effects, kept)
      return done ? { status: 200, body: { ...receipt, secret: secret.told }, etag: version } : null
    },
  )
