import type { z } from 'zod'
import type { PermissionName } from '../../practice/permissions.ts'
import type { ProblemCode } from '../../practice/problems.ts'

/** Who calls, as the token says; roles come from the roster. */
export interface Caller {
  readonly issuer: string
  readonly subject: string
  readonly institution: string
  /** Machine client, else null. */
  readonly clientId: string | null
  readonly scopes: readonly string[]
}

export type Language = 'en' | 'zh'

/** An idempotency key with the HMAC of the request it came with. */
export interface Idempotency {
  readonly key: string
  readonly fingerprint: string
  /** When it was asked, by the clock of leases and expiry. */
  readonly askedAt: Date
}

/** One request, checked against its route. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly caller: Caller
  /** Version in If-Match, null where the route does not ask for one. */
  readonly ifMatch: number | null
  readonly idempotency: Idempotency | null
  readonly language: Language
  readonly requestId: string
  /** Code given in X-Access-Reason, journalled when confidential content is read. */
  readonly accessReason: string | null
  readonly contentType: string
  /** Names and values of headers a route reads itself. */
  readonly header: (name: string) => string | undefined
  /** A signal aborted when the client goes away or the service drains. */
  readonly signal: () => AbortSignal
}

/** What a handler answers. A string body is JSON text (or another type by `contentType`) passed through as it is. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  /** Version for the ETag. */
  readonly etag?: number
  readonly location?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly contentType?: string
  /** The answer was given before, under the same idempotency key. */
  readonly replayed?: boolean
}

/** One operation of the API: the only way to add one, so none is without permission, problems and words. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly operationId: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify path: `/v1/cases/:caseId`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly tag: string
  readonly permission: PermissionName
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** Media types of a body that is bytes, not JSON. */
  readonly bytes?: readonly string[]
  /** Bodies the handler reads itself from the bytes as they came (JSON too), by media type; described only. */
  readonly raw?: Readonly<Record<string, z.ZodType>>
  /** The body is a form, not JSON. */
  readonly form?: true
  /** Largest body in bytes; 1 MiB unless told. */
  readonly bodyLimit?: number
  /** Success statuses with the schema of their body; null = no body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>
  /** Media type of the answer where it is not JSON. */
  readonly produces?: string
  /** Problems it may answer with beside the common ones. */
  readonly problems: readonly ProblemCode[]
  readonly ifMatch?: 'required'
  readonly idempotency?: 'required' | 'accepted'
  /** Record or event it writes: for the table of operations. */
  readonly writes?: readonly string[]
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Answer>
}

/** Keeps the types of a route's schemas for its handler. */
export const defineRoute = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  route: Route<P, Q, B>,
): Route => route as unknown as Route
