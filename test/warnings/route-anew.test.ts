import t from 'tap'
import {
  act,
  alertVersion,
  entriesOf,
  fuse,
  givenAlert,
  givenCalendar,
  givenSignals,
  versionsOf,
} from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const route = (service: Service) => service.work('route-anew')

const moveTo = (service: Service, orgUnit: string) =>
  service.roster('students', [{ number: '1', name: '王晓明', major: '会计', grade: '2025', orgUnit }])

const sees = async (service: Service, account: string, id: string) =>
  (await service.call(account, 'GET', `/v1/alerts/${id}`)).status

const unitNamed = async (service: Service, externalId: string) =>
  (await service.asOwner(`select id from org_units where external_id = '${externalId}'`))[0]?.id

t.test('an open alert follows its student to another college', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  await route(service)
  t.equal(await alertVersion(service, id), 1, 'what is well routed is left alone')
  await moveTo(service, 'other')
  await route(service)
  t.match((await entriesOf(service, id)).at(-1), {
    type: 'alert.routed',
    data: { ownerId: staff.outsider, orgUnitId: await unitNamed(service, 'other') },
  })
  t.same(
    [
      await sees(service, 'outsider', id),
      await sees(service, 'otherLineManager', id),
      await sees(service, owner, id),
      await sees(service, 'lineManager', id),
    ],
    [200, 200, 404, 404],
  )
  await route(service)
  t.same(await versionsOf(service, id), [1, 2], 'once')
})

t.test('a signal that joins after the student moved takes the alert along', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id } = await givenAlert(service, studentId)
  await moveTo(service, 'other')
  await givenSignals(service, [{ studentId, kind: 'absence', severity: 'red' }])
  await fuse(service)
  t.match((await entriesOf(service, id)).at(-1), {
    type: 'alert.joined',
    data: { ownerId: staff.outsider, orgUnitId: await unitNamed(service, 'other') },
  })
  t.equal(await sees(service, 'otherLineManager', id), 200)
})

t.test('within the same line the owner stays, and whoever was given an alert by hand keeps it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  const ownerNow = async () => (await service.asOwner(`select owner_id from alerts where id = '${id}'`))[0]?.owner_id
  await moveTo(service, 'dept')
  await route(service)
  t.equal(await ownerNow(), staff[owner])
  t.match((await entriesOf(service, id)).at(-1)?.data, { orgUnitId: await unitNamed(service, 'dept') })
  t.equal((await act(service, 'lineManager', id, 'owner', { toId: staff.outsider })).status, 201)
  await route(service)
  t.equal(await ownerNow(), staff.outsider)
})

t.test('an alert that nobody could own is routed once somebody holds the role', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await service.asOwner("update staff_roles set valid_until = '2026-09-02' where role <> 'administrator'")
  const { id, owner } = await givenAlert(service, students['1'] as string, { kind: 'safety_concern', severity: 'red' })
  t.equal(owner, 'null')
  await route(service)
  t.equal(await alertVersion(service, id), 1, 'nobody came')
  const since = { orgUnit: 'class', validFrom: '2026-09-03' }
  await service.roster('staff', [
    {
      externalId: 'new',
      name: '何老师',
      roles: [{ role: 'counsellor', ...since }],
      identities: [{ issuer: 'bangfu', subject: 'new' }],
    },
  ])
  await route(service)
  t.match((await entriesOf(service, id)).at(-1), { type: 'alert.routed', data: { ownerId: /./ } })
  t.equal(await sees(service, 'new', id), 200)
  await service.asOwner("update staff set left_on = '2026-09-10' where external_id = 'new'")
  await route(service)
  t.match((await entriesOf(service, id)).at(-1)?.data, { ownerId: null }, 'who left answers for nothing')
  t.same(await versionsOf(service, id), [1, 2, 3])
})

t.test('an alert without an owner is seen by all who could own it, until somebody does', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const only = { settings: { routing: [{ owner: ['class_teacher'], tell: [] }] } }
  await givenCalendar(service, only)
  const { id } = await givenAlert(service, students['1'] as string)
  await service.seal()
  const known = async (account: string) => {
    const list = await service.call(account, 'GET', '/v1/alerts')
    const feed = await service.call(account, 'GET', '/v1/journal?limit=200')
    return [await sees(service, account, id), list.body.items?.length, feed.text.includes(id)]
  }
  for (const account of ['owner', 'colleague', 'coWorker', 'lineManager'])
    t.same(await known(account), [200, 1, true], account)
  for (const account of ['outsider', 'practiceSupervisor', 'otherLineManager'])
    t.same(await known(account), [404, 0, false], account)
  t.equal((await service.call('owner', 'GET', '/v1/alerts/counters')).body.unowned, 1)
  t.equal((await act(service, 'owner', id, 'transitions', { to: 'acknowledged' })).status, 201)
  t.equal((await service.asOwner(`select owner_id from alerts where id = '${id}'`))[0]?.owner_id, staff.owner)
  t.same(await known('colleague'), [404, 0, false], 'the need to know is over')
})
