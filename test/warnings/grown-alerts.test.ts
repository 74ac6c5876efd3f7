import t from 'tap'
import { act, alertVersion, entriesOf, fuse, givenAlert, givenCalendar, observeAgain } from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource, type TestSource } from '../support/signals.ts'

const talk = { kind: 'talk', words: '面谈。' }
const notice = (to: string) => ({ to, method: 'phone', outcome: 'given' })

const read = async (service: Service, { id, owner }: { id: string; owner: string }) =>
  (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body

const missing = async (service: Service, { id, owner }: { id: string; owner: string }): Promise<string[]> => {
  const { transitions } = (await service.call(owner, 'GET', `/v1/alerts/${id}/transitions`)).body
  return transitions[0].requirements.flatMap((each: { met: boolean; check: string }) => (each.met ? [] : [each.check]))
}

const states = async (source: TestSource): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await source.receipts()).body.items.map((each: { externalId: string; state: string }) => [
      each.externalId,
      each.state,
    ]),
  )

/** An orange alert of one signal of a source, acknowledged, with a talk and a notice on file. */
const givenAnswered = async (service: Service, source: TestSource) => {
  await source.send('', aSignal({ externalId: 'first' }))
  await fuse(service)
  const [row] = await service.asOwner(
    'select a.id, s.external_id as owner from alerts a join staff s on s.id = a.owner_id',
  )
  const alert = { id: String(row?.id), owner: String(row?.owner) }
  await act(service, alert.owner, alert.id, 'transitions', { to: 'acknowledged' })
  await act(service, alert.owner, alert.id, 'dispositions', talk)
  await act(service, alert.owner, alert.id, 'notices', notice('student'))
  return alert
}

t.test(
  'what makes an acknowledged alert graver is to be seen again: target, receipts, escalation start anew',
  async t => {
    const service = await givenService(t)
    await givenSchool(service)
    await givenCalendar(service)
    const source = await givenSource(service)
    const alert = await givenAnswered(service, source)
    const before = await read(service, alert)
    t.ok(before.acknowledgedAt)
    await source.send('', aSignal({ externalId: 'mild', severity: 'yellow' }))
    await fuse(service)
    const milder = await read(service, alert)
    t.same(
      [milder.acknowledgedAt, milder.acknowledgeBy, milder.risenAt],
      [before.acknowledgedAt, before.acknowledgeBy, null],
      'what raises nothing leaves the first target as it was met',
    )
    t.same(await states(source), { first: 'acknowledged', mild: 'received' }, 'nobody has looked at it yet')
    service.clock.now = new Date('2026-09-14T03:00:00Z')
    await source.send('', aSignal({ externalId: 'grave', severity: 'red' }))
    await fuse(service)
    const risen = await read(service, alert)
    t.same(
      [risen.step, risen.severity, risen.acknowledgedAt, risen.acknowledgeBy, risen.risenAt],
      ['acknowledged', 'red', null, '2026-09-14T07:00:00.000Z', '2026-09-14T03:00:00.000Z'],
    )
    t.same(await states(source), { first: 'acknowledged', mild: 'received', grave: 'received' })
    t.match((await entriesOf(service, alert.id)).at(-1), {
      type: 'alert.joined',
      data: { severity: 'red', rose: true },
    })
    const listed = async (query: string) => (await service.call(alert.owner, 'GET', `/v1/alerts${query}`)).body.items
    t.equal((await listed(''))[0].target, '2026-09-14T07:00:00.000Z')
    service.clock.now = new Date('2026-09-14T07:01:00Z')
    t.equal((await listed('?overdue=true')).length, 1)
    await service.work('escalate-overdue')
    t.match((await entriesOf(service, alert.id)).at(-1), { data: { level: 1, target: 'acknowledge' } })
    await act(service, alert.owner, alert.id, 'dispositions', talk)
    const seen = await read(service, alert)
    t.same([seen.acknowledgedAt, seen.escalation], ['2026-09-14T07:01:00.000Z', 0], 'answered late, and it shows')
    t.equal((await listed('?overdue=true')).length, 0)
    t.equal((await listed(''))[0].target, seen.resolveBy)
    t.same(await states(source), { first: 'acknowledged', mild: 'acknowledged', grave: 'acknowledged' })
    service.clock.now = new Date('2026-09-17T03:01:00Z')
    await service.work('escalate-overdue')
    t.match((await entriesOf(service, alert.id)).at(-1), { data: { level: 1, target: 'resolve' } })
  },
)

