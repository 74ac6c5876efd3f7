import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import type { Caller } from './route.ts'

/** Counts requests of the last minute. Both throw Problem rate_limited, and tell what is left in the answer. */
export interface Limits {
  /** A request nobody stands behind: public, unauthenticated, to no address. Counted by network address. */
  readonly countAddress: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** A request of a verified caller, whatever token it came with. */
  readonly countCaller: (request: FastifyRequest, reply: FastifyReply, caller: Caller) => Promise<void>
}

const unlimited: Limits = { countAddress: async () => {}, countCaller: async () => {} }

type Counter = ReturnType<FastifyInstance['createRateLimit']>

const count = async (counter: Counter, perMinute: number, request: FastifyRequest, reply: FastifyReply) => {
  const found = await counter(request)
  if (found.isAllowed) return
  reply.header('RateLimit-Policy', `"client";q=${perMinute};w=60`)
  reply.header('RateLimit', `"client";r=${found.remaining};t=${found.ttlInSeconds}`)
  if (found.isExceeded) throw new Problem('rate_limited', {}, { 'Retry-After': String(found.ttlInSeconds) })
}

/** Makes the counters of a server; 0 = nobody is counted. */
export const makeLimits = async (app: FastifyInstance, perMinute: number): Promise<Limits> => {
  if (perMinute === 0) return unlimited
  const callers = new WeakMap<FastifyRequest, Caller>()
  const window = { max: perMinute, timeWindow: 60_000, cache: 20_000 }
  await app.register(rateLimit, { ...window, global: false })
  const byAddress = app.createRateLimit({ ...window })
  const byCaller = app.createRateLimit({
    ...window,
    keyGenerator: request => {
      const { issuer, subject, clientId } = callers.get(request) as Caller
      return JSON.stringify([issuer, subject, clientId])
    },
  })
  return {
    countAddress: (request, reply) => count(byAddress, perMinute, request, reply),
    countCaller: (request, reply, caller) => {
      callers.set(request, caller)
      return count(byCaller, perMinute, request, reply)
    },
  }
}
