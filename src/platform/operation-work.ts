import { Problem } from '../practice/problems.ts'
import type { Ambient } from './ambient.ts'
import { commandStatement, commit } from './command.ts'
import { type Database, DatabaseUnavailable, type Door, systemStatement, tenantStatement } from './database.ts'
import { asProblem } from './http/problems.ts'
import type { Work } from './loop.ts'
import {
  type Ending,
  entriesOfEnding,
  type OperationContext,
  type OperationKind,
  type OperationNamed,
  type Progress,
} from './operations.ts'
import { dropUpload } from './uploads.ts'

/** How long a claimed operation stays with its process without a step. */
export const leaseMs = 60_000
/** Claims without any progress after which an operation is given up: it may be what ends the processes. */
const maxAttempts = 5

interface Claimed extends OperationNamed {
  readonly version: number
  readonly input: unknown
  readonly uploadId: string | null
  readonly state: unknown
  readonly report: unknown
  readonly fence: number
  readonly attempts: number
}

/**
 * The oldest operation that waits or whose lease ran out; of one institution and kind only the oldest unfinished one, so
 * that they run one after the other in the order they came. Parameters: 1 now, 2 lease end, 3 kinds as a JSON array.
 */
const claim = systemStatement<{ claimed: Claimed }>(
  'operations.claim',
  `with o as materialized (select institution_id, id from operations o
    where o.finished_at is null and (o.status = 'queued' or o.lease_until < $1::timestamptz)
      and o.kind in (select jsonb_array_elements_text($3::jsonb))
      and not exists (select from operations p where p.finished_at is null and p.institution_id = o.institution_id and p.kind = o.kind
        and (p.created_at, p.id) < (o.created_at, o.id))
    order by o.created_at, o.id limit 1 for update skip locked)
  update operations x set status = 'running', fence = x.fence + 1, attempts = x.attempts + 1, lease_until = $2::timestamptz,
    started_at = coalesce(x.started_at, $1::timestamptz)
  from o where x.institution_id = o.institution_id and x.id = o.id
  returning json_build_object('institution', x.institution_id, 'id', x.id, 'kind', x.kind, 'version', x.version,
    'actor', json_build_object('kind', x.actor_kind, 'id', x.actor_id), 'request', x.request, 'input', x.input, 'uploadId', x.upload_id,
    'state', x.state, 'report', x.report, 'fence', x.fence, 'attempts', x.attempts) as claimed`,
)

/** Holds the operation for a step. Parameters: 2 id, 3 fence. */
const hold = tenantStatement<{ version: number; cancelled: boolean }>(
  'operations.hold',
  `select version, cancel_requested_at is not null as cancelled from operations
   where institution_id = $1::uuid and id = $2::uuid and fence = $3::int and status = 'running' for update`,
)

const advance = tenantStatement<unknown>(
  'operations.advance',
  `update operations set lease_until = $3::timestamptz, attempts = 0, done = coalesce($4::bigint, done), total = coalesce($5::bigint, total),
    state = coalesce($6::jsonb, state), report = coalesce($7::jsonb, report), cancellable = coalesce($8::boolean, cancellable)
   where institution_id = $1::uuid and id = $2::uuid`,
)

const release = tenantStatement<unknown>(
  'operations.release',
  `update operations set status = 'queued', lease_until = null, attempts = 0
   where institution_id = $1::uuid and id = $2::uuid and fence = $3::int and status = 'running'`,
)

const saveEnded = commandStatement(
  'operations.end',
  `x as (update operations o set status = given.e->>'status', version = o.version + 1, result = nullif(given.e->'result', 'null'),
    problem = nullif(given.e->'problem', 'null'), finished_at = (given.e->>'at')::timestamptz, lease_until = null, state = null,
    report = null, upload_id = null
  from given, free where free.ok and o.institution_id = $1::uuid and o.id = (given.e->>'id')::uuid and o.fence = (given.e->>'fence')::int
    and o.status = 'running' returning o.id)`,
  'exists (select from x)',
)

/** What ends a run without an outcome of its own. */
class Interrupted extends Error {
  readonly why: 'lease_lost' | 'cancelled' | 'draining'
  constructor(why: 'lease_lost' | 'cancelled' | 'draining') {
    super(why)
    this.name = 'Interrupted'
    this.why = why
  }
}

