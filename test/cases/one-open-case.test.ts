import { randomUUID } from 'node:crypto'
import t from 'tap'
import { earn, givenCase, move, versionOf } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const successorOf = (service: Service, studentId: string | undefined, predecessorId: string) =>
  service.call('owner', 'POST', '/v1/cases', { studentId, source: 'self', predecessorId })

const openCases = async (service: Service) =>
  (await service.asOwner("select id from cases where step not in ('closure', 'closed')")).map(row => row.id)

t.test('a successor whose predecessor has gone counts like any other case', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  await move(service, first, { to: 'closure', reason: 'declined' })
  const second = (await successorOf(service, students['1'], first)).body.caseId
  const back = { to: 'investigation', note: '撤回' }
  const isBlocked = { status: 422, body: { code: 'requirements_unmet', missing: [{ check: 'no_other_open_case' }] } }
  t.match(await move(service, first, back), isBlocked, 'the successor stands in its way')
  const url = `/v1/cases/${first}/transitions`
  const { headers, body } = await service.call('owner', 'GET', url)
  const edge = body.transitions.find((each: { to: string }) => each.to === 'investigation')
  t.equal(edge.allowed, false, 'as it is explained')
  const dry = await service.call('owner', 'POST', `${url}?dryRun=true`, back, { 'if-match': String(headers.etag) })
  t.match(dry, isBlocked, 'and as a dry run tells')
  await move(service, second, { to: 'closure', reason: 'declined' })
  const third = await givenCase(service, students['1'] as string)
  const withdrawn = await move(service, second, { to: 'investigation', note: '撤回结案' })
  t.match(withdrawn, isBlocked)
  t.same(await openCases(service), [third])
  const another = await successorOf(service, students['1'], first)
  t.equal(another.body.code, 'open_case_exists', 'naming a predecessor opens no second case')
})

t.test('64 racing successors of one case: one opens', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  await move(service, first, { to: 'closure', reason: 'new_situation' })
  const answers = await Promise.all(Array.from({ length: 64 }, () => successorOf(service, students['1'], first)))
  t.equal(answers.filter(answer => answer.status === 201).length, 1)
  t.ok(answers.every(answer => answer.status === 201 || answer.body.code === 'open_case_exists'))
  t.equal((await openCases(service)).length, 1)
})

t.test('a closing withdrawn in a race with a new case: one is open', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  await move(service, first, { to: 'closure', reason: 'declined' })
  const answers = await Promise.all([
    move(service, first, { to: 'investigation', note: '撤回' }),
    ...Array.from({ length: 8 }, () => successorOf(service, students['1'], first)),
  ])
  t.equal(answers.filter(answer => answer.status === 201).length, 1)
  for (const { status, body } of answers)
    t.ok(
      status === 201 || ['open_case_exists', 'requirements_unmet', 'predecessor_unfit'].includes(body.code),
      body.code,
    )
  t.equal((await openCases(service)).length, 1)
})

t.test('the application role cannot store a second open case, whatever it says of it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const forged = (more: object) =>
    service.asApplication(
      `insert into cases select (jsonb_populate_record(c, '${JSON.stringify({ id: randomUUID(), number: randomUUID(), ...more })}')).* from cases c where id = '${caseId}'`,
    )
  const taken = { constraint: 'cases_one_open', code: '23505' }
  await t.rejects(forged({}), taken)
  await t.rejects(forged({ counts_as_open: false }), taken, 'a forged flag')
  await t.rejects(forged({ predecessor_id: caseId }), taken, 'an invented predecessor')
  const columns = await service.asOwner("select column_name from information_schema.columns where table_name = 'cases'")
  t.notOk(
    columns.some(row => row.column_name === 'beside_case_id'),
    'there is no case to stand beside',
  )
})

t.test('one open case a student and kind', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  const open = () => service.call('owner', 'POST', '/v1/cases', { studentId: students['1'], source: 'self' })
  t.equal((await open()).body.code, 'open_case_exists')
  await move(service, first, { to: 'closure', reason: 'declined' })
  t.equal((await open()).status, 201, 'one in closure does not count')
  const withdrawn = await move(service, first, { to: 'investigation', note: '撤回' })
  t.match(withdrawn, { status: 422, body: { code: 'requirements_unmet', missing: [{ check: 'no_other_open_case' }] } })
  t.equal(
    (await service.call('outsider', 'POST', '/v1/cases', { studentId: students['2'], source: 'self' })).status,
    404,
    'no case for a student who is not yours',
  )
  const outside = { studentId: students['2'], source: 'self', inScope: false }
  t.equal((await service.call('owner', 'POST', '/v1/cases', outside)).body.code, 'student_out_of_scope')
  t.equal(await versionOf(service, first), 2)
  await earn(service, first, 'closed')
})
