import { randomUUID } from 'node:crypto'
import t from 'tap'
import { WarningRule } from '../../src/practice/warning-rules.ts'
import { smallPackage, zipOf } from '../support/imports.ts'
import { givenSchool, givenService } from '../support/service.ts'
import { givenResults, numbers, result, rule, run, write } from '../support/warning-rules.ts'

t.test('the same facts are flagged once for ever; new facts are flagged anew', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  const id = await write(t, service, rule({ rule: 'failed_courses', courses: 1 }))
  const first = (await run(service, {})).result
  t.match(first, { rules: 1, flagged: 1, accepted: 1, dryRun: false })
  t.match((await run(service, { asOf: '2026-09-14' })).result, { flagged: 1, accepted: 0 })
  t.match(
    await service.asOwner(
      "select kind, severity, student_number, figures->>'rule' as rule, pending from signals where origin = 'rules'",
    ),
    [{ kind: 'failed_course', severity: 'orange', student_number: '1', rule: id, pending: true }],
  )
  await service.roster('results', [result('1', 'PHYS', 're', 20, 'failed', '2026-09-12')])
  t.match((await run(service, {})).result, { accepted: 0 }, 'an assessment is no final result')
  await service.roster('courses', [{ externalId: 'CHEM', name: '化学', credits: 3 }])
  await service.roster('results', [result('1', 'CHEM', '', 10, 'failed', '2026-09-13')])
  t.match((await run(service, { asOf: '2026-09-12' })).result, { accepted: 0 }, 'not known by that day')
  t.match((await run(service, {})).result, { accepted: 1 })
  await service.work('fuse-signals')
  t.equal((await service.asOwner('select 1 from alerts')).length, 1, 'and they make one alert')
})

t.test(
  'fewer of the same facts are nothing new: work handed in late, a resit passed, an absence of long ago',
  async t => {
    const service = await givenService(t)
    await givenSchool(service)
    await givenResults(service)
    const later = (student: string, course: string, item: string, score: number) =>
      service.roster('results', [result(student, course, item, score, 'passed', '2026-09-12')])
    const flags = async (criterion: object, body: object = {}) => {
      const id = await write(t, service, rule(criterion, { active: false }))
      return async () => {
        const before = (await run(service, { ...body, ruleIds: [id], dryRun: true })).result
        const { result: told } = await run(service, { ...body, ruleIds: [id] })
        t.equal(told.accepted, before.accepted, 'a dry run says what a run does')
        return [told.flagged, told.accepted]
      }
    }
    await service.roster('results', [result('1', 'MATH', 'A3', null, 'missing', '2026-09-10')])
    const work = await flags({ rule: 'missing_work', works: 1 })
    const failed = await flags({ rule: 'failed_courses', span: 'all', courses: 1 })
    const credits = await flags({ rule: 'failed_credits', span: 'all', credits: 3 })
    t.same([await work(), await failed(), await credits()], Array(3).fill([1, 1]))
    await later('1', 'MATH', 'A3', 80)
    await later('1', 'PHYS', '', 61)
    t.same([await work(), await failed(), await credits()], Array(3).fill([1, 0]))
    await service.roster('results', [result('1', 'MATH', 'A4', null, 'missing', '2026-09-13')])
    t.same(await work(), [1, 1], 'but one more is')
    const absent = async (at: string) =>
      service.call('owner', 'POST', '/v1/signals', { student: '2', kind: 'absence', severity: 'blue', observedAt: at })
    for (const at of ['2026-09-01T01:00:00Z', '2026-09-08T01:00:00Z', '2026-09-09T01:00:00Z']) await absent(at)
    const absences = await flags({ rule: 'absences', absences: 2, days: 7 })
    const many = await flags({ rule: 'absences', absences: 2, days: 30 })
    t.same(
      [await absences(), await many()],
      [
        [1, 1],
        [1, 1],
      ],
    )
    service.clock.now = new Date('2026-10-02T02:00:00Z')
    t.same(await many(), [1, 0], 'the first has fallen out of the days looked at')
    await absent('2026-10-01T01:00:00Z')
    t.same(await many(), [1, 1])
  },
)

