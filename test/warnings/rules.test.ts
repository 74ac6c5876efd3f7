import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { ruleKinds, WarningRule } from '../../src/practice/warning-rules.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const rule = (criterion: object, more: object = {}) => ({
  nameZh: '规则',
  nameEn: 'Rule',
  severity: 'orange',
  criterion,
  ...more,
})

const write = async (t: Test, service: Service, body: object): Promise<string> => {
  const written = await service.call('administrator', 'POST', '/v1/warning-rules', body)
  t.equal(written.status, 201, written.text)
  return written.body.id
}

/** Runs rules and waits for the end. @returns the operation's result */
const run = async (service: Service, body: object) => {
  const asked = await service.call('administrator', 'POST', '/v1/warning-rules/runs', body)
  if (asked.status !== 202) throw new Error(asked.text)
  await service.work('operations')
  return (await service.call('administrator', 'GET', `/v1/operations/${asked.body.id}`)).body
}

const result = (
  student: string,
  course: string,
  item: string,
  score: number | null,
  outcome: string,
  on: string,
  term = 'T2',
) => ({
  externalId: `${student}-${course}-${item}-${term}`,
  student,
  course,
  term,
  item,
  score,
  outcome,
  recordedOn: on,
})

const names = { MATH: '高等数学', PHYS: '大学物理' }

/** Two terms, three courses; student 1 fails, 2 does well, 3 has dropped. */
const givenResults = async (service: Service) => {
  await service.roster('terms', [
    { externalId: 'T1', name: '上学期', startsOn: '2026-02-20', endsOn: '2026-07-10' },
    { externalId: 'T2', name: '本学期', startsOn: '2026-08-20', endsOn: '2027-01-20' },
  ])
  await service.roster('courses', [
    { externalId: 'MATH', name: names.MATH, credits: 5 },
    { externalId: 'PHYS', name: names.PHYS, credits: 4 },
  ])
  const day = '2026-09-10'
  const done = await service.roster('results', [
    result('1', 'MATH', '', 43, 'failed', day),
    result('1', 'PHYS', '', 30, 'failed', day),
    result('1', 'MATH', 'A1', 20, 'failed', day),
    result('1', 'MATH', 'A2', null, 'missing', day),
    result('2', 'MATH', '', 88, 'passed', day),
    result('2', 'MATH', 'A1', 90, 'passed', day),
    result('3', 'MATH', '', 85, 'passed', '2026-06-30', 'T1'),
    result('3', 'MATH', 'A1', 61, 'passed', day),
  ])
  if (done.status !== 200) throw new Error(done.text)
}

const numbers = (flags: { number: string }[]) => flags.map(flag => flag.number).sort()

