import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemCode } from '../../practice/problems.ts'
import { StatementFailed } from '../database.ts'
import type { ServerOptions } from './options.ts'
import { asProblem, languageOf, problemBody } from './problems.ts'
import { problemsOf } from './problems-of.ts'

/** Answers whatever was thrown as a problem, in the words the client asked for. */
export const answerProblem = (
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
) => {
  const problem = asProblem(thrown)
  const { route } = request.routeOptions?.config ?? {}
  if (problem.code === 'internal_error') logFault(request, thrown)
  if (route && !problemsOf(route).includes(problem.code)) {
    request.log.error({ code: problem.code, operationId: route.operationId }, 'undeclared problem')
    if (options.strict) reply.header('x-undeclared-problem', problem.code)
  }
  const body = problemBody(problem, {
    instance: request.url?.split('?')[0]?.slice(0, 500) ?? '',
    requestId: request.id,
    language: languageOf(request.headers?.['accept-language']),
  })
  if (route?.form && body.status < 500) Object.assign(body, { error: oauthError(problem.code) })
  for (const [name, value] of Object.entries(problem.headers)) reply.header(name, value)
  if (problem.code === 'version_stale' && typeof problem.members.version === 'number')
    reply.header('etag', `"${problem.members.version}"`)
  reply.code(body.status).type('application/problem+json; charset=utf-8')
  return reply.serializer((value: unknown) => JSON.stringify(value)).send(body)
}

/** What RFC 6749 §5.2 calls it; whatever it has no name for is an invalid request. */
const oauthError = (code: ProblemCode): string =>
  ['invalid_client', 'invalid_scope', 'unsupported_grant_type'].includes(code) ? code : 'invalid_request'

const logFault = (request: FastifyRequest, thrown: unknown): void => {
  const safe = thrown instanceof StatementFailed || !(thrown as { query?: unknown })?.query
  request.log.error(
    {
      requestId: request.id,
      error: (thrown as Error)?.name,
      ...(safe ? { message: (thrown as Error)?.message, stack: (thrown as Error)?.stack } : {}),
    },
    'internal error',
  )
}
