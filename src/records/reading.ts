import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, type Guarded, relationsJson, requireAccess } from '../people/guarded.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type Permission, type PermissionName, permissions } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { tracedTo } from './entries.ts'

/** A subject of which things are read. */
export interface ReadSubject extends Pick<Guarded, 'kind' | 'table' | 'ctes'> {
  /** Whatever is read of it is told as the reading of the whole: once per actor, subject and hour. */
  readonly toldWhole?: true
}

/** A row of a reading statement; `dataKey` is wrapped, base64, null once erased. */
export type Reading<X> = Access & { readonly thing: X | null; readonly dataKey: string | null }

/** How the entry names a subject that is no case: SQL of its data member. */
const dataOf = ({ kind, toldWhole }: ReadSubject) =>
  kind === 'case' || toldWhole ? "''" : `'"data":{"${kind}Id":"' || c.id::text || '"},'`

/**
 * A statement that reads one confidential thing `x` of a subject and writes the reading in the journal: once per actor,
 * thing and hour. Parameters: 1–4 caller, 5 subject, 6 thing, 7 entry text, 8 entry id, 9 hour, 10 relations that may read.
 * `data` is an SQL text: the data member of the entry with its comma.
 */
export const readingStatement = <X>(
  subject: ReadSubject,
  name: string,
  ctes: string,
  thing: string,
  data = dataOf(subject),
): Statement<Reading<X>> =>
  tenantStatement(
    name,
    `with ${subject.ctes},
${ctes},
${readingCte({
  caseId: subject.kind === 'case' ? 'c.id' : 'null::uuid',
  subjectId: subject.toldWhole ? 'c.id' : 'x.id',
  from: 'x cross join c',
  where: 'exists (select from rel where relation = any (array(select json_array_elements_text($10::json))))',
  text: '$7',
  id: '$8',
  hour: '$9',
  data,
})}
select ${callerJson} as caller, ${relationsJson} as relations, (select encode(c.data_key, 'base64') from c) as "dataKey",
  (select ${thing} from x) as thing`,
  )

/** What is read: thing `id` of a subject, called so in an entry of its own, by those the permission opens it to. */
export interface Asked {
  readonly subjectId: string
  readonly id: string
  readonly called: string
  readonly permission: PermissionName
}

/** Runs a reading statement. @throws Problem not_found, not_permitted */
export const readThing = async <X>(
  { db, ambient }: Deps,
  subject: ReadSubject,
  request: Request,
  statement: Statement<Reading<X>>,
  { subjectId, id: thingId, called, permission }: Asked,
) => {
  const { caseId } = tracedTo(subject, subjectId)
  const told = subject.toldWhole ? { kind: subject.kind, id: subjectId } : { kind: called, id: thingId }
  const [row] = await db
    .as(request.caller.institution)
    .rows(
      statement,
      ...callerParams(request.caller, ambient.now()),
      subjectId,
      thingId,
      ...readingEntry(ambient, request, told, caseId),
      JSON.stringify((permissions[permission] as Permission).relations ?? []),
    )
  const found = row as Reading<X>
  const caller = requireAccess(request, found, permission)
  if (found.thing === null) throw new Problem('not_found')
  return { thing: found.thing, dataKey: found.dataKey, caller, relations: found.relations }
}
