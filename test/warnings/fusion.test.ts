import t from 'tap'
import {
  act,
  alertsOf,
  entriesOf,
  fuse,
  givenAlert,
  givenCalendar,
  givenSignals,
  observeAgain,
  versionsOf,
} from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

const resolve = (service: Service, alertId: string) =>
  service.asOwner(
    `update alerts set step = 'acknowledged', version = version + 1 where id = '${alertId}';
     update alerts set step = 'resolved', version = version + 1, resolved_at = now() where id = '${alertId}'`,
  )

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
  await givenAlert(service, studentId, { observedAt: day(-90), severity: 'red' })
  t.same(
    (await alertsOf(service, studentId)).map(alert => [alert.signal_count, alert.severity]),
    [
      [2, 'yellow'],
      [1, 'yellow'],
      [1, 'red'],
    ],
    'what is told late joins no window it does not lie in',
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
  await resolve(service, id)
  await observeAgain(service, signals[0] as string, "observed_at = observed_at + interval '1 hour'")
  await fuse(service)
  t.equal((await alertsOf(service, studentId)).length, 1, 'the same again is evidence of what was answered')
  await observeAgain(service, signals[0] as string, "severity = 'red'")
  await fuse(service)
  const [, anew] = await alertsOf(service, studentId)
  t.equal(anew?.severity, 'red')
  await resolve(service, String(anew?.id))
  await observeAgain(service, signals[0] as string, "severity = 'blue', observed_at = observed_at + interval '30 days'")
  await fuse(service)
  t.equal((await alertsOf(service, studentId)).length, 3, 'after the window it is a new episode')
})

t.test('what was cleared and is back after the answer raises an alert anew', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const source = await givenSource(service)
  const observed = async (hour: number, status: string) => {
    const signal = aSignal({ externalId: 'a', status, observedAt: `2026-09-13T0${hour}:00:00Z` })
    t.match((await source.send('', signal)).status, 202)
    await fuse(service)
    return (await alertsOf(service, studentId)).map(alert => [alert.step, alert.signal_count])
  }
  t.same(await observed(1, 'open'), [['raised', 1]])
  t.same(await observed(2, 'cleared'), [['raised', 1]])
  t.same(await observed(3, 'open'), [['raised', 1]], 'while it is open it is the same concern')
  const [first] = await alertsOf(service, studentId)
  await resolve(service, String(first?.id))
  t.same(await observed(4, 'open'), [['resolved', 1]], 'the same again was answered')
  t.same(await observed(5, 'cleared'), [['resolved', 1]])
  t.match(await observed(6, 'open'), [['resolved'], ['raised', 1]])
})

t.test('what says something else after the answer raises an alert anew; the same again does not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const source = await givenSource(service)
  const states = async () => (await source.receipts()).body.items.map((each: { state: string }) => each.state)
  const observed = async (hour: number, count: number) => {
    const at = `2026-09-13T0${hour}:00:00Z`
    const signal = aSignal({ externalId: 'a', kind: 'absence', severity: 'blue', observedAt: at, figures: { count } })
    t.match((await source.send('', signal)).status, 202)
    await fuse(service)
    return (await alertsOf(service, studentId)).map(alert => alert.step)
  }
  await observed(1, 3)
  const [first] = await alertsOf(service, studentId)
  service.clock.now = new Date('2026-09-14T03:00:00Z')
  await resolve(service, String(first?.id))
  await service.asOwner(
    `update alerts set resolved_at = '${service.clock.now.toISOString()}' where id = '${first?.id}'`,
  )
  service.clock.now = new Date('2026-09-14T04:00:00Z')
  t.same(await observed(2, 3), ['resolved'], 'the same again was answered')
  t.same(await states(), ['resolved'])
  t.same(await observed(3, 9), ['resolved', 'raised'])
  t.same(await states(), ['received'], 'nobody has looked at it yet')
})

t.test('nothing is raised about a student who died, and an open alert asks for no notice to them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { severity: 'orange' })
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  await act(service, owner, id, 'dispositions', { kind: 'no_action', words: '去世。' })
  t.equal((await act(service, owner, id, 'transitions?dryRun=true', { to: 'resolved' })).status, 422)
  await service.asOwner(`update students set enrolment_status = 'died' where id = '${studentId}'`)
  const [signal] = await givenSignals(service, [{ studentId, severity: 'red' }])
  await fuse(service)
  t.same(await service.asOwner(`select pending, alert_id from signals where id = '${signal}'`), [
    { pending: false, alert_id: null },
  ])
  t.match(await alertsOf(service, studentId), [{ severity: 'orange' }], 'nothing raised, nothing joined')
  t.equal((await act(service, owner, id, 'transitions', { to: 'resolved' })).status, 201)
})

t.test('an alert counts all its signals and their kinds, also those too many to be shown', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const at = (seconds: number) => new Date(service.clock.now.getTime() - seconds * 1_000).toISOString()
  await givenSignals(service, [
    { studentId, kind: 'absence', observedAt: at(600) },
    ...Array.from({ length: 500 }, (_, nth) => ({ studentId, observedAt: at(nth) })),
  ])
  await fuse(service)
  const [alert] = await alertsOf(service, studentId)
  const read = (await service.call('lineManager', 'GET', `/v1/alerts/${alert?.id}`)).body
  t.equal(read.signals.length, 500)
  t.equal(read.signalCount, 501)
  t.same(read.kinds, ['absence', 'failed_course'])
  const [item] = (await service.call('lineManager', 'GET', '/v1/alerts?scope=unit')).body.items
  t.same([item.signalCount, item.kinds], [read.signalCount, read.kinds], 'as the list tells it')
})
