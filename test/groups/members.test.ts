import t from 'tap'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

/** Students of the class, by number. */
const givenStudents = async (service: Service, count: number): Promise<string[]> => {
  const rows = Array.from({ length: count }, (_, index) => ({
    number: `s${index}`,
    name: `学生${index}`,
    birthDate: '2006-01-01',
    major: '软件工程',
    grade: '2025',
    orgUnit: 'class',
  }))
  await service.roster('students', rows)
  const found = await service.asOwner(`select id from students where number like 's%' order by length(number), number`)
  return found.map(row => String(row.id))
}

t.test('of sixty-four who are given the last place exactly one gets it', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const students = await givenStudents(service, 64)
  const groupId = await givenGroup(service, { minMembers: 1, maxMembers: 1 })
  for (const studentId of students) await givenMember(service, groupId, { studentId }, 'proposed')
  const answers = await Promise.all(
    students.map((_, index) =>
      service.call('owner', 'POST', `/v1/groups/${groupId}/members/m${index + 1}/selection`, {}),
    ),
  )
  t.equal(answers.filter(each => each.status === 201).length, 1)
  const refused = answers.filter(each => each.status !== 201)
  t.same([...new Set(refused.map(each => each.status))], [409])
  t.ok(refused.some(each => each.body.code === 'group_is_full' && each.body.maxMembers === 1))
  const { members } = await groupOf(service, groupId)
  t.equal(members.filter((each: { status: string }) => each.status === 'selected').length, 1)
})

t.test('a place that comes free in preparation goes to the first who waits', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { minMembers: 1, maxMembers: 1 })
  const first = await givenMember(service, groupId, { studentId: students['1'] }, 'selected')
  const second = await givenMember(service, groupId, { studentId: students['2'] }, 'proposed')
  t.match(await post(service, groupId, `members/${second}/selection`), { status: 409, body: { code: 'group_is_full' } })
  t.match(await post(service, groupId, `members/${second}/selection`, { waiting: true }), { status: 201 })
  const left = await post(service, groupId, `members/${first}/leaving`, { reason: 'no_time' })
  t.match(left, { status: 201, body: { promotedId: second, openItems: [] } })
  const { members } = await groupOf(service, groupId)
  t.match(members, [
    { id: first, status: 'left', leftReason: 'no_time' },
    { id: second, status: 'selected' },
  ])
})

const changeLimits = async (service: Service, groupId: string, body: object) => {
  const { version } = await groupOf(service, groupId)
  return service.call('owner', 'PATCH', `/v1/groups/${groupId}`, body, { 'if-match': `"${version}"` })
}

t.test('places that a higher limit makes in preparation go to who waits, in their order', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { minMembers: 1, maxMembers: 1 })
  await givenMember(service, groupId, { studentId: students['1'] }, 'selected')
  const waiting: string[] = []
  for (const number of ['2', '3']) {
    const memberId = await givenMember(service, groupId, { studentId: students[number] }, 'proposed')
    t.match(await post(service, groupId, `members/${memberId}/selection`, { waiting: true }), { status: 201 })
    waiting.push(memberId)
  }
  const [second, third] = waiting
  t.match(await changeLimits(service, groupId, { maxMembers: 2 }), { status: 200, body: { promoted: [second] } })
  t.match((await groupOf(service, groupId)).members, [{}, { status: 'selected' }, { status: 'waiting' }])
  t.match(await changeLimits(service, groupId, { name: '高数小组' }), { status: 200, body: { promoted: [] } })
  t.match(await changeLimits(service, groupId, { maxMembers: 9 }), { status: 200, body: { promoted: [third] } })
  const { items } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline`)).body
  t.match(items.at(-1).entry, { type: 'group.changed', data: { promoted: [third] } })
})

t.test('the limit of a group that runs is never lower than the places taken, and nobody is moved up by it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { minMembers: 1, maxMembers: 2 })
  for (const number of ['1', '2']) await givenMember(service, groupId, { studentId: students[number] })
  const third = await givenMember(service, groupId, { studentId: students['3'] }, 'proposed')
  await post(service, groupId, `members/${third}/selection`, { waiting: true })
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  const note = '教室变小。'
  const lowered = await changeLimits(service, groupId, { maxMembers: 1, note })
  t.match(lowered, { status: 422, body: { code: 'limits_unfit', maxMembers: 1, placesTaken: 2 } })
  const raised = await changeLimits(service, groupId, { maxMembers: 3, note })
  t.match(raised, { status: 200, body: { promoted: [] } })
  t.match((await groupOf(service, groupId)).members, [{}, {}, { status: 'waiting' }])
  const atLeast = await changeLimits(service, groupId, { minMembers: 3, note })
  t.match(atLeast, { status: 200, body: { openItems: ['o1'] } })
})

t.test('nobody gets a place that a lower limit took away', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { minMembers: 1, maxMembers: 2 })
  const first = await givenMember(service, groupId, { studentId: students['1'] })
  await givenMember(service, groupId, { studentId: students['2'] })
  const third = await givenMember(service, groupId, { studentId: students['3'] }, 'proposed')
  t.match(await post(service, groupId, `members/${third}/selection`, { waiting: true }), { status: 201 })
  const { version } = await groupOf(service, groupId)
  const ifMatch = { 'if-match': `"${version}"` }
  const lowered = await service.call('owner', 'PATCH', `/v1/groups/${groupId}`, { maxMembers: 1 }, ifMatch)
  t.match(lowered, { status: 200, body: { maxMembers: 1 } })
  const left = await post(service, groupId, `members/${first}/leaving`, { reason: 'no_time', exitTalk: '时间冲突。' })
  t.match(left, { status: 201, body: { promotedId: null } })
})

t.test('one person is a member once, in a role the type has', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const groupId = await givenGroup(service)
  await givenMember(service, groupId, { studentId: students['1'] }, 'proposed')
  const again = await post(service, groupId, 'members', { studentId: students['1'], role: 'student' })
  t.match(again, { status: 409, body: { code: 'already_member' } })
  const asVolunteer = await post(service, groupId, 'members', { studentId: students['2'], role: 'volunteer' })
  t.match(asVolunteer, { status: 422, body: { code: 'member_role_unfit', roles: ['student'] } })
  const administrator = await post(service, groupId, 'members', { staffId: staff.administrator, role: 'worker' })
  t.match(administrator, { status: 422, body: { code: 'member_role_unfit' } })
  const gone = { externalId: 'gone', name: '韩老师', leftOn: '2026-09-13' }
  const roles = [{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: null }]
  await service.roster('staff', [{ ...gone, roles }])
  const [left] = await service.asOwner("select id from staff where external_id = 'gone'")
  for (const role of ['worker', 'volunteer'])
    t.equal((await post(service, groupId, 'members', { staffId: left?.id, role })).status, 404, `${role} who has left`)
  const nobody = await post(service, groupId, 'members', { studentId: service.institution, role: 'student' })
  t.match(nobody, { status: 404 })
  const two = await post(service, groupId, 'members', { studentId: students['2'], name: '校友', role: 'supporter' })
  t.equal(two.status, 400)
  const outside = await post(service, groupId, 'members', { name: '校友张先生', role: 'supporter' })
  t.match(outside, { status: 201, body: { status: 'proposed' } })
  const { members } = await groupOf(service, groupId)
  t.equal(members.at(-1).name, '校友张先生')
  await service.asOwner(`update groups set member_count = 200 where id = '${groupId}'`)
  t.match(await post(service, groupId, 'members', { name: '校友', role: 'supporter' }), {
    status: 409,
    body: { code: 'too_many_proposed' },
  })
  const rows = await service.asOwner('select * from group_members')
  t.notOk(JSON.stringify(rows).includes('校友'), 'the name lies sealed')
})

t.test('a member consents by own token, or a leader files how', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const memberId = await givenMember(service, groupId, { studentId: students['1'] }, 'selected')
  const consent = (account: string, body: object) =>
    service.call(account, 'POST', `/v1/groups/${groupId}/members/${memberId}/consent`, body)
  t.match(await consent('owner', {}), { status: 403, body: { code: 'signature_not_yours' } })
  t.match(await consent('owner', { method: 'oral' }), { status: 422, body: { code: 'evidence_required' } })
  t.match(await consent('student-1', { method: 'oral', note: '同意' }), { status: 403 })
  t.match(await consent('student-2', {}), { status: 404 })
  t.match(await consent('student-1', {}), { status: 201, body: { status: 'consented' } })
  t.match(await consent('student-1', {}), {
    status: 409,
    body: { code: 'member_not_movable', memberStatus: 'consented' },
  })
  const { items } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline`)).body
  t.match(items.at(-1).entry, { type: 'group.member_moved', actor: { kind: 'student' }, reason: 'own_token' })
})

