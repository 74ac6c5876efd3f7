import t, { type Test } from 'tap'
import { givenCase, givenCaseAt } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { done, givenGroupIn, hold, sessionBody, work } from '../support/group-life.ts'
import { groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const secret = '两次想发言又停下。'

/** A group of two in its early phase; the first member has an open case of another owner, the second one closing. */
const givenRunning = async (t: Test) => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const [one, two] = [students['1'] as string, students['2'] as string]
  const { groupId } = await givenGroupIn(service, 'early', [one, two])
  const caseId = await givenCase(service, one)
  await service.asOwner(`update cases set owner_id = '${staff.colleague}' where id = '${caseId}'`)
  return { service, groupId, caseId, two }
}

const versionOf = async (service: Service, caseId: string): Promise<number> =>
  Number((await service.asOwner(`select version from cases where id = '${caseId}'`))[0]?.version)

const entriesOf = async (service: Service, caseId: string) =>
  (await service.asOwner(
    `select content, status, signed_version from records where case_id = '${caseId}' and kind = 'group_entry'`,
  )) as {
    content: Record<string, unknown>
    status: string
    signed_version: number
  }[]

t.test('one call files the session, attendance, ratings, notes, and an entry into each open case', async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const before = await versionOf(service, caseId)
  const told = await hold(service, groupId, 's1', {
    on: '2026-09-13',
    attendance: [
      { memberId: 'm1', attendance: 'late' },
      { memberId: 'm2', attendance: 'excused' },
    ],
    notes: [{ memberId: 'm1', note: secret }],
  })
  t.match(told, {
    status: 201,
    body: {
      groupId,
      sessionId: 's1',
      counts: { present: 0, late: 1, excused: 1, absent: 0 },
      notes: [{ memberId: 'm1' }],
    },
  })
  t.notMatch(told.text, caseId, 'nobody is told who has a case')
  const [note] = told.body.notes
  const group = await groupOf(service, groupId)
  t.equal(group.version, told.body.groupVersion)
  t.match(
    group.sessions.find((each: { id: string }) => each.id === 's1'),
    { status: 'held', on: '2026-09-13', recordId: told.body.recordId },
  )
  const record = await service.call('owner', 'GET', `/v1/groups/${groupId}/records/${told.body.recordId}`)
  t.match(record.body, {
    kind: 'group_session',
    status: 'signed',
    signatures: [{ party: 'worker', method: 'own_token' }],
    content: { sessionId: 's1', activities: String, interactions: [{ rating: 2 }, { rating: 1 }] },
  })
  t.equal(await versionOf(service, caseId), before + 1)
  t.same(await entriesOf(service, caseId), [
    {
      content: {
        groupId,
        sessionId: 's1',
        phase: 'early',
        on: '2026-09-13',
        attendance: 'late',
        noteRecordId: note.recordId,
      },
      status: 'signed',
      signed_version: before + 1,
    },
  ])
  const timeline = await service.call('colleague', 'GET', `/v1/cases/${caseId}/timeline`)
  t.match(timeline.body.items.at(-1).entry, {
    type: 'case.group_entry_received',
    caseId,
    caseVersion: before + 1,
    data: { groupId, sessionId: 's1', attendance: 'late' },
  })
  const own = await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline`)
  t.match(own.body.items.at(-1).entry, {
    type: 'group.session_held',
    data: { sessionId: 's1', noteIds: [note.recordId] },
  })
  t.notMatch(own.text, caseId)
})

t.test('a note is read by the leaders and that member’s case team, and by nobody else', async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const told = await hold(service, groupId, 's1', {
    notes: [
      { memberId: 'm1', note: secret },
      { memberId: 'm2', note: '另一位成员的记录。' },
    ],
  })
  const [one, two] = told.body.notes.map((each: { recordId: string }) => each.recordId)
  const read = async (account: string, id: string) => {
    const answer = await service.call(account, 'GET', `/v1/groups/${groupId}/records/${id}`)
    return answer.status === 200 ? answer.body.content.note : answer.status
  }
  t.equal(await read('owner', one), secret)
  t.equal(await read('colleague', one), secret, 'the owner of the member’s case')
  t.equal(await read('colleague', two), 404, 'not of another member')
  const listed = await service.call('colleague', 'GET', `/v1/groups/${groupId}/records`)
  t.same(
    listed.body.items.map((each: { id: string }) => each.id),
    [one],
    'nor anything else of the group',
  )
  for (const account of ['lineManager', 'practiceSupervisor', 'student-1', 'student-2', 'outsider', 'administrator'])
    t.ok([403, 404].includes((await read(account, one)) as number), account)
  t.equal((await service.call('colleague', 'GET', `/v1/groups/${groupId}`)).status, 403, 'and not the group itself')
  const entry = await service.call('colleague', 'GET', `/v1/cases/${caseId}/records?kind=group_entry`)
  const content = await service.call('colleague', 'GET', `/v1/cases/${caseId}/records/${entry.body.items[0].id}`)
  t.equal(content.body.content.noteRecordId, one, 'the entry says where the note is')
  const student = await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${entry.body.items[0].id}`)
  t.match(student.body.content, { sessionId: 's1', attendance: 'present' })
  t.notOk('noteRecordId' in student.body.content, 'the student is not told of notes')
})