t.test('each kind of rule finds whom it should, and says why', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  const expected: [object, string[]][] = [
    [{ rule: 'failed_courses', span: 'term', courses: 2 }, ['1']],
    [{ rule: 'failed_courses', span: 'all', courses: 3 }, []],
    [{ rule: 'failed_credits', span: 'term', credits: 9 }, ['1']],
    [{ rule: 'low_average', below: 60, results: 2 }, ['1']],
    [{ rule: 'low_score', below: 40 }, ['1']],
    [{ rule: 'missing_work', works: 1 }, ['1']],
    [{ rule: 'failing_work', works: 2, below: 40 }, ['1']],
    [{ rule: 'bottom_of_course', percent: 33, students: 3 }, ['1']],
    [{ rule: 'drop', points: 20 }, ['3']],
    [{ rule: 'absences', absences: 2, days: 30 }, ['2']],
    [{ rule: 'silence', weeks: 1 }, []],
  ]
  const absence = { student: '2', kind: 'absence', severity: 'blue', figures: { count: 3 } }
  t.equal((await service.call('owner', 'POST', '/v1/signals', absence)).status, 202)
  for (const [criterion, found] of expected) {
    const id = await write(t, service, rule(criterion, { active: false }))
    const { status, result: told } = await run(service, { ruleIds: [id], dryRun: true })
    t.equal(status, 'succeeded')
    t.same(numbers(told.flags), found, JSON.stringify(criterion))
    for (const flag of told.flags) {
      t.ok(flag.why.en && flag.why.zh && flag.isNew)
      t.notMatch(`${flag.why.en} ${flag.why.zh}`, /MATH|PHYS/, 'courses go by their names')
      if (flag.figures.course) t.match(flag.why.en, names[flag.figures.course as 'MATH'])
      if (flag.figures.courses) t.match(flag.why.zh, `${names.MATH}, ${names.PHYS}`)
      t.ok(flag.figures.threshold !== undefined)
    }
  }
  t.same(new Set(expected.map(([criterion]) => (criterion as { rule: string }).rule)), new Set(Object.keys(ruleKinds)))
  t.equal((await service.asOwner("select 1 from signals where origin = 'rules'")).length, 0, 'dry runs raise nothing')
  service.clock.now = new Date('2026-10-20T02:00:00Z')
  const silent = await write(t, service, rule({ rule: 'silence', weeks: 4 }))
  const silence = async (asOf: string) =>
    numbers((await run(service, { ruleIds: [silent], dryRun: true, asOf })).result.flags)
  t.same(await silence('2026-10-20'), ['1', '2', '3'])
  const came = (day: string) =>
    `${Date.parse(day)
      .toString(16)
      .padStart(12, '0')
      .replace(/(.{8})/, '$1-')}-7000-8000-000000000001`
  await service.asOwner(
    `insert into students (institution_id, id, number, name, major, grade, org_unit_id, enrolment_status)
     select institution_id, '${came('2026-10-19T02:00:00Z')}', '9', name, major, grade, org_unit_id, enrolment_status from students where number = '1'`,
  )
  t.same(await silence('2026-10-20'), ['1', '2', '3'], 'nobody is silent for weeks who came yesterday')
  t.same(await silence('2026-11-15'), ['1', '2', '3'])
  t.same(await silence('2026-11-17'), ['1', '2', '3', '9'])
  await service.asOwner("update students set absent_since = '2026-10-20' where number = '2'")
  t.same(await silence('2026-10-20'), ['1', '3'], 'nobody is looked at whom imports miss')
  t.same(await silence('2026-10-19'), ['1', '2', '3'])
})

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

t.test('no term follows: the last one counts a hundred days more, and nobody is flagged for the past', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  const id = await write(t, service, rule({ rule: 'failed_courses', courses: 2 }, { active: false }))
  const flagged = async () => numbers((await run(service, { ruleIds: [id], dryRun: true })).result.flags)
  service.clock.now = new Date('2027-04-30T02:00:00Z')
  t.same(await flagged(), ['1'])
  service.clock.now = new Date('2027-05-01T02:00:00Z')
  t.same(await flagged(), [])
})

t.test('thresholds hold to the point', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenResults(service)
  const [one] = await service.asOwner(`select org_unit_id as unit from students where id = '${students['1']}'`)
  t.ok(one)
  const more = Array.from({ length: 100 }, (_, at) => ({
    number: `m${at}`,
    name: '同学',
    major: '数学',
    grade: '2024',
    orgUnit: 'class',
  }))
  t.equal((await service.roster('students', more)).status, 200)
  const day = '2026-09-10'
  const done = await service.roster('results', [
    ...more.map(({ number }, at) => result(number, 'PHYS', 'A1', at, 'failed', day)),
    result('3', 'PHYS', 'B1', 60.1, 'passed', day),
    result('3', 'PHYS', 'B2', 59.8, 'failed', day),
    result('3', 'PHYS', 'B3', 60.1, 'passed', day),
  ])
  t.equal(done.status, 200, done.text)
  const flagged = async (criterion: object, grades: string[]) => {
    const id = await write(t, service, rule(criterion, { grades }))
    return numbers((await run(service, { ruleIds: [id], dryRun: true })).result.flags)
  }
  const last = await flagged({ rule: 'bottom_of_course', percent: 7, students: 100 }, ['2024'])
  t.same(last, ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'], 'seven of a hundred are seven')
  t.same(
    await flagged({ rule: 'low_score', below: 40 }, ['2024']),
    more
      .slice(0, 40)
      .map(each => each.number)
      .sort(),
  )
  await service.roster('results', [result('3', 'MATH', 'A1', 60, 'passed', day)])
  t.notOk((await flagged({ rule: 'low_average', below: 60, results: 4 }, ['2025'])).includes('3'), 'sixty is not below')
})

