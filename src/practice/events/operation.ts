import { event } from './event.ts'

/** Entries about long work and what it brought. */
export const operationEvents = {
  'operation.started': event('operation', 'Long work asked for', '提交长时操作', ['kind']),
  'operation.cancellation_requested': event('operation', 'Cancellation asked for', '请求取消长时操作'),
  'operation.finished': event('operation', 'Long work ended', '长时操作结束', ['kind', 'status', 'code']),
  'import.finished': event('operation', 'Import ended', '导入结束', [
    'status',
    'format',
    'mode',
    'dryRun',
    'created',
    'updated',
    'unchanged',
    'errors',
    'vanished',
    'collections',
  ]),
} as const
