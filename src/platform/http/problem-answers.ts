import type { ProblemDefinition } from '../../kernel/problem.ts'
import { commonProblems, type ProblemCode, problems } from '../../practice/problems.ts'
import { problemHeaders, retryAfter } from './answer-headers.ts'
import { problemsOf } from './problems-of.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const isServers = (code: ProblemCode): boolean => (problems[code] as ProblemDefinition).status >= 500

const answerOf = (codes: readonly ProblemCode[], headers: Json): Json => ({
  description: `Problem (RFC 9457), codes: ${codes.join(', ')}`,
  headers,
  content: {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
    },
  },
})

/** What an operation answers when the fault is the caller's, as @fastify/swagger takes it. */
export const problemAnswer = (route: Route): Json =>
  answerOf(
    problemsOf(route).filter(code => !isServers(code)),
    problemHeaders(route),
  )

/** What any operation answers when the fault is the service's own, as OpenAPI has it: none declares such a code itself. */
const serverFault = answerOf(commonProblems.filter(isServers), { 'Retry-After': retryAfter })

/** The paths of a document with the answer that all operations share. */
export const withServerFault = (paths: Readonly<Record<string, Readonly<Record<string, Json>>>>): Json =>
  Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          {
            ...operation,
            responses: { ...(operation.responses as Json), '5XX': { $ref: '#/components/responses/ServerFault' } },
          },
        ]),
      ),
    ]),
  )

/** Answers that operations refer to. */
export const sharedAnswers: Json = { ServerFault: serverFault }

/** The schema of every problem answer. */
export const problemSchema: Json = {
  type: 'object',
  description: 'Problem details, RFC 9457. `code` is stable; words follow Accept-Language.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', maxLength: 200, description: 'Address of a page about this code' },
    title: { type: 'string', maxLength: 200, description: 'What it is, in words' },
    status: { type: 'integer', description: 'HTTP status' },
    detail: { type: 'string', maxLength: 1000, description: 'What it means, in words' },
    instance: { type: 'string', maxLength: 2000, description: 'Path of the request' },
    code: { type: 'string', maxLength: 100, description: 'Stable code' },
    requestId: { type: 'string', maxLength: 100, description: 'Finds the request in the log' },
    errors: {
      type: 'array',
      maxItems: 1000,
      description: 'Faults of the input, one by one',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', maxLength: 500, description: 'JSON pointer into the request' },
          code: { type: 'string', maxLength: 100, description: 'Kind of fault' },
          detail: { type: 'string', maxLength: 500, description: 'The fault in words' },
        },
      },
    },
  },
}
