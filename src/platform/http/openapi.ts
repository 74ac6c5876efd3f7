import { type Permission, permissions } from '../../practice/permissions.ts'
import { answerHeaders } from './answer-headers.ts'
import { type Components, describe } from './json-schema.ts'
import { problemAnswer } from './problem-answers.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const headerParameters = (route: Route) => [
  ['accept-language', 'Language of the words: `zh-CN` or `en`; English unless told.', false] as const,
  ...(route.ifMatch
    ? [['if-match', 'Version the caller knows, in quotes: `"7"`.', route.ifMatch === 'required'] as const]
    : []),
  ...(route.idempotency
    ? [
        [
          'idempotency-key',
          'At most 200 characters; the same key and request give the first answer again for 24 h.',
          route.idempotency === 'required',
        ] as const,
      ]
    : []),
  ...(route.writes?.some(name => name.endsWith('.read'))
    ? [['x-access-reason', 'Why it is read, as a code (`handover_review`); kept with the reading.', false] as const]
    : []),
]

const rawBodies = (raw: NonNullable<Route['raw']>, components: Components): Json =>
  Object.fromEntries(
    Object.entries(raw).map(([mediaType, schema]) => [mediaType, { schema: describe(schema, 'input', components) }]),
  )

const binary = { type: 'string', format: 'binary' }

/** A file as the body, or as the one part of a form. */
const fileBody = (mediaType: string) => [
  mediaType,
  mediaType === 'multipart/form-data'
    ? {
        schema: {
          type: 'object',
          required: ['file'],
          properties: { file: { ...binary, description: 'The file' } },
          additionalProperties: false,
        },
      }
    : { schema: binary },
]

const securityOf = (permission: Permission) => {
  if (permission.open) return []
  return permission.signed ? [{ signature: [] }] : [{ bearer: [] }]
}

/** Describes one route for @fastify/swagger. */
export const describeRoute = (route: Route, components: Components): Json => {
  const answers = Object.entries(route.answers).map(([status, schema]) => [
    status,
    schema === null
      ? {
          description: route.produces ? `The document as ${route.produces}` : 'Done; no body',
          headers: answerHeaders(route, Number(status), schema),
          type: 'null',
        }
      : {
          description: schema.description ?? route.summary,
          headers: answerHeaders(route, Number(status), schema),
          ...describe(schema, 'output', components),
        },
  ])
  const headers = headerParameters(route)
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: `${route.description ? `${route.description}\n\n` : ''}Permission: \`${route.permission}\`.`,
    tags: [route.tag],
    security: securityOf(permissions[route.permission]),
    ...(route.params ? { params: describe(route.params, 'input', components, { inline: true }) } : {}),
    ...(route.query ? { querystring: describe(route.query, 'input', components, { inline: true }) } : {}),
    ...(headers.length > 0
      ? {
          headers: {
            type: 'object',
            properties: Object.fromEntries(
              headers.map(([name, description]) => [name, { type: 'string', maxLength: 200, description }]),
            ),
            required: headers.filter(([, , required]) => required).map(([name]) => name),
          },
        }
      : {}),
    ...(route.body ? { body: describe(route.body, 'input', components) } : {}),
    ...(route.form ? { consumes: ['application/x-www-form-urlencoded'] } : {}),
    ...(route.bytes || route.stream
      ? { body: { content: Object.fromEntries((route.bytes ?? route.stream ?? []).map(fileBody)) } }
      : {}),
    ...(route.raw ? { body: { content: rawBodies(route.raw, components) } } : {}),
    ...(route.produces ? { produces: [route.produces] } : {}),
    response: {
      ...Object.fromEntries(answers),
      '4XX': problemAnswer(route, components),
    },
  }
}
