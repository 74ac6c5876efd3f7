import { z } from 'zod'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const text = (description: string, maxLength = 200): Json => ({ type: 'string', maxLength, description })

const headers = {
  ETag: text('Version of the resource, in quotes: what If-Match asks for.'),
  Location: text('Address of what was created, where it has one of its own.', 2000),
  Link: text('The next page of the same list: `<…>; rel="next"`; absent on the last.', 4000),
  'Idempotent-Replayed': text('`true`: the answer was given before, under the same Idempotency-Key.'),
  RateLimit: text('Requests left and seconds until they are renewed: `"client";r=…;t=…`.'),
  'RateLimit-Policy': text('Requests a minute: `"client";q=…;w=60`.'),
  'Retry-After': text('Seconds to wait: with 409 request_in_progress and 429.'),
  'WWW-Authenticate': text('How to authenticate: with 401.'),
} as const

type HeaderName = keyof typeof headers

const pick = (names: readonly HeaderName[]): Json => Object.fromEntries(names.map(name => [name, headers[name]]))

const membersOf = (schema: z.ZodType | null | undefined): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []

/** Health is neither counted nor versioned. */
const isCounted = (route: Route): boolean => !['/livez', '/readyz'].includes(route.path)

/** Whether an answer tells the version of one resource, and so carries its ETag: by a member, or as If-Match was asked. */
export const tellsVersion = (route: Route, schema: z.ZodType | null | undefined): boolean =>
  route.ifMatch !== undefined || membersOf(schema).some(name => name === 'version' || name.endsWith('Version'))

/** Headers of a success, as OpenAPI describes them. */
export const answerHeaders = (route: Route, status: number, schema: z.ZodType | null): Json =>
  pick([
    ...(tellsVersion(route, schema) ? (['ETag'] as const) : []),
    ...(status === 202 || (status === 201 && route.method === 'POST') ? (['Location'] as const) : []),
    ...(route.method === 'GET' && membersOf(route.query).includes('cursor') ? (['Link'] as const) : []),
    ...(route.idempotency ? (['Idempotent-Replayed'] as const) : []),
    ...(isCounted(route) ? (['RateLimit', 'RateLimit-Policy'] as const) : []),
  ])

/** Headers of a problem. */
export const problemHeaders = (route: Route): Json =>
  pick([
    'Retry-After',
    ...(route.ifMatch ? (['ETag'] as const) : []),
    ...(route.permission === 'public:read' ? [] : (['WWW-Authenticate'] as const)),
    ...(isCounted(route) ? (['RateLimit', 'RateLimit-Policy'] as const) : []),
  ])

/** Retry-After of an answer that all operations share, as OpenAPI has a header. */
export const retryAfter: Json = {
  schema: { type: 'integer', minimum: 0 },
  description: 'Seconds to wait: with 503.',
}