t.test('who leads no group and owns no case does not gain by taking part', async t => {
  const { service, groupId } = await givenRunning(t)
  const member = { staffId: (await service.asOwner("select id from staff where external_id = 'colleague'"))[0]?.id }
  await service.asOwner(`insert into group_members (institution_id, group_id, id, place, staff_id, role, status)
    values ('${service.institution}', '${groupId}', 'm9', 9, '${member.staffId}', 'volunteer', 'active')`)
  const seen = await service.call('colleague', 'GET', `/v1/groups/${groupId}`)
  t.same(seen.body.relations.sort(), ['member_case_team', 'volunteer'])
  t.same(
    seen.body.members.map((each: { id: string }) => each.id),
    ['m9'],
    'themselves, and no other member',
  )
  t.notOk('budgetLines' in seen.body)
  await work.early(service, groupId, ['m1', 'm2'])
  const sessions = await service.call('colleague', 'GET', `/v1/groups/${groupId}/sessions`)
  t.same(sessions.body.items[0].attendance, [{ memberId: 'm9', attendance: 'present' }])
  const { recordId } = (await groupOf(service, groupId)).sessions[0]
  const record = await service.call('colleague', 'GET', `/v1/groups/${groupId}/records/${recordId}`)
  t.same(Object.keys(record.body.content).sort(), ['durationMinutes', 'next', 'on', 'sessionId', 'startsAt'])
  for (const path of ['sociogram', 'sociogram.svg', 'outcome', 'budget'])
    t.equal((await service.call('colleague', 'GET', `/v1/groups/${groupId}/${path}`)).status, 403, path)
})

t.test('students see their own group’s sessions, norms and tasks, each their own', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { groupId } = await givenGroupIn(service, 'late', [students['1'] as string, students['2'] as string])
  const tasks = await service.call('student-2', 'GET', `/v1/groups/${groupId}/tasks`)
  t.same(tasks.body.items, [
    { id: 't2', memberId: 'm2', status: 'open', dueOn: '2026-10-01', overdue: false, text: '讲题' },
  ])
  t.equal((await service.call('owner', 'GET', `/v1/groups/${groupId}/tasks`)).body.items.length, 2)
  const sessions = await service.call('student-2', 'GET', `/v1/groups/${groupId}/sessions`)
  t.equal(sessions.body.items.length, 4)
  t.notMatch(sessions.text, 'm1')
  const records = await service.call('student-2', 'GET', `/v1/groups/${groupId}/records`)
  const norms = records.body.items.find((each: { kind: string }) => each.kind === 'group_contract')
  const contract = await service.call('student-2', 'GET', `/v1/groups/${groupId}/records/${norms.id}`)
  t.ok(contract.body.content.norms.length > 0)
  t.notMatch(records.text, 'phase_evaluation')
  t.equal(records.body.items.filter((each: { kind: string }) => each.kind === 'contract_acceptance').length, 1)
  service.clock.now = new Date('2026-10-02T02:00:00.000Z')
  const overdue = await service.call('student-2', 'GET', `/v1/groups/${groupId}/tasks`)
  t.equal(overdue.body.items[0].overdue, true)
  for (const path of ['tasks', 'sessions'])
    t.equal((await service.call('student-3', 'GET', `/v1/groups/${groupId}/${path}`)).status, 404, 'no group of theirs')
})

