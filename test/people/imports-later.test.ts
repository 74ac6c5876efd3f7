import t from 'tap'
import {
  csv,
  entriesOfType,
  type Files,
  givenImports,
  manifest,
  rosterOf,
  runOneRoster,
  smallPackage,
} from '../support/imports.ts'

t.test('who is missing from a full file is marked, never deleted, and comes back', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const users = (...rows: string[]) =>
    csv('sourcedId,status,dateLastModified,givenName,familyName,identifier,grades,primaryOrgSourcedId', ...rows)
  const less = smallPackage({
    'users.csv': users('u-1,,,晓明,王,20260001,2026,o-class'),
    'roles.csv': csv(
      'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId',
      'r-1,,,u-1,primary,student,,,o-class',
    ),
    'enrollments.csv': csv('sourcedId,classSourcedId,userSourcedId,role', 'e-1,k-1,u-1,student'),
    'results.csv': csv('sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus'),
  })
  const refused = await runOneRoster(service, less)
  t.match(refused, {
    status: 'failed',
    problem: { code: 'too_many_would_vanish', vanishing: { collection: 'students', known: 2, missing: 1 } },
    result: { applied: false },
  })
  t.match((await rosterOf(service)).students[1], /here$/)
  const noRoles = await runOneRoster(service, {
    'manifest.csv': manifest({ roles: 'bulk' }),
    'roles.csv': csv('sourcedId,userSourcedId,role,orgSourcedId'),
  })
  t.match(noRoles.problem, {
    code: 'too_many_would_vanish',
    vanishing: { collection: 'staff-roles', known: 2, missing: 2 },
  })
  service.clock.now = new Date('2026-09-14T02:30:00.000Z')
  const done = await runOneRoster(service, less, '&maxDisappear=100')
  t.match(done, { status: 'succeeded', result: { vanished: 5 } })
  const { students, staff, roles, enrolments, results } = await rosterOf(service)
  t.match(students[1], /2026-09-14$/)
  t.match(staff, [/2026-09-14$/])
  t.same(
    roles.map(role => role.split(' ').at(-1)),
    ['2026-09-14', '2026-09-14'],
  )
  t.same(enrolments, ['e-1 20260001 2026-09-01 -', 'e-2 20260002 2026-09-10 2026-09-14'])
  t.equal(results.length, 3, 'results stay')
  const own = await service.asOwner('select 1 from students where absent_since is null and source_id is null')
  t.equal(own.length, 3, 'those no import has brought cannot be missed')
  const [vanished] = await entriesOfType(service, 'student.vanished')
  t.match(vanished?.data, { since: '2026-09-14' })
  t.match((await entriesOfType(service, 'staff.left'))[0]?.data, { leftOn: '2026-09-14' })
  const { body: read } = await service.call('owner', 'POST', '/v1/students/search', { text: '20260002' })
  t.same(read.items, [], 'of another college')
  const again = await runOneRoster(service, less, '&maxDisappear=0')
  t.match(again, { status: 'succeeded', result: { vanished: 0, updated: 0 } }, 'the missing are missed once')
  const back = await runOneRoster(service, smallPackage())
  t.match(back, { status: 'succeeded', result: { vanished: 0 } })
  const whole = await rosterOf(service)
  t.match(whole.students[1], /here$/)
  t.match(whole.staff, [/here$/])
  t.match(whole.enrolments[1], /-$/)
  t.match(await entriesOfType(service, 'student.reappeared'), [{ data: { since: '2026-09-14' } }])
})

t.test('a delta changes what it names and leaves the rest', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  await service.asOwner(
    "update students set enrolment_status = 'on_leave', birth_date = '2008-01-01' where number = '20260001'",
  )
  const at = '2026-10-01T08:00:00Z'
  const delta: Files = {
    'manifest.csv': manifest({
      users: 'delta',
      roles: 'delta',
      enrollments: 'delta',
      results: 'delta',
      orgs: 'absent',
    }),
    'users.csv': csv(
      'sourcedId,status,dateLastModified,givenName,familyName,identifier',
      `u-1,active,${at},小明,王,20260001`,
      `u-2,tobedeleted,${at},思雨,刘,20260002`,
      `u-3,active,${at},Anna,Smith,T0001`,
      `u-9,active,${at},Papa,Known,`,
    ),
    'roles.csv': csv(
      'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId',
      `r-3,active,${at},u-3,primary,teacher,2026-09-01,,o-college`,
      `r-4,tobedeleted,${at},u-3,secondary,counselor,2026-09-01,2027-09-01,o-class`,
      `r-9,active,${at},u-9,primary,parent,,,o-class`,
    ),
    'enrollments.csv': csv(
      'sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role,beginDate,endDate',
      `e-1,tobedeleted,${at},k-1,u-1,student,,`,
    ),
    'results.csv': csv(
      'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate',
      `x-1,active,${at},l-1,u-1,fully graded,14,2026-09-10`,
      `x-3,tobedeleted,${at},l-1,u-2,not submitted,,2026-09-10`,
    ),
  }
  const done = await runOneRoster(service, delta, '&maxDisappear=50')
  t.match(done, { status: 'succeeded', result: { errorCount: 0, created: 0, vanished: 4 } })
  const roster = await rosterOf(service)
  t.same(roster.students, [
    '20260001 王小明 2026 软件工程 o-class u-1 here',
    '20260002 刘思雨 2026 软件工程 o-class u-2 2026-09-14',
  ])
  t.same(roster.staff, ['T0001 Anna Smith here'])
  t.same(roster.roles, ['r-3 subject_teacher o-college 2026-09-01 -', 'r-4 counsellor o-class 2026-09-01 2026-09-14'])
  t.match(roster.enrolments[0], /2026-09-14$/)
  t.same(roster.results, [
    'x-1 20260001 c-1 s-1 作业一 70.00 passed 2026-09-10',
    'x-2 20260001 c-1 s-1  43.00 failed 2026-09-12',
  ])
  const kept = await service.asOwner(
    "select enrolment_status as status, birth_date::text as born from students where number = '20260001'",
  )
  t.same(kept, [{ status: 'on_leave', born: '2008-01-01' }], 'what a file does not say stays as it was')
  const again = await runOneRoster(service, delta, '&maxDisappear=50')
  t.match(again, { status: 'succeeded', result: { created: 0, updated: 0, vanished: 0 } })
})

