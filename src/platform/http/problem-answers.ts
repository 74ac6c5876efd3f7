import type { ProblemDefinition } from '../../kernel/problem.ts'
import { type MemberName, memberExamples, memberOf, problemMembers } from '../../practice/problems/members.ts'
import { commonProblems, Problem, type ProblemCode, problems } from '../../practice/problems.ts'
import { problemHeaders, retryAfter } from './answer-headers.ts'
import { type Components, describe } from './json-schema.ts'
import { problemBody } from './problems.ts'
import { problemsOf } from './problems-of.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const pascal = (text: string) => text.replace(/(^|_)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())

const isServers = (code: ProblemCode): boolean => (problems[code] as ProblemDefinition).status >= 500

/** The schema of every problem answer. */
export const problemSchema = {
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
    errors: describe(problemMembers.errors, 'output', { schemas: {} }),
  },
} as const

const membersOf = (code: ProblemCode) => ((problems[code] as ProblemDefinition).members ?? []) as readonly MemberName[]

/** A member as a schema of its own, which every operation that answers such a code refers to. */
const memberSchema = (name: MemberName, code: ProblemCode, components: Components): Json => {
  const schema = memberOf(code, name)
  const same = (Object.keys(problems) as ProblemCode[]).filter(
    other => membersOf(other).includes(name) && memberOf(other, name) === schema,
  )
  const { description, ...json } = describe(schema, 'output', components)
  const id = `Problem${pascal(name)}${schema === problemMembers[name] ? '' : pascal(code)}`
  components.schemas[id] = {
    ...json,
    description: `${description}. With ${same.map(each => `\`${each}\``).join(', ')}.`,
  }
  return { $ref: `#/components/schemas/${id}` }
}

const answerOf = (codes: readonly ProblemCode[], headers: Json, components: Components): Json => {
  const members = codes.flatMap(code =>
    membersOf(code)
      .filter(name => !(name in problemSchema.properties))
      .map(name => [name, memberSchema(name, code, components)] as const),
  )
  const shown = codes.filter(code => code in memberExamples)
  return {
    description: `Problem (RFC 9457), codes: ${codes.join(', ')}`,
    headers,
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { code: { enum: codes }, ...Object.fromEntries(members) } },
          ],
        },
        ...(shown.length > 0
          ? { examples: Object.fromEntries(shown.map(code => [code, { $ref: `#/components/examples/${code}` }])) }
          : {}),
      },
    },
  }
}

/** What an operation answers when the fault is the caller's, as @fastify/swagger takes it. */
export const problemAnswer = (route: Route, components: Components): Json =>
  answerOf(
    problemsOf(route).filter(code => !isServers(code)),
    problemHeaders(route),
    components,
  )

const exampleOf = (code: ProblemCode): Json => {
  const about = { instance: '/v1/cases/01936d3e-7c00-7000-8000-000000000001/transitions', language: 'en' } as const
  const problem = new Problem(code, memberExamples[code])
  return {
    summary: problems[code].title.en,
    value: problemBody(problem, { ...about, requestId: '01936d3e-7c00-7000-8000-000000000002' }),
  }
}

/** What operations refer to: what any answers when the fault is the service's own (none declares such a code itself), and examples. */
export const shared = (components: Components): Json => ({
  responses: {
    ServerFault: answerOf(commonProblems.filter(isServers), { 'Retry-After': retryAfter }, components),
  },
  examples: Object.fromEntries(Object.keys(memberExamples).map(code => [code, exampleOf(code as ProblemCode)])),
})

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
