import { event } from './event.ts'

/** Entries about crises. */
export const crisisEvents = {
  'crisis.opened': event('crisis', 'Crisis opened', '危机启动', [
    'kind',
    'subkind',
    'leadId',
    'alertId',
    'dueAt',
    'beyondHorizon',
  ]),
  'crisis.moved': event('crisis', 'Crisis moved to another stage', '危机推进', ['from', 'to', 'dueAt', 'wordsId']),
  'crisis.escalated': event('crisis', 'Overdue stage escalated', '危机超时升级', ['step', 'level', 'dueAt', 'toldIds']),
  'crisis.targeted': event('crisis', 'Clock started, now that the calendar reaches so far', '补定阶段时限', [
    'step',
    'dueAt',
  ]),
  'crisis.reassigned': event('crisis', 'Crisis given to another lead', '危机负责人变更', ['fromId', 'toId', 'wordsId']),
  'crisis.responder_added': event('crisis', 'Responder called in', '召集响应人员', ['responderId', 'kind', 'staffId']),
  'crisis.responder_contacted': event('crisis', 'Responder contacted', '联系响应人员', ['responderId', 'contactedAt']),
  'crisis.responder_answered': event('crisis', 'Responder answered', '响应人员答复', [
    'responderId',
    'answer',
    'answeredAt',
  ]),
  'crisis.responder_released': event('crisis', 'Responder released', '响应人员退出', ['responderId']),
  'crisis.guardian_notified': event('crisis', 'Guardian notified or tried', '告知监护人', [
    'noticeId',
    'outcome',
    'method',
  ]),
  'crisis.exempted': event('crisis', 'Done without, for a reason', '记录豁免理由', ['exemptionId', 'from']),
  'crisis.measure_decided': event('crisis', 'Monitoring measure decided', '决定监管措施', [
    'measureId',
    'kind',
    'basis',
    'from',
    'until',
  ]),
  'crisis.measure_ended': event('crisis', 'Monitoring measure ended', '监管措施结束', ['measureId', 'how']),
  'crisis.minuted': event('minute', 'Minute written', '过程记录', ['crisisId', 'at', 'late']),
  'crisis.outcome_recorded': event('crisis', 'Outcome recorded', '记录危机结果', ['outcome', 'on', 'wordsId']),
  'crisis.decision_recorded': event('crisis', 'Decision of the institution recorded', '记录学校决定', [
    'decisionId',
    'decision',
    'decidedOn',
  ]),
  'crisis.appealed': event('crisis', 'Decision appealed', '提出申诉', ['decisionId', 'on']),
  'crisis.appeal_settled': event('crisis', 'Appeal settled', '申诉处理', ['decisionId', 'result', 'on']),
  'crisis.debriefed': event('crisis', 'Debrief filed', '复盘记录', ['debriefId', 'on']),
} as const
