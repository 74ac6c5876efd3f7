import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  holdsPermission,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { tenantStatement } from '../platform/database.ts'
import { problemBody } from '../platform/http/problems.ts'
import type { Answer, Caller, Language } from '../platform/http/route.ts'
import type { OperationKind } from '../platform/operations.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { dropUpload } from '../platform/uploads.ts'
import { Problem, type ProblemCode } from '../practice/problems.ts'

/** What the routes of long work need. */
export interface OperationDeps extends Deps {
  readonly kinds: readonly OperationKind[]
}

/** Those who started it and administrators. `o` is the operation, `$6` the machine client. */
const visible = `(o.actor_id = (select person_id from me) or o.actor_id = $6::uuid or exists (select from held where role = 'administrator'))`

const utc = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const item = `json_build_object('id', o.id, 'kind', o.kind, 'status', o.status, 'progress', json_build_object('done', o.done, 'total', o.total),
  'cancelRequested', o.cancel_requested_at is not null, 'cancellable', o.cancellable and o.finished_at is null and o.cancel_requested_at is null,
  'result', o.result, 'problem', o.problem, 'createdAt', ${utc('o.created_at')}, 'startedAt', ${utc('o.started_at')}, 'finishedAt', ${utc('o.finished_at')})`

interface Stored {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly result: unknown
  readonly cancellable: boolean
  readonly cancelRequested: boolean
  readonly finishedAt: string | null
  readonly problem: { readonly code: ProblemCode; readonly members: Readonly<Record<string, unknown>> } | null
}

/** Parameters: 1–4 caller, 5 operation, 6 machine client, 7 idempotency key. */
const one = tenantStatement<{
  caller: KnownCaller
  found: { item: Stored; version: number; uploadId: string | null; request: string } | null
  replay: Replay | null
}>(
  'operations.one',
  `with ${callerCtes}
select ${callerJson} as caller, ${replayJson('coalesce((select person_id from me), $6::uuid)', '$7::text')} as replay,
  (select json_build_object('item', ${item}, 'version', o.version, 'uploadId', o.upload_id, 'request', o.request)
   from operations o where o.institution_id = $1::uuid and o.id = $5::uuid and ${visible}) as found`,
)

/** Newest first. Parameters: 1–4 caller, 5 limit, 6 machine client, 7 last id of the page before, 8 status, 9 kind. */
const list = tenantStatement<{ caller: KnownCaller; items: (Stored & { request: string })[] }>(
  'operations.list',
  `with ${callerCtes},
p as materialized (select o.* from operations o where o.institution_id = $1::uuid and ${visible} and ($7::uuid is null or o.id < $7::uuid)
  and ($8::text is null or o.status = $8::text) and ($9::text is null or o.kind = $9::text) order by o.id desc limit $5::int + 1)
select ${callerJson} as caller, (select coalesce(json_agg(${item} order by o.id desc), '[]') from p o) as items`,
)

/** Whether a caller may ask for such work. A kind this process does not know asks for no more than having started it. */
const mayAskFor = (kinds: readonly OperationKind[], kind: string, caller: Caller, known: KnownCaller): boolean => {
  const permission = kinds.find(each => each.name === kind)?.permission ?? 'operation:read'
  return holdsPermission(caller, known, permission)
}

/** A stored operation as it is told: its problem in the words asked for, its result to those who may ask for such work. */
const told = (stored: Stored, mayAsk: boolean, requestId: string, language: Language) => ({
  ...stored,
  cancellable: mayAsk && stored.cancellable,
  result: mayAsk ? stored.result : null,
  problem: stored.problem
    ? problemBody(new Problem(stored.problem.code, stored.problem.members), {
        instance: `/v1/operations/${stored.id}`,
        requestId,
        language,
      })
    : null,
})

const find = async ({ db, ambient }: Deps, caller: Caller, id: string, key: string | null) => {
  const [row] = await db
    .as(caller.institution)
    .rows(one, ...callerParams(caller, ambient.now()), id, caller.clientId, key)
  const known = knownCaller(caller, (row as { caller: KnownCaller }).caller)
  return { known, replay: row?.replay ?? null, found: row?.found ?? null }
}

