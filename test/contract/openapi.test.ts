import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { generatedFiles } from '../../src/generate.ts'
import type { ProblemDefinition } from '../../src/kernel/problem.ts'
import { root } from '../../src/platform/migrations.ts'
import { problems } from '../../src/practice/problems.ts'

type Json = Record<string, unknown>

const files = await generatedFiles()
const openapi = JSON.parse(files['openapi/openapi.json'] as string) as {
  paths: Record<string, Record<string, Json>>
  components: { schemas: Record<string, Json>; responses: Record<string, Json> }
}
const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
)

/** Codes of a problem answer. */
const codesOf = (answer: Json | undefined): string[] =>
  String(answer?.description)
    .replace(/^.*codes: /, '')
    .split(', ')

/** Every schema below a node, with where it stands. */
const schemasIn = (node: unknown, at: string): { at: string; schema: Json }[] => {
  if (Array.isArray(node)) return node.flatMap((item, index) => schemasIn(item, `${at}/${index}`))
  if (node === null || typeof node !== 'object') return []
  const inside = Object.entries(node).flatMap(([key, child]) =>
    ['examples', 'example', 'enum', 'const', 'default'].includes(key) ? [] : schemasIn(child, `${at}/${key}`),
  )
  return 'type' in node && typeof (node as Json).type === 'string' ? [{ at, schema: node as Json }, ...inside] : inside
}

t.test('generated files are current: `npm run generate`', async t => {
  for (const [path, text] of Object.entries(files))
    t.equal(await readFile(join(root, path), 'utf8').catch(() => ''), text, path)
})

t.test('every operation has an id of its own, words, a tag, a permission and its problems', async t => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length)
  for (const { name, operation } of operations) {
    t.match(operation.operationId, /^[a-z][A-Za-z]+$/, name)
    t.ok(String(operation.summary).length > 10, name)
    t.match(operation.description, /Permission: `[a-z]+:[a-z_]+`/, name)
    t.equal((operation.tags as string[]).length, 1, name)
    const responses = operation.responses as Json
    t.ok(Object.keys(responses).includes('4XX'), name)
    t.same(responses['5XX'], { $ref: '#/components/responses/ServerFault' }, name)
    for (const parameter of (operation.parameters ?? []) as Json[])
      t.ok(parameter.description, `${name} ${parameter.name}`)
  }
})

t.test(
  'every string is bounded, every array is bounded, every property is described, bodies are closed and have examples',
  async t => {
    for (const [name, schema] of Object.entries(openapi.components.schemas)) {
      for (const { at, schema: part } of schemasIn(schema, name)) {
        if (part.type === 'string')
          t.ok(part.maxLength ?? part.enum ?? part.format ?? part.const ?? part.pattern, `${at} is bounded`)
        if (part.type === 'array') t.ok(part.maxItems, `${at} is bounded`)
        for (const [property, child] of Object.entries((part.properties ?? {}) as Record<string, Json>))
          t.ok(child.description ?? child.$ref ?? child.enum, `${at}/${property} is described`)
      }
    }
    const refs = operations.flatMap(({ name, operation }) => {
      const body = (operation.requestBody as { content?: Record<string, { schema: Json }> } | undefined)?.content?.[
        'application/json'
      ]
      const answers = Object.entries(
        operation.responses as Record<string, { content?: Record<string, { schema: Json }> }>,
      )
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, answer]) =>
          answer.content?.['application/json'] ? [answer.content['application/json'].schema] : [],
        )
      return [
        ...(body ? [{ name: `${name} body`, schema: body.schema, body: true }] : []),
        ...answers.map(schema => ({ name: `${name} answer`, schema, body: false })),
      ]
    })
    for (const { name, schema, body } of refs) {
      const named = openapi.components.schemas[String(schema.$ref).split('/').at(-1) ?? '']
      t.ok(named, `${name} is a named schema`)
      t.ok(((named?.examples ?? []) as unknown[]).length > 0, `${name} has an example`)
      if (body && named?.type === 'object') t.equal(named.additionalProperties, false, `${name} is closed`)
    }
  },
)

