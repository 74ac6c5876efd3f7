import { actorOf, type KnownCaller } from '../people/actor.ts'
import type { Entry } from '../platform/journal.ts'
import type { EventType } from '../practice/events.ts'
import type { CaseDeps, Request } from './change.ts'
import type { Loaded } from './facts.ts'

/** The case row is held and compared, so that nothing slips into a case that moved on meanwhile. */
export const holdCase = (drafts: string, compared: string) => `
c as (update cases set draft_count = draft_count + (${drafts}), writes = cases.writes + 1, updated_at = (given.e->>'at')::timestamptz
  from given where cases.institution_id = $1::uuid and cases.id = (given.e->>'caseId')::uuid and ${compared}
    and (select ok from free) returning cases.id, cases.step)`

/** The journal entry of a written record. */
export const tellOfRecord = (
  deps: CaseDeps,
  request: Request,
  loaded: Loaded,
  type: EventType,
  record: { id: string; kind: string; version: number },
) => [
  {
    id: deps.ambient.newId(),
    type,
    at: deps.ambient.now().toISOString(),
    institution: request.caller.institution,
    actor: actorOf(loaded.caller),
    subject: { kind: 'record', id: record.id, version: record.version },
    caseId: loaded.facts.id,
    request: request.requestId,
    data: { kind: record.kind },
  },
]

/** The journal entry of a record read by a command on another case: it stands in the access log of its own. */
export const tellOfReading = (
  deps: CaseDeps,
  request: Request,
  caller: KnownCaller,
  caseId: string,
  recordId: string,
): Entry => ({
  id: deps.ambient.newId(),
  type: 'record.read',
  at: deps.ambient.now().toISOString(),
  institution: request.caller.institution,
  actor: actorOf(caller),
  subject: { kind: 'record', id: recordId, version: null },
  caseId,
  request: request.requestId,
  ...(request.accessReason ? { reason: request.accessReason } : {}),
})
