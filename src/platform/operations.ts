import { z } from 'zod'
import type { EventType } from '../practice/events.ts'
import type { PermissionName } from '../practice/permissions.ts'
import type { Ambient } from './ambient.ts'
import { attempt, commandStatement, commit, type Replay, replayJson } from './command.ts'
import { type Database, type Door, tenantStatement } from './database.ts'
import type { Answer, Idempotency } from './http/route.ts'
import type { Actor, Entry } from './journal.ts'

/** What one step of long work leaves behind; members not given stay as they are. */
export interface Progress {
  readonly done?: number
  readonly total?: number
  /** Where a process that takes over goes on. */
  readonly state?: unknown
  /** What was found; written seldom, read back when taken over. */
  readonly report?: unknown
  /** False: from here on a cancellation is refused. */
  readonly cancellable?: boolean
}

/** A piece of long work as the process that has claimed it sees it. */
export interface OperationContext {
  readonly db: Database
  readonly ambient: Ambient
  readonly institution: string
  readonly id: string
  readonly requestId: string
  readonly actor: Actor
  readonly input: unknown
  /** Upload that came with the request. */
  readonly uploadId: string | null
  /** As the last step before left them; null = this is the beginning. */
  readonly state: unknown
  readonly report: unknown
  /**
   * Does one bounded step, at most some seconds, in one transaction with its progress; renews the lease. Only `tx` may be
   * used inside. Whatever the work writes, it writes in steps: a process whose lease went to another writes nothing.
   * @throws what ends the work here: lease lost, cancelled, draining. Let it pass.
   */
  step(work: (tx: Door) => Promise<Progress>): Promise<void>
}

/** How an operation ended, for what a kind tells of it. */
export interface Ending {
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  readonly result: unknown
}

/** A kind of long work. */
export interface OperationKind {
  readonly name: string
  /** What takes asking for it. Reading what came of it and stopping it take the same, even of whoever it was done for. */
  readonly permission: PermissionName
  /** Does the work; its value is the result. A Problem thrown is what it fails with. */
  readonly run: (context: OperationContext) => Promise<unknown>
  /** Result of work that is cancelled or fails, from its last state and report. */
  readonly soFar?: (input: unknown, state: unknown, report: unknown) => unknown
  /** Further journal entries about the ending, beside `operation.finished`. */
  readonly tell?: (ending: Ending) => readonly { type: EventType; data: Readonly<Record<string, unknown>> }[]
}

/** Names a kind of long work, who may ask for it, and how it is done. */
export const defineOperation = (
  name: string,
  permission: PermissionName,
  run: OperationKind['run'],
  more: Pick<OperationKind, 'soFar' | 'tell'> = {},
): OperationKind => ({ name, permission, run, ...more })

/** A piece of long work, as far as what is told of its ending names it. */
export interface OperationNamed {
  readonly institution: string
  readonly id: string
  readonly kind: string
  /** Who asked for it, and in which request. */
  readonly actor: Actor
  readonly request: string
}

/**
 * Entries of an ending: `operation.finished`, and what the kind tells beside it; by who asked for the work.
 * @param version of the operation after the ending
 * @param code of the problem it failed with
 */
export const entriesOfEnding = (
  ambient: Ambient,
  { institution, id, kind: name, actor, request }: OperationNamed,
  kind: OperationKind | undefined,
  ending: Ending,
  version: number,
  code?: string,
): readonly Entry[] => {
  const told = [
    { type: 'operation.finished', data: { kind: name, status: ending.status, code } },
    ...(kind?.tell?.(ending) ?? []),
  ]
  return told.map(({ type, data }, index) => ({
    id: ambient.newId(),
    type,
    at: ambient.now().toISOString(),
    institution,
    actor,
    subject: { kind: 'operation', id, version: index === 0 ? version : null },
    caseId: null,
    request,
    data,
  }))
}

const saveStarted = commandStatement(
  'operations.start',
  `x as (insert into operations (institution_id, id, kind, status, version, actor_kind, actor_id, request, input, upload_id, done,
    cancellable, fence, attempts, created_at)
  select $1::uuid, (e->>'id')::uuid, e->>'kind', 'queued', 1, e->>'actorKind', $2::uuid, e->>'request', e->'input', (e->>'uploadId')::uuid,
    0, true, 0, 0, (e->>'createdAt')::timestamptz from given, free where free.ok returning id)`,
  'exists (select from x)',
)

const givenBefore = tenantStatement<{ replay: Replay | null }>(
  'operations.replay',
  `select ${replayJson('$2::uuid', '$3::text')} as replay`,
)

/** Answer of a request for long work. */
export const OperationStarted = z
  .strictObject({
    id: z.uuid().describe('Operation'),
    kind: z.string().max(60).describe('Kind of work'),
    status: z.literal('queued').describe('It waits'),
  })
  .meta({
    id: 'OperationStarted',
    examples: [{ id: '01936d3e-7c00-7000-8000-000000000003', kind: 'import', status: 'queued' }],
  })

/** What is asked for. */
export interface StartOperation {
  readonly kind: string
  readonly actor: Actor & { readonly id: string }
  /** Options as JSON: codes, names and numbers, never free text. */
  readonly input: Readonly<Record<string, unknown>>
  readonly uploadId?: string
}

/**
 * Asks for long work: 202 with `Location: /v1/operations/{id}`. The caller is authorised before.
 * @throws Problem request_in_progress, idempotency_key_reused
 */
export const startOperation = (
  { db, ambient }: { readonly db: Door; readonly ambient: Ambient },
  request: {
    readonly institution: string
    readonly idempotency: Idempotency | null
    readonly requestId: string
  },
  { kind, actor, input, uploadId }: StartOperation,
): Promise<Answer> => {
  const tenant = db.as(request.institution)
  return attempt(
    request.idempotency,
    // load
    async () => {
      const [row] = await tenant.rows(givenBefore, actor.id, request.idempotency?.key ?? null)
      return { replay: row?.replay ?? null }
    },
    // save, tell
    async () => {
      const id = ambient.newId()
      const at = ambient.now().toISOString()
      const wallClock = ambient.wallClock()
      const receipt = { id, kind, status: 'queued' }
      const location = `/v1/operations/${id}`
      const entry: Entry = {
        id: ambient.newId(),
        type: 'operation.started',
        at,
        institution: request.institution,
        actor,
        subject: { kind: 'operation', id, version: 1 },
        caseId: null,
        request: request.requestId,
        data: { kind },
      }
      const done = await commit(tenant, saveStarted, {
        actorId: actor.id,
        idempotency: request.idempotency,
        status: 202,
        receipt,
        location,
        entries: [entry],
        effects: {
          id,
          kind,
          createdAt: wallClock.toISOString(),
          input,
          actorKind: actor.kind,
          request: request.requestId,
          uploadId: uploadId ?? null,
        },
        wallClock,
      })
      return done ? { status: 202, body: receipt, location } : null
    },
  )
}
