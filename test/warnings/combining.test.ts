import t from 'tap'
import { verifySubjects } from '../../src/platform/verify-subjects.ts'
import {
  act,
  alertsOf,
  entriesOf,
  fuse,
  givenAlert,
  givenCalendar,
  givenSignals,
  versionsOf,
  workOf,
} from '../support/alerts.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const hoursAgo = (service: Service, hours: number) =>
  new Date(service.clock.now.getTime() - hours * 3_600_000).toISOString()

/** Two open alerts of a student, the second graver. */
const givenTwo = async (service: Service, studentId: string) => {
  const first = await givenAlert(service, studentId, { severity: 'blue', observedAt: hoursAgo(service, 24 * 40) })
  const second = await givenAlert(service, studentId, { severity: 'red', kind: 'absence' })
  return { first, second }
}

t.test('an alert merges into another of the student: signals, people told and the graver severity go over', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await givenCalendar(service)
  const { first, second } = await givenTwo(service, students['1'] as string)
  t.not(first.owner, second.owner)
  const merged = await act(service, 'lineManager', second.id, 'merging', { into: first.id }, { key: 'm', version: 1 })
  t.equal(merged.status, 201, merged.text)
  t.same(merged.body, { alertId: second.id, intoId: first.id, alertVersion: 3 })
  const replay = await act(service, 'lineManager', second.id, 'merging', { into: first.id }, { key: 'm', version: 1 })
  t.same([replay.headers['idempotent-replayed'], replay.body], ['true', merged.body])
  const rows = Object.fromEntries((await alertsOf(service, students['1'] as string)).map(row => [String(row.id), row]))
  t.match(rows[second.id], { step: 'resolved', merged_into: first.id, signal_count: 0, escalates_at: null })
  t.match(rows[first.id], { step: 'raised', severity: 'red', signal_count: 2 })
  t.same(
    (await entriesOf(service, second.id)).map(entry => entry.type),
    ['alert.raised', 'alert.moved', 'alert.merged'],
    'it goes the way of the process',
  )
  const grown = (await entriesOf(service, first.id)).at(-1)
  t.equal(grown?.type, 'alert.joined')
  t.same(grown?.data, { signalIds: second.signals, severity: 'red', fromId: second.id })
  t.same(await versionsOf(service, first.id), [1, 2])
  const seen = await service.call(second.owner, 'GET', `/v1/alerts/${first.id}`)
  t.equal(seen.status, 200, 'the owner of the merged one is told')
  t.equal(seen.body.signals.length, 2)
  t.ok(
    seen.body.told.some(
      (each: { id: string; why: string }) => each.id === staff[second.owner] && each.why === 'merged',
    ),
  )
  t.equal((await service.call(second.owner, 'GET', `/v1/alerts/${second.id}`)).body.dispositions[0].kind, 'merged')
  t.same(
    (await service.call('lineManager', 'GET', '/v1/alerts')).body.items.map((each: { id: string }) => each.id),
    [first.id],
  )
})

t.test('merging in an alert that was seen in time makes the other no sooner to be seen', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  const studentId = students['1'] as string
  const old = { severity: 'orange', observedAt: hoursAgo(service, 24 * 20) }
  const first = await givenAlert(service, studentId, old)
  await act(service, first.owner, first.id, 'transitions', { to: 'acknowledged' })
  service.clock.now = new Date('2026-09-16T02:00:00Z')
  const second = await givenAlert(service, studentId, { severity: 'orange' })
  const read = async () => (await service.call('lineManager', 'GET', `/v1/alerts/${second.id}`)).body
  const before = await read()
  t.equal((await act(service, 'lineManager', first.id, 'merging', { into: second.id })).status, 201)
  await service.work('escalate-overdue')
  const after = await read()
  t.same([after.acknowledgeBy, after.overdue, after.escalation], [before.acknowledgeBy, false, 0])
  t.ok(after.resolveBy < before.resolveBy, 'the time to resolve counts from the first')
})

t.test('what does not fit is not merged, and nothing is changed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { first, second } = await givenTwo(service, students['1'] as string)
  const other = await givenAlert(service, students['2'] as string)
  const merge = async (account: string, id: string, into: string) => {
    const { status, body } = await act(service, account, id, 'merging', { into })
    return [status, body.code]
  }
  t.same(await merge('lineManager', first.id, other.id), [422, 'alerts_unfit'])
  t.same(await merge('lineManager', first.id, first.id), [422, 'alerts_unfit'])
  t.same(await merge('lineManager', first.id, '01936d3e-7c00-7000-8000-00000000ffff'), [404, 'not_found'])
  t.same(await merge(second.owner, second.id, first.id), [404, 'not_found'], 'the other is not theirs')
  t.same(await merge('outsider', first.id, second.id), [404, 'not_found'])
  await act(service, second.owner, second.id, 'notices', { to: 'student', method: 'phone', outcome: 'given' })
  await act(service, 'student-1', second.id, 'objections', { words: '不是我。' })
  t.same(
    await merge('lineManager', second.id, first.id),
    [422, 'requirements_unmet'],
    'an objection waits for an answer',
  )
  await service.asOwner(
    `update alerts set step = 'acknowledged', version = version + 1 where id = '${first.id}';
     update alerts set step = 'resolved', version = version + 1 where id = '${first.id}'`,
  )
  t.same(await merge('lineManager', second.id, first.id), [422, 'alerts_unfit'])
  t.same(await merge('lineManager', first.id, second.id), [409, 'alert_is_resolved'])
  t.same(await versionsOf(service, second.id), [1, 2, 3])
})

