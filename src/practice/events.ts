import { caseworkEvents } from './events/casework.ts'
import { institutionEvents } from './events/institution.ts'
import { warningEvents } from './events/warnings.ts'

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  ...caseworkEvents,
  ...institutionEvents,
  ...warningEvents,
} as const

export type EventType = keyof typeof events