t.test('an assessment keeps its points and what its results are where a row does not say them', async t => {
  const service = await givenImports(t)
  const header = 'sourcedId,status,dateLastModified,title,classSourcedId,resultValueMax,metadata.final'
  const whole = smallPackage({ 'lineItems.csv': csv(header, 'l-1,,,作业一,k-1,20,', 'l-2,,,总评,k-1,50,true') })
  await runOneRoster(service, whole)
  const before = (await rosterOf(service)).results
  t.match(before[1], / 86.00 passed /)
  const at = '2026-10-01T08:00:00Z'
  const changed = await runOneRoster(service, {
    'manifest.csv': manifest({ lineItems: 'delta', results: 'delta' }),
    'lineItems.csv': csv(
      'sourcedId,status,dateLastModified,title,classSourcedId',
      `l-2,active,${at},期末总评,k-1`,
      `l-3,active,${at},作业二,k-1`,
    ),
    'results.csv': whole['results.csv'] as string,
  })
  t.match(changed, { status: 'succeeded', result: { created: 1, updated: 1, unchanged: 3 } })
  const { assessments, results } = await rosterOf(service)
  t.same(assessments, ['l-1 作业一  20 false', 'l-2 期末总评  50 true', 'l-3 作业二  100 false'])
  t.same(results, before)
  const taken = await runOneRoster(service, {
    'manifest.csv': manifest({ lineItems: 'delta' }),
    'lineItems.csv': csv(header, `l-2,active,${at},期末总评,k-1,,false`),
  })
  t.match(taken, { status: 'succeeded', result: { updated: 1 } })
  t.match((await rosterOf(service)).assessments[1], / 50 false$/, 'what is said is heard')
})

t.test('a number corrected for a known id is an update; an id or number of another person is refused', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const student = () => service.asOwner("select id, number from students where source_id = 'u-1'")
  const [before] = await student()
  const named = (identifier: string, sourcedId: string): Files => ({
    'manifest.csv': manifest({ users: 'delta', roles: 'delta' }),
    'users.csv': csv(
      'sourcedId,status,dateLastModified,givenName,familyName,identifier,grades,primaryOrgSourcedId,metadata.major',
      `${sourcedId},active,2026-10-01T08:00:00Z,晓明,王,${identifier},2026,o-class,软件工程`,
      'u-3,active,2026-10-01T08:00:00Z,Ann,Smith,T0009,,,',
    ),
    'roles.csv': csv(
      'sourcedId,status,dateLastModified,userSourcedId,role,orgSourcedId',
      `r-9,active,2026-10-01T08:00:00Z,${sourcedId},student,o-class`,
    ),
  })
  for (const [identifier, id, detail] of [
    ['20260002', 'u-1', 'the id is that of one person, the number that of another'],
    ['20260001', 'u-77', 'the number is that of a person who has another id'],
  ] as const) {
    const done = await runOneRoster(service, named(identifier, id))
    const errors = [{ file: 'users.csv', row: 2, code: 'number_changed', detail }]
    t.match(done, { status: 'failed', result: { errors } })
  }
  const corrected = await runOneRoster(service, named('20269999', 'u-1'))
  t.match(corrected, { status: 'succeeded', result: { created: 0, updated: 2, errorCount: 0 } })
  t.same(await student(), [{ id: before?.id, number: '20269999' }], 'the same person, with the new number')
  t.match((await rosterOf(service)).staff, ['T0009 Ann Smith here'])
  t.match((await rosterOf(service)).enrolments[0], /^e-1 20269999/)
  t.match(await runOneRoster(service, named('20269999', 'u-1')), { result: { created: 0, updated: 0 } })
})

t.test('a unit told of without its parent stays where it is, and what it is', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const tree = () =>
    service.asOwner(`select u.external_id as unit, u.kind, p.external_id as parent from org_units u
      left join org_units p on p.id = u.parent_id order by 1`)
  const before = await tree()
  const told = await runOneRoster(service, {
    'manifest.csv': manifest({ orgs: 'delta' }),
    'orgs.csv': csv(
      'sourcedId,status,dateLastModified,name,type,parentSourcedId',
      'o-college,active,2026-10-01T08:00:00Z,计算机与软件学院,school,',
    ),
  })
  t.match(told, { status: 'succeeded', result: { updated: 1 } })
  t.same(await tree(), before)
})

t.test('a tree that closes into a circle is refused before anything is written', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const orgs = (...rows: string[]): Files => ({
    'manifest.csv': manifest({ orgs: 'delta' }),
    'orgs.csv': csv('sourcedId,status,dateLastModified,name,type,parentSourcedId', ...rows),
  })
  const over = await runOneRoster(service, orgs('o-school,active,2026-10-01T08:00:00Z,测试大学,school,o-class'))
  t.match(over, { status: 'failed', result: { errors: [{ row: 2, code: 'unit_cycle' }] } })
  const odd = await runOneRoster(service, orgs('o-x,active,2026-10-01T08:00:00Z,某处,castle,'))
  t.match(odd, { status: 'failed', result: { errors: [{ row: 2, code: 'invalid_value', detail: 'type' }] } })
})
