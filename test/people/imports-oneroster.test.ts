import t from 'tap'
import {
  csv,
  entriesOfType,
  type Files,
  givenImports,
  operationOf,
  postImport,
  rosterOf,
  runOneRoster,
  smallPackage,
  zipOf,
} from '../support/imports.ts'

t.test('a OneRoster package fills the roster, and the same package again changes nothing', async t => {
  const service = await givenImports(t)
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
      'x-1 20260001 c-1 s-1 作业一 45.00 failed 2026-09-10',
      'x-2 20260001 c-1 s-1  43.00 failed 2026-09-12',
      'x-3 20260002 c-1 s-1 作业一 - missing 2026-09-10',
    ],
  })
  t.same(await service.asOwner("select ends_on::text as ends from terms where external_id = 's-1'"), [
    { ends: '2027-01-20' },
  ])
  t.equal((await service.asOwner('select 1 from upload_chunks')).length, 0, 'the bytes are forgotten')
  const [finished] = await entriesOfType(service, 'import.finished')
  t.match(finished, {
    subject: { kind: 'operation', id: posted.body.id, version: null },
    data: { status: 'succeeded', format: 'oneroster', mode: 'all_or_nothing', created: 19, errors: 0, dryRun: false },
  })
  t.ok((finished?.data.collections as string[] | undefined)?.includes('results'))
  const told = (await entriesOfType(service, 'roster.changed')).length
  const again = await runOneRoster(service, smallPackage())
  t.match(again, { status: 'succeeded', result: { created: 0, updated: 0, unchanged: 19, vanished: 0 } })
  t.same(await rosterOf(service), brought)
  t.equal((await entriesOfType(service, 'roster.changed')).length, told, 'and tells nothing')
  const standing = await service.asOwner("select id from students where number = '20260001'")
  t.equal(standing.length, 1)
})

t.test('a dry run counts and changes nothing', async t => {
  const service = await givenImports(t)
  const before = await rosterOf(service)
  const done = await runOneRoster(service, smallPackage(), '&dryRun=true')
  t.match(done, {
    status: 'succeeded',
    progress: { done: 29, total: 29 },
    result: { dryRun: true, applied: false, created: 19 },
  })
  t.same(await rosterOf(service), before)
  t.same(
    await entriesOfType(service, 'roster.changed').then(all => all.filter(each => each.data.collection === 'results')),
    [],
  )
  t.match((await entriesOfType(service, 'import.finished')).at(-1)?.data, { dryRun: true, created: 0 })
})

t.test('a final result may be told by its outcome, without a score', async t => {
  const service = await givenImports(t)
  const results = csv(
    'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,metadata.outcome',
    'x-2,,,l-2,u-1,fully graded,,2026-09-12,failed',
    'x-4,,,l-2,u-2,fully graded,,2026-09-12,passed',
  )
  t.equal((await runOneRoster(service, smallPackage({ 'results.csv': results }))).status, 'succeeded')
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
      'x-1,,,l-1,u-1,fully graded,9,2026-09-10,',
      'x-2,,,l-2,u-1,fully graded,143,2026-09-12,',
      'x-3,,,l-9,u-1,fully graded,43,2026-09-12,',
      'x-1,,,l-2,u-1,fully graded,43,2026-09-12,',
      'x-5,,,l-2,u-1,fully graded,43,someday,',
      'x-6,,,l-2,u-1,guessed,43,2026-09-12,',
      'x-7,,,l-2,u-1,fully graded,,2026-09-12,',
      'x-8,,,l-2,u-1',
      'x-9,,,l-2,u-1,fully graded,43,2026-09-12,,surplus',
      ',,,l-2,u-1,fully graded,43,2026-09-12,',
      '',
      'x-10,,,l-2,u-2,fully graded,43,2026-09-12,',
    ),
  })

t.test('all or nothing: one bad row, and nothing is changed', async t => {
  const service = await givenImports(t)
  const before = await rosterOf(service)
  const done = await runOneRoster(service, faulty())
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
  const service = await givenImports(t)
  const done = await runOneRoster(service, faulty(), '&mode=per_row')
  t.match(done, { status: 'succeeded', result: { applied: true, errorCount: 12 } })
  const { results, students, enrolments } = await rosterOf(service)
  t.equal(students.length, 1)
  t.same(enrolments, ['e-1 20260001 2026-09-01 -'])
  t.same(results, ['x-1 20260001 c-1 s-1 作业一 45.00 failed 2026-09-10'])
  t.match((await entriesOfType(service, 'import.finished')).at(-1)?.data, { mode: 'per_row', errors: 12 })
})

t.test('of many faults the first thousand are listed, all are counted', async t => {
  const service = await givenImports(t)
  const rows = Array.from({ length: 2500 }, (_, n) => `x-${n},,,l-9,u-1,fully graded,50,2026-09-12,`)
  const header =
    'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment'
  const done = await runOneRoster(service, smallPackage({ 'results.csv': csv(header, ...rows) }))
  t.equal(done.problem.errorCount, 2500)
  t.equal(done.result.errors.length, 1000)
})
