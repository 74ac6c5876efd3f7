import { defineProcess, type Title } from '../kernel/process.ts'
import { codesOf } from './codes.ts'
import { cancellingReasons, earlyEndingReasons, type GroupPhase } from './group-codes.ts'

const title = (en: string, zh: string): Title => ({ en, zh })
const leaders = ['leader', 'co_leader'] as const
const deciders = ['leader', 'line_manager'] as const
const early = { reason: codesOf(earlyEndingReasons) }

/** Ends before the work was done: for a reason, in words, and not before the members were told. */
const earlyEnding = (from: 'early' | 'middle') =>
  ({
    from,
    to: 'ending',
    by: deciders,
    reasons: early.reason,
    noteRequired: true,
    needs: [],
    checks: [{ check: 'members_were_told' }],
  }) as const

/** Never takes place, or not as a group: nobody is left without word, money or a way on. */
const cancelling = (from: 'preparation' | 'early') =>
  ({
    from,
    to: 'cancelled',
    by: deciders,
    reasons: codesOf(cancellingReasons),
    noteRequired: true,
    needs: [],
    checks: [
      { check: 'members_were_told' },
      ...(from === 'early' ? [{ check: 'tasks_are_settled' } as const] : []),
      { check: 'budget_is_settled' },
      { check: 'onward_plans_are_made' },
      { check: 'group_drafts_are_settled' },
    ],
  }) as const

/**
 * Group work 小组工作 in five guarded phases. Source: seed article 3, §3.3 (小组准备期、初期、中期、后期和结束期); maps
 * to, and is not, MZ/T 095-2017 (筹备 形成 转折 成熟 结束).
 */
export const groupWork = defineProcess({
  name: 'group',
  title: title('Group work', '小组工作'),
  initial: 'preparation',
  final: ['ended', 'cancelled'],
  steps: {
    preparation: {
      title: title('Preparation', '准备期'),
      note: title('Goals, members, plan, budget', '目标、招募、方案与预算'),
    },
    early: { title: title('Early phase', '初期'), note: title('Getting to know, norms', '相互熟悉、订立契约') },
    middle: { title: title('Middle phase', '中期'), note: title('Tasks are assigned', '分配任务') },
    late: { title: title('Late phase', '后期'), note: title('Tasks are carried out', '执行任务') },
    ending: { title: title('Ending phase', '结束期'), note: title('Summary and sharing', '总结与分享') },
    ended: { title: title('Ended', '已结束') },
    cancelled: { title: title('Cancelled', '已取消') },
  },
  edges: [
    {
      from: 'preparation',
      to: 'early',
      by: leaders,
      needs: [
        { record: 'group_plan', since: 'case' },
        { record: 'recruitment_plan', since: 'case', waivable: true },
        { record: 'group_budget', since: 'case' },
      ],
      checks: [
        { check: 'members_have_consented' },
        { check: 'composition_fits', waivable: true },
        { check: 'sessions_are_planned', waivable: true },
        { check: 'budget_is_funded' },
      ],
    },
    {
      from: 'early',
      to: 'middle',
      by: leaders,
      needs: [
        { record: 'group_contract', since: 'case' },
        { record: 'phase_evaluation', since: 'step', waivable: true },
      ],
      checks: [
        { check: 'opening_session_was_held' },
        { check: 'norms_are_accepted' },
        { check: 'baseline_is_on_file', waivable: true },
        { check: 'open_items_are_resolved' },
      ],
    },
    {
      from: 'middle',
      to: 'late',
      by: leaders,
      needs: [
        { record: 'task_assignment', since: 'case' },
        { record: 'phase_evaluation', since: 'step', waivable: true },
      ],
      checks: [
        { check: 'tasks_are_assigned', waivable: true },
        { check: 'session_was_held' },
        { check: 'norms_are_accepted' },
        { check: 'open_items_are_resolved' },
      ],
    },
    {
      from: 'late',
      to: 'ending',
      by: deciders,
      reasons: early.reason,
      reasonOptional: true,
      noteFor: early.reason,
      needs: [{ record: 'phase_evaluation', since: 'step', waivable: true, unless: early }],
      checks: [
        { check: 'tasks_are_settled', unless: early },
        { check: 'ending_was_announced', waivable: true, unless: early },
        { check: 'norms_are_accepted', unless: early },
        { check: 'open_items_are_resolved', unless: early },
        { check: 'members_were_told', when: early },
      ],
    },
    earlyEnding('early'),
    earlyEnding('middle'),
    {
      from: 'ending',
      to: 'ended',
      by: leaders,
      needs: [{ record: 'final_evaluation', since: 'step' }],
      checks: [
        { check: 'sharing_session_was_held', waivable: true },
        { check: 'tasks_are_settled' },
        { check: 'group_goals_are_assessed' },
        { check: 'outcomes_are_on_file' },
        { check: 'budget_is_settled' },
        { check: 'onward_plans_are_made' },
        { check: 'group_drafts_are_settled' },
      ],
    },
    cancelling('preparation'),
    cancelling('early'),
  ],
})

export type GroupStep = keyof typeof groupWork.steps

/** Steps in which a group that lost members or its composition has an open item. */
export const runningSteps = ['early', 'middle', 'late'] as const satisfies readonly GroupStep[]

/** The phase whose sessions are held in a step; none before the first and after the last. */
export const phaseOf = (step: string): GroupPhase | null =>
  step === 'early' || step === 'middle' || step === 'late' || step === 'ending' ? step : null
