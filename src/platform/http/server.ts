import { createHash } from 'node:crypto'
import buildJsonSerializer from 'fast-json-stringify'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { z } from 'zod'
import { hmacHex } from '../../kernel/signature.ts'
import { type Permission, permissions } from '../../practice/permissions.ts'
import { Problem } from '../../practice/problems.ts'
import { KeysUnavailable, TokenRefused } from '../identity.ts'
import { answerProblem } from './answer-problem.ts'
import { readJson } from './json.ts'
import type { ServerOptions } from './options.ts'
import { addPlugins } from './plugins.ts'
import { faultsOf, languageOf, RequestInvalid } from './problems.ts'
import type { Answer, Call, Caller, Route } from './route.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route
  }
}

const nobody: Caller = { issuer: '', subject: '', institution: '', clientId: null, scopes: [] }
const maxIdempotencyKey = 200

/** Builds the server with every route of the service; nothing listens yet. */
export const buildServer = async (routes: readonly Route[], options: ServerOptions): Promise<FastifyInstance> => {
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: options.newId,
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply, options),
    return503OnClosing: true,
  })
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, options))
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(routes, request.url)
    const problem =
      allowed.length > 0
        ? new Problem('method_not_allowed', {}, { Allow: allowed.join(', ') })
        : new Problem('not_found')
    return answerProblem(problem, request, reply, options)
  })
  app.setValidatorCompiler(({ schema, httpPart }) => checker(schema as z.ZodType, httpPart ?? 'body'))
  app.setSerializerCompiler(({ schema }) => serializerOf(schema as z.ZodType))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (request.routeOptions.config.route?.raw) return done(null, body)
      done(null, (body as Buffer).length === 0 ? undefined : readJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 8_192 },
    (_r, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  for (const mediaType of new Set(routes.flatMap(bytesOf)))
    app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (request, body, done) => {
      const { route } = request.routeOptions.config
      if (route && bytesOf(route).includes(mediaType)) done(null, body)
      else done(new Problem('unsupported_media_type'))
    })
  await addPlugins(app, options)
  for (const route of routes) addRoute(app, route, options)
  return app
}

/** Media types of bodies a route is given as bytes; JSON has a parser of its own. */
const bytesOf = (route: Route): readonly string[] =>
  [...(route.bytes ?? []), ...Object.keys(route.raw ?? {})].filter(mediaType => mediaType !== 'application/json')

const pointerPrefix: Readonly<Record<string, string>> = { body: '', params: '/path', querystring: '/query' }

const checker = (schema: z.ZodType, part: string) => (data: unknown) => {
  const result = schema.safeParse(data)
  if (result.success) return { value: result.data }
  return { error: new RequestInvalid(faultsOf(result.error, pointerPrefix[part] ?? `/${part}`)) }
}

const serializerOf = (schema: z.ZodType) =>
  buildJsonSerializer(z.toJSONSchema(schema, { io: 'output', target: 'draft-7', unrepresentable: 'any' }) as never)

const segments = (path: string) => path.split('/').slice(1)

const fits = (pattern: string, path: string) => {
  const [wanted, given] = [segments(pattern), segments(path)]
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
}

const allowedMethods = (routes: readonly Route[], url: string): string[] => {
  const path = url.split('?')[0] ?? ''
  const found = routes.filter(route => fits(route.path, path)).map(route => route.method)
  return [...new Set(found.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort()
}

const addRoute = (app: FastifyInstance, route: Route, options: ServerOptions): void => {
  const schemas = Object.entries(route.answers).filter((entry): entry is [string, z.ZodType] => entry[1] !== null)
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimit ? { bodyLimit: route.bodyLimit } : {}),
    schema: {
      tags: [route.tag],
      params: route.params ?? z.strictObject({}),
      querystring: route.query ?? z.strictObject({}),
      ...(route.body ? { body: route.body } : {}),
      ...(schemas.length > 0 ? { response: Object.fromEntries(schemas) } : {}),
    },
    config: { route },
    onRequest: async request => authenticate(request, route, options),
    handler: async (request, reply) => {
      const takesBody = route.body ?? route.bytes ?? route.raw
      if (route.method !== 'GET' && !takesBody && request.body !== undefined && request.body !== null)
        throw new RequestInvalid([{ pointer: '', code: 'unknown_member', detail: 'this operation takes no body' }])
      const answer = await route.handle(callOf(request, reply, route, options))
      return send(reply, route, answer, options)
    },
    ...(options.onAnswered
      ? {
          onResponse: async (_request: FastifyRequest, reply: FastifyReply) =>
            options.onAnswered?.(route, reply.statusCode, reply.elapsedTime / 1000),
        }
      : {}),
  })
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** Open to anybody, or to whoever signed the body: the route itself checks that. */
const needsNoToken = (route: Route): boolean => {
  const permission: Permission = permissions[route.permission]
  return permission.open === true || permission.signed === true
}

