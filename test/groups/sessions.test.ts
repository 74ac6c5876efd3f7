import t from 'tap'
import { givenCaseAt } from '../support/cases.ts'
import { done, hold, sessionBody } from '../support/group-life.ts'
import { entriesOf, givenRunning, secret, versionOf } from '../support/group-sessions.ts'
import { givenGroupAt } from '../support/group-way.ts'
import { givenGroup, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

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

t.test('what is added to a note is as confidential as the note, and no draft of it leaves the leaders', async t => {
  const { service, groupId } = await givenRunning(t)
  const told = await hold(service, groupId, 's1', { notes: [{ memberId: 'm1', note: secret }] })
  const [note] = told.body.notes
  const correction = '更正:会后又谈了一次。'
  const records = `/v1/groups/${groupId}/records`
  const add = async (to: string) =>
    done(await service.call('owner', 'POST', `${records}/${to}/amendments`, { text: correction })).body.id
  const sign = async (id: string) =>
    done(await service.call('owner', 'POST', `${records}/${id}/signatures`, { party: 'worker' }, { 'if-match': '"1"' }))
  const read = async (account: string, id: string) => {
    const answer = await service.call(account, 'GET', `${records}/${id}`)
    return answer.status === 200 ? answer.body.content.text : answer.status
  }
  const others = async (id: string) => {
    for (const account of ['lineManager', 'practiceSupervisor', 'student-1', 'student-2', 'outsider']) {
      t.equal(await read(account, id), 404, account)
      t.notMatch((await service.call(account, 'GET', records)).text, id, account)
    }
  }
  const added = await add(note.recordId)
  t.equal(await read('owner', added), correction)
  t.equal(await read('colleague', added), 404, 'the case team waits for the signature')
  await others(added)
  await sign(added)
  t.equal(await read('colleague', added), correction)
  await others(added)
  const again = await add(added)
  await sign(again)
  t.equal(await read('colleague', again), correction)
  await others(again)
  const plan = (await service.call('owner', 'GET', `${records}?kind=group_plan`)).body.items[0].id
  const toPlan = await add(plan)
  await sign(toPlan)
  t.equal(await read('lineManager', toPlan), correction, 'what is added to another record is read with it')
  t.equal(await read('colleague', toPlan), 404)
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
  done(await hold(service, groupId, 's1'))
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
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'late')
  const tasks = await service.call('student-2', 'GET', `/v1/groups/${groupId}/tasks`)
  t.same(tasks.body.items, [
    { id: 't2', memberId: 'm2', status: 'open', dueOn: '2026-10-04', overdue: false, text: '每周带读一篇英语短文。' },
  ])
  t.equal((await service.call('owner', 'GET', `/v1/groups/${groupId}/tasks`)).body.items.length, 3)
  const sessions = await service.call('student-2', 'GET', `/v1/groups/${groupId}/sessions`)
  t.equal(sessions.body.items.length, 4)
  t.notMatch(sessions.text, 'm1')
  const records = await service.call('student-2', 'GET', `/v1/groups/${groupId}/records`)
  const norms = records.body.items.find((each: { kind: string }) => each.kind === 'group_contract')
  const contract = await service.call('student-2', 'GET', `/v1/groups/${groupId}/records/${norms.id}`)
  t.ok(contract.body.content.norms.length > 0)
  t.notMatch(records.text, 'phase_evaluation')
  t.equal(records.body.items.filter((each: { kind: string }) => each.kind === 'contract_acceptance').length, 1)
  service.clock.now = new Date('2026-10-06T02:00:00.000Z')
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
  const preparing = await givenGroup(service)
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
  const other = await givenGroupAt(closed, [school.students['1'] as string, school.students['2'] as string], 'early')
  const caseId = await givenCaseAt(closed, school.students['1'] as string, 'closed')
  done(await hold(closed, other, 's1'))
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
