import type { CaseFacts } from '../facts.ts'
import { type CaseChecks, missing, signed, when } from './check.ts'

interface PlannedGoal {
  readonly id: string
  readonly difficulty: number
  readonly horizon: 'near' | 'mid' | 'far'
  readonly justified?: boolean
}

const distance = { near: 0, mid: 1, far: 2 } as const

/** Goals that are both easier and nearer than one planned before them, unless justified. Seed: 由易到难、由近及远. */
const goalsOutOfOrder = (facts: CaseFacts): { goal: PlannedGoal; index: number }[] => {
  const goals = (signed(facts, 'plan')?.content.goals ?? []) as PlannedGoal[]
  return goals.flatMap((goal, index) => {
    const earlier = goals.slice(0, index)
    const breaks = earlier.some(
      other => goal.difficulty < other.difficulty && distance[goal.horizon] < distance[other.horizon],
    )
    return breaks && goal.justified !== true ? [{ goal, index }] : []
  })
}

/** Whether a name is a check of the plan. */
export const isPlanCheck = (need: string): boolean => Object.hasOwn(planningChecks, need)

/** Kind of record that settles what was deferred: the need itself, or the plan for the checks of a plan. */
export const recordThatMeets = (need: string): string => (isPlanCheck(need) ? 'plan' : need)

/** Whether a plan is in force and meets a check that may be deferred. */
export const planMeets = (facts: CaseFacts, check: string): boolean => {
  const plan = signed(facts, 'plan')
  if (plan === undefined) return false
  return check === 'goals_graded' ? goalsOutOfOrder(facts).length === 0 : plan.content.feasibility !== undefined
}

/** Rules of agreement and plan. Source: seed article 3, §3.2 (2) and (3). */
export const planningChecks = {
  agreement_in_force: {
    title: { en: 'The service agreement is in force', zh: '服务协议有效' },
    records: ['service_agreement'],
    rule: (facts, { today }) => {
      const agreement = signed(facts, 'service_agreement')
      if (!agreement) return []
      const { validFrom, validUntil } = agreement.content
      return [
        ...when(String(validUntil) < today, 'agreement_in_force', {
          en: 'The service agreement has expired',
          zh: '服务协议已过期',
        }),
        ...when(String(validFrom) > today, 'agreement_in_force', {
          en: `The service agreement begins only on ${validFrom}`,
          zh: `服务协议自${validFrom}起生效`,
        }),
      ]
    },
  },
  goals_graded: {
    title: { en: 'Goals go from easy to hard and from near to far', zh: '目标由易到难、由近及远' },
    records: ['plan'],
    rule: facts =>
      goalsOutOfOrder(facts).map(({ goal, index }) =>
        missing(
          'goals_graded',
          {
            en: `Goal ${goal.id} is easier and nearer than an earlier one; reorder or justify it`,
            zh: `目标${goal.id}比之前的目标更易且更近,请调整顺序或说明理由`,
          },
          `/records/plan/content/goals/${index}`,
        ),
      ),
  },
  feasibility_reviewed: {
    title: { en: 'The plan’s feasibility was reviewed', zh: '计划可行性已评估' },
    records: ['plan'],
    rule: facts =>
      when(
        signed(facts, 'plan') !== undefined && signed(facts, 'plan')?.content.feasibility === undefined,
        'feasibility_reviewed',
        { en: 'The plan has no feasibility review', zh: '计划缺少可行性评估' },
      ),
  },
} as const satisfies CaseChecks
