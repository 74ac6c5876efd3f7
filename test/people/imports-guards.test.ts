import iconv from 'iconv-lite'
import t from 'tap'
import { csv, givenImports, manifest, rosterOf, runImport, runOneRoster, smallPackage } from '../support/imports.ts'

const enrollments = 'sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role'
const results = 'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate'

t.test('results and enrolments are guarded as people are', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const before = await rosterOf(service)
  const withdrawn = {
    'manifest.csv': manifest({ results: 'delta' }),
    'results.csv': csv(results, 'x-1,tobedeleted,,,,,,', 'x-2,tobedeleted,,,,,,'),
  }
  t.match(await runOneRoster(service, withdrawn, '&maxDisappear=50'), {
    problem: { code: 'too_many_would_vanish', vanishing: { collection: 'results', known: 3, missing: 2 } },
  })
  const emptied = { 'manifest.csv': manifest({ enrollments: 'bulk' }), 'enrollments.csv': csv(enrollments) }
  t.match(await runOneRoster(service, emptied), {
    problem: { code: 'too_many_would_vanish', vanishing: { collection: 'enrolments', known: 2, missing: 2 } },
  })
  t.same(await rosterOf(service), before)
  service.clock.now = new Date('2027-02-01T02:30:00.000Z')
  const over = await runOneRoster(service, emptied)
  t.match(over, { status: 'succeeded', result: { vanished: 2 } }, 'those of a term that is over end unguarded')
})

t.test('a row that is withdrawn needs no more than its id', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const delta = {
    'manifest.csv': manifest({ orgs: 'delta', enrollments: 'delta' }),
    'orgs.csv': csv('sourcedId,status,dateLastModified,name,type,parentSourcedId', 'o-dept,tobedeleted,,,,'),
    'enrollments.csv': csv(enrollments, 'e-1,tobedeleted,,,,,'),
  }
  const done = await runOneRoster(service, delta, '&maxDisappear=50')
  t.match(done, { status: 'succeeded', result: { vanished: 1, errorCount: 0 } })
  t.same((await rosterOf(service)).enrolments, ['e-1 20260001 2026-09-01 2026-09-14', 'e-2 20260002 2026-09-10 -'])
})

t.test('scores are decimal, and what is recorded has happened', async t => {
  const service = await givenImports(t)
  const scored = (...cells: readonly string[]) =>
    csv(results, ...cells.map((cell, n) => `y-${n},,,l-2,u-1,fully graded,${cell}`))
  const told = await runOneRoster(
    service,
    smallPackage({
      'results.csv': scored(
        '0x1F,2026-09-10',
        '1e1,2026-09-10',
        '+5,2026-09-10',
        '50,2026-09-15',
        '.5,2026-09-14',
        '50.,',
      ),
    }),
    '&mode=per_row',
  )
  const faults = (done: { result: { errors: { row: number; code: string; detail: string }[] } }) =>
    done.result.errors.map(({ row, code, detail }) => `${row} ${code} ${detail.split(':')[0]}`)
  t.same(faults(told), [
    '2 invalid_value score',
    '3 invalid_value score',
    '4 invalid_value score',
    '5 invalid_value recordedOn',
  ])
  t.same((await rosterOf(service)).results, [
    'y-4 20260001 c-1 s-1  0.50 failed 2026-09-14',
    'y-5 20260001 c-1 s-1  50.00 failed 2026-09-14',
  ])
  const columns = { externalId: 'id', student: 's', assessment: 'a', score: 'x', recordedOn: 'd' }
  await service.call('administrator', 'PUT', '/v1/import-mappings/results', { kind: 'results', columns })
  const plain = csv('id,s,a,x,d', '1,20260001,l-1,0x1F,2026-09-10', '2,20260001,l-1,15,2099-01-01')
  t.same(faults(await runImport(service, 'format=csv&mapping=results', plain)), [
    '2 invalid_value score',
    '3 invalid_value recordedOn',
  ])
})

t.test('a user nobody says the role of is a fault of a delta, not left out in silence', async t => {
  const service = await givenImports(t)
  await runOneRoster(service, smallPackage())
  const delta = {
    'manifest.csv': manifest({ users: 'delta' }),
    'users.csv': csv(
      'sourcedId,status,dateLastModified,givenName,familyName,identifier,grades,primaryOrgSourcedId',
      'u-1,,,小明,王,20260001,2026,o-class',
      'u-3,,,Anna,Smith,T0001,,',
      'u-7,,,新生,张,20260007,2026,o-class',
    ),
  }
  const done = await runOneRoster(service, delta)
  t.match(done, { status: 'failed', problem: { code: 'import_has_errors' }, result: { errorCount: 1 } })
  t.match(done.result.errors, [{ file: 'users.csv', row: 4, code: 'unknown_role' }])
  const roles = 'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId'
  const parent = {
    ...delta,
    'manifest.csv': manifest({ users: 'delta', roles: 'delta' }),
    'roles.csv': csv(roles, 'r-7,,,u-7,primary,parent,,,o-class'),
  }
  t.match(await runOneRoster(service, parent), { status: 'succeeded', result: { errorCount: 0, updated: 2 } })
})

t.test('a file of two encodings is refused, and the encoding of a good one is told', async t => {
  const service = await givenImports(t)
  const columns = { number: 'no', name: 'name', orgUnit: 'class' }
  const constants = { major: '化学', grade: '2025' }
  const mapping = { kind: 'students', columns, constants, createUnits: true, unitsBelow: 'school' }
  await service.call('administrator', 'PUT', '/v1/import-mappings/ascii', mapping)
  const bring = (...parts: (string | Buffer)[]) =>
    runImport(
      service,
      'format=csv&mapping=ascii',
      Buffer.concat([Buffer.from('no,name,class\r\n'), ...parts.map(part => Buffer.from(part))]),
    )
  const refused = { status: 'failed', problem: { code: 'import_file_refused', errors: [{ code: 'bad_encoding' }] } }
  const foreign = Buffer.from([0xb0, 0xa1])
  t.match(await bring('H1,张三,化学2501\r\nH2,', foreign, ',化学2501\r\n'), refused, 'mostly UTF-8')
  const strange = iconv.encode('H1,赵一钱二孙三李四,化学2501\r\n', 'gb18030')
  t.match(await bring(strange, 'H2,王五,化学\r\n', 'H3,王五,化学2501\r\n'), refused, 'it reads as private characters')
  const good = await bring(iconv.encode('H1,张三,化学2501\r\n', 'gb18030'))
  t.match(good, { status: 'succeeded', result: { files: [{ encoding: 'gb18030' }, { encoding: 'gb18030' }] } })
  t.match(await bring('H1,张三,化学2501\r\n'), { result: { unchanged: 2, files: [{ encoding: 'utf-8' }] } })
})
