import { alertEvents } from './events/alerts.ts'
import { caseworkEvents } from './events/casework.ts'
import { institutionEvents } from './events/institution.ts'

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  ...caseworkEvents,
  ...institutionEvents,
  ...alertEvents,
} as const

export type EventType = keyof typeof events
