import t, { type Test } from 'tap'
import {
  csv,
  type Files,
  manifest,
  operationOf,
  postImport,
  runImport,
  smallPackage,
  zipOf,
} from '../support/imports.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const run = async (service: Service, files: Files, query = '') =>
  runImport(service, `format=oneroster${query}`, await zipOf(files))

const given = async (t: Test) => {
  const service = await givenService(t)
  await givenSchool(service)
  return service
}

/** What imports brought, without ids of ours. */
const rosterOf = async (service: Service) => {
  const select = async (sql: string) => (await service.asOwner(sql)).map(row => Object.values(row).join(' '))
  return {
    units: await select(
      `select u.external_id, u.kind, coalesce(p.external_id, '-') from org_units u left join org_units p on p.id = u.parent_id where u.external_id like 'o-%' order by 1`,
    ),
    students: await select(
      `select s.number, s.name, s.grade, s.major, u.external_id, s.source_id, coalesce(s.absent_since::text, 'here') as absent
       from students s join org_units u on u.id = s.org_unit_id where s.source_id is not null order by 1`,
    ),
    staff: await select(
      `select external_id, name, coalesce(left_on::text, 'here') as gone from staff where source_id is not null order by 1`,
    ),
    roles: await select(
      `select r.external_id, r.role, u.external_id as unit, r.valid_from::text as f, coalesce(r.valid_until::text, '-') as u from staff_roles r
       join org_units u on u.id = r.org_unit_id where r.external_id is not null order by 1`,
    ),
    enrolments: await select(
      `select e.external_id, s.number, e.valid_from::text as f, coalesce(e.valid_until::text, '-') as u from enrolments e join students s on s.id = e.student_id order by 1`,
    ),
    assessments: await select(
      `select external_id, title, due_on::text as due, max_score::float8 as max, is_final from assessments order by 1`,
    ),
    results: await select(
      `select r.external_id, s.number, c.external_id as course, m.external_id as term, r.item, coalesce(r.score::text, '-') as score, r.outcome, r.recorded_on::text as day
       from results r join students s on s.id = r.student_id join courses c on c.id = r.course_id join terms m on m.id = r.term_id order by 1`,
    ),
  }
}

const entries = async (service: Service, type: string) =>
  (await service.asOwner(`select entry::json as entry from journal where type = '${type}' order by seq`)).map(
    ({ entry }) => entry as { data: Record<string, unknown>; subject: { id: string }; actor: { id: string } },
  )

t.test('a OneRoster package fills the roster, and the same package again changes nothing', async t => {
  const service = await given(t)
  const posted = await postImport(service, 'format=oneroster', await zipOf(smallPackage()))
  t.match(posted, { status: 202, body: { kind: 'import', status: 'queued' } })
  t.equal(posted.headers.location, `/v1/operations/${posted.body.id}`)
  await service.work('operations')
  const done = await operationOf(service, posted.body.id)
  t.match(done, {
    status: 'succeeded',
    progress: { done: 58, total: 58 },
    result: { format: 'oneroster', applied: true, created: 19, updated: 0, vanished: 0, errorCount: 0, errors: [] },
  })
  const brought = await rosterOf(service)
  t.same(brought, {
    units: ['o-class class o-dept', 'o-college college o-school', 'o-dept department o-college', 'o-school school -'],
    students: ['20260001 王晓明 2026 软件工程 o-class u-1 here', '20260002 刘思雨 2026 软件工程 o-class u-2 here'],
    staff: ['T0001 Ann Smith here'],
    roles: ['r-3 subject_teacher o-dept 2026-09-01 -', 'r-4 counsellor o-class 2026-09-01 2027-09-01'],
    enrolments: ['e-1 20260001 2026-09-01 -', 'e-2 20260002 2026-09-10 -'],
    assessments: ['l-1 作业一 2026-10-01 20 false', 'l-2 总评 2027-01-15 100 true'],
    results: [
      'x-1 20260001 c-1 s-1 作业一 45.00 failed 2026-10-03',
      'x-2 20260001 c-1 s-1  43.00 failed 2027-01-18',
      'x-3 20260002 c-1 s-1 作业一 - missing 2026-10-03',
    ],
  })
  t.same(await service.asOwner("select ends_on::text as ends from terms where external_id = 's-1'"), [
    { ends: '2027-01-20' },
  ])
  t.equal((await service.asOwner('select 1 from upload_chunks')).length, 0, 'the bytes are forgotten')
  const [finished] = await entries(service, 'import.finished')
  t.match(finished, {
    subject: { kind: 'operation', id: posted.body.id, version: null },
    data: { status: 'succeeded', format: 'oneroster', mode: 'all_or_nothing', created: 19, errors: 0, dryRun: false },
  })
  t.ok((finished?.data.collections as string[] | undefined)?.includes('results'))
  const told = (await entries(service, 'roster.changed')).length
  const again = await run(service, smallPackage())
  t.match(again, { status: 'succeeded', result: { created: 0, updated: 0, unchanged: 19, vanished: 0 } })
  t.same(await rosterOf(service), brought)
  t.equal((await entries(service, 'roster.changed')).length, told, 'and tells nothing')
  const standing = await service.asOwner("select id from students where number = '20260001'")
  t.equal(standing.length, 1)
})

