import t from 'tap'
import { verifySubjects } from '../../src/platform/verify-subjects.ts'
import {
  alertsOf,
  entriesOf,
  fuse,
  givenAlert,
  givenCalendar,
  givenSignals,
  observeAgain,
  versionsOf,
  workOf,
} from '../support/alerts.ts'
import { givenCase } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'

const day = (n: number) => new Date(Date.parse('2026-09-14T02:00:00Z') + n * 86_400_000).toISOString()

t.test('signals within the window make one alert, with the gravest severity, all raisers and all evidence', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await givenCalendar(service)
  const studentId = students['1'] as string
  const ids = await givenSignals(service, [
    { studentId, kind: 'failed_course', severity: 'yellow', observedAt: day(-3), figures: { courses: 2 } },
    { studentId, kind: 'absence', severity: 'orange', observedAt: day(-1), raisedBy: staff.outsider as string },
    { studentId, kind: 'praise', severity: null, observedAt: day(-1), figures: { words: 1 } },
  ])
  await fuse(service)
  const [alert, ...others] = await alertsOf(service, studentId)
  t.same(others, [])
  t.equal(alert?.severity, 'orange')
  t.equal(alert?.signal_count, 2)
  t.ok(
    ['owner', 'colleague', 'pastCoWorker'].includes(alert?.owner as string),
    'a counsellor of the department owns it',
  )
  const seen = (await service.call(alert?.owner as string, 'GET', `/v1/alerts/${alert?.id}`)).body
  t.same(
    seen.signals.map((each: { id: string }) => each.id),
    ids.slice(0, 2),
  )
  t.same(seen.signals[1].raiser, { kind: 'people', id: staff.outsider, name: '周老师' })
  t.same(seen.signals[0].figures, { courses: 2 })
  t.same(
    seen.progress.map((each: { kind: string }) => each.kind),
    ['praise'],
    'the positive signal is shown',
  )
  t.equal(seen.acknowledgeBy, '2026-09-15T02:00:00.000Z', 'one working day')
  t.equal(seen.resolveBy, '2026-09-21T02:00:00.000Z', 'five working days')
  const [entry] = await entriesOf(service, alert?.id as string)
  t.equal(entry?.type, 'alert.raised')
  t.same(entry?.data.signalIds, ids.slice(0, 2))
  t.equal(entry?.data.severity, 'orange')
  t.same(await service.asOwner('select id from signals where pending'), [])
  await fuse(service)
  t.equal((await alertsOf(service, studentId)).length, 1, 'fusing again changes nothing')
  t.same(await versionsOf(service, alert?.id as string), [1])
})

t.test('a later signal joins and can raise the severity; targets come nearer, never later', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  const studentId = students['1'] as string
  const { id } = await givenAlert(service, studentId, { severity: 'blue' })
  const before = (await alertsOf(service, studentId))[0]
  service.clock.now = new Date('2026-09-15T02:00:00Z')
  await givenSignals(service, [{ studentId, kind: 'low_score', severity: 'blue' }])
  await fuse(service)
  const joined = (await alertsOf(service, studentId))[0]
  t.same([joined?.acknowledge_by, joined?.resolve_by], [before?.acknowledge_by, before?.resolve_by], 'no time is won')
  await givenSignals(service, [{ studentId, kind: 'low_mood', severity: 'red' }])
  await fuse(service)
  const after = (await alertsOf(service, studentId))[0]
  t.equal(after?.id, id)
  t.equal(after?.severity, 'red')
  t.equal(
    new Date(String(after?.acknowledge_by)).toISOString(),
    '2026-09-15T04:00:00.000Z',
    'safety counts by the clock',
  )
  const told = await service.asOwner(
    `select s.external_id from alert_told w join staff s on s.id = w.staff_id where w.alert_id = '${id}' order by 1`,
  )
  t.same(
    told.map(row => row.external_id),
    ['coWorker', 'lineManager'],
    'those the graver alert is routed to are told',
  )
  const entries = await entriesOf(service, id)
  t.same(
    entries.map(entry => entry.type),
    ['alert.raised', 'alert.joined', 'alert.joined'],
  )
  t.same(await versionsOf(service, id), [1, 2, 3])
})

t.test('beyond the window a new alert is raised; an observation within it joins the open one', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  await givenAlert(service, studentId, { observedAt: day(-20) })
  await givenAlert(service, studentId, { observedAt: day(-7) })
  await givenAlert(service, studentId, { observedAt: day(-5) })
  t.same(
    (await alertsOf(service, studentId)).map(alert => alert.signal_count),
    [2, 1],
    'fourteen days from the first signal on',
  )
  await givenCalendar(service, { settings: { windowDays: 1 } })
  await givenSignals(service, [
    { studentId: students['2'] as string, observedAt: day(-9) },
    { studentId: students['2'] as string, observedAt: day(-6) },
  ])
  await fuse(service)
  t.equal((await alertsOf(service, students['2'] as string)).length, 2, 'the institution sets the window')
})

