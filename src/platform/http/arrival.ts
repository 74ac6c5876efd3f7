import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Route } from './route.ts'

/** How long a body may take to arrive, and one that is read as it comes. */
export const bodyMs = 30_000
const streamMs = 900_000

/** How long the server waits for a request. */
export const receiveMs = (routes: readonly Route[]): number => (routes.some(route => route.stream) ? streamMs : bodyMs)

/** Whether a body is read as it comes. */
export const isStream = (body: unknown): body is Readable => body instanceof Readable

/** Where the server waits longer for the sake of streams, every other body keeps its own time limit and its 408; an answer ends the wait. */
export const boundArrival = (request: FastifyRequest, reply: FastifyReply): void => {
  const { raw } = request
  if (
    request.routeOptions.config.route?.stream ||
    (!raw.headers['content-length'] && !raw.headers['transfer-encoding'])
  )
    return
  const timer = setTimeout(() => {
    const late = Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    request.server.server.emit('clientError', late, raw.socket)
  }, bodyMs)
  timer.unref()
  const arrived = () => clearTimeout(timer)
  raw.once('end', arrived).once('close', arrived)
  reply.raw.once('finish', arrived)
}
