import t from 'tap'
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

const at = (service: Service, text: string) => {
  service.clock.now = new Date(text)
}
const sweep = (service: Service) => service.work('escalate-overdue')
const escalations = async (service: Service, id: string) =>
  (await entriesOf(service, id)).filter(entry => entry.type === 'alert.escalated').map(entry => entry.data)

t.test(
  'an overdue alert is told further up once a level, in working time, and anew after it is acknowledged',
  async t => {
    const service = await givenService(t)
    const { staff, students } = await givenSchool(service)
    await givenCalendar(service)
    const { id, owner } = await givenAlert(service, students['1'] as string, { severity: 'orange' })
    const overdue = async () => (await service.call(owner, 'GET', '/v1/alerts?overdue=true')).body.items.length
    at(service, '2026-09-15T01:59:00Z')
    await sweep(service)
    t.same(await escalations(service, id), [], 'not before its target')
    t.equal(await overdue(), 0)
    at(service, '2026-09-15T02:01:00Z')
    t.equal(await overdue(), 1)
    await sweep(service)
    await sweep(service)
    t.same(await escalations(service, id), [{ level: 1, target: 'acknowledge', toldIds: [staff.lineManager] }], 'once')
    t.equal((await service.call('lineManager', 'GET', '/v1/alerts?scope=told')).body.items[0].escalation, 1)
    t.equal((await service.call('practiceSupervisor', 'GET', `/v1/alerts/${id}`)).status, 404)
    at(service, '2026-09-17T02:02:00Z')
    await sweep(service)
    t.same(
      (await escalations(service, id)).map(data => data.level),
      [1, 2],
    )
    t.equal(
      (await service.call('practiceSupervisor', 'GET', `/v1/alerts/${id}`)).status,
      200,
      'now told, so it may see',
    )
    at(service, '2026-09-30T02:00:00Z')
    await sweep(service)
    t.equal((await escalations(service, id)).length, 2, 'there is no third level')
    await act(service, owner, id, 'transitions', { to: 'acknowledged' })
    await sweep(service)
    t.match(
      (await escalations(service, id)).slice(2),
      [
        { level: 1, target: 'resolve' },
        { level: 2, target: 'resolve' },
      ],
      'the second target was missed too, long ago',
    )
    await act(service, owner, id, 'dispositions', { kind: 'talk', words: '面谈。' })
    await act(service, owner, id, 'notices', { to: 'student', method: 'phone', outcome: 'given' })
    t.equal((await act(service, owner, id, 'transitions', { to: 'resolved' })).status, 201)
    at(service, '2026-12-30T02:00:00Z')
    await sweep(service)
    t.equal((await escalations(service, id)).length, 4, 'nothing escalates once it is resolved')
    const versions = await versionsOf(service, id)
    t.same(
      versions,
      versions.map((_, index) => index + 1),
    )
  },
)

t.test('red and safety alerts run by the clock, nights and holidays alike', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  at(service, '2026-09-18T15:00:00Z')
  await givenAlert(service, students['1'] as string, { severity: 'red' })
  await givenAlert(service, students['2'] as string, { severity: 'blue', kind: 'low_mood' })
  await givenAlert(service, students['3'] as string, { severity: 'blue' })
  const targets = (await service.asOwner('select acknowledge_by from alerts order by acknowledge_by')).map(row =>
    new Date(String(row.acknowledge_by)).toISOString(),
  )
  t.same(targets, ['2026-09-18T17:00:00.000Z', '2026-09-18T19:00:00.000Z', '2026-09-23T09:30:00.000Z'])
})

