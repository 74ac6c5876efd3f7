import type { CheckDefinition, Missing, Title } from '../kernel/process.ts'
import { type CaseFacts, isMinor } from './facts.ts'

const missing = (check: string, title: Title, pointer?: string): Missing => ({
  check,
  title,
  ...(pointer ? { pointer } : {}),
})

const when = (unmet: boolean, check: string, title: Title): Missing[] => (unmet ? [missing(check, title)] : [])

const signed = (facts: CaseFacts, kind: string) => facts.standing.signed[kind]

/** Deferrals that are still owed: no record of the kind was signed since, and no later waiver. */
export const owedDeferrals = (facts: CaseFacts): CaseFacts['waivers'] =>
  facts.waivers.filter(
    deferral =>
      deferral.mode === 'deferred' &&
      !((signed(facts, deferral.need)?.version ?? 0) > deferral.version) &&
      !facts.waivers.some(other => other.need === deferral.need && other.version > deferral.version) &&
      !planMeets(facts, deferral.need),
  )

const planMeets = (facts: CaseFacts, check: string): boolean => {
  if (check === 'goals_graded') return goalsOutOfOrder(facts).length === 0
  if (check === 'feasibility_reviewed') return signed(facts, 'plan')?.content.feasibility !== undefined
  return false
}

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

const isCrisisRisk = (facts: CaseFacts) =>
  ['high', 'crisis'].includes(String(signed(facts, 'risk_screening')?.content.level))

const openHolds = (facts: CaseFacts) => facts.holds.filter(hold => hold.liftedVersion === null)

const lastEvaluation = (facts: CaseFacts) => signed(facts, 'evaluation')?.version ?? facts.standing.baseline

/** Records each step obliges, once the step after it was reached. */
const obliged: Readonly<Record<string, readonly string[]>> = {
  agreement: ['academic_record', 'personal_profile', 'environment', 'cause_attribution', 'risk_screening'],
  plan: ['service_agreement'],
  tracking: ['plan'],
}

const fileGaps = (facts: CaseFacts): string[] => {
  const reached = (step: string) => facts.reached.includes(step)
  const kinds = Object.entries(obliged).flatMap(([step, needed]) => (reached(step) ? needed : []))
  const neverAgreed = reached('agreement') && !reached('plan')
  const gaps = kinds.filter(kind => !signed(facts, kind) && !facts.waivers.some(waiver => waiver.need === kind))
  return neverAgreed && !signed(facts, 'service_agreement') && !signed(facts, 'offer_record')
    ? [...gaps, 'offer_record']
    : gaps
}

