import { aboutOf, loadSubject } from '../people/guarded.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { memberRoles } from '../practice/group-codes.ts'
import { type Interaction, sociogramOf } from '../practice/sociogram.ts'
import { type LoadedFacts, loadGroupStatement } from './facts.ts'

interface Extras {
  readonly ratings: readonly Interaction[]
  readonly names: Readonly<Record<string, string | null>>
}

const load = loadGroupStatement<Extras>('groups.load_for_sociogram', {
  ratings: `(select coalesce(json_agg(json_build_object('fromId', x.from_id, 'toId', x.to_id, 'rating', x.rating)), '[]')
    from group_ratings x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
  names: `(select coalesce(json_object_agg(x.id, coalesce(s.name, w.name)), '{}') from group_members x join c on x.group_id = c.id
    left join students s on s.institution_id = $1::uuid and s.id = x.student_id
    left join staff w on w.institution_id = $1::uuid and w.id = x.staff_id where x.institution_id = $1::uuid)`,
})

/** Relations that see who the members of a sociogram are; supervision does with their ids. */
const naming: readonly string[] = ['leader', 'co_leader', 'line_manager']

/**
 * The sociogram of those who take part or took part to the end, with names for those who may see them. Workers are no part
 * of it. @throws Problem not_permitted, not_found
 */
export const readSociogram = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const found = await loadSubject<LoadedFacts, Extras>(tenant, load, 'group:explain', about)
  const { facts, relations, ratings, names } = found
  const named = relations.some(relation => naming.includes(relation))
  const drawn = facts.members.filter(
    each => memberRoles[each.role].counts && ['active', 'completed'].includes(each.status),
  )
  const sociogram = sociogramOf(
    drawn.map(each => each.id),
    ratings,
  )
  return {
    groupId,
    version: facts.version,
    ...sociogram,
    members: sociogram.members.map(each => ({ ...each, name: named ? (names[each.memberId] ?? null) : null })),
  }
}