/** One operation, by who started it or an administrator. @throws Problem not_permitted, not_found */
export const readOperation = async (deps: OperationDeps, caller: Caller, id: string, language: Language) => {
  const { known, found } = await find(deps, caller, id, null)
  requirePermission(caller, known, 'operation:read')
  if (!found) throw new Problem('not_found')
  return told(found.item, mayAskFor(deps.kinds, found.item.kind, caller, known), found.request, language)
}

/** Which operations, and where to go on. */
export interface OperationQuery {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status?: string | undefined
  readonly kind?: string | undefined
}

/** Own operations, all of them for an administrator, newest first. @throws Problem not_permitted, bad_cursor */
export const listOperations = async (
  { db, ambient, kinds }: OperationDeps,
  caller: Caller,
  query: OperationQuery,
  language: Language,
) => {
  const { limit, cursor, status, kind } = query
  const name = listName('listOperations', { ...query })
  const after = cursor === undefined ? null : (readCursor(ambient.keys.cursor, name, cursor)[0] as string)
  const [row] = await db
    .as(caller.institution)
    .rows(list, ...callerParams(caller, ambient.now()), limit, caller.clientId, after, status ?? null, kind ?? null)
  const { caller: found, items } = row as { caller: KnownCaller; items: Stored[] }
  const known = knownCaller(caller, found)
  requirePermission(caller, known, 'operation:read')
  const page = items.slice(0, limit)
  const last = page.at(-1)
  const next = items.length > limit && last ? signCursor(ambient.keys.cursor, name, [last.id]) : null
  return { items: page.map(each => told(each, mayAskFor(kinds, each.kind, caller, known), '', language)), next }
}

const saveCancelled = commandStatement(
  'operations.cancel',
  `x as (update operations o set version = o.version + 1, cancel_requested_at = (given.e->>'at')::timestamptz,
    status = case when o.status = 'queued' then 'cancelled' else o.status end,
    finished_at = case when o.status = 'queued' then (given.e->>'at')::timestamptz end,
    upload_id = case when o.status = 'queued' then null else o.upload_id end
  from given, free where free.ok and o.institution_id = $1::uuid and o.id = (given.e->>'id')::uuid
    and o.version = (given.e->>'version')::int and o.status = given.e->>'status' and o.cancellable and o.finished_at is null returning o.id)`,
  'exists (select from x)',
)

/**
 * Asks an operation to stop: at once while it waits, else before its next step.
 * @throws Problem not_permitted, not_found, operation_finished, operation_not_cancellable
 */
export const cancelOperation = async (deps: OperationDeps, request: Request, id: string): Promise<Answer> => {
  const { caller, idempotency } = request
  const tenant = deps.db.as(caller.institution)
  return attempt(
    idempotency,
    // load
    async () => {
      const loaded = await find(deps, caller, id, idempotency?.key ?? null)
      requirePermission(caller, loaded.known, 'operation:cancel')
      return loaded
    },
    async ({ known, found }) => {
      // decide
      if (!found) throw new Problem('not_found')
      const { item: stored, version, uploadId } = found
      if (!mayAskFor(deps.kinds, stored.kind, caller, known)) throw new Problem('not_permitted')
      if (stored.finishedAt) throw new Problem('operation_finished', { ended: stored.status })
      const status = stored.status === 'queued' ? 'cancelled' : stored.status
      const receipt = { id, status, cancelRequested: true }
      if (stored.cancelRequested) return { status: 202, body: receipt }
      if (!stored.cancellable) throw new Problem('operation_not_cancellable')
      // save, tell
      const done = await commit(tenant, saveCancelled, {
        actorId: known.id as string,
        idempotency,
        status: 202,
        receipt,
        entries: [
          {
            id: deps.ambient.newId(),
            type: 'operation.cancellation_requested',
            at: deps.ambient.now().toISOString(),
            institution: caller.institution,
            actor: actorOf(known),
            subject: { kind: 'operation', id, version: version + 1 },
            caseId: null,
            request: request.requestId,
          },
        ],
        effects: { id, version, status: stored.status, at: deps.ambient.wallClock().toISOString() },
        wallClock: deps.ambient.wallClock(),
      })
      if (done && status === 'cancelled' && uploadId) await dropUpload(tenant, uploadId)
      return done ? { status: 202, body: receipt } : null
    },
  )
}
