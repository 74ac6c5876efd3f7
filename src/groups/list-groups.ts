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
import { visibleGroups } from './access.ts'

interface Row {
  readonly caller: KnownCaller
  /** JSON array of group items. */
  readonly items: string
  readonly count: number
  readonly last: [string, string] | null
}

const item = `json_build_object('id', c.id, 'number', c.number, 'name', c.name, 'type', c.type, 'step', c.step, 'version', c.version,
  'leader', json_build_object('id', w.id, 'name', w.name), 'orgUnitId', c.org_unit_id,
  'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'endReason', c.end_reason,
  'minMembers', c.min_members, 'maxMembers', c.max_members,
  'members', (select count(*)::int from group_members m where m.institution_id = $1::uuid and m.group_id = c.id
    and m.status in ('consented', 'active', 'completed') and m.role in ('student', 'volunteer')),
  'openItems', case when p.looks_in then (select count(*)::int from group_open_items o
    where o.institution_id = $1::uuid and o.group_id = c.id and o.resolution is null) end)`

const filters = { open: 'c.ended_at is null', ended: 'c.ended_at is not null', all: 'true' } as const

/**
 * One page of groups the caller may see, newest first.
 * Parameters: 1–4 caller, 5 limit, 6 and 7 cursor (opened_at, id), 8 step, 9 type, 10 text of name or number.
 */
const pageStatement = (status: keyof typeof filters): Statement<Row> =>
  tenantStatement(
    `groups.list_${status}`,
    `with ${callerCtes},
v as materialized (${visibleGroups(
      `${filters[status]} and ($6::timestamptz is null or (c.opened_at, c.id) < ($6::timestamptz, $7::uuid))
    and ($8::text is null or c.step = $8::text) and ($9::text is null or c.type = $9::text)
    and ($10::text is null or c.number = $10::text or strpos(lower(c.name), lower($10::text)) > 0)`,
      '$5::int + 1',
    )}),
p as materialized (select id, opened_at, looks_in from v order by opened_at desc, id desc limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(opened_at::text, id) from p order by opened_at, id limit 1) as last,
  (select coalesce(json_agg(${item} order by c.opened_at desc, c.id desc), '[]')::text
    from p join groups c on c.institution_id = $1::uuid and c.id = p.id
    join staff w on w.institution_id = $1::uuid and w.id = c.leader_id) as items`,
  )

const pages = { open: pageStatement('open'), ended: pageStatement('ended'), all: pageStatement('all') }

/** What to list. */
export interface ListGroups {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status: keyof typeof filters
  readonly step?: string | undefined
  readonly type?: string | undefined
  /** Group number, or part of the name. */
  readonly text?: string | undefined
}

/** A page as JSON text `{items, next}` and its cursor. One round trip. @throws Problem bad_cursor */
export const listGroups = async ({ db, ambient }: Deps, request: Request, input: ListGroups) => {
  const list = listName(input.text === undefined ? 'listGroups' : 'searchGroups', { ...input })
  const after = input.cursor === undefined ? null : readCursor(ambient.keys.cursor, list, input.cursor)
  const [found] = await db
    .as(request.caller.institution)
    .rows(
      pages[input.status],
      ...callerParams(request.caller, ambient.now()),
      input.limit,
      (after?.[0] as string | undefined) ?? null,
      (after?.[1] as string | undefined) ?? null,
      input.step ?? null,
      input.type ?? null,
      input.text ?? null,
    )
  const row = found as Row
  requirePermission(request.caller, knownCaller(request.caller, row.caller), 'group:list')
  const next = row.count > input.limit && row.last ? signCursor(ambient.keys.cursor, list, row.last) : null
  return { body: `{"items":${row.items},"next":${JSON.stringify(next)}}`, next }
}
