import { alertEvents } from './events/alerts.ts'
import { caseworkEvents } from './events/casework.ts'
import { crisisEvents } from './events/crisis.ts'
import { groupEvents } from './events/groups.ts'
import { institutionEvents } from './events/institution.ts'
import { operationEvents } from './events/operation.ts'
import { signalEvents } from './events/signals.ts'
import { warningEvents } from './events/warnings.ts'

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  ...caseworkEvents,
  ...crisisEvents,
  ...groupEvents,
  ...institutionEvents,
  ...warningEvents,
  ...signalEvents,
  ...alertEvents,
  ...operationEvents,
} as const

export type EventType = keyof typeof events
