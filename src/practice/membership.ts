import { type Breach, breachesOf } from './composition.ts'
import { isMinor } from './facts.ts'
import { countedMembers } from './group-checks/members.ts'
import { type MemberStatus, memberRoles, memberStatuses, type OpenItemKind } from './group-codes.ts'
import type { GroupFacts, MemberFact } from './group-facts.ts'
import { runningSteps } from './group-work.ts'

/** Where a member may go from a status, by commands; a group that ends completes its active members. Domain §3. */
export const memberMoves: Readonly<Record<MemberStatus, readonly MemberStatus[]>> = {
  waiting: ['selected', 'left'],
  proposed: ['selected', 'waiting', 'left'],
  selected: ['consented', 'waiting', 'left'],
  consented: ['active', 'left'],
  active: ['completed', 'left'],
  completed: [],
  left: [],
}

/** Whether a member may still go somewhere: they have neither left nor completed the group. */
export const goesOn = ({ status }: Pick<MemberFact, 'status'>): boolean => memberMoves[status].length > 0

/** Days an open item is due after it arose. */
export const openItemDays = 14

/** People ever proposed to one group, at most: its facts are loaded whole. */
export const mostProposed = 200

/** Statuses that take a place of the group. */
const takesPlace: readonly MemberStatus[] = ['selected', 'consented', 'active']

/** Places still free; negative where a limit was lowered in preparation. */
export const freePlaces = ({ members, maxMembers }: Pick<GroupFacts, 'members' | 'maxMembers'>): number =>
  maxMembers - members.filter(each => memberRoles[each.role].counts && takesPlace.includes(each.status)).length

/** Places taken in a group that runs, where a change would lower its maximum below them; null where it may be made. */
export const placesOverMaximum = (before: GroupFacts, after: GroupFacts): number | null => {
  const isLowered = isRunning(before) && after.maxMembers < before.maxMembers
  return isLowered && freePlaces(after) < 0 ? after.maxMembers - freePlaces(after) : null
}

/** Whether people still join: until the ending phase, in which there is no work left to take part in. */
export const takesMembers = ({ standing }: Pick<GroupFacts, 'standing'>): boolean =>
  standing.step === 'preparation' || runningSteps.includes(standing.step as 'early')

export const isRunning = ({ standing }: Pick<GroupFacts, 'standing'>): boolean =>
  runningSteps.includes(standing.step as 'early')

/**
 * Status of a member who consents: active at once in a group that runs without norms yet; where norms are in force, once
 * they are accepted.
 */
export const consentedStatus = (facts: Pick<GroupFacts, 'standing'>): 'consented' | 'active' =>
  isRunning(facts) && !facts.standing.signed.group_contract ? 'active' : 'consented'

/** The facts after a member's status changed; who leaves leaves their pairs too. */
export const withStatus = <F extends GroupFacts>(facts: F, memberId: string, status: MemberStatus): F => ({
  ...facts,
  members: facts.members.map(each => (each.id === memberId ? { ...each, status } : each)),
  pairs:
    status === 'left'
      ? facts.pairs.filter(pair => pair.volunteerId !== memberId && pair.studentId !== memberId)
      : facts.pairs,
})

const itemOf = ({ code }: Breach): OpenItemKind => (code === 'not_paired' ? 'pair_broken' : 'composition_broken')

const nameOf = ({ memberId, code }: Breach) => `${memberId} ${code}`

/** What puts a running group in question after a change that was not before it, and is not an open item yet. */
export const arisingItems = (before: GroupFacts, after: GroupFacts): OpenItemKind[] => {
  if (!isRunning(after)) return []
  const known = breachesOf(before.composition, before).map(nameOf)
  const broken = breachesOf(after.composition, after).filter(each => !known.includes(nameOf(each)))
  const [now, then] = [countedMembers(after).length, countedMembers(before).length]
  const kinds = [
    ...(now < after.minMembers && (now < then || then >= before.minMembers) ? (['below_minimum'] as const) : []),
    ...new Set(broken.map(itemOf)),
  ]
  return kinds.filter(kind => !after.openItems.some(item => item.kind === kind && item.resolution === null))
}

/** What still speaks against an open item being mended; empty when the composition holds again. */
export const unmended = (facts: GroupFacts, kind: OpenItemKind): readonly (Breach | 'below_minimum')[] => {
  if (kind === 'below_minimum') return countedMembers(facts).length < facts.minMembers ? ['below_minimum'] : []
  return breachesOf(facts.composition, facts).filter(each => itemOf(each) === kind)
}

/**
 * Who takes the places that a change freed in preparation: those who wait, in the order of proposal. A group that runs
 * gives a place for a reason only.
 */
export const promotions = (before: GroupFacts, after: GroupFacts): string[] => {
  if (after.standing.step !== 'preparation') return []
  const freed = Math.min(freePlaces(after), freePlaces(after) - freePlaces(before))
  const waiting = after.members.filter(each => each.status === 'waiting' && memberRoles[each.role].counts)
  return waiting.slice(0, Math.max(0, freed)).map(({ id }) => id)
}

/** Whether a member takes part, or has agreed to. */
export const takesPart = ({ status }: MemberFact): boolean => memberStatuses[status].joined

/** What decides whether the guardian of a member is asked. */
export interface GuardianFacts {
  /** The student's; null when unknown, and of whoever is no student. */
  readonly birthDate: string | null
  readonly guardianConsentedOn: string | null
}

/** Whether a member cannot consent before their guardian has: a minor today, and no guardian's consent is on file. */
export const awaitsGuardian = ({ birthDate, guardianConsentedOn }: GuardianFacts, today: string): boolean =>
  guardianConsentedOn === null && isMinor(birthDate, today)
