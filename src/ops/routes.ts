import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import { authorise } from '../people/actor.ts'
import type { Ambient } from '../platform/ambient.ts'
import type { Database } from '../platform/database.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import type { Loop } from '../platform/loop.ts'

/** What health and metrics look at. */
export interface OpsDeps {
  readonly db: Database
  readonly ambient: Ambient
  readonly sealer: () => Pick<Loop, 'lagMs'> | null
  readonly draining: AbortSignal
  readonly metrics: Metrics
}

/** Counters of the service. */
export interface Metrics {
  readonly registry: Registry
  observe(operationId: string, status: number, seconds: number): void
}

/** Makes the registry: requests by operation and status, durations, process figures. */
export const makeMetrics = (lagMs: () => number): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'bangfu_requests_total',
    help: 'Requests',
    labelNames: ['operation', 'status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'bangfu_request_seconds',
    help: 'Duration of requests',
    labelNames: ['operation'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  })
  new Gauge({
    name: 'bangfu_sealer_lag_seconds',
    help: 'Seconds since the journal was last looked through',
    registers: [registry],
    collect() {
      this.set(lagMs() / 1000)
    },
  })
  return {
    registry,
    observe: (operation, status, took) => {
      requests.inc({ operation, status })
      seconds.observe({ operation }, took)
    },
  }
}

const maxLagMs = 60_000
const Health = z
  .strictObject({
    status: z.enum(['ok', 'unavailable']).describe('Whether it is'),
    reasons: z.array(z.string().max(60)).max(5).describe('Why not'),
  })
  .meta({ id: 'Health', examples: [{ status: 'ok', reasons: [] }] })

/** Liveness, readiness and metrics. */
export const opsRoutes = (deps: OpsDeps): Route[] => [
  defineRoute({
    operationId: 'isAlive',
    method: 'GET',
    path: '/livez',
    summary: 'Say that the process runs',
    tag: 'Operations',
    permission: 'public:read',
    answers: { 200: Health },
    problems: [],
    handle: async () => ({ status: 200, body: { status: 'ok', reasons: [] } }),
  }),
  defineRoute({
    operationId: 'isReady',
    method: 'GET',
    path: '/readyz',
    summary: 'Say whether requests can be served: database, sealer, draining',
    tag: 'Operations',
    permission: 'public:read',
    answers: { 200: Health, 503: Health },
    problems: [],
    handle: async () => {
      const database = await deps.db.ping().then(
        () => true,
        () => false,
      )
      const lag = deps.sealer()?.lagMs() ?? 0
      const reasons = [
        ...(database ? [] : ['database']),
        ...(lag > maxLagMs ? ['sealer'] : []),
        ...(deps.draining.aborted ? ['draining'] : []),
      ]
      const status = reasons.length === 0 ? 'ok' : 'unavailable'
      return { status: reasons.length === 0 ? 200 : 503, body: { status, reasons } }
    },
  }),
  defineRoute({
    operationId: 'getMetrics',
    method: 'GET',
    path: '/metrics',
    summary: 'Read metrics in the Prometheus format',
    tag: 'Operations',
    permission: 'ops:read',
    answers: { 200: null },
    produces: 'text/plain',
    problems: ['not_permitted'],
    handle: async call => {
      await authorise(deps.db.as(call.caller.institution), call.caller, 'ops:read', deps.ambient.now())
      return {
        status: 200,
        body: await deps.metrics.registry.metrics(),
        contentType: deps.metrics.registry.contentType,
      }
    },
  }),
]
