import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import type { FoundPage } from '../platform/lists.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes } from '../platform/words.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type ReadSubject, readingStatement, readThing } from './reading.ts'

interface Row extends Access {
  readonly items: string
  readonly count: number
  readonly last: number | null
}

/** Which page of which subject's history. */
interface AskedHistory {
  readonly id: string
  readonly after: number
  readonly limit: number
}

/** A log of a subject: who may read it, and its pages. */
export interface Log {
  readonly permission: PermissionName
  readonly read: (deps: Deps, request: Request, asked: AskedHistory) => Promise<FoundPage>
}

/** Which entries a log tells, and how. */
export interface Telling {
  /** Name of its statement. */
  readonly name: string
  /** CTEs of a guarded subject. */
  readonly ctes: string
  /** Column that orders the entries and that cursors hold. */
  readonly by: 'seq' | 'subject_version'
  /** SELECT, over `c` and `rel`, of the entries after $6 in their order, one more than $7. */
  readonly entries: string
  /** SQL: entry `p` as its reader may see it. */
  readonly shown?: string
}

/**
 * A log of one subject, oldest first, own writes included. One round trip. Parameters: 1–4 caller, 5 subject, 6 after
 * what, 7 limit.
 */
export const logOf = (permission: PermissionName, { name, ctes, by, entries, shown }: Telling): Log => {
  const statement = tenantStatement<Row>(
    name,
    `with ${ctes},
v as materialized (${entries}),
p as materialized (select * from v order by ${by} limit $7::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count, (select max(${by}) from p) as last,
  (select coalesce(json_agg(json_build_object('position', p.position, 'actorName', coalesce(w.name, s.name), 'entry', ${shown ?? 'p.entry::json'}) order by p.${by}), '[]')::text
    from p left join staff w on w.institution_id = $1::uuid and w.id = p.actor_id
    left join students s on s.institution_id = $1::uuid and s.id = p.actor_id) as items`,
  )
  const read: Log['read'] = async ({ db, ambient }, request, { id, after, limit }) => {
    const params = callerParams(request.caller, ambient.now())
    const [row] = await db.as(request.caller.institution).rows(statement, ...params, id, after, limit)
    const found = row as Row
    requireAccess(request, found, permission)
    return { items: found.items, last: found.count > limit ? [found.last] : null }
  }
  return { permission, read }
}

/** What happened to one guarded subject: the changes of its version. `shown` as {@link Telling} has it. */
export const historyOf = (
  { table, ctes }: Pick<ReadSubject, 'table' | 'ctes'>,
  permission: PermissionName,
  shown?: string,
): Log =>
  logOf(permission, {
    name: `${table}.timeline`,
    ctes,
    by: 'subject_version',
    entries: `select j.subject_version, j.position, j.entry, j.actor_id, j.case_id from journal j join c on c.id = j.subject_id
  where j.institution_id = $1::uuid and j.subject_version is not null and j.subject_version > $6::int order by j.subject_version limit $7::int + 1`,
    ...(shown ? { shown } : {}),
  })

/** The words said of a subject: who may read them, and reading them. */
export interface SaidWords {
  readonly permission: PermissionName
  readonly read: (deps: Deps, request: Request, subjectId: string, wordsId: string) => Promise<object>
}

/** Words given with a command on a subject, named by `wordsId` of its entry; the reading is journalled. @throws Problem not_found */
export const wordsOf = (subject: ReadSubject, permission: PermissionName): SaidWords => {
  const statement = readingStatement<{ sealed: string | null }>(
    subject,
    `${subject.table}.words`,
    'x as materialized (select v.* from vault v join c on c.id = v.subject_id where v.institution_id = $1::uuid and v.id = $6::uuid)',
    "json_build_object('sealed', encode(x.sealed, 'base64'))",
  )
  const read: SaidWords['read'] = async (deps, request, subjectId, wordsId) => {
    const asked = { subjectId, id: wordsId, called: 'words', permission }
    const { thing, dataKey } = await readThing(deps, subject, request, statement, asked)
    if (thing.sealed === null) throw new Problem('not_found')
    const { institution } = request.caller
    const place = { institution, subject: subjectId, table: 'vault', row: wordsId, field: 'words' }
    return { id: wordsId, words: openBytes(deps.ambient, place, dataKey, thing.sealed).toString('utf8') }
  }
  return { permission, read }
}
