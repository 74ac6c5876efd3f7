import type { CaseEffects } from '../../src/practice/case-effects.ts'
import type { ActionFact, CaseFacts, GoalFact } from '../../src/practice/facts.ts'

/** The day every test of the profession takes place on. */
export const today = '2026-09-14'

/** An open goal nothing was told of yet. */
export const goal = (id: string, more: Partial<GoalFact> = {}): GoalFact => ({
  id,
  status: 'open',
  horizon: 'near',
  difficulty: 2,
  progressVersion: 0,
  attainment: null,
  attainmentVersion: 0,
  attainmentFinal: false,
  ...more,
})

/** An open action of a goal. */
export const action = (id: string, goalId: string | null, status: ActionFact['status'] = 'open'): ActionFact => ({
  id,
  goalId,
  status,
})

/** A case with two goals and an action for each, as the example of a plan leaves it. */
export const givenFacts = (more: Partial<CaseFacts> = {}): CaseFacts => ({
  id: 'case-1',
  number: '2026-0001',
  kind: 'case',
  studentId: 'student-1',
  orgUnitId: 'unit-1',
  ownerId: 'staff-1',
  ownerSince: 0,
  version: 10,
  writes: 10,
  standing: {
    step: 'tracking',
    stepSince: 8,
    cameFrom: null,
    baseline: 8,
    reason: null,
    signed: {},
    waived: [],
    reached: ['investigation', 'agreement', 'plan', 'tracking'],
  },
  openedOn: '2026-09-01',
  pausedOn: null,
  birthDate: '2006-05-04',
  enrolmentStatus: 'enrolled',
  contacts: { held: 0, attemptDays: 0 },
  goals: [goal('g1'), goal('g2')],
  actions: [action('a1', 'g1'), action('a2', 'g2')],
  consents: [],
  holds: [],
  drafts: 0,
  openDrafts: [],
  openReferrals: [],
  hasSuccessor: false,
  otherOpenCase: false,
  keyErased: false,
  ...more,
})

const told = (goals: readonly GoalFact[], effects: CaseEffects, version: number): GoalFact[] =>
  goals.map(each => {
    const assessed = effects.attainment?.find(one => one.goalId === each.id)
    const seen = effects.progress?.some(one => one.goalId === each.id)
    return {
      ...each,
      ...(seen ? { progressVersion: version } : {}),
      ...(assessed ? { attainment: assessed.level, attainmentVersion: version, attainmentFinal: assessed.final } : {}),
    }
  })

/** The facts after a record with these effects came in force: what the signing statement does, in memory. */
export const after = (facts: CaseFacts, effects: CaseEffects): CaseFacts => {
  const version = facts.version + 1
  const { plan } = effects
  const put = plan?.actions ?? effects.actions ?? []
  const goals = plan
    ? plan.goals.map(each => goal(each.id, { horizon: each.horizon as 'near', difficulty: each.difficulty }))
    : facts.goals
  const left = facts.actions.filter(each => !put.some(one => one.id === each.id))
  const actions = [...left, ...put].map(each => {
    const outcome = effects.settled?.find(one => one.actionId === each.id)?.outcome
    const status = 'status' in each ? each.status : 'open'
    return action(each.id, each.goalId, outcome === 'done' || outcome === 'dropped' ? outcome : status)
  })
  return { ...facts, version, goals: told(goals, effects, version), actions }
}