/** The named rules of casework that are no record: words, what meets them, and the rule itself. Source: domain §2. */
export const caseworkChecks = {
  not_paused: {
    title: { en: 'The case is not paused', zh: '个案未中止' },
    records: [],
    operation: 'resumeCase',
    rule: facts => when(facts.pausedOn !== null, 'not_paused', { en: 'Resume the case first', zh: '请先恢复个案' }),
  },
  service_consent_in_force: {
    title: { en: 'Consent to the service is in force', zh: '服务同意有效' },
    records: ['service_agreement'],
    rule: facts =>
      when(
        !facts.consents.some(consent => consent.purpose === 'service' && consent.inForce),
        'service_consent_in_force',
        { en: 'The student has not given, or has withdrawn, consent to the service', zh: '学生未给予或已撤回服务同意' },
      ),
  },
  helper_is_confirmed: {
    title: { en: 'The student has confirmed the present main helper', zh: '学生已确认现任主要帮扶者' },
    records: ['helper_confirmation', 'service_agreement'],
    rule: facts => {
      const confirmed = Math.max(
        signed(facts, 'helper_confirmation')?.version ?? 0,
        signed(facts, 'service_agreement')?.version ?? 0,
      )
      return when(
        signed(facts, 'service_agreement') !== undefined && facts.ownerSince > confirmed,
        'helper_is_confirmed',
        { en: 'The new main helper and the student have not confirmed anew', zh: '新的主要帮扶者与学生尚未重新确认' },
      )
    },
  },
  risk_is_covered: {
    title: { en: 'A high risk is covered', zh: '高风险已有应对' },
    records: ['risk_cover_note'],
    operation: 'openCrisis',
    rule: facts => {
      const screening = signed(facts, 'risk_screening')
      if (!screening || !isCrisisRisk(facts)) return []
      const covered =
        facts.holds.some(hold => hold.openedVersion > screening.version || hold.liftedVersion === null) ||
        (signed(facts, 'risk_cover_note')?.version ?? 0) > screening.version
      return when(!covered, 'risk_is_covered', {
        en: 'The newest risk screening is high or crisis: open a crisis, or file a line manager’s note',
        zh: '最新风险筛查为高或危机:须启动危机干预或由主管出具说明',
      })
    },
  },
  agreement_in_force: {
    title: { en: 'The service agreement is in force', zh: '服务协议有效' },
    records: ['service_agreement'],
    rule: (facts, { today }) => {
      const agreement = signed(facts, 'service_agreement')
      if (!agreement) return []
      return when(String(agreement.content.validUntil) < today, 'agreement_in_force', {
        en: 'The service agreement has expired',
        zh: '服务协议已过期',
      })
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
  contact_was_made: {
    title: {
      en: 'A held session or follow-up, or attempts on two days, since the last evaluation',
      zh: '自上次评估以来有会谈或回访,或两日以上的联系尝试',
    },
    records: ['session', 'follow_up'],
    rule: facts =>
      when(facts.contacts.held < 1 && facts.contacts.attemptDays < 2, 'contact_was_made', {
        en: 'No held session or follow-up, nor attempts on two different days, since the last evaluation',
        zh: '自上次评估以来没有会谈或回访,也没有两日以上的联系尝试',
      }),
  },
  every_goal_has_progress: {
    title: { en: 'Progress is on file for every open goal', zh: '每个进行中目标均有进展记录' },
    records: ['session', 'follow_up'],
    rule: facts =>
      facts.goals.flatMap((goal, index) =>
        goal.status === 'open' && goal.progressVersion <= lastEvaluation(facts)
          ? [
              missing(
                'every_goal_has_progress',
                { en: `No progress on file for goal ${goal.id}`, zh: `目标${goal.id}没有进展记录` },
                `/goals/${index}`,
              ),
            ]
          : [],
      ),
  },
  intervention_is_recorded: {
    title: { en: 'The intervention decided on is on file', zh: '已记录所决定的干预' },
    records: ['intervention'],
    rule: facts => {
      const evaluation = signed(facts, 'evaluation')
      if (evaluation?.content.decision !== 'intervene') return []
      return when(
        (signed(facts, 'intervention')?.version ?? 0) <= facts.standing.stepSince,
        'intervention_is_recorded',
        {
          en: 'The evaluation decided to intervene, and no intervention is signed since',
          zh: '评估决定干预,但尚无已签署的干预记录',
        },
      )
    },
  },
  every_goal_is_assessed: {
    title: { en: 'Every goal is assessed', zh: '每个目标均已评定' },
    records: ['evaluation'],
    rule: facts => unassessed(facts, 'every_goal_is_assessed', false),
  },
  student_was_informed: {
    title: { en: 'The student was told of the ending', zh: '已告知学生结案' },
    records: ['closing_summary'],
    rule: facts => {
      const summary = signed(facts, 'closing_summary')
      return when(summary !== undefined && summary.content.informed === undefined, 'student_was_informed', {
        en: 'The closing summary does not say how the student was informed',
        zh: '结案总结未说明如何告知学生',
      })
    },
  },
  actions_are_settled: {
    title: { en: 'Open actions are settled', zh: '未完成的行动已处理' },
    records: ['action_settlement'],
    rule: facts =>
      facts.actions.flatMap((action, index) =>
        action.status === 'open'
          ? [
              missing(
                'actions_are_settled',
                { en: `Action ${action.id} is still open`, zh: `行动${action.id}尚未处理` },
                `/actions/${index}`,
              ),
            ]
          : [],
      ),
  },
  drafts_are_settled: {
    title: { en: 'Drafts are signed or discarded', zh: '草稿已签署或作废' },
    records: [],
    operation: 'discardRecord',
    rule: facts =>
      when(facts.drafts > 0, 'drafts_are_settled', { en: 'Drafts are still open', zh: '仍有未处理的草稿' }),
  },
  referrals_are_passed_on: {
    title: { en: 'Referrals are passed on', zh: '转介已交接' },
    records: [],
    operation: 'settleReferral',
    rule: facts =>
      when(facts.openReferrals > 0, 'referrals_are_passed_on', {
        en: 'A referral is still open',
        zh: '仍有未完成的转介',
      }),
  },
  no_open_crisis: {
    title: { en: 'No open crisis, or somebody named carries it on', zh: '无未结危机,或已指定承接人' },
    records: [],
    operation: 'liftHold',
    rule: facts =>
      when(
        openHolds(facts).some(hold => !hold.hasRecipient),
        'no_open_crisis',
        { en: 'A crisis is open and nobody is named to carry it on', zh: '危机尚未结束且未指定承接人' },
      ),
  },
  goals_have_final_attainment: {
    title: { en: 'Every goal has a final attainment', zh: '每个目标均有最终达成度' },
    records: ['evaluation'],
    rule: facts => unassessed(facts, 'goals_have_final_attainment', true),
  },
  deferrals_are_settled: {
    title: { en: 'What was deferred is settled or waived', zh: '延后事项已补齐或豁免' },
    records: [],
    operation: 'waiveNeeds',
    rule: facts =>
      owedDeferrals(facts).map(deferral =>
        missing('deferrals_are_settled', {
          en: `${deferral.need} is still owed (by ${deferral.dueOn})`,
          zh: `${deferral.need}尚未补齐(期限${deferral.dueOn})`,
        }),
      ),
  },
  successor_is_opened: {
    title: { en: 'The successor case is opened', zh: '后续个案已建立' },
    records: [],
    operation: 'openCase',
    rule: facts =>
      when(!facts.hasSuccessor, 'successor_is_opened', {
        en: 'No successor case is opened',
        zh: '尚未建立后续个案',
      }),
  },
  file_is_complete: {
    title: { en: 'The file is complete', zh: '档案完整' },
    records: ['offer_record'],
    rule: facts =>
      fileGaps(facts).map(kind =>
        missing(
          'file_is_complete',
          { en: `The file lacks a signed ${kind}`, zh: `档案缺少已签署的${kind}` },
          `/records/${kind}`,
        ),
      ),
  },
} as const satisfies Readonly<Record<string, CheckDefinition<CaseFacts, string>>>

const unassessed = (facts: CaseFacts, check: string, final: boolean): Missing[] =>
  facts.goals.flatMap((goal, index) =>
    goal.status === 'open' && (goal.attainment === null || (final && !goal.attainmentFinal))
      ? [
          missing(
            check,
            {
              en: `Goal ${goal.id} has no ${final ? 'final ' : ''}attainment`,
              zh: `目标${goal.id}没有${final ? '最终' : ''}达成度`,
            },
            `/goals/${index}`,
          ),
        ]
      : [],
  )

/** The parties whose signatures put a record in force; the guardian signs only for a minor. */
export const partiesOf = (signers: readonly string[], facts: Pick<CaseFacts, 'birthDate'>, today: string): string[] =>
  signers.filter(party => party !== 'guardian' || isMinor(facts.birthDate, today))