t.test(
  'a term counts until the next begins; of results of one day the later term’s, the better, is the newest',
  async t => {
    const service = await givenService(t)
    await givenSchool(service)
    await givenResults(service)
    await service.roster('terms', [{ externalId: 'Y', name: '学年', startsOn: '2026-08-20', endsOn: '2027-07-31' }])
    const of = async (criterion: object) => {
      const id = await write(t, service, rule(criterion, { active: false }))
      return async () => numbers((await run(service, { ruleIds: [id], dryRun: true })).result.flags)
    }
    const failed = await of({ rule: 'failed_courses', courses: 2 })
    const average = await of({ rule: 'low_average', below: 60, results: 2 })
    const silent = await of({ rule: 'silence', weeks: 1 })
    service.clock.now = new Date('2027-02-01T02:00:00Z')
    t.same([await failed(), await average()], [['1'], ['1']], 'results come in the holidays')
    await service.roster('terms', [{ externalId: 'T3', name: '下学期', startsOn: '2027-02-20', endsOn: '2027-07-10' }])
    service.clock.now = new Date('2027-02-21T02:00:00Z')
    t.same([await failed(), await average()], [[], []])
    service.clock.now = new Date('2027-08-15T02:00:00Z')
    t.same(await silent(), [], 'nobody is silent in the holidays')
    await service.roster('terms', [{ externalId: 'T4', name: '新学期', startsOn: '2027-08-20', endsOn: '2028-01-20' }])
    service.clock.now = new Date('2027-08-25T02:00:00Z')
    t.same(await silent(), [], 'nor for having had them')
    service.clock.now = new Date('2027-08-28T02:00:00Z')
    t.same(await silent(), ['1', '2', '3'])
    const day = '2027-02-25'
    await service.roster('results', [
      { ...result('2', 'MATH', '', 30, 'failed', day, 'T2'), externalId: 'first' },
      { ...result('2', 'MATH', '', 65, 'passed', day, 'T3'), externalId: 'again' },
      { ...result('2', 'PHYS', '', 66, 'passed', day, 'T3'), externalId: 'resit' },
      { ...result('2', 'PHYS', '', 40, 'failed', day, 'T3'), externalId: 'exam' },
    ])
    t.same(await (await of({ rule: 'failed_courses', span: 'all', courses: 1 }))(), ['1'])
  },
)

t.test('a run names rules there are, and a day that has come', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const unknown = await service.call('administrator', 'POST', '/v1/warning-rules/runs', { ruleIds: [randomUUID()] })
  t.match(unknown, { status: 422, body: { code: 'unknown_reference', errors: [{ pointer: '/ruleIds/0' }] } })
  const ahead = await service.call('administrator', 'POST', '/v1/warning-rules/runs', { asOf: '2026-09-15' })
  t.match(ahead, { status: 422, body: { code: 'day_unfit' } })
})

