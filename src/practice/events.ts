import { alertEvents } from './events/alerts.ts'
import { caseworkEvents } from './events/casework.ts'
import { crisisEvents } from './events/crisis.ts'
import { institutionEvents } from './events/institution.ts'
import { signalEvents } from './events/signals.ts'
import { warningEvents } from './events/warnings.ts'

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  ...caseworkEvents,
  ...crisisEvents,
  ...institutionEvents,
  ...warningEvents,
  ...signalEvents,
  ...alertEvents,
} as const

export type EventType = keyof typeof events
