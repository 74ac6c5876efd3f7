import { rolesToday } from '../people/roles-today.ts'
import { studentVisible } from '../people/student-access.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sealBytes } from '../platform/words.ts'
import type { MemberRole } from '../practice/group-codes.ts'
import { mostProposed } from '../practice/membership.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { requireTaking } from './change-member.ts'
import { groupStatement, loadGroupStatement, onGroup } from './facts.ts'

interface Extras {
  /** Whether the caller may see the student named. */
  readonly studentFound: boolean
  /** Roles today of the staff member named. */
  readonly staffRoles: readonly string[]
}

/** Parameters from 7: student, staff member. */
const load = loadGroupStatement<Extras>('groups.load_for_member', {
  studentFound: `(select exists (select from students s where s.institution_id = $1::uuid and s.id = $7::uuid and ${studentVisible}))`,
  staffRoles: rolesToday('$8::uuid'),
})

const save = groupStatement(
  'groups.add_member',
  'member_count = groups.member_count + 1',
  `m as (insert into group_members (institution_id, group_id, id, place, student_id, staff_id, sealed_name, role, status)
  select $1::uuid, c.id, e->>'memberId', c.member_count, (e->>'studentId')::uuid, (e->>'staffId')::uuid, decode(e->>'sealedName', 'base64'),
    e->>'role', e->>'status' from given cross join c)`,
)

/** Who shall be in the group: exactly one of student, staff member and the name of a supporter from outside. */
export interface AddMember {
  readonly groupId: string
  readonly ifMatch: number | null
  readonly studentId: string | null
  readonly staffId: string | null
  readonly name: string | null
  readonly role: MemberRole
  /** Why they join late; needed once the group runs. */
  readonly note: string | null
}

const rolesFit = ({ studentId, staffId, name }: AddMember): readonly MemberRole[] => {
  if (studentId) return ['student', 'volunteer']
  if (staffId) return ['worker', 'volunteer', 'supporter']
  return name ? ['supporter', 'volunteer'] : []
}

/** Whether one of the roles a staff member holds does casework: who works in a group is one of them. */
const doesCasework = (roles: readonly string[]) => roles.some(role => caseworkRoles.includes(role as 'counsellor'))

/**
 * Proposes a member. They are asked, selected and consent afterwards.
 * @throws Problem not_found for a person the caller cannot see, group_is_ending, already_member, too_many_proposed, member_role_unfit, note_required
 */
export const addMember = (deps: Deps, request: Request, input: AddMember): Promise<Answer> => {
  const { studentId, staffId, name, role } = input
  return onGroup<Extras>(
    deps,
    request,
    { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead', load, params: [studentId, staffId] },
    save,
    ({ facts, studentFound, staffRoles, dataKey }) => {
      requireTaking(facts)
      if ((studentId && !studentFound) || (staffId && staffRoles.length === 0)) throw new Problem('not_found')
      const roles = rolesFit(input).filter(each => facts.roles.includes(each))
      if (!roles.includes(role) || (role === 'worker' && !doesCasework(staffRoles)))
        throw new Problem('member_role_unfit', { roles })
      const person = studentId ?? staffId
      if (person && facts.members.some(each => each.personId === person && each.status !== 'left'))
        throw new Problem('already_member')
      if (facts.standing.step !== 'preparation' && !input.note) throw new Problem('note_required')
      if (facts.memberCount >= mostProposed) throw new Problem('too_many_proposed')
      const memberId = `m${facts.memberCount + 1}`
      const place = {
        institution: request.caller.institution,
        subject: facts.id,
        table: 'group_members',
        row: memberId,
        field: 'name',
      }
      const sealedName = name ? sealBytes(deps.ambient, place, dataKey, name) : null
      const told = { memberId, role, status: 'proposed' }
      return {
        type: 'group.member_proposed',
        data: told,
        words: input.note,
        effects: { ...told, studentId, staffId, sealedName },
        status: 201,
        receipt: told,
        location: `/v1/groups/${facts.id}/members/${memberId}`,
      }
    },
  )
}
