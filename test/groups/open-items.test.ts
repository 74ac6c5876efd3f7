import t from 'tap'
import { earnGroup, moveGroup } from '../support/group-way.ts'
import { givenGroup, givenGroupRecord, givenMember, groupOf, guardianAgrees, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

/** A group that runs: moved there by the database’s owner, for what is earned on the way is tested elsewhere. */
const givenRunning = async (service: Service, body: Record<string, unknown>, persons: Record<string, unknown>[]) => {
  const groupId = await givenGroup(service, body)
  const ids: string[] = []
  for (const person of persons) ids.push(await givenMember(service, groupId, person))
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  await service.asOwner(`update group_members set status = 'active' where group_id = '${groupId}'`)
  return { groupId, ids }
}

const leaving = { reason: 'no_time', exitTalk: '谈过一次,时间冲突。', attainment: 0, onwardPath: 'peer' }

t.test('who leaves leaves nothing unsaid, and a group below its minimum has an open item', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { groupId, ids } = await givenRunning(service, { minMembers: 2 }, [
    { studentId: students['1'] },
    { studentId: students['2'] },
  ])
  const [one] = ids
  const bare = await post(service, groupId, `members/${one}/leaving`, { reason: 'no_time' })
  t.match(bare, { status: 422, body: { code: 'leaving_incomplete' } })
  t.same(
    bare.body.errors.map((each: { pointer: string }) => each.pointer),
    ['/exitTalk', '/attainment', '/onwardPath'],
  )
  t.match(await post(service, groupId, `members/${one}/leaving`, { ...leaving, on: '2026-09-15' }), { status: 422 })
  const left = await post(service, groupId, `members/${one}/leaving`, leaving)
  t.match(left, { status: 201, body: { openItems: ['o1'], promotedId: null } })
  const group = await groupOf(service, groupId)
  t.match(group.openItems, [{ id: 'o1', kind: 'below_minimum', dueOn: '2026-09-28', resolution: null }])
  const { transitions } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/transitions`)).body
  const edge = transitions.find((each: { to: string }) => each.to === 'middle')
  t.ok(
    edge.requirements.some(
      (each: { check: string; met: boolean }) => each.check === 'open_items_are_resolved' && !each.met,
    ),
  )
  const resolve = (body: object) => post(service, groupId, 'open-items/o1/resolution', body as Record<string, unknown>)
  t.match(await resolve({ resolution: 'recruited' }), {
    status: 422,
    body: { code: 'resolution_unfit', missing: ['below_minimum'] },
  })
  t.match(await resolve({ resolution: 'goes_on' }), { status: 422, body: { code: 'note_required' } })
  const third = await givenMember(service, groupId, { studentId: students['3'] })
  t.match(
    (await groupOf(service, groupId)).members.at(-1),
    { id: third, status: 'active' },
    'no norms yet: active at once',
  )
  t.match(await resolve({ resolution: 'recruited' }), { status: 201, body: { kind: 'below_minimum' } })
  t.match(await resolve({ resolution: 'recruited' }), { status: 409, body: { code: 'open_item_settled' } })
})

t.test('the move that ends a group early, or cancels it, resolves what is left', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  for (const [to, reason] of [
    ['ending', 'too_few_members'],
    ['cancelled', 'no_leader'],
  ] as const) {
    const { groupId } = await givenRunning(service, { minMembers: 2 }, [
      { studentId: students['1'] },
      { studentId: students['2'] },
    ])
    await post(service, groupId, 'members/m1/leaving', leaving)
    t.match(await post(service, groupId, 'open-items/o1/resolution', { resolution: 'ended_early' }), { status: 400 })
    await earnGroup(service, groupId, to, reason)
    const told = await moveGroup(service, groupId, { to, reason, note: '余下成员不愿继续。' })
    t.equal(told.status, 201, told.text)
    t.match((await groupOf(service, groupId)).openItems, [{ id: 'o1', resolution: 'ended_early' }])
  }
})

t.test('where norms are in force who joins late is active once they accept them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { groupId } = await givenRunning(service, {}, [{ studentId: students['1'] }, { studentId: students['2'] }])
  await givenGroupRecord(service, groupId, 'group_contract')
  const bare = await post(service, groupId, 'members', { studentId: students['3'], role: 'student' })
  t.match(bare, { status: 422, body: { code: 'note_required' } })
  const late = await givenMember(service, groupId, { studentId: students['3'] })
  t.match((await groupOf(service, groupId)).members.at(-1), { id: late, status: 'consented' })
  await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId: late })
  t.match((await groupOf(service, groupId)).members.at(-1), { id: late, status: 'active', normsAccepted: true })
})

t.test('who joins late and breaks the composition is an open item, and so is a profile that does', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const needs = ['course:MATH101']
  for (const number of ['1', '2']) {
    const memberId = await givenMember(service, groupId, { studentId: students[number] })
    await givenGroupRecord(service, groupId, 'member_profile', { memberId, needs })
  }
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  const late = await givenMember(service, groupId, { studentId: students['3'] }, 'selected')
  await guardianAgrees(service, groupId, late)
  const joined = await post(service, groupId, `members/${late}/consent`, { method: 'oral', note: '面谈同意。' })
  t.match(joined, { status: 201, body: { status: 'active', openItems: ['o1'] } })
  const items = async () => (await groupOf(service, groupId)).openItems
  t.match(await items(), [{ id: 'o1', kind: 'composition_broken', resolution: null }])
  const resolve = (id: string, body: Record<string, unknown>) =>
    post(service, groupId, `open-items/${id}/resolution`, body)
  t.match(await resolve('o1', { resolution: 'recruited' }), { status: 422, body: { code: 'resolution_unfit' } })
  await givenGroupRecord(service, groupId, 'member_profile', { memberId: late, needs })
  t.match(await resolve('o1', { resolution: 'recruited' }), { status: 201 })
  t.equal((await items()).length, 1, 'a profile that mends it raises nothing')
  await givenGroupRecord(service, groupId, 'member_profile', { memberId: late, needs: ['course:ENG101'] })
  t.match(await items(), [{ id: 'o1' }, { id: 'o2', kind: 'composition_broken', resolution: null }])
  t.match(await resolve('o2', { resolution: 'goes_on', note: '仍愿一起学习。' }), { status: 201 })
})

t.test('pairs keep to the rule, and one that breaks is an open item until mended', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const groupId = await givenGroup(service, { type: 'paired' })
  const one = await givenMember(service, groupId, { studentId: students['1'] })
  const helper = await givenMember(service, groupId, { studentId: students['2'], role: 'volunteer' })
  const second = await givenMember(service, groupId, { staffId: staff.colleague, role: 'volunteer' })
  const composition = async () => (await service.call('owner', 'GET', `/v1/groups/${groupId}/composition`)).body
  t.match(await composition(), { fits: false, breaches: [{ memberId: one, code: 'not_paired' }, {}, {}] })
  const pair = { volunteerId: helper, studentId: one }
  t.match(await post(service, groupId, 'pairs', { volunteerId: one, studentId: helper }), { status: 422 })
  t.match(await post(service, groupId, 'pairs', pair), { status: 201 })
  t.match(await post(service, groupId, 'pairs', pair), { status: 409, body: { code: 'pair_exists' } })
  t.match(await post(service, groupId, 'pairs', { volunteerId: second, studentId: one }), { status: 201 })
  t.match(await composition(), { fits: true, breaches: [] })
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  const { version } = await groupOf(service, groupId)
  const ended = await service.call('owner', 'DELETE', `/v1/groups/${groupId}/pairs/${second}/${one}`, undefined, {
    'if-match': `"${version}"`,
  })
  t.match(ended, { status: 200, body: { openItems: ['o1'] } })
  t.match((await groupOf(service, groupId)).openItems, [{ kind: 'pair_broken' }])
  await post(service, groupId, 'pairs', { volunteerId: second, studentId: one })
  t.match(await post(service, groupId, 'open-items/o1/resolution', { resolution: 're_paired' }), { status: 201 })
})

t.test('pairs end with the rule that knows them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await service.call(
    'administrator',
    'PUT',
    '/v1/group-types/circle',
    {
      title: { en: 'Study circle', zh: '读书会' },
      composition: { rule: 'open' },
      minMembers: 1,
      maxMembers: 5,
      roles: ['student', 'volunteer'],
    },
    { 'if-match': '"0"' },
  )
  const groupId = await givenGroup(service, { type: 'paired' })
  const studentId = await givenMember(service, groupId, { studentId: students['1'] })
  const volunteerId = await givenMember(service, groupId, { studentId: students['2'], role: 'volunteer' })
  await post(service, groupId, 'pairs', { volunteerId, studentId })
  const change = async (type: string) => {
    const { version } = await groupOf(service, groupId)
    const told = await service.call('owner', 'PATCH', `/v1/groups/${groupId}`, { type }, { 'if-match': `"${version}"` })
    t.equal(told.status, 200, told.text)
    return (await groupOf(service, groupId)).pairs
  }
  t.same(await change('paired'), [{ volunteerId, studentId }])
  t.same(await change('circle'), [])
  t.same(await change('paired'), [], 'and do not come back with it')
  t.match(await post(service, groupId, 'pairs', { volunteerId, studentId }), { status: 201 })
})

t.test('types are data of the institution', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const circle = {
    title: { en: 'Study circle', zh: '读书会' },
    composition: { rule: 'open' },
    minMembers: 1,
    maxMembers: 5,
    roles: ['student'],
  }
  const put = (body: object, version: number) =>
    service.call('administrator', 'PUT', '/v1/group-types/circle', body, { 'if-match': `"${version}"` })
  t.match(await put({ ...circle, minMembers: 6 }, 0), { status: 422, body: { code: 'limits_unfit' } })
  const lacking = (roles: string[]) => ({ status: 422, body: { code: 'type_roles_lacking', roles } })
  const pairs = { rule: 'paired', volunteersPerStudent: 1, studentsPerVolunteer: 1 }
  t.match(await put({ ...circle, composition: pairs }, 0), lacking(['volunteer']), 'a pair has two sides')
  t.match(await put({ ...circle, roles: ['worker'] }, 0), lacking(['student']), 'workers count toward no limit')
  t.match(await put(circle, 0), { status: 200, body: { code: 'circle', version: 1 } })
  t.match(await put(circle, 0), { status: 412, body: { code: 'version_stale' } })
  const groupId = await givenGroup(service, { type: 'circle', minMembers: null, maxMembers: null })
  t.match(await groupOf(service, groupId), { type: 'circle', minMembers: 1, maxMembers: 5, roles: ['student'] })
  t.match(await put({ ...circle, active: false }, 1), { status: 200, body: { version: 2 } })
  const [unit] = await service.asOwner(`select id from org_units where external_id = 'dept'`)
  const body = { name: '读书会', type: 'circle', orgUnitId: unit?.id }
  const refused = await service.call('owner', 'POST', '/v1/groups', body)
  t.match(refused, { status: 422, body: { code: 'group_type_unknown', types: ['growth', 'paired', 'mutual_aid'] } })
})