t.test('nothing of one member is shown to another', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const one = await givenMember(service, groupId, { studentId: students['1'] })
  const two = await givenMember(service, groupId, { studentId: students['2'] })
  for (const memberId of [one, two]) await givenGroupRecord(service, groupId, 'member_profile', { memberId })
  const contract = await givenGroupRecord(service, groupId, 'group_contract')
  const note = await givenGroupRecord(service, groupId, 'member_note', { memberId: one, on: '2026-09-13' })
  const acceptance = await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId: one })
  const seen = await service.call('student-2', 'GET', `/v1/groups/${groupId}`)
  t.match(seen.body, { relations: ['member'], members: [{ id: two }] })
  t.equal(seen.body.members.length, 1)
  t.notOk(seen.text.includes('王晓明'))
  t.notOk('budgetLines' in seen.body)
  const read = (account: string, id: string) => service.call(account, 'GET', `/v1/groups/${groupId}/records/${id}`)
  t.equal((await read('student-2', contract)).status, 200, 'the norms are open to every member')
  t.equal((await read('student-2', acceptance)).status, 404)
  t.equal((await read('student-1', acceptance)).status, 200)
  for (const account of ['student-1', 'student-2', 'lineManager', 'practiceSupervisor', 'colleague', 'outsider'])
    t.equal((await read(account, note)).status, 404, `${account} does not see the note`)
  const listed = await service.call('student-2', 'GET', `/v1/groups/${groupId}/records`)
  t.same(
    listed.body.items.map((each: { id: string }) => each.id),
    [contract],
  )
  t.equal((await service.call('student-3', 'GET', `/v1/groups/${groupId}`)).status, 404)
})

t.test('the case team of a member reads the notes on that member alone', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const one = await givenMember(service, groupId, { studentId: students['1'] })
  const two = await givenMember(service, groupId, { studentId: students['2'] })
  const on = '2026-09-13'
  const own = await givenGroupRecord(service, groupId, 'member_note', { memberId: one, on })
  const other = await givenGroupRecord(service, groupId, 'member_note', { memberId: two, on })
  const plan = await givenGroupRecord(service, groupId, 'group_plan')
  const opened = await service.call('colleague', 'POST', '/v1/cases', { studentId: students['1'], source: 'outreach' })
  t.equal(opened.status, 201)
  const read = (id: string) => service.call('colleague', 'GET', `/v1/groups/${groupId}/records/${id}`)
  t.equal((await read(own)).status, 200)
  t.equal((await read(other)).status, 404)
  t.equal((await read(plan)).status, 404)
  t.equal((await service.call('colleague', 'GET', `/v1/groups/${groupId}`)).status, 403)
})
