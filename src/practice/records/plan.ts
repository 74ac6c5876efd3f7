import { z } from 'zod'
import { aims, codesOf, horizons } from '../codes.ts'
import type { CaseFacts } from '../facts.ts'
import { day, daysAfter, defineRecord, localId, type SigningFault, words } from '../record-kind.ts'
import { strategies } from '../strategies.ts'
import { actionFaults, fault, pastDueDays, pastFaults, repeatedIds, settled, settlementList } from './parts.ts'

const goal = z.strictObject({
  id: localId().describe('Id in this case, kept through versions'),
  aim: z.enum(codesOf(aims)).describe('Aim it serves'),
  statement: words(1000).describe('The goal in the student’s words'),
  measure: words(500).describe('How it is told whether it is reached'),
  baseline: words(500).describe('Where things stand'),
  target: words(500).describe('Where they shall stand'),
  difficulty: z.int().min(1).max(5).describe('1 easy … 5 hard'),
  horizon: z.enum(codesOf(horizons)).describe('Near, mid or far'),
  weight: z.int().min(1).max(100).describe('Relative weight'),
  dueOn: day().describe('Due day'),
  scale: z.array(words(300)).length(5).optional().describe('Attainment scale from −2 to +2, in words'),
  justified: z.boolean().optional().describe('Stands out of order on purpose'),
  justification: words(500).optional().describe('Why it stands out of order; needed when justified'),
})

const action = z.strictObject({
  id: localId().describe('Id in this case; an action named again in a new version is carried on'),
  goalId: localId().describe('Goal it serves'),
  text: words(1000).describe('What is done'),
  by: z.enum(['student', 'worker', 'other']).describe('Who does it'),
  dueOn: day().describe('Due day'),
  strategy: z.enum(codesOf(strategies)).optional().describe('Strategy of the library'),
})

const feasibility = z.strictObject({
  weeklyHoursNeeded: z.number().min(0).max(100).describe('Hours a week the plan asks for'),
  weeklyHoursFree: z.number().min(0).max(100).describe('Hours a week the timetable leaves'),
  overload: words(500)
    .optional()
    .describe('Why it holds all the same; needed when it asks for more hours than are free'),
  examDates: z.array(day()).max(30).describe('Exam days to plan around'),
  resources: words(1000).describe('Resources at hand'),
  studentConfidence: z.int().min(0).max(10).describe('0 none … 10 certain, as the student says'),
})

const content = z.strictObject({
  goals: z.array(goal).min(1).max(20).describe('Goals, from easy to hard and from near to far'),
  actions: z.array(action).min(1).max(60).describe('Actions'),
  feasibility: feasibility.optional().describe('Review of feasibility'),
  reviewOn: day().describe('Day the plan is looked at again'),
  settlements: settlementList().describe('What becomes of open actions of the plan in force that are not named again'),
})

type Plan = z.output<typeof content>

/** Every goal has an action, every action a goal; a goal out of order says why. */
const unlinked = ({ goals, actions }: Plan): SigningFault[] => [
  ...goals.flatMap(({ id }, index) =>
    actions.some(each => each.goalId === id)
      ? []
      : [fault(`/goals/${index}`, 'goal_without_action', 'The goal has no action', '目标没有行动')],
  ),
  ...actions.flatMap(({ goalId }, index) =>
    goals.some(each => each.id === goalId)
      ? []
      : [fault(`/actions/${index}/goalId`, 'unknown_goal', 'No goal of this plan has the id', '计划中没有此目标')],
  ),
  ...goals.flatMap(({ justified, justification }, index) =>
    justified && !justification
      ? [fault(`/goals/${index}/justification`, 'reason_required', 'Say why it stands there', '请说明排序理由')]
      : [],
  ),
]

/** A plan that asks for more hours than the timetable leaves, and does not say why it holds all the same. */
const overloaded = ({ feasibility }: Plan): SigningFault[] =>
  feasibility && feasibility.weeklyHoursNeeded > feasibility.weeklyHoursFree && !feasibility.overload
    ? [
        fault(
          '/feasibility/weeklyHoursNeeded',
          'more_than_free',
          'More hours than are free: plan less, or say why it holds',
          '所需时间超出空闲时间,请调整或说明理由',
        ),
      ]
    : []

