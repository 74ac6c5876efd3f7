import { z } from 'zod'
import { authorise } from '../people/actor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { requestOf } from '../platform/subject.ts'
import { type ClockDeps, moveClock, requireSandbox } from './move-clock.ts'

const tag = 'Sandbox'

const Clock = z
  .strictObject({
    now: z.iso.datetime().describe('What time it is for cases, alerts and crises'),
    offsetSeconds: z.int().min(0).describe('Seconds ahead of the real time'),
  })
  .meta({ id: 'SandboxClock', examples: [{ now: '2026-12-01T00:00:00.000Z', offsetSeconds: 6_652_800 }] })

/** The clock of the embedded mode. */
export const sandboxRoutes = (deps: ClockDeps): Route[] => [
  defineRoute({
    operationId: 'readSandboxClock',
    method: 'GET',
    path: '/v1/sandbox/clock',
    summary: 'Read the clock of the sandbox',
    tag,
    permission: 'sandbox:move',
    answers: { 200: Clock },
    problems: ['not_permitted', 'not_in_sandbox'],
    handle: async call => {
      await authorise(deps.db.as(call.caller.institution), call.caller, 'sandbox:move', deps.ambient.now())
      const clock = requireSandbox(deps.clock)
      const offsetSeconds = Math.floor(clock.offsetMs() / 1000)
      return { status: 200, body: { now: clock.now().toISOString(), offsetSeconds } }
    },
  }),
  defineRoute({
    operationId: 'moveSandboxClock',
    method: 'POST',
    path: '/v1/sandbox/clock',
    summary: 'Move the clock of the sandbox forward, at most 366 days at a step',
    description:
      'Only in the embedded mode. Targets, escalations and days follow; tokens, idempotency keys and limits keep the real time. It never goes back.',
    tag,
    permission: 'sandbox:move',
    body: z
      .strictObject({ now: z.iso.datetime({ offset: true }).describe('The new time') })
      .meta({ id: 'MoveSandboxClock', examples: [{ now: '2026-12-01T00:00:00Z' }] }),
    answers: { 201: Clock },
    problems: ['not_permitted', 'not_in_sandbox', 'clock_step_refused', 'version_stale'],
    idempotency: 'accepted',
    writes: ['clock.moved'],
    handle: call => moveClock(deps, requestOf(call), call.body),
  }),
]
