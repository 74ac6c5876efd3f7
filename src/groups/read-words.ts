import { callerParams } from '../people/actor.ts'
import { type Found, loadStatementOf, requireAccess } from '../people/guarded.ts'
import type { Statement } from '../platform/database.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import { literals } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type Permission, type PermissionName, permissions } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { wholeContent } from '../records/content.ts'
import { groupSubject, type LoadedFacts } from './facts.ts'
import { groupRecords } from './house.ts'

/** A signed record as it is opened beside what a list shows of it. */
export interface SealedRecord {
  readonly id: string
  readonly content: Record<string, unknown>
  /** base64 */
  readonly sealed: string | null
  /** Version of the group at which it was signed. */
  readonly version: number
}

/** JSON array of the signed records of a kind of group `c`, newest last; with those superseded if asked. */
export const signedRecordsJson = (
  kind: string,
  statuses: readonly string[] = ['signed'],
): string => `(select coalesce(json_agg(json_build_object('id', r.id, 'content', r.content, 'version', r.signed_version,
    'sealed', encode(r.sealed, 'base64')) order by r.signed_version), '[]')
  from group_records r join c on r.group_id = c.id where r.institution_id = $1::uuid and r.kind = '${kind}' and r.status in (${literals(statuses)}))`

/**
 * A statement that reads what records of a group say in confidence, and journals the reading: once per actor, group and
 * hour. Parameters: those of a load statement, then from 7 text, id and hour of the entry.
 */
export const wordsStatement = <X extends object>(
  name: string,
  permission: PermissionName,
  extras: Readonly<Record<string, string>>,
): { readonly permission: PermissionName; readonly statement: Statement<{ found: Found<LoadedFacts> & X }> } => {
  const opens = `exists (select from rel where relation in (${literals((permissions[permission] as Permission).relations ?? [])}))`
  const told = readingCte({
    caseId: 'null::uuid',
    subjectId: 'c.id',
    from: 'c',
    where: opens,
    text: '$7',
    id: '$8',
    hour: '$9',
  })
  const subject = { ...groupSubject, ctes: `${groupSubject.ctes},\n${told}` }
  return { permission, statement: loadStatementOf<LoadedFacts, X>(subject, name, extras, opens) }
}

/** Runs a {@link wordsStatement}. @returns what it found, and what opens a record. @throws Problem not_permitted, not_found */
export const readWords = async <X extends object>(
  deps: Deps,
  request: Request,
  { permission, statement }: ReturnType<typeof wordsStatement<X>>,
  groupId: string,
) => {
  const { caller, requestId } = request
  const { institution } = caller
  const [row] = await deps.db
    .as(institution)
    .rows(
      statement,
      ...callerParams(caller, deps.ambient.now()),
      groupId,
      null,
      ...readingEntry(deps.ambient, { ...request, requestId }, { kind: 'group', id: groupId }, null),
    )
  const { found } = row as { found: Found<LoadedFacts> & X }
  const known = requireAccess(request, found, permission)
  const { facts, dataKey } = found
  if (!facts) throw new Problem('not_found')
  const open = (record: SealedRecord) =>
    wholeContent(deps, groupRecords, { institution, subjectId: groupId, dataKey }, record)
  return { ...found, facts, caller: known, open }
}
