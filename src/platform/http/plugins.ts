import { createHash } from 'node:crypto'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../practice/problems.ts'
import { type Components, describeRoute, problemSchema } from './openapi.ts'
import type { ServerOptions } from './options.ts'
import type { Route } from './route.ts'

/** Headers, CORS, limits, documentation. */
export const addPlugins = async (app: FastifyInstance, options: ServerOptions): Promise<void> => {
  const components: Components = { schemas: { Problem: problemSchema } }
  await app.register(helmet, { contentSecurityPolicy: false })
  if (options.corsOrigins.length > 0)
    await app.register(cors, {
      origin: [...options.corsOrigins],
      exposedHeaders: ['ETag', 'Location', 'Link', 'Retry-After', 'Idempotent-Replayed'],
      maxAge: 600,
    })
  if (options.maxEventLoopDelayMs > 0)
    await app.register(underPressure, { maxEventLoopDelay: options.maxEventLoopDelayMs, retryAfter: 1 })
  if (options.requestsPerMinute > 0) await addRateLimit(app, options.requestsPerMinute)
  await app.register(swagger, {
    openapi: openapiInfo(options.version),
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      const own = (route.config as { route?: Route } | undefined)?.route
      return { url, schema: own ? describeRoute(own, components) : schema }
    },
    transformObject: document => {
      const { openapiObject } = document as { openapiObject: Record<string, unknown> }
      const sorted = Object.fromEntries(Object.entries(components.schemas).sort(([a], [b]) => a.localeCompare(b)))
      return {
        ...openapiObject,
        components: { ...(openapiObject.components as object), schemas: sorted },
      } as never
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { docExpansion: 'none' } })
  app.get('/openapi.json', { schema: { hide: true } as never }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store')
    reply.header('vary', 'Authorization, Accept-Language')
  })
}

const openapiInfo = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Bangfu 帮扶',
    version,
    description:
      'Social-work case management for students in academic difficulty. Every illegal step is refused with what is missing. ' +
      'Single resources carry an ETag; changes name the version they know by If-Match; POSTs that create or move carry an Idempotency-Key.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT' },
      signature: {
        type: 'apiKey' as const,
        in: 'header' as const,
        name: 'webhook-signature',
        description:
          'Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over `<webhook-id>.<webhook-timestamp>.<body>`; with `webhook-id` and `webhook-timestamp`.',
      },
    },
  },
})

const addRateLimit = async (app: FastifyInstance, perMinute: number): Promise<void> => {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: 20_000,
    enableDraftSpec: true,
    keyGenerator: request => {
      const token = request.headers.authorization
      return token ? createHash('sha256').update(token).digest('base64') : request.ip
    },
    allowList: request => request.url === '/livez' || request.url === '/readyz',
    errorResponseBuilder: (_request, context) =>
      new Problem('rate_limited', {}, { 'Retry-After': String(Math.ceil(context.ttl / 1000)) }),
  })
  app.addHook('onSend', async (_request, reply) => {
    const remaining = reply.getHeader('ratelimit-remaining')
    if (remaining === undefined) return
    const reset = reply.getHeader('ratelimit-reset')
    for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) reply.removeHeader(name)
    reply.header('RateLimit-Policy', `"client";q=${perMinute};w=60`)
    reply.header('RateLimit', `"client";r=${remaining};t=${reset}`)
  })
}
