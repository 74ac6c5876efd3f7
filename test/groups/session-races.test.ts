import t from 'tap'
import { givenCase } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { sessionBody } from '../support/group-life.ts'
import { entriesOf, givenRunning, secret } from '../support/group-sessions.ts'
import { givenGroupAt } from '../support/group-way.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a replay answers the same and writes nothing twice', async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const body = await sessionBody(service, groupId)
  const key = { 'idempotency-key': 'session-one' }
  const call = () => service.call('owner', 'POST', `/v1/groups/${groupId}/sessions/s1/holding`, body, key)
  const [first, second] = [await call(), await call()]
  t.equal(first.status, 201, first.text)
  t.same(second.body, first.body)
  t.equal((await entriesOf(service, caseId)).length, 1)
})

t.test('holding a session with 20 members, all of whom have cases, takes three round trips at most', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const numbers = Array.from({ length: 20 }, (_, index) => `g${index + 1}`)
  await service.roster(
    'students',
    numbers.map(number => ({ number, name: `学生${number}`, major: '软件工程', grade: '2025', orgUnit: 'class' })),
  )
  const rows = await service.asOwner("select id from students where number like 'g%' order by number")
  const ids = rows.map(row => String(row.id))
  const groupId = await givenGroupAt(service, ids, 'early', { maxMembers: 30 })
  for (const id of ids) await givenCase(service, id)
  const body = await sessionBody(service, groupId, {
    interactions: [],
    notes: ids.map((_, index) => ({ memberId: `m${index + 1}`, note: secret })),
  })
  const before = service.roundTrips()
  const told = await service.call('owner', 'POST', `/v1/groups/${groupId}/sessions/s1/holding`, body)
  t.equal(told.status, 201, told.text)
  t.equal(service.roundTrips() - before, 2)
  const [count] = await service.asOwner(`select
    (select count(*)::int from records where kind = 'group_entry') as entries,
    (select count(*)::int from group_records where kind = 'member_note') as notes,
    (select count(*)::int from group_attendance) as attendance,
    (select count(*)::int from journal where type = 'case.group_entry_received') as told`)
  t.same(count, { entries: 20, notes: 20, attendance: 20, told: 20 })
})

t.test('all or nothing while cases and group change at the same time', { skip: !postgresUrl }, async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const body = await sessionBody(service, groupId)
  const holding = () => service.call('owner', 'POST', `/v1/groups/${groupId}/sessions/s1/holding`, body)
  const busy = (round: number) =>
    service.call('colleague', 'POST', `/v1/cases/${caseId}/holds`, { kind: 'academic_crisis', note: `第${round}次` })
  const answers = await Promise.all([
    ...Array.from({ length: 16 }, holding),
    ...Array.from({ length: 8 }, (_, round) => busy(round)),
  ])
  const held = answers.slice(0, 16)
  t.equal(held.filter(each => each.status === 201).length, 1, 'one call holds the session')
  t.ok(held.every(each => each.status === 201 || ['signing_refused', 'version_stale'].includes(each.body.code)))
  const entries = await entriesOf(service, caseId)
  t.equal(entries.length, 1)
  const [journal] = await service.asOwner(`select count(*)::int as n, count(distinct subject_version)::int as versions
    from journal where case_id = '${caseId}' and subject_version is not null and entry::json->'subject'->>'kind' = 'case'`)
  t.equal(journal?.n, journal?.versions, 'every version of the case is told once')
})
