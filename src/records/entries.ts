import { actorOf, type KnownCaller } from '../people/actor.ts'
import type { Guarded, Loaded } from '../people/guarded.ts'
import type { Entry } from '../platform/journal.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { EventType } from '../practice/events.ts'

/** How an entry about a part of a subject names the subject: a case in its own member, another in the data. */
export const tracedTo = (
  { kind }: Pick<Guarded, 'kind'>,
  id: string,
): Pick<Entry, 'caseId'> & { data: Record<string, string> } =>
  kind === 'case' ? { caseId: id, data: {} } : { caseId: null, data: { [`${kind}Id`]: id } }

/** A record that was written; `authorId` where somebody else wrote it. */
interface Written {
  readonly id: string
  readonly kind: string
  readonly version: number
  readonly authorId?: string
}

/** The journal entry of a written record; another's draft is told as changed on behalf of its author. */
export const tellOfRecord = (
  deps: Deps,
  subject: Guarded,
  request: Request,
  loaded: Loaded,
  type: EventType,
  { id, kind, version, authorId }: Written,
): Entry => {
  const { caseId, data } = tracedTo(subject, loaded.facts.id)
  return {
    id: deps.ambient.newId(),
    type,
    at: deps.ambient.now().toISOString(),
    institution: request.caller.institution,
    actor: actorOf(loaded.caller),
    ...(authorId ? { onBehalfOf: 'author' } : {}),
    subject: { kind: 'record', id, version },
    caseId,
    request: request.requestId,
    data: { kind, ...data, ...(authorId ? { authorId } : {}) },
  }
}

/** The journal entry of a record read by a command on another subject: it stands in the access log of its own. */
export const tellOfReading = (
  deps: Deps,
  subject: Guarded,
  request: Request,
  caller: KnownCaller,
  subjectId: string,
  recordId: string,
): Entry => {
  const { caseId, data } = tracedTo(subject, subjectId)
  return {
    id: deps.ambient.newId(),
    type: 'record.read',
    at: deps.ambient.now().toISOString(),
    institution: request.caller.institution,
    actor: actorOf(caller),
    subject: { kind: 'record', id: recordId, version: null },
    caseId,
    request: request.requestId,
    ...(caseId === null ? { data } : {}),
    ...(request.accessReason ? { reason: request.accessReason } : {}),
  }
}
