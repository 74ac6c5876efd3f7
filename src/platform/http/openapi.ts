import { z } from 'zod'
import { type Permission, permissions } from '../../practice/permissions.ts'
import { answerHeaders } from './answer-headers.ts'
import { problemAnswer } from './problem-answers.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

/** Collects named schemas while routes are described. */
export interface Components {
  readonly schemas: Record<string, Json>
}

/** Keywords of our own, which OpenAPI knows only with an `x-`; why a text may lie in the clear is told to nobody. */
const extensions: Readonly<Record<string, string>> = { confidential: 'x-confidential' }
const untold = ['$schema', '$defs', 'id', 'public']

/** JSON Schema as OpenAPI wants it. `names` = the keys of the object are names of members, not keywords. */
const rewritten = (node: unknown, names = false): unknown => {
  if (Array.isArray(node)) return node.map(item => rewritten(item))
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).filter(([key]) => names || !untold.includes(key))
  const copy = Object.fromEntries(
    entries.map(([key, value]) => [
      names ? key : (extensions[key] ?? key),
      key === 'examples' && !names ? value : rewritten(value, key === 'properties' && !names),
    ]),
  )
  if (names) return copy
  if (typeof copy.$ref === 'string') copy.$ref = copy.$ref.replace('#/$defs/', '#/components/schemas/')
  if (copy.pattern !== undefined && copy.format !== undefined) delete copy.pattern
  const described = Array.isArray(copy.anyOf) && copy.anyOf.find((part: Json) => part.description)
  return described && copy.description === undefined ? { description: described.description, ...copy } : copy
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const publish = (components: Components, name: string, schema: Json, io: 'input' | 'output'): string => {
  const known = components.schemas[name]
  if (known === undefined || isSame(known, schema)) {
    components.schemas[name] = schema
    return name
  }
  const other = io === 'input' ? `${name}Input` : `${name}Output`
  components.schemas[other] = schema
  return other
}

/** A zod schema as OpenAPI 3.1; named schemas go to the components and are referred to. */
export const describe = (
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Components,
  options: { inline?: boolean } = {},
): Json => {
  const json = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as Json
  const { id: name, examples } = schema.meta() ?? {}
  const renamed = new Map<string, string>()
  for (const [part, definition] of Object.entries((json.$defs ?? {}) as Record<string, Json>)) {
    // zod leaves the examples out where a part of the input is transformed.
    const own = part === name && examples !== undefined ? { examples } : {}
    renamed.set(part, publish(components, part, { ...(rewritten(definition) as Json), ...own }, io))
  }
  const text = JSON.stringify(rewritten(json)).replace(/#\/components\/schemas\/(\w+)/g, (whole, name: string) => {
    const other = renamed.get(name)
    return other ? `#/components/schemas/${other}` : whole
  })
  const body = JSON.parse(text) as Json
  if (typeof body.$ref === 'string') return body
  if (typeof name !== 'string' || options.inline) return body
  return { $ref: `#/components/schemas/${publish(components, name, body, io)}` }
}

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
      '4XX': problemAnswer(route),
    },
  }
}
