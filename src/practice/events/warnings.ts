import { event } from './event.ts'

/** Entries about warning rules and their runs. */
export const warningEvents = {
  'warning_rule.changed': event('warning_rule', 'Warning rule changed', '预警规则变更', ['rule', 'active']),
} as const
