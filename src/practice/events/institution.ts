import { event } from './event.ts'

/** Entries about the roster, machine clients and the journal itself. */
export const institutionEvents = {
  'institution.created': event('institution', 'Institution created', '建立学校', ['unitId', 'staffId']),
  'roster.changed': event('institution', 'Roster changed', '名册变更', ['collection', 'created', 'updated']),
  'student.enrolment_changed': event('student', 'Enrolment status changed', '学籍状态变更', ['from', 'to']),
  'client.created': event('client', 'Machine client created', '创建客户端', ['scopes', 'types']),
  'client.revoked': event('client', 'Machine client revoked', '吊销客户端'),
  'clock.moved': event('institution', 'Clock of the sandbox moved', '沙盒时钟调整', ['from', 'to']),
  'journal.checkpointed': event('institution', 'Journal checkpoint signed', '日志检查点', [
    'position',
    'hash',
    'kid',
    'signature',
  ]),
} as const
