import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { SandboxClock } from '../platform/sandbox-clock.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'

/** What moving the clock is given; `clock` is null where there is no sandbox. */
export interface ClockDeps extends Deps {
  readonly clock: SandboxClock | null
  /** Called after a move: background work looks at the time again. */
  readonly onMoved: () => void
}

/** Longest step forward, in ms. */
const longestStepMs = 366 * 86_400_000

const load = tenantStatement<{ caller: KnownCaller; replay: Replay | null }>(
  'sandbox.load',
  `with ${callerCtes} select ${callerJson} as caller, ${replayJson('(select person_id from me)', '$5::text')} as replay`,
)

const save = commandStatement(
  'sandbox.move',
  `x as (insert into sandbox_clock (id, offset_ms, moved_at)
  select 1, (e->>'offsetMs')::bigint, (e->>'movedAt')::timestamptz from given, free where free.ok
  on conflict (id) do update set offset_ms = excluded.offset_ms, moved_at = excluded.moved_at
    where sandbox_clock.offset_ms < excluded.offset_ms returning id)`,
  'exists (select from x)',
)

/** The sandbox's clock. @throws Problem not_in_sandbox anywhere else */
export const requireSandbox = (clock: SandboxClock | null): SandboxClock => {
  if (!clock) throw new Problem('not_in_sandbox')
  return clock
}

/**
 * Moves the clock that decides practice forward; tokens, leases and limits keep the real time.
 * @throws Problem not_in_sandbox, clock_step_refused
 */
export const moveClock = (deps: ClockDeps, request: Request, input: { readonly now: string }): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const { ambient } = deps
  return attempt(
    request.idempotency,
    // load
    async () => {
      const params = callerParams(request.caller, ambient.now())
      const [row] = await tenant.rows(load, ...params, request.idempotency?.key ?? null)
      const found = row as { caller: KnownCaller; replay: Replay | null }
      const caller = knownCaller(request.caller, found.caller)
      requirePermission(request.caller, caller, 'sandbox:move')
      return { caller, replay: found.replay }
    },
    async ({ caller }) => {
      // decide
      const clock = requireSandbox(deps.clock)
      const from = clock.now()
      const to = new Date(input.now)
      const stepMs = to.getTime() - from.getTime()
      if (stepMs <= 0 || stepMs > longestStepMs) throw new Problem('clock_step_refused', { now: from.toISOString() })
      // save, tell
      const wall = ambient.wallClock()
      const offsetMs = clock.offsetMs() + stepMs
      const { institution } = request.caller
      const receipt = { now: to.toISOString(), offsetSeconds: Math.floor(offsetMs / 1000) }
      const done = await commit(tenant, save, {
        actorId: caller.id,
        idempotency: request.idempotency,
        status: 201,
        receipt,
        entries: [
          {
            id: ambient.newId(),
            type: 'clock.moved',
            at: from.toISOString(),
            institution,
            actor: actorOf(caller),
            subject: { kind: 'institution', id: institution, version: null },
            caseId: null,
            request: request.requestId,
            data: { from: from.toISOString(), to: to.toISOString() },
          },
        ],
        effects: { offsetMs, movedAt: wall.toISOString() },
        wallClock: wall,
      })
      if (!done) return null
      clock.advance(offsetMs)
      deps.onMoved()
      return { status: 201, body: receipt }
    },
  )
}