t.test('what a problem carries is described wherever its code is answered', async t => {
  for (const { name, operation } of operations) {
    const answer = (operation.responses as Record<string, Json>)['4XX'] ?? {}
    const content = answer.content as Record<string, { schema: { allOf: { properties: Json }[] } }>
    const shape = content['application/problem+json']?.schema.allOf[1]?.properties ?? {}
    for (const code of codesOf(answer)) {
      const { members = [] } = problems[code as keyof typeof problems] as { members?: readonly string[] }
      for (const member of members.filter(each => each !== 'errors')) t.ok(member in shape, `${name} ${code} ${member}`)
    }
  }
})

t.test('what is the fault of the service stands with 5XX, and says when to try again', async t => {
  const { ServerFault } = openapi.components.responses
  t.same(codesOf(ServerFault), ['internal_error', 'service_unavailable'])
  t.match(ServerFault, { headers: { 'Retry-After': { schema: {} } } })
  for (const { name, operation } of operations)
    for (const code of codesOf((operation.responses as Record<string, Json>)['4XX']))
      t.ok((problems[code as keyof typeof problems] as ProblemDefinition).status < 500, `${name} ${code}`)
})

t.test('every operation describes the headers of its answers, and takes a language', async t => {
  const headersOf = (answer: unknown) => Object.keys((answer as { headers?: Json } | undefined)?.headers ?? {})
  for (const { name, operation } of operations) {
    const parameters = (operation.parameters ?? []) as { name: string; in: string }[]
    const takes = (header: string) => parameters.some(each => each.in === 'header' && each.name === header)
    t.ok(takes('accept-language'), `${name} takes a language`)
    const responses = operation.responses as Record<string, Json>
    const problem = headersOf(responses['4XX'])
    t.ok(problem.includes('Retry-After'), `${name} says when to try again`)
    if (takes('if-match')) t.ok(problem.includes('ETag'), `${name} tells a stale caller the version`)
    for (const [status, answer] of Object.entries(responses)) {
      if (status === '5XX') continue
      const headers = headersOf(answer)
      const counted = !/\/(livez|readyz)$/.test(name)
      t.equal(headers.includes('RateLimit') && headers.includes('RateLimit-Policy'), counted, `${name} ${status}`)
      if (status === '4XX') continue
      t.equal(headers.includes('Idempotent-Replayed'), takes('idempotency-key'), `${name} ${status} may be a replay`)
      const paged = name.startsWith('GET') && parameters.some(each => each.in === 'query' && each.name === 'cursor')
      t.equal(headers.includes('Link'), paged, `${name} ${status} links its next page`)
      if (status === '201' && name.startsWith('POST')) t.ok(headers.includes('Location'), `${name} says where`)
      for (const [header, described] of Object.entries((answer as { headers: Record<string, Json> }).headers ?? {}))
        t.ok(described.description, `${name} ${status} ${header} is described`)
    }
  }
  const versioned = ['GET /v1/cases/{caseId}', 'PUT /v1/cases/{caseId}/records/{recordId}', 'POST /v1/cases']
  for (const wanted of versioned) {
    const responses = operations.find(({ name }) => name === wanted)?.operation.responses as Record<string, Json>
    const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1]
    t.ok(headersOf(success).includes('ETag'), wanted)
  }
})

/** Lists that are always told whole, in one page. */
const whole = ['GET /v1/warning-rules']

t.test('every list that tells of a next page can be asked for it', async t => {
  for (const { name, operation } of operations.filter(each => each.name.startsWith('GET'))) {
    const ok = JSON.stringify((operation.responses as Record<string, unknown>)['200'] ?? {})
    const [, id] = /"#\/components\/schemas\/(\w+)"/.exec(ok) ?? []
    const { properties = {} } = (openapi.components.schemas[id ?? ''] ?? {}) as { properties?: Json }
    if (!('items' in properties && 'next' in properties)) continue
    const taken = ((operation.parameters ?? []) as { name: string }[]).map(each => each.name)
    const asked = taken.includes('limit') && (taken.includes('cursor') || taken.includes('after'))
    t.equal(asked, !whole.includes(name), name)
  }
})

t.test(
  'every problem of the catalogue is declared by an operation, or comes from the framework or from long work',
  async t => {
    const declared = new Set([
      ...codesOf(openapi.components.responses.ServerFault),
      ...operations.flatMap(({ operation }) => codesOf((operation.responses as Record<string, Json>)['4XX'])),
    ])
    const elsewhere = ['method_not_allowed', 'expectation_failed', 'operation_abandoned']
    for (const code of Object.keys(problems)) t.ok(declared.has(code) || elsewhere.includes(code), code)
  },
)
