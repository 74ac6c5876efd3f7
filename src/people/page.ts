import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import type { Caller } from '../platform/http/route.ts'
import type { Deps } from '../platform/subject.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { callerCtes, callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from './actor.ts'

/** What a page statement brings. Its parameters: 1–4 caller, 5 limit, 6 and 7 cursor, then those of the list. */
export interface PageRow {
  readonly caller: KnownCaller
  /** JSON array. */
  readonly items: string
  /** Rows found: one more than the limit where there is another page. */
  readonly count: number
  /** Order of the last item. */
  readonly last: readonly string[] | null
}

/** Whether subject `x` stands after the cursor of a list of the newest first; `at` = the column that tells its time. */
export const olderThanCursor = (x: string, at = 'opened_at'): string =>
  `($6::timestamptz is null or (${x}.${at}, ${x}.id) < ($6::timestamptz, $7::uuid))`

/** How many rows a page looks for: one more tells that there is another. */
export const oneMore = '$5::int + 1'

/**
 * A page of subjects, newest first. `visible` finds id and opened_at of those the caller may see, {@link oneMore} at most;
 * `joins` joins what `item` tells to page `p`.
 */
export const newestFirst = (
  name: string,
  { visible, joins, item }: { readonly visible: string; readonly joins: string; readonly item: string },
): Statement<PageRow> =>
  tenantStatement(
    name,
    `with ${callerCtes},
v as materialized (${visible}),
p as materialized (select * from v order by opened_at desc, id desc limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(opened_at::text, id) from p order by opened_at, id limit 1) as last,
  (select coalesce(json_agg(${item} order by p.opened_at desc, p.id desc), '[]')::text from p ${joins}) as items`,
  )

/**
 * A page of the rows `x` of one table, the newest first by its column `at`. `where` may look at `me`; `joins` joins what
 * `item` tells beside.
 */
export const newestOf = (
  name: string,
  of: {
    readonly table: string
    readonly at: string
    readonly item: string
    readonly where?: string
    readonly joins?: string
  },
): Statement<PageRow> =>
  newestFirst(name, {
    visible: `select x.id, x.${of.at} as opened_at from ${of.table} x where x.institution_id = $1::uuid and ${of.where ?? 'true'}
    and ${olderThanCursor('x', of.at)} order by x.${of.at} desc, x.id desc limit ${oneMore}`,
    joins: `join ${of.table} x on x.institution_id = $1::uuid and x.id = p.id ${of.joins ?? ''}`,
    item: of.item,
  })

/** Which page of which list. */
export interface AskedPage {
  readonly operation: string
  /** Filters and limit, which the cursor is bound to. */
  readonly input: { readonly limit: number; readonly cursor?: string | undefined }
  readonly permission: PermissionName
}

/** Reads a page. One round trip. @returns JSON text `{items, next}` and its cursor @throws Problem not_permitted, bad_cursor */
export const readPage = async (
  { db, ambient }: Pick<Deps, 'db' | 'ambient'>,
  caller: Caller,
  statement: Statement<PageRow>,
  { operation, input, permission }: AskedPage,
  ...params: readonly (string | boolean | null)[]
) => {
  const key = ambient.keys.cursor
  const list = listName(operation, { ...input })
  const [time, id] = input.cursor === undefined ? [] : (readCursor(key, list, input.cursor) as readonly string[])
  const tenant = db.as(caller.institution)
  const asked = [...callerParams(caller, ambient.now()), input.limit, time ?? null, id ?? null, ...params]
  const [row] = await tenant.rows(statement, ...asked)
  const page = row as PageRow
  requirePermission(caller, knownCaller(caller, page.caller), permission)
  const next = page.count > input.limit && page.last ? signCursor(key, list, page.last) : null
  return { body: `{"items":${page.items},"next":${JSON.stringify(next)}}`, next }
}
