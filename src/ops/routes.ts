import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import { authorise } from '../people/actor.ts'
import type { Ambient } from '../platform/ambient.ts'
import type { Database } from '../platform/database.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import type { Loop } from '../platform/loop.ts'
import { isMigrated, newestMigration } from '../platform/migrations.ts'
import { Problem } from '../practice/problems.ts'

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
    status: z.literal('ok').describe('That it is'),
    reasons: z.array(z.string().max(60)).max(5).describe('Why not: none'),
  })
  .meta({ id: 'Health', examples: [{ status: 'ok', reasons: [] }] })

const faultOfDatabase = async (db: Database, newest: Promise<number>): Promise<string[]> => {
  const answers = await db.ping().then(
    () => true,
    () => false,
  )
  if (!answers) return ['database']
  const migrated = await isMigrated(db, await newest).catch(() => false)
  return migrated ? [] : ['migrations']
}

const reasonsAgainst = async ({ db, sealer, draining }: OpsDeps, newest: Promise<number>): Promise<string[]> => [
  ...(await faultOfDatabase(db, newest)),
  ...((sealer()?.lagMs() ?? 0) > maxLagMs ? ['sealer'] : []),
  ...(draining.aborted ? ['draining'] : []),
]

const readyRoute = (deps: OpsDeps): Route => {
  let newest: Promise<number> | undefined
  return defineRoute({
    operationId: 'isReady',
    method: 'GET',
    path: '/readyz',
    summary: 'Say whether requests can be served',
    description: 'Otherwise 503 with `reasons`: `database`, `migrations`, `sealer`, `draining`.',
    tag: 'Operations',
    permission: 'public:read',
    answers: { 200: Health },
    problems: [],
    handle: async () => {
      newest ??= newestMigration()
      const reasons = await reasonsAgainst(deps, newest)
      if (reasons.length > 0) throw new Problem('service_unavailable', { reasons }, { 'Retry-After': '1' })
      return { status: 200, body: { status: 'ok', reasons } }
    },
  })
}

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
  readyRoute(deps),
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