t.test('a dry run counts and changes nothing', async t => {
  const service = await given(t)
  const before = await rosterOf(service)
  const done = await run(service, smallPackage(), '&dryRun=true')
  t.match(done, {
    status: 'succeeded',
    progress: { done: 29, total: 29 },
    result: { dryRun: true, applied: false, created: 19 },
  })
  t.same(await rosterOf(service), before)
  t.same(
    await entries(service, 'roster.changed').then(all => all.filter(each => each.data.collection === 'results')),
    [],
  )
  t.match((await entries(service, 'import.finished')).at(-1)?.data, { dryRun: true, created: 0 })
})

t.test('a final result may be told by its outcome, without a score', async t => {
  const service = await given(t)
  const results = csv(
    'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,metadata.outcome',
    'x-2,,,l-2,u-1,fully graded,,2027-01-18,failed',
    'x-4,,,l-2,u-2,fully graded,,2027-01-18,passed',
  )
  t.equal((await run(service, smallPackage({ 'results.csv': results }))).status, 'succeeded')
  t.same(await service.asOwner('select outcome, score, item from results order by external_id'), [
    { outcome: 'failed', score: null, item: '' },
    { outcome: 'passed', score: null, item: '' },
  ])
})

const faulty = (): Files =>
  smallPackage({
    'users.csv': csv(
      'sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,identifier,grades,primaryOrgSourcedId',
      'u-1,,,true,wang,晓明,王,20260001,2026,o-class',
      'u-2,,,true,liu,思雨,刘,20260001,2026,o-class',
      'u-3,,,true,smith,Ann,Smith,T0001,,',
    ),
    'results.csv': csv(
      'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment',
      'x-1,,,l-1,u-1,fully graded,9,2026-10-03,',
      'x-2,,,l-2,u-1,fully graded,143,2027-01-18,',
      'x-3,,,l-9,u-1,fully graded,43,2027-01-18,',
      'x-1,,,l-2,u-1,fully graded,43,2027-01-18,',
      'x-5,,,l-2,u-1,fully graded,43,someday,',
      'x-6,,,l-2,u-1,guessed,43,2027-01-18,',
      'x-7,,,l-2,u-1,fully graded,,2027-01-18,',
      'x-8,,,l-2,u-1',
      'x-9,,,l-2,u-1,fully graded,43,2027-01-18,,surplus',
      ',,,l-2,u-1,fully graded,43,2027-01-18,',
      '',
      'x-10,,,l-2,u-2,fully graded,43,2027-01-18,',
    ),
  })

