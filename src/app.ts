import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { emergencyRoutes } from './cases/emergency-routes.ts'
import { handoverRoutes } from './cases/handover-routes.ts'
import { caseRecords } from './cases/house.ts'
import { measureRoutes } from './cases/measure-routes.ts'
import { caseRoutes } from './cases/routes.ts'
import { teamRoutes } from './cases/team-routes.ts'
import { definitionRoutes } from './definitions/routes.ts'
import { feedRoutes } from './feed/routes.ts'
import { groupRecords } from './groups/house.ts'
import { groupLeaderRoutes } from './groups/leader-routes.ts'
import { groupMemberRoutes } from './groups/member-routes.ts'
import { groupRoutes } from './groups/routes.ts'
import { groupTypeRoutes } from './groups/type-routes.ts'
import { groupWorkRoutes } from './groups/work-routes.ts'
import { operationRoutes } from './ops/operation-routes.ts'
import { makeMetrics, opsRoutes } from './ops/routes.ts'
import { sandboxRoutes } from './ops/sandbox-routes.ts'
import { importOperation } from './people/imports/run-import.ts'
import { peopleRoutes } from './people/routes.ts'
import type { Ambient } from './platform/ambient.ts'
import type { Database } from './platform/database.ts'
import { expireKeys } from './platform/expire-keys.ts'
import type { Route } from './platform/http/route.ts'
import { buildServer } from './platform/http/server.ts'
import { type Issue, makeIssuer, makeVerifier, ownIssuer, type TrustedIssuer } from './platform/identity.ts'
import { type Loop, startLoop, type Work } from './platform/loop.ts'
import { operationSweep } from './platform/operation-sweep.ts'
import { operationWork } from './platform/operation-work.ts'
import type { OperationKind } from './platform/operations.ts'
import type { SandboxClock } from './platform/sandbox-clock.ts'
import { type Checkpoint, startSealer } from './platform/sealer.ts'
import { recordRoutes } from './records/routes.ts'
import { alertRoutes } from './warnings/alert-routes.ts'
import { alertWorkRoutes } from './warnings/alert-work-routes.ts'
import { crisisEndingRoutes } from './warnings/crisis-ending-routes.ts'
import { crisisHelpRoutes } from './warnings/crisis-help-routes.ts'
import { crisisHistoryRoutes } from './warnings/crisis-history-routes.ts'
import { crisisRoutes } from './warnings/crisis-routes.ts'
import { holdCasesInCrisis } from './warnings/crisis-work.ts'
import type { AlertDeps } from './warnings/dispose-alert.ts'
import { watchWork } from './warnings/end-watches.ts'
import { escalationWork } from './warnings/escalate-overdue.ts'
import { fusionWork } from './warnings/fuse-signals.ts'
import { matchSignals } from './warnings/match-signals.ts'
import { routingWork } from './warnings/route-anew.ts'
import { ruleRoutes } from './warnings/rule-routes.ts'
import { ruleRunOperation, rulesAfterImports } from './warnings/run-rules.ts'
import { targetWork } from './warnings/set-targets.ts'
import { settingsRoutes } from './warnings/settings-routes.ts'
import { signalListRoutes } from './warnings/signal-list-routes.ts'
import { signalRoutes } from './warnings/signal-routes.ts'
import { sourceRoutes } from './warnings/source-routes.ts'
import { targetCrises } from './warnings/target-crises.ts'

/** Kinds of long work, of whichever slice: add one by naming it here, and ask for it by `startOperation`. */
export const operationKinds: readonly OperationKind[] = [importOperation, ruleRunOperation]

/** What the application is built from. */
export interface AppDeps {
  readonly db: Database
  readonly ambient: Ambient
  readonly logger: FastifyBaseLogger | false
  readonly issuers: readonly TrustedIssuer[]
  readonly corsOrigins: readonly string[]
  readonly requestsPerMinute: number
  readonly trustProxy?: readonly string[]
  readonly maxEventLoopDelayMs: number
  readonly strict: boolean
  readonly sealing: boolean
  /** Whether background work other than sealing runs here. */
  readonly working: boolean
  readonly version: string
  /** The clock `ambient.now` follows, in the embedded mode: an administrator may move it. */
  readonly sandbox?: SandboxClock | null
  /** How long it serves on after it has said, by `/readyz`, that it drains; 0 unless told. */
  readonly drainMs?: number
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void
}

/** The application: its server, its sealer and its own token issuer. */
export interface App {
  readonly server: FastifyInstance
  readonly routes: readonly Route[]
  readonly issue: (what: Issue) => string
  readonly sealer: Loop | null
  /** Background work, for running a pass by hand. */
  readonly works: readonly Work[]
  /**
   * Says that it drains, serves on for `drainMs` while load balancers notice, lets waiting requests go, then closes server
   * and loops; the database stays open.
   */
  close(): Promise<void>
}

/** Longest lifetime of an own token: demo tokens live for 30 days. */
const maxOwnLifetimeSeconds = 30 * 86_400

