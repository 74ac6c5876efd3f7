import { randomUUID } from 'node:crypto'
import t from 'tap'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const course = (index: number) => ({ externalId: `C${index}`, name: `课程${index}`, credits: 3 })

t.test('a roster call again changes nothing; changed rows are counted and told', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  t.same((await service.roster('courses', [course(1), course(2)])).body, { created: 2, updated: 0, unchanged: 0 })
  t.same((await service.roster('courses', [course(1), course(2)])).body, { created: 0, updated: 0, unchanged: 2 })
  t.same((await service.roster('courses', [{ ...course(1), name: '改名' }, course(3)])).body, {
    created: 1,
    updated: 1,
    unchanged: 0,
  })
  const entries = await service.asOwner(
    `select entry::json->'data' as data from journal where type = 'roster.changed' order by seq desc limit 1`,
  )
  t.same(entries[0]?.data, { collection: 'courses', created: 1, updated: 1 })
})

t.test('what a row refers to must be there, or nothing is written', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const student = { number: '9', name: '新生', major: '软件工程', grade: '2025', orgUnit: 'nowhere' }
  const refused = await service.roster('students', [{ ...student, orgUnit: 'class', number: '8' }, student])
  t.equal(refused.body.code, 'unknown_reference')
  t.same(
    refused.body.errors.map((each: { pointer: string }) => each.pointer),
    ['/items/1/orgUnit'],
  )
  t.same(await service.asOwner("select 1 from students where number in ('8', '9')"), [])
  t.equal((await service.roster('courses', [course(1), course(1)])).body.code, 'duplicate_row')
  t.equal(
    (
      await service.roster(
        'courses',
        Array.from({ length: 1001 }, (_, index) => course(index)),
      )
    ).status,
    400,
  )
  t.equal(
    (
      await service.roster(
        'courses',
        Array.from({ length: 1000 }, (_, index) => course(index)),
      )
    ).body.created,
    1000,
  )
  const unit = (externalId: string, parent: string | null) => ({
    externalId,
    parent,
    kind: 'college',
    nameZh: externalId,
  })
  t.equal((await service.roster('org-units', [unit('x', 'y'), unit('y', 'x')])).body.code, 'unit_cycle')
  t.equal(
    (await service.roster('org-units', [unit('college', 'dept')])).body.code,
    'unit_cycle',
    'a cycle over two calls',
  )
  t.same(
    await service.asOwner(
      "select 1 from org_units u join org_units p on p.id = u.parent_id where u.external_id = 'college' and p.external_id = 'dept'",
    ),
    [],
  )
})

t.test('a role ends when the roster says so', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const open = () => service.call('colleague', 'POST', '/v1/cases', { studentId: students['2'], source: 'self' })
  const colleague = (roles: object[]) => ({ externalId: 'colleague', name: '孙老师', roles })
  await service.roster('staff', [
    colleague([{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: '2026-09-14' }]),
  ])
  t.equal((await open()).status, 403, 'until is the first day without')
  await service.roster('staff', [
    colleague([{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: '2026-09-15' }]),
  ])
  t.equal((await open()).status, 201)
})

t.test('an enrolment that changes is told', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { body } = await service.call('owner', 'GET', `/v1/students/${students['1']}`)
  t.equal(body.enrolmentStatus, 'enrolled')
  await service.roster('students', [
    {
      number: '1',
      name: '王晓明',
      birthDate: '2006-01-01',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
      enrolmentStatus: 'withdrew',
    },
  ])
  const [entry] = await service.asOwner(
    "select entry::json->'data' as data from journal where type = 'student.enrolment_changed'",
  )
  t.same(entry?.data, { from: 'enrolled', to: 'withdrew' })
  const me = await service.call('student-1', 'GET', '/v1/me')
  t.equal(me.body.kind, 'student', 'an upsert without identities keeps them')
})

t.test('students are found by two characters of their name, by those who may see them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const search = async (account: string, text: string) =>
    (await service.call(account, 'POST', '/v1/students/search', { text })).body.items?.map(
      (item: { number: string }) => item.number,
    )
  t.same(await search('owner', '晓明'), ['1'])
  t.same(await search('owner', '未成'), ['3'])
  t.same(await search('owner', '%_'), [])
  t.same(await search('lineManager', '思雨'), ['2'])
  t.same(await search('outsider', '晓明'), [])
  t.equal((await service.call('administrator', 'POST', '/v1/students/search', { text: '晓明' })).status, 403)
  t.equal((await service.call('outsider', 'GET', `/v1/students/${students['1']}`)).status, 404)
  t.equal((await service.call('student-1', 'GET', `/v1/students/${students['1']}`)).status, 403)
})

