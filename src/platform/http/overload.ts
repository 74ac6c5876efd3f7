import { performance } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import { isHealth } from './early-refusals.ts'
import type { ServerOptions } from './options.ts'

const everyMs = 500

/**
 * Refuses requests while a timer of half a second comes later than `maxEventLoopDelayMs`, twice in a row: one stall is no
 * overload; 0 = never. It is measured from the moment the server listens: a start keeps the event loop busy, and that is
 * none either.
 */
export const refuseOverload = (
  app: FastifyInstance,
  { maxEventLoopDelayMs: most }: Pick<ServerOptions, 'maxEventLoopDelayMs'>,
): void => {
  if (most === 0) return
  let timer: NodeJS.Timeout | undefined
  let lateInARow = 0
  app.addHook('onListen', async () => {
    let last = performance.now()
    timer = setInterval(() => {
      const now = performance.now()
      lateInARow = now - last - everyMs > most ? lateInARow + 1 : 0
      last = now
    }, everyMs).unref()
  })
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onRequest', async request => {
    if (lateInARow > 1 && !isHealth(request.url)) throw new Problem('service_unavailable', {}, { 'Retry-After': '1' })
  })
}