t.test('holidays and make-up days count as the calendar says; past the horizon there is no deadline', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const proposed = (await service.call('owner', 'GET', '/v1/warning-settings/calendar-proposal?year=2026')).body
  await givenCalendar(service, { calendar: proposed })
  at(service, '2026-09-30T02:00:00Z')
  const before = await givenAlert(service, students['1'] as string, { severity: 'orange' })
  const [holiday] = await alertsOf(service, students['1'] as string)
  t.equal(new Date(String(holiday?.acknowledge_by)).toISOString(), '2026-10-08T02:00:00.000Z', 'after National Day')
  t.equal(
    new Date(String(holiday?.resolve_by)).toISOString(),
    '2026-10-13T02:00:00.000Z',
    'Saturday the 10th is worked',
  )
  t.ok(before.id)
  at(service, '2026-12-30T02:00:00Z')
  const { id, owner } = await givenAlert(service, students['2'] as string, { severity: 'orange' })
  const seen = (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body
  t.same([seen.beyondHorizon, seen.resolveBy], [true, null])
  t.equal(seen.acknowledgeBy, '2026-12-31T02:00:00.000Z', 'what is known is set')
  const red = await givenAlert(service, students['3'] as string, { severity: 'red' })
  t.equal((await service.call(red.owner, 'GET', `/v1/alerts/${red.id}`)).body.beyondHorizon, false)
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  t.equal((await service.call(owner, 'GET', '/v1/alerts/counters')).body.beyondHorizon, 1)
  at(service, '2027-06-01T02:00:00Z')
  await sweep(service)
  t.same(await escalations(service, id), [], 'nothing is guessed')
  await service.work('set-targets')
  t.same(await versionsOf(service, id), [1, 2], 'nothing changes while the calendar does not')
  await givenCalendar(service, { calendar: { horizon: '2027-12-31' } })
  await service.work('set-targets')
  const after = (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body
  t.same([after.beyondHorizon, after.resolveBy, after.overdue], [false, '2027-01-06T02:00:00.000Z', true])
  t.equal((await entriesOf(service, id)).at(-1)?.type, 'alert.targeted')
  await sweep(service)
  t.match(
    await escalations(service, id),
    [
      { level: 1, target: 'resolve' },
      { level: 2, target: 'resolve' },
    ],
    'every level that was missed meanwhile, once',
  )
  t.same(await versionsOf(service, id), [1, 2, 3, 4, 5])
})

t.test('without a calendar only clock hours are set', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { owner } = await givenAlert(service, students['1'] as string, { severity: 'yellow' })
  const [item] = (await service.call(owner, 'GET', '/v1/alerts')).body.items
  t.same([item.beyondHorizon, item.target, item.overdue], [true, null, false])
})

t.test('sweepers at once tell each level once', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await givenCalendar(service)
  await service.roster(
    'students',
    Array.from({ length: 300 }, (_, index) => ({
      number: `e${index}`,
      name: `学生${index}`,
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const rows = await service.asOwner("select id from students where number like 'e%'")
  await givenSignals(
    service,
    rows.map(row => ({ studentId: String(row.id), severity: 'red' })),
  )
  await fuse(service)
  at(service, '2026-09-15T02:00:00Z')
  const sweeper = async () => {
    while (await workOf(service, 'escalate-overdue').pass());
  }
  await Promise.all([sweeper(), sweeper(), sweeper(), sweeper()])
  await sweep(service)
  const [sum] = await service.asOwner(
    `select count(*)::int as entries, count(distinct subject_id)::int as alerts, (select count(*)::int from alerts where escalation = 1) as escalated,
      (select count(*)::int from alerts where version = 2) as versions from journal where type = 'alert.escalated'`,
  )
  t.same(sum, { entries: 300, alerts: 300, escalated: 300, versions: 300 })
})

t.test('whoever answers for an overdue alert knows already: the next above them is told', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await givenCalendar(service)
  await service.roster('staff', [
    {
      externalId: 'dean',
      name: '院长',
      roles: [{ role: 'line_manager', orgUnit: 'school', validFrom: '2020-09-01' }],
      identities: [{ issuer: 'bangfu', subject: 'dean' }],
    },
  ])
  const { id } = await givenAlert(service, students['1'] as string, { severity: 'orange' })
  t.equal((await act(service, 'lineManager', id, 'owner', { toId: staff.lineManager })).status, 201)
  at(service, '2026-09-15T02:01:00Z')
  await sweep(service)
  const [dean] = await service.asOwner("select id from staff where external_id = 'dean'")
  t.match(await escalations(service, id), [{ level: 1, toldIds: [dean?.id] }])
})

t.test('a level that reaches nobody is passed over; where none does, all wait for somebody to come', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await givenCalendar(service)
  const end = (role: string) =>
    service.asOwner(`update staff_roles set valid_until = '2026-09-02' where role = '${role}'`)
  await end('line_manager')
  const first = await givenAlert(service, students['1'] as string, { severity: 'red' })
  at(service, '2026-09-14T06:01:00Z')
  await sweep(service)
  t.same(await escalations(service, first.id), [
    { level: 2, target: 'acknowledge', toldIds: [staff.practiceSupervisor] },
  ])
  await end('practice_supervisor')
  const { id } = await givenAlert(service, students['2'] as string, { severity: 'red' })
  at(service, '2026-09-14T10:02:00Z')
  await sweep(service)
  t.same(await escalations(service, id), [])
  t.match((await alertsOf(service, students['2'] as string))[0], { escalation: 0, version: 1 })
  await service.asOwner("update staff_roles set valid_until = null where role = 'line_manager'")
  at(service, '2026-09-14T11:03:00Z')
  await sweep(service)
  t.match(await escalations(service, id), [{ level: 1, target: 'acknowledge' }])
  t.same(await versionsOf(service, id), [1, 2])
})
