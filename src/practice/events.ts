import type { Title } from '../kernel/process.ts'

const event = (subject: string, en: string, zh: string, data: readonly string[] = []) => ({
  subject,
  title: { en, zh } satisfies Title,
  data,
})

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  'case.opened': event('case', 'Case opened', '个案建立', ['number', 'kind', 'inScope', 'predecessorId', 'wordsId']),
  'case.moved': event('case', 'Case moved to another step', '个案推进', ['from', 'to', 'wordsId']),
  'case.paused': event('case', 'Case paused', '个案中止', ['expectedReturn', 'wordsId']),
  'case.resumed': event('case', 'Case resumed', '个案恢复'),
  'case.reassigned': event('case', 'Case given to another owner', '个案改派', ['fromId', 'toId', 'wordsId']),
  'case.key_erased': event('case', 'Data key erased', '个案密钥销毁'),
  'record.drafted': event('record', 'Draft written', '起草记录', ['kind']),
  'record.replaced': event('record', 'Draft rewritten', '修改草稿', ['kind']),
  'record.discarded': event('record', 'Draft discarded', '草稿作废', ['kind']),
  'record.amended': event('record', 'Addendum drafted', '起草补充', ['kind']),
  'record.signed': event('case', 'Record signed', '记录签署', [
    'recordId',
    'kind',
    'recordVersion',
    'party',
    'method',
    'complete',
  ]),
  'record.read': event('record', 'Confidential content read', '查阅保密内容'),
  'consent.withdrawn': event('case', 'Consent withdrawn', '撤回同意', ['consentId', 'purpose', 'wordsId']),
  'need.waived': event('case', 'Needs waived or deferred', '豁免或延后', ['recordId', 'needs', 'mode', 'dueOn']),
  'case.urgent_started': event('case', 'Urgent start', '紧急介入', ['recordId', 'needs', 'dueOn']),
  'hold.opened': event('case', 'Crisis hold opened', '危机启动', ['holdId', 'kind', 'wordsId']),
  'hold.lifted': event('case', 'Crisis hold lifted', '危机解除', ['holdId', 'outcome', 'wordsId']),
  'hold.entrusted': event('case', 'Crisis entrusted to a named person', '危机指定承接人', [
    'holdId',
    'recipientId',
    'wordsId',
  ]),
  'co_worker.added': event('case', 'Co-worker added', '加入协作者', ['staffId', 'validFrom', 'validUntil']),
  'co_worker.ended': event('case', 'Co-worker ended', '协作者结束', ['staffId', 'validUntil']),
  'transfer.offered': event('case', 'Transfer offered', '提出移交', ['transferId', 'toId', 'wordsId']),
  'transfer.answered': event('case', 'Transfer answered', '移交答复', [
    'transferId',
    'status',
    'fromId',
    'toId',
    'wordsId',
  ]),
  'referral.made': event('case', 'Referral made', '提出转介', ['referralId']),
  'referral.settled': event('case', 'Referral answered or settled', '转介结果', ['referralId', 'status']),
  'attachment.added': event('case', 'Attachment added', '添加附件', ['attachmentId', 'mediaType', 'size']),
  'glass.broken': event('case', 'Break-glass access taken', '紧急查阅', ['grantId', 'until', 'wordsId']),
  'glass.reviewed': event('case', 'Break-glass access reviewed', '紧急查阅复核', ['grantId', 'justified', 'wordsId']),
  'roster.changed': event('institution', 'Roster changed', '名册变更', ['collection', 'created', 'updated']),
  'student.enrolment_changed': event('student', 'Enrolment status changed', '学籍状态变更', ['from', 'to']),
  'client.created': event('client', 'Machine client created', '创建客户端', ['scopes']),
  'client.revoked': event('client', 'Machine client revoked', '吊销客户端'),
  'journal.checkpointed': event('institution', 'Journal checkpoint signed', '日志检查点', [
    'position',
    'hash',
    'kid',
    'signature',
  ]),
} as const

export type EventType = keyof typeof events
