import type { Deps, Request } from '../platform/subject.ts'
import { openBytes } from '../platform/words.ts'
import { looksIntoGroup } from './access.ts'
import type { LoadedGroup } from './facts.ts'

/** A member as a row that may be named. */
export interface Nameable {
  readonly id: string
  /** Of the roster; null for somebody from outside. */
  readonly name: string | null
  /** Of somebody from outside, sealed under the key of the group; base64. */
  readonly sealedName: string | null
  /** It is the caller. */
  readonly mine: boolean
}

/** Members of JSON that make member `x` {@link Nameable}. */
export const nameableJson = `'id', x.id, 'name', coalesce(s.name, w.name), 'sealedName', encode(x.sealed_name, 'base64'), 'mine', x.id in (select id from mine)`

/** The members `x` of group `c` with the student `s` or staff member `w` each is. */
export const nameableMembers = `from group_members x join c on x.group_id = c.id
      left join students s on s.institution_id = $1::uuid and s.id = x.student_id
      left join staff w on w.institution_id = $1::uuid and w.id = x.staff_id where x.institution_id = $1::uuid`

/**
 * Whether who stands in these relations sees who the member is: the one rule of the list of members and of the sociogram.
 * Who takes part sees nobody but themselves.
 */
export const seesMember = (relations: readonly string[], { mine }: Pick<Nameable, 'mine'>): boolean =>
  mine || looksIntoGroup(relations)

/** How a group’s members are called, to its reader; null for whom they do not see, and where the key is erased. */
export const memberNames =
  ({ ambient }: Deps, { caller: { institution } }: Request, { facts, relations, dataKey }: LoadedGroup) =>
  (member: Nameable): string | null => {
    const { id, name, sealedName } = member
    if (!seesMember(relations, member)) return null
    if (sealedName === null || dataKey === null) return name
    const place = { institution, subject: facts.id, table: 'group_members', row: id, field: 'name' }
    return openBytes(ambient, place, dataKey, sealedName).toString('utf8')
  }
