import { caseworkEvents } from './events/casework.ts'
import { institutionEvents } from './events/institution.ts'
import { operationEvents } from './events/operation.ts'

/** Every type of journal entry: what it is about and the members of its `data`. Ids, codes and numbers only. */
export const events = {
  ...caseworkEvents,
  ...institutionEvents,
  ...operationEvents,
} as const

export type EventType = keyof typeof events
