import type { FastifyRequest } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import { RequestInvalid } from './problems.ts'

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

/** The version in If-Match. @throws Problem precondition_required; RequestInvalid */
export const versionOf = (request: FastifyRequest): number => {
  const header = request.headers['if-match']
  if (header === undefined) throw new Problem('precondition_required')
  const found = /^"(\d{1,9})"$/.exec(header)
  if (!found)
    throw new RequestInvalid([
      { pointer: '/header/if-match', code: 'malformed', detail: { en: 'a version in quotes', zh: '带引号的版本号' } },
    ])
  return Number(found[1])
}