t.test('a run names rules there are, and a day that has come', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const unknown = await service.call('administrator', 'POST', '/v1/warning-rules/runs', { ruleIds: [randomUUID()] })
  t.match(unknown, { status: 422, body: { code: 'unknown_reference', errors: [{ pointer: '/ruleIds/0' }] } })
  const ahead = await service.call('administrator', 'POST', '/v1/warning-rules/runs', { asOf: '2026-09-15' })
  t.match(ahead, { status: 422, body: { code: 'day_unfit' } })
})

t.test('work that was due and has no result is missing', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  const fill = async (name: string, items: object[]) => {
    const done = await service.roster(name, items)
    t.equal(done.status, 200, done.text)
  }
  await fill(
    'sections',
    ['S1', 'S2'].map(externalId => ({ externalId, name: '高数', course: 'MATH', term: 'T2' })),
  )
  const enrolled = (student: string, section: string) => ({
    externalId: `E${student}${section}`,
    student,
    section,
    from: '2026-09-01',
  })
  // Lecture and exercise: what is due in the course is due once.
  await fill('enrolments', [enrolled('1', 'S1'), enrolled('2', 'S1'), enrolled('2', 'S2')])
  const assessment = (title: string, dueOn: string) => ({ externalId: title, title, course: 'MATH', term: 'T2', dueOn })
  await fill('assessments', [
    assessment('A1', '2026-09-05'),
    assessment('A3', '2026-09-11'),
    assessment('A4', '2026-09-20'),
  ])
  const id = await write(t, service, rule({ rule: 'missing_work', works: 1 }))
  const { result: told } = await run(service, { ruleIds: [id], dryRun: true })
  t.same(numbers(told.flags), ['1', '2'])
  t.same(told.flags.map((flag: { figures: { items: string[] } }) => flag.figures.items).sort(), [['A2', 'A3'], ['A3']])
  const graceful = await write(t, service, rule({ rule: 'missing_work', works: 1, graceDays: 7 }))
  const { result: later } = await run(service, { ruleIds: [graceful], dryRun: true, asOf: '2026-09-18' })
  t.same(numbers(later.flags), ['1'], 'within the days of grace only what is told to be missing is')
  const { result: over } = await run(service, { ruleIds: [graceful], dryRun: true, asOf: '2026-09-19' })
  t.same(numbers(over.flags), ['1', '2'])
})

t.test('rules look at their unit and grades, and only at those who study', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenResults(service)
  const units = (await service.call('administrator', 'GET', '/v1/org-units')).body.items
  const unit = (name: string) => units.find((each: { externalId: string }) => each.externalId === name).id
  const criterion = { rule: 'failed_courses', courses: 1 }
  const of = async (more: object) => {
    const id = await write(t, service, rule(criterion, more))
    return numbers((await run(service, { ruleIds: [id], dryRun: true })).result.flags)
  }
  t.same(await of({ orgUnitId: unit('college') }), ['1'])
  t.same(await of({ orgUnitId: unit('other') }), [])
  t.same(await of({ grades: ['2025'] }), ['1'])
  t.same(await of({ grades: ['2024'] }), [])
  await service.roster('students', [
    { number: '1', name: '王晓明', major: '软件工程', grade: '2025', orgUnit: 'class', enrolmentStatus: 'withdrew' },
  ])
  t.same(await of({}), [])
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