t.test('what is wrong with a session is said where, and nothing is written', async t => {
  const { service, groupId, caseId } = await givenRunning(t)
  const { version } = await groupOf(service, groupId)
  const before = await versionOf(service, caseId)
  const codes = async (sessionId: string, more: Record<string, unknown>) => {
    const told = await hold(service, groupId, sessionId, more)
    return [
      told.body.code,
      ...(told.body.errors ?? []).map((each: { pointer: string; code: string }) => `${each.pointer} ${each.code}`),
    ]
  }
  t.same(await codes('s9', {}), ['signing_refused', '/sessionId unknown_session'])
  t.same(await codes('s2', {}), ['signing_refused', '/sessionId other_phase'])
  t.same(await codes('s1', { on: '2026-09-15' }), ['signing_refused', '/on in_the_future'])
  t.same(await codes('s1', { attendance: [{ memberId: 'm1', attendance: 'present' }] }), [
    'signing_refused',
    '/attendance attendance_missing',
  ])
  const notes = ['m1', 'm1', 'm7'].map(memberId => ({ memberId, note: secret }))
  t.same(await codes('s1', { notes }), [
    'signing_refused',
    '/notes/2/memberId unknown_member',
    '/notes/1/memberId repeated_member',
  ])
  t.equal((await hold(service, groupId, 's1', { attendance: [{ memberId: 'm1', attendance: 'asleep' }] })).status, 400)
  for (const [account, status] of [
    ['lineManager', 403],
    ['practiceSupervisor', 403],
    ['colleague', 403],
    ['outsider', 404],
    ['student-1', 404],
  ] as const)
    t.equal((await hold(service, groupId, 's1', {}, account)).status, status, account)
  t.equal((await groupOf(service, groupId)).version, version)
  t.equal(await versionOf(service, caseId), before)
  t.same(await entriesOf(service, caseId), [])
  const draft = await service.call('owner', 'POST', `/v1/groups/${groupId}/records`, {
    kind: 'group_session',
    content: { sessionId: 's1', ...(await sessionBody(service, groupId)) },
  })
  t.match(draft.body, { code: 'kind_not_drafted', operation: 'holdGroupSession' })
  done(await hold(service, groupId, 's1'))
  t.same(await codes('s1', {}), ['signing_refused', '/sessionId session_settled'])
  const preparing = (await givenGroupIn(service, 'preparation', [])).groupId
  t.match((await hold(service, preparing, 's1', { attendance: [{ memberId: 'm1', attendance: 'present' }] })).body, {
    code: 'kind_not_writable_here',
    steps: ['early', 'middle', 'late', 'ending'],
  })
})

t.test('a case in closing hears too, a closed one does not', async t => {
  const { service, groupId, two } = await givenRunning(t)
  const closing = await givenCaseAt(service, two, 'closure')
  done(await hold(service, groupId, 's1'))
  t.equal((await entriesOf(service, closing)).length, 1)
  const closed = await givenService(t)
  const school = await givenSchool(closed)
  const other = await givenGroupIn(closed, 'early', [school.students['1'] as string, school.students['2'] as string])
  const caseId = await givenCaseAt(closed, school.students['1'] as string, 'closed')
  done(await hold(closed, other.groupId, 's1'))
  t.same(await entriesOf(closed, caseId), [])
})

t.test('the ending is announced where the session says so, and the members who were there are told', async t => {
  const { service, groupId } = await givenRunning(t)
  await hold(service, groupId, 's1', {
    endingAnnounced: true,
    attendance: [
      { memberId: 'm1', attendance: 'present' },
      { memberId: 'm2', attendance: 'absent' },
    ],
  })
  const refused = await post(service, groupId, 'transitions', {
    to: 'ending',
    reason: 'members_wish',
    note: '一致同意。',
  })
  t.same(
    refused.body.missing.map((each: { check: string; pointer: string }) => `${each.check} ${each.pointer}`),
    ['members_were_told /members/1'],
  )
})

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
  const { groupId } = await givenGroupIn(service, 'early', ids)
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