t.test('dispositions and notices from before severity rose count no more, and transitions say so', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const alert = await givenAnswered(service, source)
  await act(service, alert.owner, alert.id, 'notices', notice('family'))
  t.same(await missing(service, alert), [])
  await source.send('', aSignal({ externalId: 'mild', severity: 'orange' }))
  await fuse(service)
  t.same(await missing(service, alert), [], 'as grave as before')
  await source.send('', aSignal({ externalId: 'first', severity: 'red', observedAt: '2026-09-14T01:30:00Z' }))
  await fuse(service)
  t.same(await states(source), { first: 'received', mild: 'received' }, 'an update that raises it counts as well')
  t.same(await missing(service, alert), ['disposition_on_file', 'student_was_notified', 'family_was_notified'])
  const refused = await act(service, alert.owner, alert.id, 'transitions', { to: 'resolved' })
  t.equal(refused.status, 422)
  t.match(refused.body.missing[0].title, /since the alert rose|预警加重后/)
  await act(service, alert.owner, alert.id, 'dispositions', talk)
  await act(service, alert.owner, alert.id, 'notices', notice('student'))
  t.same(await missing(service, alert), ['family_was_notified'])
  await act(service, alert.owner, alert.id, 'notices', notice('family'))
  t.equal((await act(service, alert.owner, alert.id, 'transitions', { to: 'resolved' })).status, 201)
  t.same(await states(source), { first: 'resolved', mild: 'resolved' })
})

t.test('an objection upheld excuses from notices of what it was about, not of what is graver', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const alert = await givenAlert(service, students['1'] as string, { severity: 'orange' })
  const { id, owner } = alert
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  await act(service, owner, id, 'notices', notice('student'))
  const object = async () => {
    const { body } = await service.call('student-1', 'POST', `/v1/alerts/${id}/objections`, { words: '成绩录错。' })
    const answer = { answer: 'upheld', words: '已更正。' }
    await service.call(owner, 'POST', `/v1/alerts/${id}/objections/${body.id}/answer`, answer)
  }
  const upheld = () => act(service, owner, id, 'dispositions', { kind: 'objection_upheld', words: '更正。' })
  await object()
  t.equal((await upheld()).status, 201)
  t.same(await missing(service, alert), [])
  await observeAgain(service, alert.signals[0] as string, "severity = 'red'")
  await fuse(service)
  t.same(await missing(service, alert), ['disposition_on_file', 'student_was_notified', 'family_was_notified'])
  t.equal((await upheld()).body.code, 'no_objection_upheld', 'that one was about something milder')
  await object()
  t.equal((await upheld()).status, 201)
  t.same(await missing(service, alert), [])
})

t.test('an alert that grows graver by merging needs its own notices, but was seen by who merged', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const into = await givenAlert(service, studentId, { severity: 'yellow', observedAt: '2026-08-01T02:00:00Z' })
  await act(service, into.owner, into.id, 'transitions', { to: 'acknowledged' })
  await act(service, into.owner, into.id, 'dispositions', talk)
  await act(service, into.owner, into.id, 'notices', notice('student'))
  const from = await givenAlert(service, studentId, { severity: 'red' })
  const version = await alertVersion(service, from.id)
  const merged = await act(service, 'lineManager', from.id, 'merging', { into: into.id }, { version })
  t.equal(merged.status, 201)
  t.ok((await read(service, into)).acknowledgedAt)
  t.same(await missing(service, into), ['disposition_on_file', 'student_was_notified', 'family_was_notified'])
})

t.test('past the horizon a first target set anew is found later, counted from when severity rose', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  await source.send('', aSignal({ externalId: 'first', severity: 'yellow' }))
  await fuse(service)
  const [row] = await service.asOwner(
    'select a.id, s.external_id as owner from alerts a join staff s on s.id = a.owner_id',
  )
  const alert = { id: String(row?.id), owner: String(row?.owner) }
  await act(service, alert.owner, alert.id, 'transitions', { to: 'acknowledged' })
  service.clock.now = new Date('2026-09-16T02:00:00Z')
  await source.send('', aSignal({ externalId: 'second', severity: 'orange' }))
  await fuse(service)
  const risen = await read(service, alert)
  t.same([risen.beyondHorizon, risen.acknowledgeBy], [true, null])
  await givenCalendar(service)
  await service.work('set-targets')
  const set = await read(service, alert)
  t.same([set.beyondHorizon, set.acknowledgeBy], [false, '2026-09-17T02:00:00.000Z'])
})
