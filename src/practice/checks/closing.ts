import type { CaseFacts } from '../facts.ts'
import { type CaseChecks, missing, signed, when } from './check.ts'
import { owedDeferrals } from './deferrals.ts'
import { recordThatMeets } from './planning.ts'
import { unassessed } from './tracking.ts'

const openHolds = (facts: CaseFacts) => facts.holds.filter(hold => hold.liftedVersion === null)

/** Records each step obliges, once the step after it was reached. */
const obliged: Readonly<Record<string, readonly string[]>> = {
  agreement: ['academic_record', 'personal_profile', 'environment', 'cause_attribution', 'risk_screening'],
  plan: ['service_agreement'],
  tracking: ['plan'],
}

/** Endings before which nothing could be offered: no refusal, no attempt to file. */
const nothingOffered: readonly (string | null)[] = ['died', 'opened_in_error']

const fileGaps = (facts: CaseFacts, reason: string | null): string[] => {
  const reached = (step: string) => facts.standing.reached?.includes(step)
  const kinds = Object.entries(obliged).flatMap(([step, needed]) => (reached(step) ? needed : []))
  const neverAgreed = reached('agreement') && !reached('plan') && !nothingOffered.includes(reason)
  const gaps = kinds.filter(kind => !signed(facts, kind) && !facts.standing.waived.some(waiver => waiver.need === kind))
  return neverAgreed && !signed(facts, 'service_agreement') && !signed(facts, 'offer_record')
    ? [...gaps, 'offer_record']
    : gaps
}

/** Rules of closing. Source: seed article 3, §3.2 (6) and 档案的完整性. */
export const closingChecks = {
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
      facts.openDrafts.map(({ id, kind }) =>
        missing(
          'drafts_are_settled',
          { en: `A draft of ${kind} is still open`, zh: `${kind}草稿尚未处理` },
          `/records/${id}`,
          kind,
        ),
      ),
  },
  referrals_are_passed_on: {
    title: { en: 'Referrals are passed on', zh: '转介已交接' },
    records: [],
    operation: 'settleReferral',
    rule: facts =>
      facts.openReferrals.map(id =>
        missing(
          'referrals_are_passed_on',
          { en: 'A referral is still open', zh: '仍有未完成的转介' },
          `/referrals/${id}`,
        ),
      ),
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
      owedDeferrals(facts).map(({ need, dueOn }, index) =>
        missing(
          'deferrals_are_settled',
          { en: `${need} is still owed (by ${dueOn})`, zh: `${need}尚未补齐(期限${dueOn})` },
          `/owed/${index}`,
          recordThatMeets(need),
        ),
      ),
  },
  no_other_open_case: {
    title: { en: 'No other case of the kind is open', zh: '没有其他同类未结个案' },
    records: [],
    rule: facts =>
      when(facts.otherOpenCase, 'no_other_open_case', {
        en: 'Another case of the student and kind is open: a closing is withdrawn only while there is none',
        zh: '该学生已有同类未结个案:须无此类个案方可撤回结案',
      }),
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
    rule: (facts, { reason }) =>
      fileGaps(facts, reason).map(kind =>
        missing(
          'file_is_complete',
          { en: `The file lacks a signed ${kind}`, zh: `档案缺少已签署的${kind}` },
          `/records/${kind}`,
          kind,
        ),
      ),
  },
} as const satisfies CaseChecks