t.test('standing is computed from results', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await service.roster('terms', [{ externalId: 't1', name: '一', startsOn: '2025-09-01', endsOn: '2026-01-20' }])
  await service.roster('courses', [course(1), course(2)])
  const result = (student: string, courseId: string, score: number | null, outcome: string, item = '') => ({
    externalId: `${student}-${courseId}-${item}`,
    student,
    course: courseId,
    term: 't1',
    item,
    score,
    outcome,
    recordedOn: '2026-01-20',
  })
  await service.roster('results', [
    result('1', 'C1', 40, 'failed'),
    result('1', 'C2', 70, 'passed'),
    result('1', 'C1', null, 'missing', '期中'),
    result('2', 'C1', 90, 'passed'),
    result('3', 'C1', 60, 'passed'),
  ])
  const { body } = await service.call('owner', 'GET', `/v1/students/${students['1']}/standing`)
  t.match(body, {
    failedCount: 1,
    failedCourses: [{ code: 'C1', score: 40 }],
    missingWork: [{ item: '期中', outcome: 'missing' }],
    credits: { earned: 3 },
    cohort: { size: 3, rank: 3, own: 55, percentile: 33.3 },
  })
  t.equal(body.cohort.mean, 68.33)
})

t.test('lists go on by cursor in a stable order', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await service.roster(
    'courses',
    Array.from({ length: 7 }, (_, index) => course(index)),
  )
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
    const page = (await service.call('owner', 'GET', `/v1/courses?limit=3${query}`)).body as {
      items: { externalId: string }[]
      next: string | null
    }
    seen.push(...page.items.map(item => item.externalId))
    cursor = page.next
  } while (cursor)
  t.same(seen, ['C0', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6'])
  const page = (await service.call('owner', 'GET', '/v1/courses?limit=3')).body
  t.equal(
    (await service.call('owner', 'GET', `/v1/terms?cursor=${encodeURIComponent(page.next)}`)).body.code,
    'bad_cursor',
    'a cursor of another list',
  )
})

const form = (service: Service, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  service.app.server.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })

t.test('machine clients get short tokens for the scopes they have', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  t.equal((await service.call('owner', 'POST', '/v1/clients', { name: 'x', scopes: ['journal:read'] })).status, 403)
  const { id, secret } = (
    await service.call('administrator', 'POST', '/v1/clients', { name: 'x', scopes: ['journal:read', 'reports:read'] })
  ).body
  const grant = { grant_type: 'client_credentials', client_id: id, client_secret: secret }
  const token = (await form(service, { ...grant, scope: 'journal:read' })).json()
  t.match(token, { token_type: 'Bearer', expires_in: 900, scope: 'journal:read' })
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
  t.equal((await form(service, { grant_type: 'client_credentials' }, basic)).statusCode, 200)
  t.equal((await form(service, { ...grant, client_secret: 'wrong' })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, client_id: randomUUID() })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, client_id: "' or 1=1" })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, scope: 'roster:write' })).json().code, 'invalid_scope')
  t.equal((await form(service, { ...grant, grant_type: 'password' })).json().code, 'unsupported_grant_type')
  const bearer = { authorization: `Bearer ${token.access_token}` }
  t.equal((await service.app.server.inject({ url: '/v1/journal', headers: bearer })).statusCode, 200)
  t.equal((await service.app.server.inject({ url: '/v1/cases', headers: bearer })).statusCode, 403)
  t.equal(
    (await service.call('administrator', 'DELETE', `/v1/clients/${id}`, undefined, { 'if-match': '"1"' })).status,
    204,
  )
  t.equal((await form(service, grant)).json().code, 'invalid_client', 'revoked')
  const [stored] = await service.asOwner(`select clients::text as line from clients where id = '${id}'`)
  t.notOk(String(stored?.line).includes(secret), 'the secret is kept as a hash only')
})
