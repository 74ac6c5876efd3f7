import t from 'tap'
import { generatedFiles } from '../../src/generate.ts'
import { mediaTypesOf } from '../../src/platform/http/media-types.ts'
import type { Route } from '../../src/platform/http/route.ts'
import { givenSchool, givenService } from '../support/service.ts'

interface Described {
  readonly operationId: string
  readonly responses: Readonly<Record<string, { readonly content?: unknown }>>
}

const text = (await generatedFiles())['openapi/openapi.json'] as string
const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> }
const operations = new Map(
  Object.values(paths).flatMap(methods => Object.values(methods).map(each => [each.operationId, each] as const)),
)

const codesOf = (operationId: string): readonly string[] => {
  const answers = operations.get(operationId)?.responses as Record<
    string,
    { content: { 'application/problem+json': { schema: { allOf: { properties?: { code: { enum: string[] } } }[] } } } }
  >
  const schema = answers['4XX']?.content['application/problem+json'].schema
  return schema?.allOf.flatMap(part => part.properties?.code.enum ?? []) ?? []
}

const anyId = '01936d3e-7c00-7000-8000-000000000001'

const exampleOf = (route: Route): string =>
  JSON.stringify(((route.body?.meta() as { examples?: unknown[] } | undefined)?.examples ?? [])[0] ?? {})

/** Whether the address with any id, and the body, pass the schemas of an operation: what is asked of them comes first. */
const takes = ({ path, params, body }: Route, text: string): boolean => {
  const ids = Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, anyId]))
  return (params?.safeParse(ids).success ?? true) && (body?.safeParse(JSON.parse(text)).success ?? true)
}

t.test('what is refused before an operation is asked is among its codes', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const authorization = `Bearer ${service.token('owner')}`
  for (const route of service.app.routes.filter(each => each.method !== 'GET')) {
    const [type] = mediaTypesOf(route)
    const known = { authorization, 'content-type': type as string, 'idempotency-key': 'k', 'if-match': '"1"' }
    const isJson = type === 'application/json' && !route.raw
    const refused = async (headers: Record<string, string>, payload: string, wanted: string) => {
      const url = route.path.replace(/:\w+/g, anyId)
      const answer = await service.app.server.inject({ method: route.method, url, headers, payload })
      const answered = `${route.operationId}: ${answer.statusCode} ${answer.json().code}`
      t.equal(answer.json().code, wanted, answered)
      t.ok(codesOf(route.operationId).includes(wanted), answered)
      t.notOk(answer.headers['x-undeclared-problem'], answered)
    }
    await refused({ ...known, 'content-type': 'image/gif' }, 'GIF', 'unsupported_media_type')
    if (!isJson) continue
    await refused(known, '{"to":', 'bad_json')
    await refused({ ...known, 'content-length': String(99_000_000) }, '{}', 'payload_too_large')
    const { 'if-match': _version, ...unversioned } = known
    const { 'idempotency-key': _key, ...keyless } = known
    const body = route.body ? exampleOf(route) : '{}'
    if (!takes(route, body)) continue
    if (route.ifMatch === 'required') await refused(unversioned, body, 'precondition_required')
    if (route.idempotency === 'required') await refused(keyless, body, 'idempotency_key_required')
  }
})