const authenticate = async (request: FastifyRequest, route: Route, options: ServerOptions): Promise<void> => {
  if (needsNoToken(route)) return
  const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) throw unauthenticated()
  try {
    const claims = await options.verify(token)
    callers.set(request, {
      issuer: claims.issuer,
      subject: claims.subject,
      institution: claims.institution,
      clientId: claims.clientId ?? null,
      scopes: claims.scopes,
    })
  } catch (error) {
    if (error instanceof TokenRefused) throw unauthenticated('invalid_token')
    if (error instanceof KeysUnavailable) throw new Problem('service_unavailable', {}, { 'Retry-After': '5' })
    throw error
  }
}

const unauthenticated = (error?: string) =>
  new Problem('unauthenticated', {}, { 'WWW-Authenticate': error ? `Bearer error="${error}"` : 'Bearer' })

const callOf = (request: FastifyRequest, reply: FastifyReply, route: Route, options: ServerOptions): Call => {
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    caller: callers.get(request) ?? nobody,
    ifMatch: route.ifMatch ? versionOf(request) : null,
    idempotency: route.idempotency ? keyOf(request, route, options) : null,
    language: languageOf(request.headers['accept-language']),
    requestId: request.id,
    accessReason: accessReasonOf(request),
    contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    header: name => {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    signal: () => {
      const closed = new AbortController()
      reply.raw.once('close', () => closed.abort())
      return AbortSignal.any([closed.signal, options.draining])
    },
  }
}

const accessReasonOf = (request: FastifyRequest): string | null => {
  const reason = request.headers['x-access-reason']
  if (reason === undefined) return null
  if (typeof reason === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(reason)) return reason
  throw new RequestInvalid([
    { pointer: '/header/x-access-reason', code: 'malformed', detail: 'a code: a–z, 0–9 and _, at most 60 characters' },
  ])
}

const versionOf = (request: FastifyRequest): number => {
  const header = request.headers['if-match']
  if (header === undefined) throw new Problem('precondition_required')
  const found = /^"(\d{1,9})"$/.exec(header)
  if (!found)
    throw new RequestInvalid([{ pointer: '/header/if-match', code: 'malformed', detail: 'a version in quotes' }])
  return Number(found[1])
}

const keyOf = (request: FastifyRequest, route: Route, options: ServerOptions) => {
  const key = request.headers['idempotency-key']
  if (key === undefined && route.idempotency === 'required') throw new Problem('idempotency_key_required')
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > maxIdempotencyKey)
    throw new RequestInvalid([
      { pointer: '/header/idempotency-key', code: 'malformed', detail: '1–200 printable ASCII characters' },
    ])
  const body = Buffer.isBuffer(request.body)
    ? createHash('sha256').update(request.body).digest('hex')
    : JSON.stringify(request.body ?? null)
  const text = JSON.stringify([request.method, request.url, request.headers['if-match'] ?? '', body])
  return { key, fingerprint: hmacHex(options.fingerprintKey, text) }
}

const send = (reply: FastifyReply, route: Route, answer: Answer, options: ServerOptions): FastifyReply => {
  reply.code(answer.status)
  if (answer.etag !== undefined) reply.header('etag', `"${answer.etag}"`)
  if (answer.location) reply.header('location', answer.location)
  if (answer.replayed) reply.header('idempotent-replayed', 'true')
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value)
  if (answer.body === undefined) return reply.send()
  reply.type(answer.contentType ?? 'application/json; charset=utf-8')
  if (options.strict && !answer.contentType) checkAnswer(route, answer)
  return reply.send(answer.body)
}

const checkAnswer = (route: Route, answer: Answer): void => {
  const schema = route.answers[answer.status]
  if (!schema) throw new Error(`${route.operationId} answered an undeclared ${answer.status}`)
  const value: unknown =
    typeof answer.body === 'string' ? JSON.parse(answer.body) : JSON.parse(JSON.stringify(answer.body))
  const result = schema.safeParse(value)
  if (!result.success)
    throw new Error(`${route.operationId} answered against its schema: ${JSON.stringify(faultsOf(result.error, ''))}`)
}
