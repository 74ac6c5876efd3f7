import t from 'tap'
import { act, fuse, givenAlert, givenCalendar, givenSignals } from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

const talk = { kind: 'talk', words: '面谈。' }
const told = { to: 'student', method: 'phone', outcome: 'given' }

/** An orange alert about study, acknowledged, with a talk and a notice on file. */
const givenAnswered = async (service: Service, studentId: string) => {
  const alert = await givenAlert(service, studentId, { severity: 'orange' })
  await act(service, alert.owner, alert.id, 'transitions', { to: 'acknowledged' })
  await act(service, alert.owner, alert.id, 'dispositions', talk)
  await act(service, alert.owner, alert.id, 'notices', told)
  return alert
}

const read = async (service: Service, { id, owner }: { id: string; owner: string }) =>
  (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body

t.test('a concern for safety that joins a seen alert is to be seen, however grave the alert was', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  for (const [number, severity] of [
    ['1', 'orange'],
    ['2', 'blue'],
  ] as const) {
    const studentId = students[number] as string
    const alert = await givenAnswered(service, studentId)
    await givenSignals(service, [{ studentId, kind: 'safety_concern', severity }])
    await fuse(service)
    const risen = await read(service, alert)
    t.same(
      [risen.severity, risen.acknowledgedAt, risen.acknowledgeBy],
      ['orange', null, '2026-09-14T04:00:00.000Z'],
      'two hours by the clock',
    )
    const refused = await act(service, alert.owner, alert.id, 'transitions', { to: 'resolved' })
    t.same(
      refused.body.missing.map((each: { check: string }) => each.check),
      ['disposition_on_file', 'student_was_notified'],
      'the talk was about something else',
    )
    await act(service, alert.owner, alert.id, 'dispositions', talk)
    t.ok((await read(service, alert)).acknowledgedAt)
    await givenSignals(service, [{ studentId, kind: 'low_mood', severity }])
    await fuse(service)
    t.equal((await read(service, alert)).acknowledgedAt, null, 'and so is the next')
  }
})

t.test('a call for help that joins a seen alert is to be seen; what is milder otherwise is not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const alert = await givenAnswered(service, studentId)
  await givenSignals(service, [{ studentId, kind: 'absence', severity: 'orange' }])
  await fuse(service)
  t.ok((await read(service, alert)).acknowledgedAt)
  await givenSignals(service, [{ studentId, kind: 'request_for_help', severity: 'yellow' }])
  await fuse(service)
  t.equal((await read(service, alert)).acknowledgedAt, null)
})

t.test('a signal that turns out to concern safety is to be seen; the same observed again is not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const source = await givenSource(service)
  const alert = await givenAnswered(service, students['1'] as string)
  const observed = async (hour: number, kind: string, status = 'open') => {
    const observedAt = `2026-09-13T0${hour}:00:00Z`
    await source.send('', aSignal({ externalId: 'late', kind, severity: 'yellow', status, observedAt }))
    await fuse(service)
    const { acknowledgedAt } = await read(service, alert)
    if (acknowledgedAt === null) await act(service, alert.owner, alert.id, 'dispositions', talk)
    return acknowledgedAt === null
  }
  t.equal(await observed(1, 'late_return'), false)
  t.equal(await observed(2, 'safety_concern'), true)
  t.equal(await observed(3, 'safety_concern'), false)
  t.equal(await observed(4, 'safety_concern', 'cleared'), false)
  t.equal(await observed(5, 'safety_concern'), true, 'what was cleared and is back is new')
})

t.test('merging in what concerns safety asks for dispositions and notices anew', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const old = { severity: 'orange', observedAt: '2026-08-01T02:00:00Z' }
  const into = await givenAlert(service, studentId, old)
  await act(service, into.owner, into.id, 'transitions', { to: 'acknowledged' })
  await act(service, into.owner, into.id, 'dispositions', talk)
  await act(service, into.owner, into.id, 'notices', told)
  const from = await givenAlert(service, studentId, { kind: 'low_mood', severity: 'yellow' })
  t.equal((await act(service, 'lineManager', from.id, 'merging', { into: into.id })).status, 201)
  t.equal((await act(service, into.owner, into.id, 'transitions', { to: 'resolved' })).body.missing.length, 2)
})
