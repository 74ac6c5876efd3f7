import { event } from './event.ts'

/** Entries about warning rules and their runs. */
export const warningEvents = {
  'warning_rule.changed': event('warning_rule', 'Warning rule changed', '预警规则变更', ['rule', 'active']),
  'warning_rules.run': event('institution', 'Warning rules run', '预警规则运行', [
    'asOf',
    'rules',
    'flagged',
    'accepted',
  ]),
} as const
