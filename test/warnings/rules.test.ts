import t from 'tap'
import { ruleKinds } from '../../src/practice/warning-rules.ts'
import { givenSchool, givenService } from '../support/service.ts'
import { givenResults, names, numbers, result, rule, run, write } from '../support/warning-rules.ts'

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
