import t from 'tap'
import { done, hold } from '../support/group-life.ts'
import { entriesOf, givenRunning, secret } from '../support/group-sessions.ts'
import { givenGroupRecord, givenMember, post } from '../support/groups.ts'

t.test('a session recorded late is told of who was in the group on its day', async t => {
  const { service, groupId, caseId, three } = await givenRunning(t)
  const yesterday = '2026-09-14'
  service.clock.now = new Date('2026-09-15T04:00:00Z')
  const leaving = { reason: 'no_time', exitTalk: '时间冲突。', attainment: 0, onwardPath: 'peer' }
  done(await post(service, groupId, 'members/m1/leaving', leaving))
  const third = await givenMember(service, groupId, { studentId: three })
  const refused = async (more: object) =>
    (await hold(service, groupId, 's1', { interactions: [], ...more })).body.errors?.map(
      (each: { code: string }) => each.code,
    )
  const there = (...ids: string[]) => ids.map(memberId => ({ memberId, attendance: 'present' }))
  t.same(
    await refused({ on: '2026-09-15', attendance: there('m2') }),
    ['attendance_missing'],
    `${third} is there today`,
  )
  const note = { memberId: 'm1', note: secret }
  const late = { on: yesterday, attendance: there('m1', 'm2'), notes: [note] }
  t.same(await refused({ ...late, attendance: there('m1') }), ['attendance_missing'])
  const plan = (await service.call('owner', 'GET', '/v1/record-kinds/session_plan')).body.example
  const sessions = plan.sessions.map((each: { id: string }) => (each.id === 's1' ? { ...each, on: yesterday } : each))
  await service.asOwner(`update group_sessions set on_day = '${yesterday}' where id = 's1'`)
  await givenGroupRecord(service, groupId, 'session_plan', { sessions })
  const told = await hold(service, groupId, 's1', { interactions: [], ...late })
  t.match(told, { status: 201, body: { counts: { present: 2 }, notes: [{ memberId: 'm1' }] } })
  t.match(await entriesOf(service, caseId), [{ content: { on: yesterday, attendance: 'present' } }])
  const read = `/v1/groups/${groupId}/records/${told.body.notes[0].recordId}`
  t.equal((await service.call('colleague', 'GET', read)).body.content.note, secret)
})

t.test('a session of today is held once it has begun, by the clock of the school', async t => {
  const { service, groupId } = await givenRunning(t)
  service.clock.now = new Date('2026-09-14T23:59:00Z')
  const begins = (startsAt: string) => hold(service, groupId, 's1', { interactions: [], on: '2026-09-15', startsAt })
  t.match((await begins('08:00')).body.errors, [{ pointer: '/startsAt', code: 'in_the_future' }])
  t.equal((await begins('07:59')).status, 201)
})
