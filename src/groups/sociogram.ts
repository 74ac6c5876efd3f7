import { aboutOf, loadSubject } from '../people/guarded.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { memberRoles } from '../practice/group-codes.ts'
import { type Interaction, sociogramOf } from '../practice/sociogram.ts'
import { type LoadedFacts, loadGroupStatement } from './facts.ts'
import { memberNames, type Nameable, nameableJson, nameableMembers } from './member-names.ts'

interface Extras {
  readonly ratings: readonly Interaction[]
  readonly people: readonly Nameable[]
}

const load = loadGroupStatement<Extras>('groups.load_for_sociogram', {
  ratings: `(select coalesce(json_agg(json_build_object('fromId', x.from_id, 'toId', x.to_id, 'rating', x.rating)), '[]')
    from group_ratings x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
  people: `(select coalesce(json_agg(json_build_object(${nameableJson})), '[]') ${nameableMembers})`,
})

/**
 * The sociogram of those who take part or took part to the end, with the names the group itself shows its reader. Workers
 * are no part of it. @throws Problem not_permitted, not_found
 */
export const readSociogram = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const found = await loadSubject<LoadedFacts, Extras>(tenant, load, 'group:explain', about)
  const { facts, ratings } = found
  const people = new Map(found.people.map(each => [each.id, each]))
  const nameOf = memberNames(deps, request, found)
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
    members: sociogram.members.map(each => ({ ...each, name: nameOf(people.get(each.memberId) as Nameable) })),
  }
}
