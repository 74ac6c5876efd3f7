import type { FastifyInstance } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import type { ServerOptions } from './options.ts'
import { RequestInvalid } from './problems.ts'

/** Whoever asks for health is answered to the end, and never counted. */
export const isHealth = (url: string): boolean => /^\/(livez|readyz)(\?|$)/.test(url)

/** What is refused before anything else is looked at: every request of a closing service, and one without a Host. */
export const refuseEarly = (app: FastifyInstance, { closing }: Pick<ServerOptions, 'closing'>): void => {
  // A connection kept open after its answer would hold the end up.
  app.addHook('onSend', async (_request, reply) => {
    if (closing.aborted) reply.header('connection', 'close')
  })
  app.addHook('onRequest', async request => {
    if (closing.aborted && !isHealth(request.url))
      throw new Problem('service_unavailable', {}, { 'Retry-After': '1', Connection: 'close' })
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
