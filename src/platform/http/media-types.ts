import type { FastifyRequest } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import type { Route } from './route.ts'

/** Media type of a form, RFC 6749 and HTML. */
export const formType = 'application/x-www-form-urlencoded'

/** Media types of the body a route takes: its form, its bytes, held or streamed, what it reads itself, else JSON. */
export const mediaTypesOf = (route: Route): readonly string[] => {
  if (route.form) return [formType]
  return route.bytes ?? route.stream ?? (route.raw ? Object.keys(route.raw) : ['application/json'])
}

const essence = (header: string | undefined): string => (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/**
 * Refuses a body of another type than the route takes, and one that is compressed: there are parsers for every type of
 * every route, and none may be reached by way of another. The body of a GET means nothing (RFC 9110 §9.3.1).
 * @throws Problem unsupported_media_type
 */
export const requireMediaType = (request: FastifyRequest, route: Route): void => {
  if (route.method === 'GET' || !hasBody(request)) return
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw new Problem('unsupported_media_type', {}, { 'Accept-Encoding': 'identity' })
  const accepted = mediaTypesOf(route)
  if (!accepted.includes(essence(request.headers['content-type'])))
    throw new Problem('unsupported_media_type', {}, { Accept: accepted.join(', ') })
}
