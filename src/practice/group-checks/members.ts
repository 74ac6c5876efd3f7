import type { Missing, Title } from '../../kernel/process.ts'
import { missing, signed } from '../checks/check.ts'
import { breachesOf } from '../composition.ts'
import { memberRoles, memberStatuses } from '../group-codes.ts'
import type { GroupFacts, MemberFact } from '../group-facts.ts'
import { type GroupChecks, memberAt } from './check.ts'

/** Members who count toward the limits and have agreed to take part. */
export const countedMembers = ({ members }: Pick<GroupFacts, 'members'>): MemberFact[] =>
  members.filter(each => memberRoles[each.role].counts && memberStatuses[each.status].joined)

/** Members the group is for, who have agreed to take part. */
export const servedMembers = ({ members }: Pick<GroupFacts, 'members'>): MemberFact[] =>
  members.filter(each => memberRoles[each.role].served && memberStatuses[each.status].joined)

/** One thing missing for each member that lacks it. */
export const forEach = (
  members: readonly MemberFact[],
  facts: GroupFacts,
  lacks: (member: MemberFact) => boolean,
  say: (member: MemberFact) => Missing,
): Missing[] => members.filter(lacks).map(each => ({ ...say(each), pointer: memberAt(facts, each) }))

const limits = (facts: GroupFacts): Missing[] => {
  const check = 'members_have_consented'
  const { length } = countedMembers(facts)
  const { minMembers, maxMembers } = facts
  if (length > maxMembers)
    return [
      missing(check, {
        en: `${length} members, at most ${maxMembers}`,
        zh: `成员${length}人,上限${maxMembers}人`,
      }),
    ]
  if (length >= minMembers) return []
  const selected = facts.members.filter(each => memberRoles[each.role].counts && each.status === 'selected')
  return [
    missing(check, {
      en: `${length} members have consented, at least ${minMembers}`,
      zh: `已同意的成员${length}人,至少${minMembers}人`,
    }),
    ...forEach(
      selected,
      facts,
      () => true,
      ({ id }) => missing(check, { en: `Member ${id} has not consented`, zh: `成员${id}尚未同意` }),
    ),
  ]
}

/** Whether a member has accepted the norms in force; norms put in force later are accepted anew. */
export const acceptsNorms = (facts: GroupFacts, { acceptedVersion }: Pick<MemberFact, 'acceptedVersion'>): boolean =>
  acceptedVersion > (signed(facts, 'group_contract')?.version ?? 0)

const both = ({ title, mend }: { title: Title; mend: Title }): Title => ({
  en: `${title.en}. ${mend.en}`,
  zh: `${title.zh};${mend.zh}`,
})

/** Rules about members. Source: domain §3; seed article 3, §3.3 (2) 招募和确定成员. */
export const memberChecks = {
  members_have_consented: {
    title: { en: 'Enough members, and not too many, have consented', zh: '已同意的成员人数符合要求' },
    records: [],
    operation: 'consentGroupMember',
    rule: limits,
  },
  composition_fits: {
    title: { en: 'The composition fits the type', zh: '成员组成符合小组类型' },
    records: ['member_profile'],
    rule: facts =>
      breachesOf(facts.composition, facts).map(breach => {
        const member = facts.members.find(each => each.id === breach.memberId)
        const found = missing('composition_fits', both(breach), member && memberAt(facts, member))
        return breach.code === 'not_paired' ? { ...found, operation: 'pairGroupMembers' } : found
      }),
  },
  norms_are_accepted: {
    title: { en: 'Every member has accepted the norms', zh: '每位成员均认可小组契约' },
    records: ['contract_acceptance'],
    about: ['group_contract'],
    rule: facts =>
      signed(facts, 'group_contract')
        ? forEach(
            countedMembers(facts),
            facts,
            each => !acceptsNorms(facts, each),
            ({ id }) =>
              missing('norms_are_accepted', {
                en: `Member ${id} has not accepted the norms in force`,
                zh: `成员${id}尚未认可现行小组契约`,
              }),
          )
        : [],
  },
  baseline_is_on_file: {
    title: { en: 'Every student has a baseline', zh: '每位学生均有基线' },
    records: ['member_profile'],
    rule: facts =>
      forEach(
        servedMembers(facts),
        facts,
        each => each.baselineVersion === 0,
        ({ id }) => missing('baseline_is_on_file', { en: `Member ${id} has no baseline`, zh: `成员${id}没有基线记录` }),
      ),
  },
  members_were_told: {
    title: { en: 'The members were told, in this phase', zh: '本阶段已告知全体成员' },
    records: ['contingency_adjustment'],
    rule: facts =>
      forEach(
        facts.members.filter(each => memberStatuses[each.status].informed),
        facts,
        each => each.toldVersion <= facts.standing.stepSince,
        ({ id }) =>
          missing('members_were_told', {
            en: `Member ${id} was not told in this phase`,
            zh: `本阶段尚未告知成员${id}`,
          }),
      ),
  },
  outcomes_are_on_file: {
    title: { en: 'Every student has an outcome', zh: '每位学生均有成效记录' },
    records: ['final_evaluation'],
    rule: facts =>
      forEach(
        servedMembers(facts),
        facts,
        each => each.outcomeVersion === 0,
        ({ id }) => missing('outcomes_are_on_file', { en: `Member ${id} has no outcome`, zh: `成员${id}没有成效记录` }),
      ),
  },
  onward_plans_are_made: {
    title: { en: 'Every student has an onward plan', zh: '每位学生均有后续安排' },
    records: ['onward_plan'],
    rule: facts =>
      forEach(
        servedMembers(facts),
        facts,
        each => each.onwardVersion === 0,
        ({ id }) =>
          missing('onward_plans_are_made', { en: `Member ${id} has no onward plan`, zh: `成员${id}没有后续安排` }),
      ),
  },
} as const satisfies GroupChecks