/** What background operations need. */
export interface OperationWorkDeps {
  readonly db: Database
  readonly ambient: Ambient
  readonly kinds: readonly OperationKind[]
  /** Aborted when the process stops: work is put back after the step that runs. */
  readonly draining: AbortSignal
  /** Told of faults of our own; the operation fails with `internal_error`. */
  readonly onFault?: (error: unknown) => void
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))

/** The context of a run, remembering what the last step left behind. */
const contextOf = (deps: OperationWorkDeps, claimed: Claimed) => {
  const { db, ambient } = deps
  const last = { state: claimed.state, report: claimed.report }
  const stepIn = async (tx: Door, work: (tx: Door) => Promise<Progress>): Promise<Progress> => {
    const tenant = tx.as(claimed.institution)
    const [held] = await tenant.rows(hold, claimed.id, claimed.fence)
    if (!held) throw new Interrupted('lease_lost')
    if (held.cancelled) throw new Interrupted('cancelled')
    const { done, total, state, report, cancellable } = await work(tx)
    const until = new Date(ambient.wallClock().getTime() + leaseMs).toISOString()
    await tenant.rows(
      advance,
      claimed.id,
      until,
      done ?? null,
      total ?? null,
      json(state),
      json(report),
      cancellable ?? null,
    )
    return { state, report }
  }
  const context: OperationContext = {
    db,
    ambient,
    institution: claimed.institution,
    id: claimed.id,
    requestId: claimed.request,
    actor: claimed.actor,
    input: claimed.input,
    uploadId: claimed.uploadId,
    state: claimed.state,
    report: claimed.report,
    step: async work => {
      if (deps.draining.aborted) throw new Interrupted('draining')
      const left = await db.transaction(tx => stepIn(tx, work))
      if (left.state !== undefined) last.state = left.state
      if (left.report !== undefined) last.report = left.report
    },
  }
  return { context, last }
}

type End = Ending & { readonly problem: { code: string; members: unknown } | null }

/** Ends the operation and forgets its upload, unless the lease went to another. */
const end = async (
  deps: OperationWorkDeps,
  kind: OperationKind | undefined,
  claimed: Claimed,
  ending: End,
): Promise<void> => {
  const { ambient } = deps
  const at = ambient.wallClock().toISOString()
  await deps.db.transaction(async tx => {
    const tenant = tx.as(claimed.institution)
    const [held] = await tenant.rows(hold, claimed.id, claimed.fence)
    if (!held) return
    await commit(tenant, saveEnded, {
      actorId: null,
      idempotency: null,
      status: 200,
      receipt: {},
      entries: entriesOfEnding(ambient, claimed, kind, ending, held.version + 1, ending.problem?.code),
      effects: { ...ending, id: claimed.id, fence: claimed.fence, at },
      wallClock: ambient.wallClock(),
    })
    if (claimed.uploadId) await dropUpload(tenant, claimed.uploadId)
  })
}

const run = async (deps: OperationWorkDeps, claimed: Claimed): Promise<void> => {
  const kind = deps.kinds.find(each => each.name === claimed.kind)
  const { context, last } = contextOf(deps, claimed)
  const partial = () => kind?.soFar?.(claimed.input, last.state, last.report) ?? null
  try {
    if (claimed.attempts > maxAttempts) throw new Problem('operation_abandoned')
    const result = await (kind as OperationKind).run(context)
    await end(deps, kind, claimed, { status: 'succeeded', result, problem: null })
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error
    if (error instanceof Interrupted) {
      if (error.why === 'draining') await deps.db.as(claimed.institution).rows(release, claimed.id, claimed.fence)
      if (error.why === 'cancelled')
        await end(deps, kind, claimed, { status: 'cancelled', result: partial(), problem: null })
      return
    }
    const { code, members } = asProblem(error)
    if (code === 'internal_error') deps.onFault?.(error)
    await end(deps, kind, claimed, { status: 'failed', result: partial(), problem: { code, members } })
  }
}

/** Runs what is queued or was left behind, one operation a pass. Any number of processes may do it. */
export const operationWork = (deps: OperationWorkDeps): Work => {
  const kinds = JSON.stringify(deps.kinds.map(kind => kind.name))
  return {
    name: 'operations',
    idleMs: 500,
    pass: async () => {
      if (deps.draining.aborted) return false
      const at = deps.ambient.wallClock()
      const until = new Date(at.getTime() + leaseMs)
      const [row] = await deps.db.system.rows(claim, at.toISOString(), until.toISOString(), kinds)
      if (!row) return false
      await run(deps, row.claimed)
      return !deps.draining.aborted
    },
  }
}
