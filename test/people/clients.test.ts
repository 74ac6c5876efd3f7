import t from 'tap'
import { givenCase } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const create = (service: Service, body: object) => service.call('administrator', 'POST', '/v1/clients', body)

const feedOf = async (service: Service, clientId: string) => {
  const token = service.token(clientId, { scopes: ['journal:read'], clientId })
  const headers = { authorization: `Bearer ${token}` }
  const answer = await service.app.server.inject({ url: '/v1/journal?limit=200', headers })
  t.equal(answer.statusCode, 200)
  return { text: answer.body, ...(answer.json() as { items: Record<string, unknown>[]; next: number }) }
}

t.test('a client reads the types of entries it was granted, and no person with them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  await service.roster('students', [
    { number: '2', name: '刘思雨', major: '软件工程', grade: '2025', orgUnit: 'class', enrolmentStatus: 'on_leave' },
  ])
  await service.seal()
  const grant = async (types?: string[]) =>
    (await create(service, { name: 'x', scopes: ['journal:read'], ...(types ? { types } : {}) })).body.id as string
  const none = await feedOf(service, await grant())
  t.same(none.items, [], 'none granted, none read')
  t.ok(none.next > 0, 'and it gets on')
  const cases = await feedOf(service, await grant(['case.opened', 'case.moved']))
  t.same(
    cases.items.map(item => item.type),
    ['case.opened'],
  )
  t.same(Object.keys(cases.items[0] ?? {}).sort(), ['at', 'position', 'subjectId', 'type'])
  t.notMatch(cases.text, students['2'] as string, 'a change of enrolment is about a person')
  const enrolment = await feedOf(service, await grant(['student.enrolment_changed']))
  t.match(
    enrolment.items,
    [{ type: 'student.enrolment_changed', subjectId: students['2'] }],
    'only where it is granted',
  )
  t.same((await feedOf(service, service.institution)).items, [], 'a client nobody registered reads nothing')
})

t.test('a client reads no more once revoked, though its token lives on', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { id, version } = (await create(service, { name: 'x', scopes: ['journal:read'], types: ['roster.changed'] }))
    .body
  await service.seal()
  t.ok((await feedOf(service, id)).items.length > 0)
  const revoke = (headers?: Record<string, string>) =>
    service.call('administrator', 'DELETE', `/v1/clients/${id}`, undefined, headers)
  t.match(await revoke(), { status: 428, body: { code: 'precondition_required' } })
  t.match(await revoke({ 'if-match': '"2"' }), { status: 412, body: { code: 'version_stale', version: 1 } })
  t.equal((await revoke({ 'if-match': `"${version}"` })).status, 204)
  const again = await revoke({ 'if-match': '"1"' })
  t.match(again, { status: 412, body: { version: 2 }, headers: { etag: '"2"' } })
  const unknown = await service.call(
    'administrator',
    'DELETE',
    '/v1/clients/01936d3e-7c00-7000-8000-00000000ffff',
    undefined,
    { 'if-match': '"1"' },
  )
  t.equal(unknown.status, 404)
  t.same((await feedOf(service, id)).items, [])
  t.match((await service.call('administrator', 'GET', '/v1/clients')).body.items, [
    { id, version: 2, types: ['roster.changed'], revoked: true },
  ])
})

t.test('what is granted is known, goes with its scope, and is told', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const made = await create(service, { name: 'x', scopes: ['journal:read'], types: ['case.moved'] })
  t.match(made, { status: 201, body: { version: 1, types: ['case.moved'] }, headers: { etag: '"1"' } })
  t.match(
    await create(service, { name: 'x', scopes: ['reports:read'], types: ['case.moved'] }),
    { status: 400, body: { errors: [{ pointer: '/types' }] } },
    'types without the scope to read them',
  )
  t.equal((await create(service, { name: 'x', scopes: ['journal:read'], types: ['case.exploded'] })).status, 400)
  const [entry] = await service.asOwner(
    "select entry::json->'data' as data from journal where type = 'client.created' order by seq desc limit 1",
  )
  t.same(entry?.data, { scopes: ['journal:read'], types: ['case.moved'] })
})
