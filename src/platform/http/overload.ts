import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import { isHealth } from './early-refusals.ts'
import type { ServerOptions } from './options.ts'

const sampleMs = 1_000
const resolutionMs = 10

/**
 * Refuses requests while the event loop was late by more than `maxEventLoopDelayMs` on the average of the last second;
 * 0 = never. It is measured from the moment the server listens: a start keeps the loop busy, and that is no overload.
 */
export const refuseOverload = (
  app: FastifyInstance,
  { maxEventLoopDelayMs: most }: Pick<ServerOptions, 'maxEventLoopDelayMs'>,
): void => {
  if (most === 0) return
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let late = false
  let timer: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    histogram.enable()
    timer = setInterval(() => {
      late = histogram.mean / 1e6 - resolutionMs > most
      histogram.reset()
    }, sampleMs).unref()
  })
  app.addHook('onClose', async () => {
    clearInterval(timer)
    histogram.disable()
  })
  app.addHook('onRequest', async request => {
    if (late && !isHealth(request.url)) throw new Problem('service_unavailable', {}, { 'Retry-After': '1' })
  })
}
