import { event } from './event.ts'

/** Entries about alerts and how an institution warns. */
export const alertEvents = {
  'alert.raised': event('alert', 'Alert raised', '发出预警', ['signalIds', 'severity', 'ownerId', 'toldIds', 'fromId']),
  'alert.joined': event('alert', 'Signals joined the alert', '信号并入预警', [
    'signalIds',
    'severity',
    'rose',
    'ownerId',
    'orgUnitId',
    'toldIds',
    'fromId',
  ]),
  'alert.evidence_changed': event('alert', 'Signals of the alert were updated or cleared', '预警信号更新或解除', [
    'signalIds',
    'severity',
    'rose',
    'ownerId',
    'orgUnitId',
    'toldIds',
  ]),
  'alert.routed': event('alert', 'Routed anew: nobody answered for it, or the student is elsewhere', '重新分派预警', [
    'ownerId',
    'orgUnitId',
    'toldIds',
  ]),
  'alert.told': event('alert', 'The owner of an open case was told', '告知个案负责人', ['staffId']),
  'alert.moved': event('alert', 'Alert moved to another step', '预警推进', ['from', 'to', 'wordsId']),
  'alert.disposed': event('alert', 'Disposition filed', '记录处置', [
    'dispositionId',
    'kind',
    'caseId',
    'crisisId',
    'until',
    'attempts',
  ]),
  'alert.watch_ended': event('alert', 'A watch came to its day: the student is flagged again', '观察期满', [
    'dispositionId',
    'signalId',
  ]),
  'alert.notified': event('alert', 'Notice given or attempted', '告知', [
    'noticeId',
    'to',
    'method',
    'outcome',
    'namesSafety',
  ]),
  'alert.received': event('alert', 'The student signed for the notice', '学生签收', ['noticeId']),
  'alert.objected': event('alert', 'The student objected', '学生提出异议', ['objectionId']),
  'alert.objection_answered': event('alert', 'Objection answered', '答复异议', ['objectionId', 'answer']),
  'alert.merged': event('alert', 'Merged into another alert', '并入其他预警', ['intoId', 'signalIds']),
  'alert.split': event('alert', 'Signals split off into another alert', '拆分预警', [
    'intoId',
    'signalIds',
    'severity',
  ]),
  'alert.reassigned': event('alert', 'Alert given to another owner', '预警改派', ['fromId', 'toId', 'wordsId']),
  'alert.escalated': event('alert', 'Overdue: told further up', '逾期上报', ['level', 'target', 'toldIds']),
  'alert.targeted': event('alert', 'Targets set, now that the calendar reaches so far', '补定处置时限', [
    'acknowledgeBy',
    'resolveBy',
  ]),
  'case.alert_joined': event('case', 'An alert was joined to the case', '预警并入个案', ['alertId', 'wordsId']),
  'warning_settings.changed': event('warning_settings', 'How the institution warns was changed', '预警设置变更'),
} as const
