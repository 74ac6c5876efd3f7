import {
  callerCtes,
  callerJson,
  callerParams,
  holdsPermission,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { type Replay, replayJson } from '../platform/command.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { tenantStatement } from '../platform/database.ts'
import { problemBody } from '../platform/http/problems.ts'
import type { Caller, Language } from '../platform/http/route.ts'
import type { OperationKind } from '../platform/operations.ts'
import type { Deps } from '../platform/subject.ts'
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

/** An operation as a statement finds it. */
export interface Found {
  readonly item: Stored
  readonly request: string
}

/** One operation, by who may see it; `more` of it. Parameters: 1–4 caller, 5 operation, 6 machine client, 7 idempotency key. */
export const one = <F extends Found>(name: string, more = '') =>
  tenantStatement<{ caller: KnownCaller; found: F | null; replay: Replay | null }>(
    name,
    `with ${callerCtes}
select ${callerJson} as caller, ${replayJson('coalesce((select person_id from me), $6::uuid)', '$7::text')} as replay,
  (select json_build_object('item', ${item}, 'request', o.request${more})
   from operations o where o.institution_id = $1::uuid and o.id = $5::uuid and ${visible}) as found`,
  )

const toRead = one('operations.one')

/** Newest first. Parameters: 1–4 caller, 5 limit, 6 machine client, 7 last id of the page before, 8 status, 9 kind. */
const list = tenantStatement<{ caller: KnownCaller; items: Found[] }>(
  'operations.list',
  `with ${callerCtes},
p as materialized (select o.* from operations o where o.institution_id = $1::uuid and ${visible} and ($7::uuid is null or o.id < $7::uuid)
  and ($8::text is null or o.status = $8::text) and ($9::text is null or o.kind = $9::text) order by o.id desc limit $5::int + 1)
select ${callerJson} as caller, (select coalesce(json_agg(json_build_object('item', ${item}, 'request', o.request) order by o.id desc), '[]') from p o) as items`,
)

/** Whether a caller may ask for such work. A kind this process does not know asks for no more than having started it. */
export const mayAskFor = (
  kinds: readonly OperationKind[],
  kind: string,
  caller: Caller,
  known: KnownCaller,
): boolean => {
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

/** Runs a statement of {@link one}. */
export const find = async <F extends Found>(
  { db, ambient }: Deps,
  statement: ReturnType<typeof one<F>>,
  caller: Caller,
  id: string,
  key: string | null,
) => {
  const [row] = await db
    .as(caller.institution)
    .rows(statement, ...callerParams(caller, ambient.now()), id, caller.clientId, key)
  const known = knownCaller(caller, (row as { caller: KnownCaller }).caller)
  return { known, replay: row?.replay ?? null, found: row?.found ?? null }
}

/** One operation, by who started it or an administrator. @throws Problem not_permitted, not_found */
export const readOperation = async (deps: OperationDeps, caller: Caller, id: string, language: Language) => {
  const { known, found } = await find(deps, toRead, caller, id, null)
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
  const { caller: found, items } = row as { caller: KnownCaller; items: Found[] }
  const known = knownCaller(caller, found)
  requirePermission(caller, known, 'operation:read')
  const page = items.slice(0, limit)
  const last = page.at(-1)
  const next = items.length > limit && last ? signCursor(ambient.keys.cursor, name, [last.item.id]) : null
  const shown = page.map(({ item, request }) =>
    told(item, mayAskFor(kinds, item.kind, caller, known), request, language),
  )
  return { items: shown, next }
}
