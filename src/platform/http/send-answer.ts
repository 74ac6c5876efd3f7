import type { FastifyReply } from 'fastify'
import { tellsVersion } from './answer-headers.ts'
import type { ServerOptions } from './options.ts'
import { faultsOf } from './problems.ts'
import type { Answer, Route } from './route.ts'

/** Sends what a handler answered; `strict` holds it against what the route declares. */
export const sendAnswer = (reply: FastifyReply, route: Route, answer: Answer, options: ServerOptions): FastifyReply => {
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
  if (answer.etag !== undefined && !tellsVersion(route, schema))
    throw new Error(`${route.operationId} answered an ETag that its description does not know`)
  if (!schema) throw new Error(`${route.operationId} answered an undeclared ${answer.status}`)
  const value: unknown =
    typeof answer.body === 'string' ? JSON.parse(answer.body) : JSON.parse(JSON.stringify(answer.body))
  const result = schema.safeParse(value)
  if (!result.success)
    throw new Error(`${route.operationId} answered against its schema: ${JSON.stringify(faultsOf(result.error, ''))}`)
}
