import { callerJson, callerParams, type KnownCaller } from '../people/actor.ts'
import { type Guarded, relationsJson } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes } from '../platform/words.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { readingStatement, readThing, requireReader } from './reading.ts'

interface Row {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
  readonly items: string
  readonly count: number
  readonly last: number | null
}

/** A page of entries: JSON array, whether there are more, and where to go on. */
export interface HistoryPage {
  readonly items: string
  readonly more: boolean
  readonly last: number | null
}

/**
 * What happened to one guarded subject, oldest first, own writes included: the changes of its version. One round trip.
 * Parameters: 1–4 caller, 5 subject, 6 version after which, 7 limit.
 */
export const historyOf = (subject: Guarded, permission: PermissionName) => {
  const statement = tenantStatement<Row>(
    `${subject.table}.timeline`,
    `with ${subject.ctes},
v as materialized (select j.subject_version, j.position, j.entry, j.actor_id from journal j join c on c.id = j.subject_id
  where j.institution_id = $1::uuid and j.subject_version is not null and j.subject_version > $6::int order by j.subject_version limit $7::int + 1),
p as materialized (select * from v order by subject_version limit $7::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count, (select max(subject_version) from p) as last,
  (select coalesce(json_agg(json_build_object('position', p.position, 'actorName', coalesce(w.name, s.name), 'entry', p.entry::json) order by p.subject_version), '[]')::text
    from p left join staff w on w.institution_id = $1::uuid and w.id = p.actor_id
    left join students s on s.institution_id = $1::uuid and s.id = p.actor_id) as items`,
  )
  return async (
    { db, ambient }: Deps,
    request: Request,
    input: { readonly id: string; readonly after: number; readonly limit: number },
  ): Promise<HistoryPage> => {
    const [row] = await db
      .as(request.caller.institution)
      .rows(statement, ...callerParams(request.caller, ambient.now()), input.id, input.after, input.limit)
    const found = row as Row
    requireReader(request, found, permission)
    return { items: found.items, more: found.count > input.limit, last: found.last }
  }
}

/** Words given with a command on a subject, named by `wordsId` of its entry; the reading is journalled. @throws Problem not_found */
export const wordsOf = (subject: Guarded, permission: PermissionName) => {
  const statement = readingStatement<{ sealed: string | null }>(
    subject,
    `${subject.table}.words`,
    'x as materialized (select v.* from vault v join c on c.id = v.subject_id where v.institution_id = $1::uuid and v.id = $6::uuid)',
    "json_build_object('sealed', encode(x.sealed, 'base64'))",
  )
  return async (deps: Deps, request: Request, subjectId: string, wordsId: string) => {
    const asked = { subjectId, id: wordsId, called: 'words', permission }
    const { thing, dataKey } = await readThing(deps, subject, request, statement, asked)
    if (thing.sealed === null) throw new Problem('not_found')
    const place = {
      institution: request.caller.institution,
      subject: subjectId,
      table: 'vault',
      row: wordsId,
      field: 'words',
    }
    return { id: wordsId, words: openBytes(deps.ambient, place, dataKey, thing.sealed).toString('utf8') }
  }
}
