import t from 'tap'
import { verifySubjects } from '../../src/platform/verify-subjects.ts'
import { fuse, givenSignals, workOf } from '../support/alerts.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('two fusers at once raise each alert once', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await service.roster(
    'students',
    Array.from({ length: 200 }, (_, index) => ({
      number: `f${index}`,
      name: `学生${index}`,
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const ids = (await service.asOwner("select id from students where number like 'f%'")).map(row => String(row.id))
  const fusers = Array.from({ length: 4 }, () => workOf(service, 'fuse-signals'))
  for (let round = 0; round < 4; round++) {
    // Signals keep coming in while all fuse: two of a student are never told apart by who takes them.
    const severity = round === 3 ? 'red' : 'blue'
    const sending = Array.from({ length: 2 }, () =>
      givenSignals(
        service,
        ids.map(studentId => ({ studentId, severity })),
      ),
    )
    const fusing = fusers.map(async fuser => {
      for (let passes = 0; passes < 20; passes++) await fuser.pass()
    })
    await Promise.all([...sending, ...fusing])
  }
  await fuse(service)
  const [sum] = await service.asOwner(
    `select count(*)::int as alerts, sum(signal_count)::int as signals, min(severity) as mildest from alerts`,
  )
  t.same(sum, { alerts: 200, signals: 1600, mildest: 'red' })
  const [books] = await service.asOwner(
    `select count(*)::int as entries, count(distinct (subject_id, subject_version))::int as versions,
      (select sum(version)::int from alerts) as sum, (select count(*)::int from signals where pending or alert_id is null) as left_over
     from journal where type like 'alert.%'`,
  )
  t.equal(books?.entries, books?.versions)
  t.equal(books?.entries, books?.sum, 'versions are 1..n without holes')
  t.equal(books?.left_over, 0)
  t.same(await verifySubjects(service.db, 'alerts', 'alert_moves'), [], 'the books balance')
})

t.test('another institution’s signals are its own', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const other = '11111111-1111-4111-8111-111111111111'
  await service.asOwner(
    `insert into institutions (id, name_zh, name_en, time_zone, created_at) values ('${other}', '别处', 'Elsewhere', 'America/New_York', now());
     insert into org_units (institution_id, id, external_id, kind, name_zh) select '${other}', id, external_id, kind, name_zh from org_units where parent_id is null;
     insert into students (institution_id, id, number, name, major, grade, org_unit_id, enrolment_status)
       select '${other}', s.id, s.number, '别人', s.major, s.grade, (select id from org_units where institution_id = '${other}'), 'enrolled' from students s where s.number = '1'`,
  )
  const studentId = students['1'] as string
  await givenSignals(service, [
    { studentId, severity: 'red', institution: other },
    { studentId, severity: 'blue' },
  ])
  await fuse(service)
  const rows = await service.asOwner(
    'select institution_id, severity, owner_id is null as unowned from alerts order by severity',
  )
  t.same(rows, [
    { institution_id: service.institution, severity: 'blue', unowned: false },
    { institution_id: other, severity: 'red', unowned: true },
  ])
  const [mine] = await service.asOwner(`select id from alerts where institution_id = '${other}'`)
  t.equal((await service.call('lineManager', 'GET', `/v1/alerts/${mine?.id}`)).status, 404)
  t.equal((await service.call('lineManager', 'GET', '/v1/alerts?status=all')).body.items.length, 1)
})
