import { defineProcess } from '../kernel/process.ts'
import { codesOf, moveReasons, closureReasons as reasons } from './codes.ts'

/** Reasons a case ends for; titles in the code lists. */
export const closureReasons = codesOf(reasons)

/** The two endings that are earned: only from evaluation, every goal assessed. */
export const earnedReasons = ['goals_met', 'mostly_met'] as const

const earlyReasons = closureReasons.filter(reason => !earnedReasons.includes(reason as 'goals_met'))
const earned = { reason: earnedReasons }
const notAsked = { reason: ['died', 'opened_in_error'] } as const

/** Whoever ends a case says which other reason. */
const ending = { to: 'closure', by: ['owner', 'line_manager'], noteFor: ['other'] } as const

const earlyEnding = (from: 'investigation' | 'agreement' | 'plan' | 'tracking') =>
  ({ ...ending, from, needs: [], checks: [], reasons: earlyReasons }) as const

const closingWithdrawn = (to: 'investigation' | 'agreement' | 'plan' | 'tracking' | 'evaluation') =>
  ({
    from: 'closure',
    to,
    by: ['owner'],
    needs: [],
    checks: [{ check: 'no_other_open_case' }],
    noteRequired: true,
    back: true,
  }) as const

/**
 * Casework 个案工作 in six guarded steps. Source: seed article 3, §3.2 (1)–(6); maps to, and is not, MZ/T 094-2017
 * (接案 预估 计划 介入 评估 结案).
 */
export const casework = defineProcess({
  name: 'case',
  title: { en: 'Casework', zh: '个案工作' },
  initial: 'investigation',
  final: ['closed'],
  remembers: 'closure',
  steps: {
    investigation: {
      title: { en: 'Investigation', zh: '前期调查' },
      note: { en: 'Preliminary assessment', zh: '了解学业状况、个人与环境' },
    },
    agreement: {
      title: { en: 'Agreement', zh: '建立帮扶关系' },
      note: { en: 'Engagement and service agreement', zh: '双方认可并约定权利义务' },
    },
    plan: { title: { en: 'Plan', zh: '制定帮扶计划' }, note: { en: 'Goals agreed by both', zh: '由易到难、由近及远' } },
    tracking: {
      title: { en: 'Tracking', zh: '记录与跟踪' },
      note: { en: 'Recording and follow-up', zh: '全过程有记录和反馈' },
    },
    evaluation: {
      title: { en: 'Evaluation', zh: '评估与干预' },
      note: { en: 'Evaluation and intervention', zh: '总结、修正与干预' },
    },
    closure: { title: { en: 'Closure', zh: '结案' }, note: { en: 'Ending and summing up', zh: '总结与跟进安排' } },
    closed: { title: { en: 'Closed', zh: '已结案' } },
  },
  everywhere: [
    { check: 'not_paused', exceptTo: ['closure', 'closed'], exceptFrom: ['closure'] },
    {
      check: 'service_consent_in_force',
      exceptTo: ['closure', 'closed', 'agreement'],
      exceptFrom: ['closure', 'investigation'],
    },
    { check: 'helper_is_confirmed', exceptTo: ['closure', 'closed'], exceptFrom: ['closure', 'investigation'] },
    { check: 'risk_is_covered', exceptTo: ['closure', 'closed'], exceptFrom: ['closure'] },
  ],
  edges: [
    {
      from: 'investigation',
      to: 'agreement',
      by: ['owner'],
      needs: [
        { record: 'academic_record', since: 'case', waivable: true },
        { record: 'personal_profile', since: 'case', waivable: true },
        { record: 'environment', since: 'case', waivable: true },
        { record: 'cause_attribution', since: 'case', waivable: true },
        { record: 'risk_screening', since: 'case' },
      ],
      checks: [],
    },
    {
      from: 'agreement',
      to: 'plan',
      by: ['owner'],
      needs: [{ record: 'service_agreement', since: 'case' }],
      checks: [{ check: 'agreement_in_force' }],
    },
    {
      from: 'plan',
      to: 'tracking',
      by: ['owner'],
      reasons: codesOf(moveReasons),
      reasonOptional: true,
      needs: [
        { record: 'plan', since: 'step', unless: { reason: ['revision_dropped'] } },
        { record: 'plan', since: 'case', when: { reason: ['revision_dropped'] } },
      ],
      checks: [
        { check: 'goals_graded', waivable: true },
        { check: 'feasibility_reviewed', waivable: true },
      ],
    },
    {
      from: 'tracking',
      to: 'evaluation',
      by: ['owner'],
      needs: [],
      checks: [{ check: 'contact_was_made' }, { check: 'every_goal_has_progress' }],
    },
    {
      from: 'evaluation',
      to: 'tracking',
      by: ['owner'],
      needs: [{ record: 'evaluation', since: 'step', where: { decision: ['continue', 'intervene'] } }],
      checks: [{ check: 'intervention_is_recorded' }],
    },
    {
      from: 'evaluation',
      to: 'plan',
      by: ['owner'],
      noteRequired: true,
      needs: [{ record: 'evaluation', since: 'step', where: { decision: ['revise'] } }],
      checks: [],
    },
    {
      ...ending,
      from: 'evaluation',
      reasons: closureReasons,
      needs: [{ record: 'evaluation', since: 'step', where: { decision: ['close'] }, when: earned }],
      checks: [
        { check: 'every_goal_is_assessed', when: earned },
        { check: 'deferrals_are_settled', when: earned },
      ],
    },
    earlyEnding('investigation'),
    earlyEnding('agreement'),
    earlyEnding('plan'),
    earlyEnding('tracking'),
    closingWithdrawn('investigation'),
    closingWithdrawn('agreement'),
    closingWithdrawn('plan'),
    closingWithdrawn('tracking'),
    closingWithdrawn('evaluation'),
    {
      from: 'closure',
      to: 'closed',
      by: ['owner'],
      needs: [{ record: 'closing_summary', since: 'step' }],
      checks: [
        { check: 'student_was_informed', unless: notAsked },
        { check: 'actions_are_settled' },
        { check: 'drafts_are_settled' },
        { check: 'referrals_are_passed_on' },
        { check: 'no_open_crisis' },
        { check: 'risk_is_covered', unless: notAsked },
        { check: 'goals_have_final_attainment', when: earned },
        { check: 'deferrals_are_settled', when: earned },
        { check: 'successor_is_opened', when: { reason: ['new_situation'] } },
        { check: 'file_is_complete' },
      ],
    },
  ],
})

export type CaseStep = keyof typeof casework.steps
