import type { FastifyBaseLogger } from 'fastify'
import type { Claims } from '../identity.ts'
import type { Route } from './route.ts'

/** What the HTTP layer needs from outside. */
export interface ServerOptions {
  readonly logger: FastifyBaseLogger | false
  readonly verify: (token: string) => Promise<Claims>
  /** HMAC key of idempotency fingerprints. */
  readonly fingerprintKey: Uint8Array
  readonly newId: () => string
  /** The clock of tokens and expiry. */
  readonly wallClock: () => Date
  /** Origins browsers may call from; empty = none. */
  readonly corsOrigins: readonly string[]
  /** Requests per client and minute; 0 = unlimited. */
  readonly requestsPerMinute: number
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed; empty = nobody's. */
  readonly trustProxy: readonly string[]
  /** Event loop delay in ms, once it listens, above which requests are answered 503; 0 = never. */
  readonly maxEventLoopDelayMs: number
  /** Checks answers against their schemas and problems against their declaration: for tests. */
  readonly strict: boolean
  readonly version: string
  /** Called once an answer is sent, for metrics. */
  readonly onAnswered?: (route: Route, status: number, seconds: number) => void
  /** Aborted when the service closes: what waits ends, what is in flight finishes, what is new is refused. */
  readonly closing: AbortSignal
}
