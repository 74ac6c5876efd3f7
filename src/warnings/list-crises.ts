import {
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type crisisScopes, visibleCrises } from './crisis-access.ts'

interface Row {
  readonly caller: KnownCaller
  /** JSON array of crisis items. */
  readonly items: string
  readonly count: number
  readonly last: [string, string] | null
}

const item = `json_build_object('id', c.id, 'kind', c.kind, 'subkind', c.subkind, 'step', c.step, 'version', c.version,
  'student', json_build_object('id', s.id, 'number', s.number, 'name', s.name),
  'lead', json_build_object('id', w.id, 'name', w.name), 'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')},
  'dueAt', ${utc('c.due_at')}, 'beyondHorizon', c.beyond_horizon, 'overdue', coalesce(c.due_at < $4::timestamptz, false),
  'escalation', c.escalation, 'outcome', c.outcome, 'endReason', c.end_reason)`

const filters = { open: 'c.closed_at is null', closed: 'c.closed_at is not null', all: 'true' } as const

/**
 * One page of crises the caller may see, newest first.
 * Parameters: 1–4 caller, 5 limit, 6 and 7 cursor (opened_at, id), 8 step, 9 kind, 10 student, 11 only overdue.
 */
const pageStatement = (scope: (typeof crisisScopes)[number], status: keyof typeof filters): Statement<Row> =>
  tenantStatement(
    `crises.list_${scope}_${status}`,
    `with ${callerCtes},
v as materialized (${visibleCrises(
      scope,
      `${filters[status]} and ($6::timestamptz is null or (c.opened_at, c.id) < ($6::timestamptz, $7::uuid))
    and ($8::text is null or c.step = $8::text) and ($9::text is null or c.kind = $9::text)
    and ($10::uuid is null or c.student_id = $10::uuid) and (not $11::boolean or c.due_at < $4::timestamptz)`,
      '$5::int + 1',
    )}),
p as materialized (select id, opened_at from v order by opened_at desc, id desc limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(opened_at::text, id) from p order by opened_at, id limit 1) as last,
  (select coalesce(json_agg(${item} order by c.opened_at desc, c.id desc), '[]')::text
    from p join crises c on c.institution_id = $1::uuid and c.id = p.id
    join students s on s.institution_id = $1::uuid and s.id = c.student_id
    join staff w on w.institution_id = $1::uuid and w.id = c.lead_id) as items`,
  )

const statusPages = (scope: (typeof crisisScopes)[number]) => ({
  open: pageStatement(scope, 'open'),
  closed: pageStatement(scope, 'closed'),
  all: pageStatement(scope, 'all'),
})

const pages = { all: statusPages('all'), mine: statusPages('mine'), unit: statusPages('unit') }

/** What to list. */
export interface ListCrises {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly scope: (typeof crisisScopes)[number]
  readonly status: keyof typeof filters
  readonly step?: string | undefined
  readonly kind?: string | undefined
  readonly studentId?: string | undefined
  readonly overdue: boolean
}

/** A page as JSON text `{items, next}` and its cursor. One round trip. @throws Problem bad_cursor */
export const listCrises = async ({ db, ambient }: Deps, request: Request, input: ListCrises) => {
  const list = listName('listCrises', { ...input })
  const after = input.cursor === undefined ? null : readCursor(ambient.keys.cursor, list, input.cursor)
  const [found] = await db
    .as(request.caller.institution)
    .rows(
      pages[input.scope][input.status],
      ...callerParams(request.caller, ambient.now()),
      input.limit,
      (after?.[0] as string | undefined) ?? null,
      (after?.[1] as string | undefined) ?? null,
      input.step ?? null,
      input.kind ?? null,
      input.studentId ?? null,
      input.overdue,
    )
  const row = found as Row
  requirePermission(request.caller, knownCaller(request.caller, row.caller), 'crisis:list')
  const next = row.count > input.limit && row.last ? signCursor(ambient.keys.cursor, list, row.last) : null
  return { body: `{"items":${row.items},"next":${JSON.stringify(next)}}`, next }
}
