import { requireWords } from '../cases/change.ts'
import { requireRole, rolesToday } from '../people/roles-today.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { caseworkRoles, ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { groupStatement, loadGroupStatement, onGroup } from './facts.ts'

const serves = `(select exists (select from group_co_leaders x cross join t where x.institution_id = $1::uuid and x.group_id = (select id from c)
  and x.staff_id = $7::uuid and (x.valid_until is null or x.valid_until > t.day)))`

/** Roles today of the staff member named (`$7`), and whether they lead along. */
const load = loadGroupStatement<{ roles: string[]; serves: boolean }>('groups.load_for_leader', {
  roles: rolesToday('$7::uuid'),
  serves,
})

const saveLeader = groupStatement('groups.reassign', "leader_id = (given.e->>'toId')::uuid")

const saveCoLeader = groupStatement(
  'groups.add_co_leader',
  '',
  `w as (insert into group_co_leaders (institution_id, group_id, staff_id, valid_from) select $1::uuid, c.id, (e->>'staffId')::uuid, (e->>'today')::date
  from given cross join c on conflict (institution_id, group_id, staff_id, valid_from) do update set valid_until = null)`,
)

const saveCoLeaderEnded = groupStatement(
  'groups.end_co_leader',
  '',
  `w as (update group_co_leaders x set valid_until = (given.e->>'today')::date from given, c where x.institution_id = $1::uuid
  and x.group_id = c.id and x.staff_id = (given.e->>'staffId')::uuid and (x.valid_until is null or x.valid_until > (given.e->>'today')::date))`,
)

interface OfStaff {
  readonly groupId: string
  readonly ifMatch: number | null
  readonly staffId: string
}

/** A line manager gives the group to another leader. @throws Problem already_owner, staff_unfit, note_required */
export const reassignGroup = (
  deps: Deps,
  request: Request,
  {
    groupId,
    ifMatch,
    ...input
  }: Omit<OfStaff, 'staffId'> & { readonly toId: string; readonly reason: string; readonly note: string | null },
): Promise<Answer> =>
  onGroup<{ roles: string[] }>(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:decide', load: load as never, params: [input.toId] },
    saveLeader,
    ({ facts, roles }) => {
      requireWords(input)
      if (facts.leaderId === input.toId) throw new Problem('already_owner')
      requireRole(roles, ownerRoles)
      const told = { fromId: facts.leaderId, toId: input.toId }
      return {
        type: 'group.reassigned',
        reason: input.reason,
        data: told,
        words: input.note,
        effects: told,
        status: 201,
        receipt: { leaderId: input.toId },
      }
    },
  )

/** Adds a co-leader from today on. @throws Problem already_owner, already_on_team, staff_unfit */
export const addCoLeader = (deps: Deps, request: Request, { groupId, ifMatch, staffId }: OfStaff): Promise<Answer> =>
  onGroup<{ roles: string[]; serves: boolean }>(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:team', load: load as never, params: [staffId] },
    saveCoLeader,
    ({ facts, roles, serves, caller }) => {
      if (facts.leaderId === staffId) throw new Problem('already_owner')
      requireRole(roles, caseworkRoles)
      if (serves) throw new Problem('already_on_team')
      return {
        type: 'group.co_leader_added',
        data: { staffId },
        effects: { staffId, today: caller.today },
        status: 201,
        receipt: { staffId },
      }
    },
  )

/** Ends a co-leader's part today. @throws Problem not_found */
export const endCoLeader = (deps: Deps, request: Request, { groupId, ifMatch, staffId }: OfStaff): Promise<Answer> =>
  onGroup<{ serves: boolean }>(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:team', load: load as never, params: [staffId] },
    saveCoLeaderEnded,
    ({ serves, caller }) => {
      if (!serves) throw new Problem('not_found')
      return {
        type: 'group.co_leader_ended',
        data: { staffId },
        effects: { staffId, today: caller.today },
        status: 200,
        receipt: { staffId },
      }
    },
  )