t.test('rules are versioned; who may write them, and what is refused', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const body = rule({ rule: 'low_score', below: 60 })
  const id = await write(t, service, body)
  const read = await service.call('owner', 'GET', `/v1/warning-rules/${id}`)
  t.equal(read.headers.etag, '"1"')
  t.match(read.body, { ...body, id, version: 1, active: true, grades: [] })
  const put = (version: number, more: object) =>
    service.call(
      'administrator',
      'PUT',
      `/v1/warning-rules/${id}`,
      { ...body, ...more },
      { 'if-match': `"${version}"` },
    )
  t.match((await put(1, { severity: 'red' })).body, { id, version: 2 })
  const stale = await put(1, {})
  t.equal(stale.status, 412)
  t.equal(stale.headers.etag, '"2"')
  t.equal((await service.asOwner('select 1 from warning_rule_versions')).length, 2)
  await t.rejects(service.asApplication('update warning_rule_versions set version = 9'), { code: '42501' })
  t.equal((await put(2, { orgUnitId: randomUUID() })).body.code, 'unknown_reference')
  t.equal((await service.call('administrator', 'GET', `/v1/warning-rules/${randomUUID()}`)).status, 404)
  for (const account of ['owner', 'lineManager', 'auditor', 'keyHolder']) {
    t.equal((await service.call(account, 'POST', '/v1/warning-rules', body)).status, 403, account)
    t.equal((await service.call(account, 'POST', '/v1/warning-rules/runs', {})).status, 403, account)
  }
  t.equal((await service.call('student-1', 'GET', '/v1/warning-rules')).status, 403)
  t.equal((await service.call('machine', 'GET', '/v1/warning-rules')).status, 403)
  for (const bad of [
    rule({ rule: 'low_score' }),
    rule({ rule: 'unknown' }),
    rule({ rule: 'failed_courses', courses: 0 }),
    rule({ rule: 'bottom_of_course', percent: 51, students: 3 }),
    rule({ rule: 'low_score', below: 60, more: 1 }),
    { ...body, severity: 'pink' },
  ])
    t.equal((await service.call('administrator', 'POST', '/v1/warning-rules', bad)).status, 400, JSON.stringify(bad))
  t.equal(WarningRule.safeParse(body).success, true)
  const entries = await service.asOwner("select entry from journal where type = 'warning_rule.changed' order by seq")
  t.same(
    entries.map(row => JSON.parse(String(row.entry)).subject.version),
    [1, 2],
  )
})

t.test('a client that imports sees that the rules ran, not whom they flagged, and cannot stop them', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await write(t, service, rule({ rule: 'failed_courses', courses: 1 }))
  const bearer = service.token('registry', { scopes: ['roster:write'], clientId: randomUUID() })
  const ask = async (
    method: 'GET' | 'POST',
    url: string,
    type = 'application/json',
    payload: string | Buffer = '{}',
  ) => {
    const headers = { authorization: `Bearer ${bearer}`, 'idempotency-key': randomUUID(), 'content-type': type }
    const body = method === 'POST' ? { payload } : {}
    return (await service.app.server.inject({ method, url, headers, ...body })).json()
  }
  const imported = await ask('POST', '/v1/imports?format=oneroster', 'application/zip', await zipOf(smallPackage()))
  await service.work('operations')
  await service.seal()
  await service.work('rules-after-imports')
  const [run] = (await ask('GET', '/v1/operations?kind=warning_rules')).items
  t.match(run, { status: 'queued', cancellable: false, result: null })
  t.equal((await ask('POST', `/v1/operations/${run.id}/cancellation`)).code, 'not_permitted')
  await service.work('operations')
  t.match(await ask('GET', `/v1/operations/${run.id}`), { status: 'succeeded', result: null })
  t.match((await ask('GET', '/v1/operations')).items, [
    { id: run.id, result: null },
    { id: imported.id, result: { applied: true } },
  ])
  const { body } = await service.call('administrator', 'GET', `/v1/operations/${run.id}`)
  t.match(body.result, { flagged: 1, flags: [{ number: '20260001', name: '王晓明' }] })
})

t.test('who asked for a run and is no administrator any more is not told what came of it', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  await write(t, service, rule({ rule: 'failed_courses', courses: 1 }))
  const { id, result: told } = await run(service, {})
  t.equal(told.flags.length, 1)
  const roles = [{ role: 'counsellor', orgUnit: 'other', validFrom: '2026-09-01', validUntil: null }]
  await service.roster('staff', [{ externalId: 'administrator', name: '陈管理', roles }])
  t.match((await service.call('administrator', 'GET', `/v1/operations/${id}`)).body, {
    status: 'succeeded',
    result: null,
  })
})
