import t from 'tap'
import { holdSession } from '../../src/groups/hold-session.ts'
import type { Door } from '../../src/platform/database.ts'
import type { Problem } from '../../src/practice/problems.ts'
import { sessionContent } from '../../src/practice/records/group/group-session.ts'
import { givenCase } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { sessionBody } from '../support/group-life.ts'
import { entriesOf, givenRunning, secret, versionOf } from '../support/group-sessions.ts'
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

/** A door at which something happens just before each statement of a name. */
const before = (db: Door, name: string, happens: () => Promise<unknown>): Door => ({
  system: db.system,
  as: institution => {
    const tenant = db.as(institution)
    return {
      institution,
      rows: async (statement, ...params) => {
        if (statement.name === name) await happens()
        return tenant.rows(statement, ...params)
      },
    }
  },
})

t.test('a case that changes between load and save is looked at again, and with it the whole session', async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const content = sessionContent.parse({ sessionId: 's1', ...(await sessionBody(service, groupId)) })
  const { institution } = service
  const request = {
    caller: { issuer: 'bangfu', subject: 'owner', institution, clientId: null, scopes: [] },
    idempotency: null,
    requestId: 'r',
    accessReason: null,
  }
  const holdWhile = (times: number) => {
    let left = times
    const change = async () => {
      if (left-- > 0)
        await service.asOwner(`update cases set version = version + 1, writes = writes + 1 where id = '${caseId}'`)
    }
    const deps = { ...service.deps, db: before(service.db, 'groups.hold_session', change) }
    return holdSession(deps, request, { groupId, ifMatch: null, content, notes: [{ memberId: 'm1', note: secret }] })
  }
  t.equal(await holdWhile(9).catch((error: Problem) => error.code), 'version_stale')
  const written = async () =>
    (
      await service.asOwner(`select (select count(*)::int from group_records where kind in ('group_session', 'member_note')) as records,
    (select count(*)::int from group_attendance) as attendance, (select count(*)::int from journal where type = 'group.session_held') as told,
    (select count(*)::int from group_sessions where status = 'held') as held`)
    )[0]
  t.same(await written(), { records: 0, attendance: 0, told: 0, held: 0 }, 'nothing of it is there')
  t.same(await entriesOf(service, caseId), [])
  t.equal((await holdWhile(1)).status, 201)
  t.same(await written(), { records: 2, attendance: 2, told: 1, held: 1 })
  const [entry] = await entriesOf(service, caseId)
  t.equal(entry?.signed_version, await versionOf(service, caseId), 'the entry stands at the version it made')
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
