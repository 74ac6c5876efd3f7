import type { CheckDefinition, Missing, Title } from '../kernel/process.ts'
import type { CrisisFacts } from './crisis.ts'
import { crisisOutcomes, responderAnswers, responderKinds } from './crisis-codes.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

const when = (unmet: boolean, check: string, words: Title): Missing[] => (unmet ? [{ check, title: words }] : [])

const exempt = (facts: CrisisFacts, from: string, since = 0) =>
  facts.exemptions.some(each => each.from === from && each.version > since)

const answering = (facts: CrisisFacts) =>
  facts.responders.filter(each => each.answer !== null && responderAnswers[each.answer].helps && !each.released)

/** The named rules of crises: words, what meets them, the rule itself. Source: domain §4. */
export const crisisChecks = {
  responder_has_answered: {
    title: title('Somebody was contacted and answered', '已联系到响应人员'),
    records: [],
    operation: 'addCrisisResponder',
    rule: facts =>
      when(
        answering(facts).length === 0,
        'responder_has_answered',
        title('Nobody called in has answered that they help', '尚无被联系人员答复可以协助'),
      ),
  },
  guardian_was_notified: {
    title: title('The guardian was notified, or there is a reason in law why not', '已告知监护人,或有不予告知的依据'),
    records: [],
    operation: 'notifyGuardian',
    rule: facts =>
      when(
        facts.kind === 'safety' && facts.notices.given === 0 && !exempt(facts, 'guardian_notice'),
        'guardian_was_notified',
        title(
          'In a safety crisis the guardian is notified, or the reason why not is on file',
          '安全危机须告知监护人,或记录不予告知的依据',
        ),
      ),
  },
  minutes_were_kept: {
    title: title('Minutes were kept since help was mobilised', '响应以来有过程记录'),
    records: [],
    operation: 'writeCrisisMinute',
    rule: facts =>
      when(
        facts.minutesInStep === 0,
        'minutes_were_kept',
        title('No minute was written since help was mobilised', '响应以来尚无过程记录'),
      ),
  },
  specialist_is_involved: {
    title: title('The psychological centre or a hospital is involved', '心理中心或医院已介入'),
    records: [],
    operation: 'addCrisisResponder',
    rule: facts =>
      when(
        facts.kind === 'safety' &&
          !answering(facts).some(each => responderKinds[each.kind].specialist) &&
          !exempt(facts, 'specialist'),
        'specialist_is_involved',
        title(
          'In a safety crisis the psychological centre or a hospital has answered, or the reason why not is on file',
          '安全危机须有心理中心或医院介入,或记录不介入的理由',
        ),
      ),
  },
  monitoring_is_decided: {
    title: title('Monitoring is decided', '已决定监管措施'),
    records: [],
    operation: 'decideCrisisMeasure',
    rule: facts =>
      when(
        !facts.measures.some(each => !each.ended || each.version > facts.relapsedVersion) &&
          !exempt(facts, 'monitoring', facts.relapsedVersion),
        'monitoring_is_decided',
        title(
          'No monitoring measure is decided, nor the reason why none is needed; after a relapse it is decided anew unless a measure still runs',
          '尚未决定监管措施,也未说明无需监管的理由;复发后若无仍在执行的措施,须重新决定',
        ),
      ),
  },
  outcome_is_recorded: {
    title: title('The outcome is recorded', '已记录结果'),
    records: [],
    operation: 'recordCrisisOutcome',
    rule: facts =>
      when(facts.outcome === null, 'outcome_is_recorded', title('No outcome is recorded', '尚未记录危机结果')),
  },
  decision_is_recorded: {
    title: title('The institution’s decision is recorded', '已记录学校决定'),
    records: [],
    operation: 'recordCrisisDecision',
    rule: facts => {
      const { outcome } = facts
      const decided = outcome !== null && crisisOutcomes[outcome].decided
      return when(
        decided && !facts.decisions.some(each => each.decision === outcome),
        'decision_is_recorded',
        title(
          'This outcome rests on a decision of the institution that is not on file',
          '该结果须有学校决定,但决定尚未记录',
        ),
      )
    },
  },
  debrief_is_on_file: {
    title: title('The debrief is on file', '已完成复盘'),
    records: [],
    operation: 'debriefCrisis',
    rule: facts => when(facts.debriefs === 0, 'debrief_is_on_file', title('No debrief is on file', '尚无复盘记录')),
  },
  measures_are_ended: {
    title: title('Monitoring is ended or handed over', '监管措施已结束或移交'),
    records: [],
    operation: 'endCrisisMeasure',
    rule: facts =>
      facts.measures.flatMap((each, index) =>
        each.ended
          ? []
          : [
              {
                check: 'measures_are_ended',
                pointer: `/measures/${index}`,
                title: title(`Measure ${each.id} still runs`, `措施${each.id}仍在执行`),
              },
            ],
      ),
  },
  appeals_are_settled: {
    title: title('Appeals are settled', '申诉已处理'),
    records: [],
    operation: 'settleCrisisAppeal',
    rule: facts =>
      facts.decisions.flatMap((each, index) =>
        each.appealed && !each.settled
          ? [
              {
                check: 'appeals_are_settled',
                pointer: `/decisions/${index}`,
                title: title(`The appeal against decision ${each.id} is open`, `针对决定${each.id}的申诉尚未处理`),
              },
            ]
          : [],
      ),
  },
} as const satisfies Record<string, CheckDefinition<CrisisFacts, never>>