const makeBell = () => {
  const waiting = new Set<() => void>()
  return {
    ring: () => {
      for (const wake of waiting) wake()
    },
    heard: (signal: AbortSignal, timeoutMs: number) =>
      new Promise<void>(resolve => {
        const done = () => {
          waiting.delete(done)
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, timeoutMs)
        waiting.add(done)
        signal.addEventListener('abort', done)
        if (signal.aborted) done()
      }),
  }
}

/** Builds the application: the slices, in order. Nothing listens yet. */
export const buildApp = async (deps: AppDeps): Promise<App> => {
  const { db, ambient } = deps
  const { signing } = ambient.keys
  const [drain, close] = [new AbortController(), new AbortController()]
  const bell = makeBell()
  const own = { ...ownIssuer, kid: signing.kid, privateKey: signing.privateKey, wallClock: ambient.wallClock }
  const issue = makeIssuer(own)
  const trusted: TrustedIssuer = {
    ...ownIssuer,
    own: true,
    algorithms: ['ES256'],
    key: { publicKey: signing.publicKey },
    types: ['at+jwt'],
    maxLifetimeSeconds: maxOwnLifetimeSeconds,
  }
  let sealer: Loop | null = null
  let loops: readonly Loop[] = []
  const wakeAll = () => {
    for (const loop of loops) loop.wake()
  }
  const metrics = makeMetrics(() => sealer?.lagMs() ?? 0)
  const warned: AlertDeps = { db, ambient }
  const routes = [
    ...opsRoutes({ db, ambient, sealer: () => sealer, draining: drain.signal, metrics }),
    ...definitionRoutes({ now: ambient.now }),
    ...peopleRoutes({ db, ambient }, issue),
    ...caseRoutes({ db, ambient }),
    ...recordRoutes({ db, ambient }, caseRecords),
    ...teamRoutes({ db, ambient }),
    ...handoverRoutes({ db, ambient }),
    ...measureRoutes({ db, ambient }),
    ...emergencyRoutes({ db, ambient }),
    ...groupRoutes({ db, ambient }),
    ...groupTypeRoutes({ db, ambient }),
    ...groupLeaderRoutes({ db, ambient }),
    ...groupMemberRoutes({ db, ambient }),
    ...groupWorkRoutes({ db, ambient }),
    ...recordRoutes({ db, ambient }, groupRecords),
    ...sourceRoutes({ db, ambient }),
    ...signalRoutes({ db, ambient }),
    ...signalListRoutes({ db, ambient }),
    ...crisisRoutes({ db, ambient }),
    ...crisisHistoryRoutes({ db, ambient }),
    ...crisisHelpRoutes({ db, ambient }),
    ...crisisEndingRoutes({ db, ambient }),
    ...settingsRoutes({ db, ambient }),
    ...ruleRoutes({ db, ambient }),
    ...alertRoutes(warned),
    ...alertWorkRoutes(warned),
    ...feedRoutes({ db, ambient, sealed: bell.heard }),
    ...operationRoutes({ db, ambient, kinds: operationKinds }),
    ...sandboxRoutes({ db, ambient, clock: deps.sandbox ?? null, onMoved: wakeAll }),
  ]
  const server = await buildServer(routes, {
    logger: deps.logger,
    verify: makeVerifier([trusted, ...deps.issuers], ambient.wallClock),
    fingerprintKey: ambient.keys.idempotency,
    newId: ambient.newId,
    wallClock: ambient.wallClock,
    corsOrigins: deps.corsOrigins,
    requestsPerMinute: deps.requestsPerMinute,
    trustProxy: deps.trustProxy ?? [],
    maxEventLoopDelayMs: deps.maxEventLoopDelayMs,
    strict: deps.strict,
    version: deps.version,
    onAnswered: (route, status, seconds) => metrics.observe(route.operationId, status, seconds),
    closing: close.signal,
  })
  const waits = (what: string) => (error: unknown) => {
    if (deps.logger)
      deps.logger.warn({ error: (error as Error).name, message: (error as Error).message }, `${what} waits`)
  }
  if (deps.sealing)
    sealer = startSealer(db, {
      wallClock: ambient.wallClock,
      newId: ambient.newId,
      signing,
      onSealed: bell.ring,
      onError: waits('sealing'),
      ...(deps.onCheckpoint ? { onCheckpoint: deps.onCheckpoint } : {}),
    })
  const works: readonly Work[] = [
    matchSignals({ db, ambient }),
    fusionWork(db, ambient),
    routingWork(db, ambient),
    escalationWork({ db, ambient }),
    holdCasesInCrisis({ db, ambient }),
    targetCrises(db, ambient),
    watchWork(db, ambient),
    targetWork(db, ambient),
    expireKeys(db, ambient.wallClock),
    operationWork({ db, ambient, kinds: operationKinds, draining: drain.signal, onFault: waits('an operation') }),
    operationSweep({ db, ambient }),
    rulesAfterImports(db, ambient),
  ]
  loops = deps.working ? works.map(work => startLoop({ ...work, onError: waits(work.name) }, ambient.wallClock)) : []
  return {
    server,
    routes,
    issue,
    sealer,
    works,
    close: async () => {
      drain.abort()
      if (deps.drainMs) await pause(deps.drainMs)
      close.abort()
      await server.close()
      await Promise.all(loops.map(loop => loop.stop()))
      await sealer?.stop()
    },
  }
}
