import buildJsonSerializer from 'fast-json-stringify'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { z } from 'zod'
import { type Permission, permissions } from '../../practice/permissions.ts'
import { Problem } from '../../practice/problems.ts'
import { KeysUnavailable, TokenRefused } from '../identity.ts'
import { allowedMethods } from './allowed-methods.ts'
import { answerProblem } from './answer-problem.ts'
import { bodyMs, boundArrival, isStream, receiveMs } from './arrival.ts'
import { answerExpectations, clientErrorHandler } from './client-errors.ts'
import { isHealth, refuseEarly } from './early-refusals.ts'
import { readForm, unstorable } from './form.ts'
import { isStorable, readJson } from './json.ts'
import { formType, requireMediaType } from './media-types.ts'
import type { ServerOptions } from './options.ts'
import { refuseOverload } from './overload.ts'
import { addPlugins } from './plugins.ts'
import { languageOf, RequestInvalid, spokenFaults } from './problems.ts'
import { type Limits, makeLimits } from './rate-limit.ts'
import { accessReasonOf, idempotencyOf, versionOf } from './request-headers.ts'
import type { Call, Caller, Route } from './route.ts'
import { sendAnswer } from './send-answer.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route
  }
}

const nobody: Caller = { issuer: '', subject: '', institution: '', clientId: null, scopes: [] }

/** Builds the server with every route of the service; nothing listens yet. */
export const buildServer = async (routes: readonly Route[], options: ServerOptions): Promise<FastifyInstance> => {
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: options.newId,
    trustProxy: options.trustProxy.length > 0 && [...options.trustProxy],
    bodyLimit: 1_048_576,
    requestTimeout: receiveMs(routes),
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      const answer = (fault: unknown) => answerProblem(fault, request, reply, options)
      limits.countAddress(request, reply).then(() => answer(error), answer)
    },
    clientErrorHandler: clientErrorHandler(options),
    http: { requireHostHeader: false, connectionsCheckingInterval: 5_000, headersTimeout: bodyMs },
    // Refused as a problem instead: see refuseEarly.
    return503OnClosing: false,
  })
  const limits = await makeLimits(app, options.requestsPerMinute)
  answerExpectations(app, options)
  refuseEarly(app, options)
  refuseOverload(app, options)
  app.addHook('onRequest', async (request, reply) => boundArrival(request, reply))
  answerStrays(app, routes, options, limits)
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
  app.addContentTypeParser(formType, { parseAs: 'string', bodyLimit: 8_192 }, (_request, body, done) => {
    try {
      done(null, readForm(String(body)))
    } catch (error) {
      done(error as Error)
    }
  })
  const bytes = routes.flatMap(route => [...(route.bytes ?? []), ...Object.keys(route.raw ?? {})])
  for (const mediaType of new Set(bytes.filter(each => each !== 'application/json')))
    app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  await addPlugins(app, options, limits)
  for (const route of routes.filter(each => !each.stream)) addRoute(app, route, options, limits)
  await app.register(async streams => addStreams(streams, routes, options, limits))
  return app
}

/** Routes that read their bodies as they come, with parsers of their own: elsewhere the same types are held whole. */
const addStreams = (app: FastifyInstance, routes: readonly Route[], options: ServerOptions, limits: Limits): void => {
  app.removeAllContentTypeParsers()
  const streamed = routes.filter(route => route.stream)
  for (const mediaType of new Set(streamed.flatMap(route => [...(route.stream ?? [])])))
    app.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload))
  for (const route of streamed) addRoute(app, route, options, limits)
}

/** Whatever was thrown, and whatever no route knows. */
const answerStrays = (app: FastifyInstance, routes: readonly Route[], options: ServerOptions, limits: Limits): void => {
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, options))
  app.setNotFoundHandler(async (request, reply) => {
    await limits.countAddress(request, reply)
    const allowed = allowedMethods(routes, request.url)
    const problem =
      allowed.length > 0
        ? new Problem('method_not_allowed', {}, { Allow: allowed.join(', ') })
        : new Problem('not_found')
    return answerProblem(problem, request, reply, options)
  })
}

const pointerPrefix: Readonly<Record<string, string>> = { body: '', params: '/path', querystring: '/query' }

const checker = (schema: z.ZodType, part: string) => (data: unknown) => {
  if (part !== 'body' && !isStorable(data)) return { error: unstorable(pointerPrefix[part] ?? `/${part}`) }
  const result = schema.safeParse(data)
  if (result.success) return { value: result.data }
  return { error: new RequestInvalid(spokenFaults(schema, data, pointerPrefix[part] ?? `/${part}`)) }
}

const serializerOf = (schema: z.ZodType) =>
  buildJsonSerializer(z.toJSONSchema(schema, { io: 'output', target: 'draft-7', unrepresentable: 'any' }) as never)

const addRoute = (app: FastifyInstance, route: Route, options: ServerOptions, limits: Limits): void => {
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
    onRequest: async (request, reply) => {
      // A list with a slash behind it is no member of the list.
      if (Object.values(request.params as object).includes('')) return reply.callNotFound()
      await admit(request, reply, route, options, limits)
      requireMediaType(request, route)
    },
    handler: async (request, reply) => {
      const takesBody = route.body ?? route.bytes ?? route.raw ?? route.stream
      if (route.method !== 'GET' && !takesBody && !saysNothing(request.body))
        throw new RequestInvalid([
          {
            pointer: '',
            code: 'unknown_member',
            detail: { en: 'this operation takes no body', zh: '此操作不接受请求体' },
          },
        ])
      const answer = await route.handle(callOf(request, reply, route, options))
      return sendAnswer(reply, route, answer, options)
    },
    ...(options.onAnswered
      ? {
          onResponse: async (_request: FastifyRequest, reply: FastifyReply) =>
            options.onAnswered?.(route, reply.statusCode, reply.elapsedTime / 1000),
        }
      : {}),
  })
}

/** No body, or one without a member: what some clients send with every POST. */
const saysNothing = (body: unknown): boolean =>
  body === undefined ||
  body === null ||
  (!Array.isArray(body) && typeof body === 'object' && Object.keys(body).length === 0)

const callers = new WeakMap<FastifyRequest, Caller>()

/** Open to anybody, or to whoever signed the body: the route itself checks that. */
const needsNoToken = (route: Route): boolean => {
  const permission: Permission = permissions[route.permission]
  return permission.open === true || permission.signed === true
}

/** Learns who calls and counts the request: by caller, or by address where nobody stands behind it. */
const admit = async (
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  options: ServerOptions,
  limits: Limits,
): Promise<void> => {
  if (isHealth(request.url)) return
  await authenticate(request, route, options).catch(async error => {
    await limits.countAddress(request, reply)
    throw error
  })
  const caller = callers.get(request)
  await (caller ? limits.countCaller(request, reply, caller) : limits.countAddress(request, reply))
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
    ifMatch: route.ifMatch ? versionOf(request, route) : null,
    idempotency: route.idempotency ? idempotencyOf(request, route, options) : null,
    stream: isStream(request.body) ? request.body.iterator({ destroyOnReturn: false }) : null,
    idempotencyOver: digest => idempotencyOf(request, route, options, digest),
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
      return AbortSignal.any([closed.signal, options.closing])
    },
  }
}
