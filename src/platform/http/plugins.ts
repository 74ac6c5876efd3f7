import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { Components } from './json-schema.ts'
import { describeRoute } from './openapi.ts'
import type { ServerOptions } from './options.ts'
import { problemSchema, shared, withServerFault } from './problem-answers.ts'
import type { Limits } from './rate-limit.ts'
import type { Route } from './route.ts'

/** Headers of answers that scripts of another origin may read. */
const exposedHeaders = [
  'ETag',
  'Location',
  'Link',
  'Retry-After',
  'Idempotent-Replayed',
  'RateLimit',
  'RateLimit-Policy',
  'Allow',
]

/** Headers, CORS, limits, documentation. */
export const addPlugins = async (app: FastifyInstance, options: ServerOptions, limits: Limits): Promise<void> => {
  const components: Components = { schemas: { Problem: problemSchema } }
  await app.register(helmet, { contentSecurityPolicy: false })
  if (options.corsOrigins.length > 0)
    await app.register(cors, {
      origin: [...options.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders,
      maxAge: 600,
      strictPreflight: false,
    })
  await app.register(swagger, {
    openapi: openapiInfo(options.version),
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      const own = (route.config as { route?: Route } | undefined)?.route
      return { url, schema: own ? describeRoute(own, components) : schema }
    },
    transformObject: document => {
      const { openapiObject } = document as { openapiObject: Record<string, unknown> }
      const more = shared(components)
      const sorted = Object.fromEntries(Object.entries(components.schemas).sort(([a], [b]) => a.localeCompare(b)))
      return {
        ...openapiObject,
        paths: withServerFault(openapiObject.paths as Parameters<typeof withServerFault>[0]),
        components: { ...(openapiObject.components as object), schemas: sorted, ...more },
      } as never
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { docExpansion: 'none' } })
  app.get(
    '/openapi.json',
    { schema: { hide: true } as never, onRequest: limits.countAddress },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-store')
    const varied = String(reply.getHeader('vary') ?? '').split(/,\s*/)
    reply.header('vary', [...new Set([...varied, 'Authorization', 'Accept-Language'])].filter(Boolean).join(', '))
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
