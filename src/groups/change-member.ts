import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { MemberStatus } from '../practice/group-codes.ts'
import { memberRoles } from '../practice/group-codes.ts'
import type { MemberFact } from '../practice/group-facts.ts'
import {
  arisingItems,
  awaitsGuardian,
  consentedStatus,
  freePlaces,
  type GuardianFacts,
  memberMoves,
  takesMembers,
  withStatus,
} from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { groupStatement, type LoadedFacts, loadGroupStatement, onGroup } from './facts.ts'
import { itemRows, itemsCount, itemsPut } from './open-items.ts'

/** What a command about the consent of one member finds beside the facts. */
export interface WithGuardian {
  /** null when the group has no such member. */
  readonly guardian: GuardianFacts | null
}

/** Loads a group with what decides about the guardian of member 7. */
export const loadWithGuardian = loadGroupStatement<WithGuardian>('groups.load_with_guardian', {
  guardian: `(select json_build_object('birthDate', s.birth_date, 'guardianConsentedOn', x.guardian_consented_on)
    from c join group_members x on x.institution_id = $1::uuid and x.group_id = c.id and x.id = $7::text
    left join students s on s.institution_id = $1::uuid and s.id = x.student_id)`,
})

const save = groupStatement(
  'groups.change_member',
  itemsCount,
  `m as (update group_members x set status = given.e->>'to', consented_on = coalesce((given.e->>'consentedOn')::date, x.consented_on)
  from given, c where x.institution_id = $1::uuid and x.group_id = c.id and x.id = given.e->>'memberId'),
${itemsPut}`,
)

/** The member a command is about. @throws Problem not_found */
export const memberOf = ({ members }: LoadedFacts, memberId: string): MemberFact => {
  const member = members.find(each => each.id === memberId)
  if (!member) throw new Problem('not_found')
  return member
}

/** Says where a member stands, and where they may go from there. */
export const notMovable = ({ status }: MemberFact) =>
  new Problem('member_not_movable', { memberStatus: status, next: [...memberMoves[status]] })

/** The member a command is about, who may go where it says. @throws Problem not_found, member_not_movable */
export const movable = (facts: LoadedFacts, memberId: string, to: MemberStatus): MemberFact => {
  const member = memberOf(facts, memberId)
  if (!memberMoves[member.status].includes(to)) throw notMovable(member)
  return member
}

/** Refuses whoever would join a group that takes nobody any more. @throws Problem group_is_ending */
export const requireTaking = (facts: LoadedFacts): void => {
  if (!takesMembers(facts)) throw new Problem('group_is_ending')
}

/** Which member of which group. */
export interface OfMember {
  readonly groupId: string
  readonly memberId: string
  readonly ifMatch: number | null
}

const told = ({ id, status }: MemberFact, to: MemberStatus) => ({
  type: 'group.member_moved' as const,
  data: { memberId: id, from: status, to },
  status: 201,
  receipt: { memberId: id, status: to },
})

/**
 * Gives a member a place, or puts them on the waiting list. A place in a group that runs is given for a reason.
 * @throws Problem not_found, member_not_movable, group_is_ending, group_is_full, note_required
 */
export const selectMember = (
  deps: Deps,
  request: Request,
  { groupId, memberId, ifMatch, ...input }: OfMember & { readonly waiting: boolean; readonly note: string | null },
): Promise<Answer> =>
  onGroup(deps, request, { groupId, ifMatch, permission: 'group:lead' }, save, ({ facts }) => {
    const to = input.waiting ? 'waiting' : 'selected'
    const member = movable(facts, memberId, to)
    requireTaking(facts)
    const { maxMembers } = facts
    if (to === 'selected' && memberRoles[member.role].counts && freePlaces(facts) <= 0)
      throw new Problem('group_is_full', { maxMembers })
    if (to === 'selected' && facts.standing.step !== 'preparation' && !input.note) throw new Problem('note_required')
    return { ...told(member, to), words: input.note, effects: { memberId, to } }
  })

/** Which member of which group consents, and how. */
export interface ConsentMember extends OfMember {
  readonly method: 'own_token' | 'paper' | 'oral' | 'message'
  /** Evidence in words, where a leader files it. */
  readonly note: string | null
}

/**
 * A selected member agrees to take part: by own token, or a leader files how they did; of a minor once the consent of the
 * guardian is on file. In a group that runs they are active at once, or once they accept the norms in force; if its
 * composition breaks by them, an open item arises.
 * @throws Problem not_found, member_not_movable, group_is_ending, signature_not_yours, evidence_required, guardian_consent_missing
 */
export const consentMember = (deps: Deps, request: Request, input: ConsentMember): Promise<Answer> => {
  const { groupId, memberId, ifMatch, method, note } = input
  return onGroup<WithGuardian>(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:consent', load: loadWithGuardian, params: [memberId] },
    save,
    ({ facts, relations, caller, guardian }) => {
      const own = method === 'own_token'
      const leads = relations.includes('leader') || relations.includes('co_leader')
      if (!leads && !facts.mine.includes(memberId)) throw new Problem('not_found')
      const member = movable(facts, memberId, 'consented')
      requireTaking(facts)
      if (own ? !facts.mine.includes(memberId) : !leads) throw new Problem('signature_not_yours')
      if (!own && !note) throw new Problem('evidence_required')
      if (guardian && awaitsGuardian(guardian, caller.today)) throw new Problem('guardian_consent_missing')
      const to = consentedStatus(facts)
      const items = itemRows(facts, arisingItems(facts, withStatus(facts, memberId, to)), caller.today)
      const openItems = items.map(({ id }) => id)
      const { data, receipt, ...change } = told(member, to)
      return {
        ...change,
        data: { ...data, openItems },
        receipt: { ...receipt, openItems },
        ...(own ? {} : { onBehalfOf: 'member' }),
        reason: method,
        words: note,
        effects: { memberId, to, consentedOn: caller.today, items },
      }
    },
  )
}
