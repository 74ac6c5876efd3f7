import { event } from './event.ts'

/** Entries about signals and their sources. */
export const signalEvents = {
  'source.created': event('source', 'Signal source registered', '登记信号来源', ['kinds', 'dailyQuota', 'clientId']),
  'source.changed': event('source', 'Signal source changed', '信号来源变更', [
    'kinds',
    'dailyQuota',
    'clientId',
    'disabled',
  ]),
  'source.secret_rotated': event('source', 'Secret of a source rotated', '轮换来源密钥', ['previousUntil']),
  'signals.received': event('institution', 'Signals received', '收到信号', ['origin', 'counts']),
  'signals.matched': event('institution', 'Signals left quarantine', '信号解除隔离'),
  'signals.read': event('student', 'Words of signals read', '查阅信号内容'),
} as const