t.test('signals split off become an alert of their own, graded by themselves', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  const studentId = students['1'] as string
  const ids = await givenSignals(service, [
    { studentId, severity: 'blue' },
    { studentId, kind: 'low_mood', severity: 'red' },
    { studentId, kind: 'absence', severity: 'yellow' },
  ])
  await fuse(service)
  const [row] = await alertsOf(service, studentId)
  const [id, owner] = [String(row?.id), String(row?.owner)]
  service.clock.now = new Date('2026-09-14T05:00:00Z')
  for (const signalIds of [ids, ['01936d3e-7c00-7000-8000-00000000ffff']])
    t.equal((await act(service, owner, id, 'splitting', { signalIds })).body.code, 'signals_unfit')
  t.equal((await act(service, owner, id, 'splitting', { signalIds: [] })).status, 400)
  t.equal(
    (await act(service, 'coWorker', id, 'splitting', { signalIds: [ids[1]] })).status,
    403,
    'who is told does not',
  )
  const split = await act(service, owner, id, 'splitting', { signalIds: [ids[1]] }, { key: 's', version: 1 })
  t.equal(split.status, 201)
  const newId = split.body.newAlertId
  t.same(
    (await act(service, owner, id, 'splitting', { signalIds: [ids[1]] }, { key: 's', version: 1 })).body,
    split.body,
  )
  const rest = (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body
  t.same([rest.severity, rest.signalCount, rest.version], ['yellow', 2, 2])
  const anew = (await service.call(owner, 'GET', `/v1/alerts/${newId}`)).body
  t.same([anew.severity, anew.signals[0].id, anew.step], ['red', ids[1], 'raised'])
  t.equal(anew.acknowledgeBy, '2026-09-14T07:00:00.000Z', 'two hours from now')
  t.equal(anew.resolveBy, '2026-09-16T02:00:00.000Z', 'splitting wins no time to resolve')
  t.equal((await service.call('coWorker', 'GET', `/v1/alerts/${newId}`)).status, 200, 'who was told is told')
  t.same((await entriesOf(service, newId))[0]?.data.fromId, id)
  t.same(await versionsOf(service, newId), [1])
  t.same((await service.asOwner(`select to_step from alert_moves where subject_id = '${newId}'`)).length, 1)
})

t.test('a line manager gives an alert to somebody else', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  const give = async (account: string, toId: string | undefined) => {
    const { status, body } = await act(service, account, id, 'owner', { toId, note: '分工调整。' })
    return [status, body.code]
  }
  t.same(await give(owner, staff.outsider), [403, 'not_permitted'])
  t.same(await give('otherLineManager', staff.outsider), [404, 'not_found'])
  t.same(await give('lineManager', staff[owner]), [409, 'already_owner'])
  t.same(await give('lineManager', staff.auditor), [422, 'staff_unfit'])
  t.same(await give('lineManager', staff.formerLineManager), [422, 'staff_unfit'])
  t.same(await give('lineManager', staff.outsider), [201, undefined])
  t.equal((await service.call(owner, 'GET', `/v1/alerts/${id}`)).status, 404, 'the need to know is over')
  const seen = (await service.call('outsider', 'GET', `/v1/alerts/${id}`)).body
  t.equal(seen.owner.id, staff.outsider)
  t.equal(seen.notes[0].words, '分工调整。')
  t.same((await entriesOf(service, id)).at(-1)?.data.toId, staff.outsider)
})

t.test('merging both ways at once, while signals are fused, loses nothing', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { first, second } = await givenTwo(service, studentId)
  await givenSignals(
    service,
    Array.from({ length: 50 }, () => ({ studentId, severity: 'orange' })),
  )
  const answers = await Promise.all([
    act(service, 'lineManager', first.id, 'merging', { into: second.id }, { version: 1 }),
    act(service, 'lineManager', second.id, 'merging', { into: first.id }, { version: 1 }),
    workOf(service, 'fuse-signals').pass(),
    workOf(service, 'fuse-signals').pass(),
    act(service, 'lineManager', first.id, 'splitting', { signalIds: first.signals }, { version: 1 }),
  ])
  const merged = [answers[0], answers[1]].filter(each => each.status === 201)
  t.ok(merged.length <= 1)
  for (const answer of [answers[0], answers[1], answers[4]]) t.ok(answer.status < 500, answer.text)
  await fuse(service)
  const alerts = await alertsOf(service, studentId)
  t.equal(
    alerts.reduce((sum, row) => sum + Number(row.signal_count), 0),
    52,
  )
  for (const row of alerts) {
    const versions = await versionsOf(service, String(row.id))
    t.same(
      versions,
      versions.map((_, index) => index + 1),
    )
    t.equal(versions.length, row.version)
    const [held] = await service.asOwner(`select count(*)::int as n from signals where alert_id = '${row.id}'`)
    t.equal(held?.n, row.signal_count)
  }
  t.same(await verifySubjects(service.db, 'alerts', 'alert_moves'), [], 'the books balance')
})
