import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import type { ServerOptions } from './options.ts'
import { RequestInvalid } from './problems.ts'

/** Whoever asks for health is answered to the end, and never counted. */
export const isHealth = (url: string): boolean => /^\/(livez|readyz)(\?|$)/.test(url)

/** The newest request of each connection. */
const newest = new WeakMap<object, FastifyRequest>()

/**
 * What is refused before anything else is looked at: every request of a closing service, and one without a Host. A
 * connection ends with the answer to its newest request: what is pipelined behind one in flight is answered too, since
 * after `Connection: close` a client can expect nothing (RFC 9112 §9.6).
 */
export const refuseEarly = (app: FastifyInstance, { closing }: Pick<ServerOptions, 'closing'>): void => {
  app.addHook('onSend', async (request, reply) => {
    const behind = newest.get(request.raw.socket) ?? request
    // A connection kept open after its last answer would hold the end up.
    if (closing.aborted && behind === request) reply.header('connection', 'close')
  })
  app.addHook('onRequest', async request => {
    newest.set(request.raw.socket, request)
    if (closing.aborted && !isHealth(request.url)) throw new Problem('service_unavailable', {}, { 'Retry-After': '1' })
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      throw new RequestInvalid([
        {
          pointer: '/header/host',
          code: 'missing',
          detail: { en: 'HTTP/1.1 asks for a Host', zh: 'HTTP/1.1须带Host' },
        },
      ])
  })
}
