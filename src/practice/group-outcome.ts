import { type Attendance, attendances, memberRoles } from './group-codes.ts'
import type { GroupFacts, MemberFact } from './group-facts.ts'

type Figures = Readonly<Record<string, number>>

/** What an outcome is drawn from. */
export interface OutcomeSource {
  readonly members: readonly (Pick<MemberFact, 'id' | 'role' | 'status'> & { readonly attainment: number | null })[]
  readonly attendance: readonly {
    readonly memberId: string
    readonly sessionId: string
    readonly attendance: Attendance
  }[]
  readonly sessions: Pick<GroupFacts, 'sessions'>['sessions']
  readonly goals: readonly { readonly weight: number; readonly attainment: number | null }[]
  /** Figures by member, before and after. */
  readonly before: ReadonlyMap<string, Figures>
  readonly after: ReadonlyMap<string, Figures>
  /** Satisfaction with the group 1–5, one answer each. */
  readonly satisfaction: readonly number[]
}

const rounded = (value: number) => Math.round(value * 100) / 100

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length)

/** Share of attendances at which the member was there, late or not; null = none on file. */
const rateOf = (given: readonly Attendance[]): number | null =>
  mean(given.map(each => (attendances[each].attended ? 1 : 0)))

/** How often each attendance is among those given. Pure. */
export const countsOf = (given: readonly Attendance[]) =>
  Object.fromEntries(Object.keys(attendances).map(code => [code, given.filter(each => each === code).length]))

/**
 * Attainment of weighted goals as one figure: 50 = as expected on the whole, ten points a standard deviation, goals taken
 * to correlate by 0.3. Source: Kiresuk & Sherman 1968. Null = nothing assessed.
 */
export const attainmentScore = (
  goals: readonly { readonly weight: number; readonly attainment: number | null }[],
): number | null => {
  const assessed = goals.filter(each => each.attainment !== null)
  if (assessed.length === 0) return null
  const sum = (of: (goal: { readonly weight: number; readonly attainment: number | null }) => number) =>
    assessed.reduce((total, goal) => total + of(goal), 0)
  const weights = sum(goal => goal.weight)
  const spread = Math.sqrt(0.7 * sum(goal => goal.weight ** 2) + 0.3 * weights ** 2)
  return rounded(50 + (10 * sum(goal => goal.weight * (goal.attainment as number))) / spread)
}

/** What changed, figure by figure: only those that were taken both before and after. */
const changesOf = (before: Figures | undefined, after: Figures | undefined) =>
  Object.entries(before ?? {}).flatMap(([figure, was]) => {
    const is = after?.[figure]
    return is === undefined ? [] : [{ figure, before: was, after: is, change: rounded(is - was) }]
  })

/** Outcome of a group and of each member who counts in it. Pure. Source: domain §3. */
export const outcomeOf = (source: OutcomeSource) => {
  const counted = source.members.filter(each => memberRoles[each.role].counts)
  const given = (memberId: string) =>
    source.attendance.filter(each => each.memberId === memberId).map(each => each.attendance)
  const members = counted.map(({ id, role, status, attainment }) => ({
    memberId: id,
    role,
    status,
    attendance: countsOf(given(id)),
    attendanceRate: rateOf(given(id)),
    attainment,
    changes: changesOf(source.before.get(id), source.after.get(id)),
  }))
  const served = members.filter(each => memberRoles[each.role].served)
  return {
    group: {
      sessionsPlanned: source.sessions.filter(each => each.status !== 'dropped').length,
      sessionsHeld: source.sessions.filter(each => each.status === 'held').length,
      attendanceRate: rateOf(counted.flatMap(each => given(each.id))),
      goals: source.goals.length,
      goalsAssessed: source.goals.filter(each => each.attainment !== null).length,
      attainmentScore: attainmentScore(source.goals),
      memberAttainment: mean(served.flatMap(each => (each.attainment === null ? [] : [each.attainment]))),
      satisfaction: mean(source.satisfaction),
      satisfactionAnswers: source.satisfaction.length,
    },
    members,
  }
}