t.test('all or nothing: one bad row, and nothing is changed', async t => {
  const service = await given(t)
  const before = await rosterOf(service)
  const done = await run(service, faulty())
  t.match(done, {
    status: 'failed',
    problem: { code: 'import_has_errors', errorCount: 12 },
    result: { applied: false },
  })
  const at = (file: string) =>
    done.result.errors
      .filter((error: { file: string }) => error.file === file)
      .map(({ row, code, detail }: { row: number; code: string; detail: string }) => [row, code, detail.split(':')[0]])
  t.same(at('users.csv'), [[3, 'duplicate_row', 'the id or the number stands twice in the file']])
  t.same(at('enrollments.csv'), [[3, 'unknown_reference', 'student']], 'who is refused cannot be enrolled')
  t.same(
    at('results.csv').sort((a: number[], b: number[]) => (a[0] ?? 0) - (b[0] ?? 0)),
    [
      [3, 'invalid_value', 'score'],
      [4, 'unknown_reference', 'assessment'],
      [5, 'duplicate_row', 'the id or the number stands twice in the file'],
      [6, 'invalid_value', 'recordedOn'],
      [7, 'invalid_value', 'scoreStatus'],
      [8, 'missing_value', 'score'],
      [9, 'too_few_columns', 'the row does not fit the header'],
      [10, 'too_many_columns', 'the row does not fit the header'],
      [11, 'missing_value', 'sourcedId'],
      [13, 'unknown_reference', 'student'],
    ],
  )
  t.notMatch(JSON.stringify(done), /晓明|143|someday|guessed/, 'no value is echoed')
  t.same(await rosterOf(service), before)
})

t.test('row by row: the bad ones are left out', async t => {
  const service = await given(t)
  const done = await run(service, faulty(), '&mode=per_row')
  t.match(done, { status: 'succeeded', result: { applied: true, errorCount: 12 } })
  const { results, students, enrolments } = await rosterOf(service)
  t.equal(students.length, 1)
  t.same(enrolments, ['e-1 20260001 2026-09-01 -'])
  t.same(results, ['x-1 20260001 c-1 s-1 作业一 45.00 failed 2026-10-03'])
  t.match((await entries(service, 'import.finished')).at(-1)?.data, { mode: 'per_row', errors: 12 })
})

t.test('of many faults the first thousand are listed, all are counted', async t => {
  const service = await given(t)
  const rows = Array.from({ length: 2500 }, (_, n) => `x-${n},,,l-9,u-1,fully graded,50,2027-01-18,`)
  const header =
    'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment'
  const done = await run(service, smallPackage({ 'results.csv': csv(header, ...rows) }))
  t.equal(done.problem.errorCount, 2500)
  t.equal(done.result.errors.length, 1000)
})

t.test('who is missing from a full file is marked, never deleted, and comes back', async t => {
  const service = await given(t)
  await run(service, smallPackage())
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
  const refused = await run(service, less)
  t.match(refused, {
    status: 'failed',
    problem: { code: 'too_many_would_vanish', vanishing: { collection: 'students', known: 2, missing: 1 } },
    result: { applied: false },
  })
  t.match((await rosterOf(service)).students[1], /here$/)
  service.clock.now = new Date('2026-09-14T02:30:00.000Z')
  const done = await run(service, less, '&maxDisappear=100')
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
  const [vanished] = await entries(service, 'student.vanished')
  t.match(vanished?.data, { since: '2026-09-14' })
  t.match((await entries(service, 'staff.left'))[0]?.data, { leftOn: '2026-09-14' })
  const { body: read } = await service.call('owner', 'POST', '/v1/students/search', { text: '20260002' })
  t.same(read.items, [], 'of another college')
  const again = await run(service, less, '&maxDisappear=0')
  t.match(again, { status: 'succeeded', result: { vanished: 0, updated: 0 } }, 'the missing are missed once')
  const back = await run(service, smallPackage())
  t.match(back, { status: 'succeeded', result: { vanished: 0 } })
  const whole = await rosterOf(service)
  t.match(whole.students[1], /here$/)
  t.match(whole.staff, [/here$/])
  t.match(whole.enrolments[1], /-$/)
  t.match(await entries(service, 'student.reappeared'), [{ data: { since: '2026-09-14' } }])
})

