import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, type Guarded, relationsJson, requireAccess } from '../people/guarded.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { pageAnswer } from '../platform/lists.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { PermissionName } from '../practice/permissions.ts'

interface Page extends Access {
  /** JSON array. */
  readonly items: string
  readonly count: number
  readonly last: string | null
}

/**
 * A page of rows `x` of a table that belong to one subject, newest first: ids rise with time. `item` is an SQL
 * expression, `condition` may look at `rel` and `me`. Parameters: 1–4 caller, 5 subject, 6 limit, 7 the last id of the
 * page before.
 */
export const listStatement = (
  { ctes, kind }: Guarded,
  name: string,
  table: string,
  item: string,
  condition = 'true',
): Statement<Page> =>
  tenantStatement(
    name,
    `with ${ctes},
v as materialized (select x.id, ${item} as item from ${table} x join c on c.id = x.${kind}_id where x.institution_id = $1::uuid
  and ${condition} and ($7::uuid is null or x.id < $7::uuid) order by x.id desc limit $6::int + 1),
p as materialized (select * from v order by id desc limit $6::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count,
  (select id from p order by id limit 1) as last, (select coalesce(json_agg(item order by id desc), '[]')::text from p) as items`,
  )

/** What to list of which subject. `path` is the last part of the address. */
export interface ListOfSubject {
  readonly id: string
  readonly path: string
  readonly permission: PermissionName
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Answers a page. One round trip. @throws Problem not_permitted, not_found, bad_cursor */
export const listOfSubject = async (
  { db, ambient }: Deps,
  { kind, table }: Guarded,
  request: Request,
  statement: Statement<Page>,
  { id, path, permission, limit, cursor }: ListOfSubject,
): Promise<Answer> => {
  const key = ambient.keys.cursor
  const list = listName(path, { [`${kind}Id`]: id })
  const after = cursor === undefined ? null : (readCursor(key, list, cursor)[0] as string)
  const tenant = db.as(request.caller.institution)
  const [row] = await tenant.rows(statement, ...callerParams(request.caller, ambient.now()), id, limit, after)
  const page = row as Page
  requireAccess(request, page, permission)
  const next = page.count > limit && page.last ? signCursor(key, list, [page.last]) : null
  const body = `{"items":${page.items},"next":${JSON.stringify(next)}}`
  return pageAnswer(`/v1/${table}/${id}/${path}`, body, next, { limit })
}