/** Every open action of the plan in force is named again, or settled; nothing foreign is, and nothing is both. */
const unsettled = (plan: Plan, facts: CaseFacts): SigningFault[] => {
  const again = plan.actions.map(each => each.id)
  const named = [...again, ...plan.settlements.map(each => each.actionId)]
  const missing = facts.actions.filter(each => each.status === 'open' && !named.includes(each.id))
  const kept = plan.goals.map(each => each.id)
  return [
    ...missing.map(({ id }) =>
      fault('/settlements', 'action_unsettled', `Settle action ${id} or name it again`, `请处理行动${id}`),
    ),
    ...actionFaults(plan.settlements, facts, 'settlements'),
    ...plan.settlements.flatMap(({ actionId, outcome }, index) => {
      const pointer = `/settlements/${index}/outcome`
      if (outcome !== 'carry')
        return again.includes(actionId)
          ? [fault(pointer, 'action_kept', 'The plan names this action again', '计划中仍有此行动')]
          : []
      const goalId = facts.actions.find(each => each.id === actionId)?.goalId
      return again.includes(actionId) || goalId === null || kept.includes(goalId ?? '')
        ? []
        : [fault(pointer, 'goal_left', 'Its goal is not in this plan: nothing to carry on', '其目标已不在计划中')]
    }),
  ]
}

/** Plan 帮扶计划, agreed by both. Source: seed article 3, §3.2 (3): 共同协商、切合实际、可行、由易到难、由近及远. */
export const plan = defineRecord({
  kind: 'plan',
  of: 'case',
  title: { en: 'Plan', zh: '帮扶计划' },
  source: 'Seed article 3, §3.2 (3) 制定帮扶计划; MZ/T 094-2017 计划',
  writers: ['worker'],
  signers: ['worker', 'student'],
  writableIn: ['plan'],
  cardinality: 'one',
  studentReads: 'whole',
  content,
  check: (given, facts, today) => [
    ...repeatedIds(given.goals, 'goals'),
    ...repeatedIds(given.actions, 'actions'),
    ...unlinked(given),
    ...pastDueDays(given.goals, 'goals', today),
    ...pastDueDays(given.actions, 'actions', today),
    ...pastFaults('/reviewOn', given.reviewOn, today),
    ...overloaded(given),
    ...unsettled(given, facts),
  ],
  effects: given => ({
    plan: {
      goals: given.goals.map(({ id, aim, horizon, difficulty, weight, dueOn }) => ({
        id,
        aim,
        horizon,
        difficulty,
        weight,
        dueOn,
      })),
      actions: given.actions.map(({ id, goalId, dueOn, by, strategy }) => ({
        id,
        goalId,
        dueOn,
        by,
        strategy: strategy ?? null,
      })),
    },
    settled: settled(given.settlements),
  }),
  example: today => ({
    goals: [
      {
        id: 'g1',
        aim: 'relieve_and_motivate',
        statement: '每周按时交高数作业。',
        measure: '作业系统提交记录。',
        baseline: '近四周仅交一次。',
        target: '连续六周按时提交。',
        difficulty: 2,
        horizon: 'near',
        weight: 40,
        dueOn: daysAfter(today, 45),
        scale: ['不足一次', '一至三次', '六周按时', '八周按时', '整学期按时'],
      },
      {
        id: 'g2',
        aim: 'self_insight_and_self_solving',
        statement: '通过高数补考。',
        measure: '补考成绩。',
        baseline: '43分。',
        target: '60分以上。',
        difficulty: 4,
        horizon: 'mid',
        weight: 60,
        dueOn: daysAfter(today, 120),
      },
    ],
    actions: [
      {
        id: 'a1',
        goalId: 'g1',
        text: '每周二、四下午到自习室完成作业。',
        by: 'student',
        dueOn: daysAfter(today, 45),
        strategy: 'habit_training',
      },
      {
        id: 'a2',
        goalId: 'g2',
        text: '安排朋辈辅导,每周一次。',
        by: 'worker',
        dueOn: daysAfter(today, 90),
        strategy: 'tutoring',
      },
    ],
    feasibility: {
      weeklyHoursNeeded: 6,
      weeklyHoursFree: 9,
      examDates: [daysAfter(today, 110)],
      resources: '自习室座位、高年级朋辈志愿者、任课教师答疑时间。',
      studentConfidence: 6,
    },
    reviewOn: daysAfter(today, 30),
    settlements: [],
  }),
})