t.test('a delta changes what it names and leaves the rest', async t => {
  const service = await given(t)
  await run(service, smallPackage())
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
      `u-9,active,${at},Nobody,Known,`,
    ),
    'roles.csv': csv(
      'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId',
      `r-3,active,${at},u-3,primary,teacher,2026-09-01,,o-college`,
      `r-4,tobedeleted,${at},u-3,secondary,counselor,2026-09-01,2027-09-01,o-class`,
    ),
    'enrollments.csv': csv(
      'sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role,beginDate,endDate',
      `e-1,tobedeleted,${at},k-1,u-1,student,,`,
    ),
    'results.csv': csv(
      'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate',
      `x-1,active,${at},l-1,u-1,fully graded,14,2026-10-03`,
      `x-3,tobedeleted,${at},l-1,u-2,not submitted,,2026-10-03`,
    ),
  }
  const done = await run(service, delta, '&maxDisappear=50')
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
    'x-1 20260001 c-1 s-1 作业一 70.00 passed 2026-10-03',
    'x-2 20260001 c-1 s-1  43.00 failed 2027-01-18',
  ])
  const kept = await service.asOwner(
    "select enrolment_status as status, birth_date::text as born from students where number = '20260001'",
  )
  t.same(kept, [{ status: 'on_leave', born: '2008-01-01' }], 'what a file does not say stays as it was')
  const again = await run(service, delta, '&maxDisappear=50')
  t.match(again, { status: 'succeeded', result: { created: 0, updated: 0, vanished: 0 } })
})

t.test('a person keeps the number they were brought with', async t => {
  const service = await given(t)
  await run(service, smallPackage())
  const renamed = (identifier: string, sourcedId: string): Files => ({
    'manifest.csv': manifest({ users: 'delta', roles: 'delta' }),
    'users.csv': csv(
      'sourcedId,status,dateLastModified,givenName,familyName,identifier,grades,primaryOrgSourcedId,metadata.major',
      `${sourcedId},active,2026-10-01T08:00:00Z,晓明,王,${identifier},2026,o-class,软件`,
    ),
    'roles.csv': csv(
      'sourcedId,status,dateLastModified,userSourcedId,role,orgSourcedId',
      `r-9,active,2026-10-01T08:00:00Z,${sourcedId},student,o-class`,
    ),
  })
  for (const [identifier, id] of [
    ['20269999', 'u-1'],
    ['20260001', 'u-77'],
  ] as const) {
    const done = await run(service, renamed(identifier, id))
    t.match(done, { status: 'failed', result: { errors: [{ file: 'users.csv', row: 2, code: 'number_changed' }] } })
  }
})

t.test('a tree that closes into a circle is refused before anything is written', async t => {
  const service = await given(t)
  await run(service, smallPackage())
  const orgs = (...rows: string[]): Files => ({
    'manifest.csv': manifest({ orgs: 'delta' }),
    'orgs.csv': csv('sourcedId,status,dateLastModified,name,type,parentSourcedId', ...rows),
  })
  const over = await run(service, orgs('o-school,active,2026-10-01T08:00:00Z,测试大学,school,o-class'))
  t.match(over, { status: 'failed', result: { errors: [{ row: 2, code: 'unit_cycle' }] } })
  const odd = await run(service, orgs('o-x,active,2026-10-01T08:00:00Z,某处,castle,'))
  t.match(odd, { status: 'failed', result: { errors: [{ row: 2, code: 'invalid_value', detail: 'type' }] } })
})
