import { actorOf, requirePermission } from '../people/actor.ts'
import { attempt, commandStatement, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Actor } from '../platform/journal.ts'
import { type Ending, entriesOfEnding, type OperationKind } from '../platform/operations.ts'
import type { Request } from '../platform/subject.ts'
import { dropUpload } from '../platform/uploads.ts'
import { Problem } from '../practice/problems.ts'
import { type Found, find, mayAskFor, type OperationDeps, one } from './operations.ts'

/** What a cancellation looks at beside: what ends with work that waits. */
interface ToCancel extends Found {
  readonly version: number
  readonly fence: number
  readonly actor: Actor
  readonly uploadId: string | null
  readonly input: unknown
  readonly state: unknown
  readonly report: unknown
}

const toCancel = one<ToCancel>(
  'operations.to_cancel',
  `, 'version', o.version, 'fence', o.fence, 'actor', json_build_object('kind', o.actor_kind, 'id', o.actor_id), 'uploadId', o.upload_id,
    'input', o.input, 'state', o.state, 'report', o.report`,
)

const saveCancelled = commandStatement(
  'operations.cancel',
  `x as (update operations o set version = o.version + 1, cancel_requested_at = (given.e->>'at')::timestamptz
  from given, free where free.ok and o.institution_id = $1::uuid and o.id = (given.e->>'id')::uuid
    and o.version = (given.e->>'version')::int and o.status = 'running' and o.cancellable and o.finished_at is null returning o.id)`,
  'exists (select from x)',
)

const saveEnded = commandStatement(
  'operations.cancel_waiting',
  `x as (update operations o set version = o.version + 2, cancel_requested_at = (given.e->>'at')::timestamptz, status = 'cancelled',
    result = nullif(given.e->'result', 'null'), finished_at = (given.e->>'at')::timestamptz, state = null, report = null, upload_id = null
  from given, free where free.ok and o.institution_id = $1::uuid and o.id = (given.e->>'id')::uuid
    and o.version = (given.e->>'version')::int and o.fence = (given.e->>'fence')::int and o.status = 'queued' and o.cancellable returning o.id)`,
  'exists (select from x)',
)

/** The ending of work that waits: it may have begun in a process that stopped. */
const endingOf = (kind: OperationKind | undefined, { input, state, report }: ToCancel): Ending => ({
  status: 'cancelled',
  result: kind?.soFar?.(input, state, report) ?? null,
})

/**
 * Asks an operation to stop: at once while it waits, else before its next step.
 * @throws Problem not_permitted, not_found, operation_finished, operation_not_cancellable
 */
export const cancelOperation = async (deps: OperationDeps, request: Request, id: string): Promise<Answer> => {
  const { caller, idempotency } = request
  const tenant = deps.db.as(caller.institution)
  return attempt(
    idempotency,
    // load
    async () => {
      const loaded = await find(deps, toCancel, caller, id, idempotency?.key ?? null)
      requirePermission(caller, loaded.known, 'operation:cancel')
      return loaded
    },
    async ({ known, found }) => {
      // decide
      if (!found) throw new Problem('not_found')
      const { item: stored, version, fence, uploadId } = found
      if (!mayAskFor(deps.kinds, stored.kind, caller, known)) throw new Problem('not_permitted')
      if (stored.finishedAt) throw new Problem('operation_finished', { ended: stored.status })
      const waits = stored.status === 'queued'
      const status = waits ? 'cancelled' : stored.status
      const receipt = { id, status, cancelRequested: true }
      if (stored.cancelRequested) return { status: 202, body: receipt }
      if (!stored.cancellable) throw new Problem('operation_not_cancellable')
      // save, tell
      const kind = deps.kinds.find(each => each.name === stored.kind)
      const ending = endingOf(kind, found)
      const named = { ...found, id, institution: caller.institution, kind: stored.kind }
      const done = await commit(tenant, waits ? saveEnded : saveCancelled, {
        actorId: known.id as string,
        idempotency,
        status: 202,
        receipt,
        entries: [
          {
            id: deps.ambient.newId(),
            type: 'operation.cancellation_requested',
            at: deps.ambient.now().toISOString(),
            institution: caller.institution,
            actor: actorOf(known),
            subject: { kind: 'operation', id, version: version + 1 },
            caseId: null,
            request: request.requestId,
          },
          ...(waits ? entriesOfEnding(deps.ambient, named, kind, ending, version + 2) : []),
        ],
        effects: { id, version, fence, result: ending.result, at: deps.ambient.wallClock().toISOString() },
        wallClock: deps.ambient.wallClock(),
      })
      if (done && waits && uploadId) await dropUpload(tenant, uploadId)
      return done ? { status: 202, body: receipt } : null
    },
  )
}
