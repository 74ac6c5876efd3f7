import type { FastifyRequest } from 'fastify'
import { hmacHex, sha256Hex } from '../../kernel/signature.ts'
import { Problem } from '../../practice/problems.ts'
import type { ServerOptions } from './options.ts'
import { RequestInvalid } from './problems.ts'
import type { Idempotency, Route } from './route.ts'

const maxIdempotencyKey = 200

/** The code in X-Access-Reason, or null. @throws RequestInvalid */
export const accessReasonOf = (request: FastifyRequest): string | null => {
  const reason = request.headers['x-access-reason']
  if (reason === undefined) return null
  if (typeof reason === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(reason)) return reason
  throw new RequestInvalid([
    {
      pointer: '/header/x-access-reason',
      code: 'malformed',
      detail: { en: 'a code: a–z, 0–9 and _, at most 60 characters', zh: '代码:a–z、0–9与_,至多60个字符' },
    },
  ])
}

/** The version in If-Match; null where a route may do without. @throws Problem precondition_required; RequestInvalid */
export const versionOf = (request: FastifyRequest, { ifMatch }: Pick<Route, 'ifMatch'>): number | null => {
  const header = request.headers['if-match']
  if (header === undefined && ifMatch === 'accepted') return null
  if (header === undefined) throw new Problem('precondition_required')
  const found = /^"(\d{1,9})"$/.exec(header)
  if (!found)
    throw new RequestInvalid([
      { pointer: '/header/if-match', code: 'malformed', detail: { en: 'a version in quotes', zh: '带引号的版本号' } },
    ])
  return Number(found[1])
}

/**
 * The idempotency key with the fingerprint of its request; `digest` stands for a body that was read as it came.
 * @throws Problem idempotency_key_required; RequestInvalid
 */
export const idempotencyOf = (
  request: FastifyRequest,
  route: Route,
  options: Pick<ServerOptions, 'fingerprintKey' | 'wallClock'>,
  digest = '',
): Idempotency | null => {
  const key = request.headers['idempotency-key']
  if (key === undefined && route.idempotency === 'required') throw new Problem('idempotency_key_required')
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > maxIdempotencyKey)
    throw new RequestInvalid([
      {
        pointer: '/header/idempotency-key',
        code: 'malformed',
        detail: { en: '1–200 printable ASCII characters', zh: '1–200个可打印ASCII字符' },
      },
    ])
  const { body: given } = request
  const held = () => (Buffer.isBuffer(given) ? sha256Hex(given) : JSON.stringify(given ?? null))
  const body = route.stream ? digest : held()
  const text = JSON.stringify([request.method, request.url, request.headers['if-match'] ?? '', body])
  return { key, fingerprint: hmacHex(options.fingerprintKey, text), askedAt: options.wallClock() }
}