t.test('a cleared signal stays evidence and raises nothing; a positive one never raises', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  await givenSignals(service, [
    { studentId, status: 'cleared' },
    { studentId, kind: 'progress', severity: null },
  ])
  await fuse(service)
  t.same(await alertsOf(service, studentId), [])
  const { id, signals, owner } = await givenAlert(service, studentId, { severity: 'red' })
  await observeAgain(service, signals[0] as string, "status = 'cleared'")
  await fuse(service)
  const seen = (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body
  t.equal(seen.severity, 'red', 'an alert never gets milder by itself')
  t.equal(seen.signals[0].status, 'cleared')
  t.equal(seen.version, 2)
  t.equal((await entriesOf(service, id)).at(-1)?.type, 'alert.evidence_changed')
  await observeAgain(service, signals[0] as string, "status = 'open'")
  await fuse(service)
  t.same(await versionsOf(service, id), [1, 2, 3])
})

t.test('after an alert is resolved, only what grew graver or came after its window starts anew', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, signals } = await givenAlert(service, studentId, { severity: 'yellow' })
  const resolve = (alertId: string) =>
    service.asOwner(
      `update alerts set step = 'acknowledged', version = version + 1 where id = '${alertId}';
       update alerts set step = 'resolved', version = version + 1, resolved_at = now() where id = '${alertId}'`,
    )
  await resolve(id)
  await observeAgain(service, signals[0] as string, "observed_at = observed_at + interval '1 hour'")
  await fuse(service)
  t.equal((await alertsOf(service, studentId)).length, 1, 'the same again is evidence of what was answered')
  await observeAgain(service, signals[0] as string, "severity = 'red'")
  await fuse(service)
  const [, anew] = await alertsOf(service, studentId)
  t.equal(anew?.severity, 'red')
  await resolve(anew?.id as string)
  await observeAgain(service, signals[0] as string, "severity = 'blue', observed_at = observed_at + interval '30 days'")
  await fuse(service)
  t.equal((await alertsOf(service, studentId)).length, 3, 'after the window it is a new episode')
})

t.test('alerts are routed by kind, severity and unit, to whom has the fewest', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await service.roster(
    'students',
    Array.from({ length: 9 }, (_, index) => ({
      number: `r${index}`,
      name: `学生${index}`,
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const rows = await service.asOwner("select id from students where number like 'r%'")
  await givenSignals(
    service,
    rows.map(row => ({ studentId: String(row.id) })),
  )
  await fuse(service)
  const owners = await service.asOwner(
    'select owner_id, count(*)::int as n from alerts group by owner_id order by owner_id',
  )
  t.same(
    owners.map(row => row.n),
    [3, 3, 3],
    'spread over the counsellors of the nearest unit',
  )
  const [college] = await service.asOwner("select id from org_units where external_id = 'college'")
  await givenCalendar(service, {
    settings: {
      routing: [
        { kinds: ['hardship'], units: [college?.id], owner: ['line_manager'], tell: [] },
        { areas: ['positive'], owner: ['counsellor'], tell: ['counsellor'] },
        { severities: ['blue'], owner: ['class_teacher', 'psychological_counsellor'], tell: ['practice_supervisor'] },
      ],
    },
  })
  const manager = await givenAlert(service, students['1'] as string, { kind: 'hardship' })
  t.equal(manager.owner, 'lineManager')
  const next = await givenAlert(service, students['2'] as string, { severity: 'blue' })
  t.equal(next.owner, 'coWorker', 'nobody is class teacher: the next role is looked for')
  const [{ told }] = (await service.asOwner(
    `select array_agg(staff_id)::text as told from alert_told where alert_id = '${next.id}'`,
  )) as [{ told: string }]
  t.equal(told, `{${staff.practiceSupervisor}}`)
  const nobody = await givenAlert(service, students['3'] as string, { severity: 'red' })
  t.equal(nobody.owner, 'null', 'no rule fits: nobody owns it, the line manager finds it')
  const inbox = await service.call('lineManager', 'GET', '/v1/alerts/counters?scope=unit')
  t.equal(inbox.body.unowned, 1)
})

t.test('the owner of an open case is told, and nobody learns of it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string, 'colleague')
  await service.call(
    'lineManager',
    'POST',
    `/v1/cases/${caseId}/reassignments`,
    { toId: staff.outsider, reason: 'workload' },
    { 'if-match': '"1"' },
  )
  const { id, owner } = await givenAlert(service, students['1'] as string, { severity: 'red' })
  t.equal((await service.call('outsider', 'GET', `/v1/alerts/${id}`)).status, 200, 'the case’s owner sees it')
  const own = (await service.call('outsider', 'GET', `/v1/alerts/${id}`)).body.told
  t.ok(
    own.some((each: { why: string }) => each.why === 'case_owner'),
    'and why',
  )
  for (const account of [owner, 'lineManager']) {
    const seen = await service.call(account, 'GET', `/v1/alerts/${id}`)
    t.notMatch(seen.text, staff.outsider as string, `${account} is not shown who has a case`)
    t.notMatch(seen.text, caseId)
    const line = await service.call(account, 'GET', `/v1/alerts/${id}/timeline`)
    t.notMatch(line.text, staff.outsider as string)
    t.notMatch(line.text, caseId)
  }
  const timeline = (await service.call('outsider', 'GET', `/v1/cases/${caseId}/timeline`)).body.items
  t.equal(timeline.at(-1).entry.type, 'alert.told', 'the case’s own timeline says it')
})

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
