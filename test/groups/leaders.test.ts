import t from 'tap'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service, type Told } from '../support/service.ts'

const endCoLeader = async (service: Service, groupId: string, staffId: string, account = 'owner'): Promise<Told> =>
  service.call(account, 'DELETE', `/v1/groups/${groupId}/co-leaders/${staffId}`, undefined, {
    'if-match': `"${(await groupOf(service, groupId, 'lineManager')).version}"`,
  })

const change = async (service: Service, groupId: string, body: object, account = 'owner'): Promise<Told> =>
  service.call(account, 'PATCH', `/v1/groups/${groupId}`, body, {
    'if-match': `"${(await groupOf(service, groupId)).version}"`,
  })

t.test('a co-leader leads along from today until they are ended', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const add = (account: string, by = 'owner') => post(service, groupId, 'co-leaders', { staffId: staff[account] }, by)
  t.match(await add('owner'), { status: 409, body: { code: 'already_owner' } })
  t.match(await add('auditor'), { status: 422, body: { code: 'staff_unfit' } })
  t.equal((await service.call('coWorker', 'GET', `/v1/groups/${groupId}`)).status, 404)
  t.match(await add('coWorker'), { status: 201, body: { staffId: staff.coWorker } })
  t.match(await add('coWorker', 'lineManager'), { status: 409, body: { code: 'already_on_team' } })
  t.match((await groupOf(service, groupId, 'coWorker')).relations, ['co_leader'])
  const written = await givenGroupRecord(service, groupId, 'group_plan', {}, 'coWorker')
  t.ok(written)
  t.match(await add('colleague', 'coWorker'), { status: 403, body: { code: 'not_permitted' } })
  t.match(await endCoLeader(service, groupId, staff.coWorker as string), { status: 200 })
  t.match(await endCoLeader(service, groupId, staff.coWorker as string), { status: 404 })
  t.equal((await service.call('coWorker', 'GET', `/v1/groups/${groupId}`)).status, 404)
  t.match(await add('coWorker'), { status: 201 }, 'and leads along again')
})

t.test('the line manager gives a group to another leader, nobody else does', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const give = (to: string, more: object = {}, account = 'lineManager') =>
    post(service, groupId, 'reassignments', { toId: staff[to], reason: 'owner_left', ...more }, account)
  t.match(await give('colleague', {}, 'owner'), { status: 403, body: { code: 'not_permitted' } })
  t.match(await give('owner'), { status: 409, body: { code: 'already_owner' } })
  t.match(await give('administrator'), { status: 422, body: { code: 'staff_unfit' } })
  t.match(await give('colleague', { reason: 'other' }), { status: 422, body: { code: 'note_required' } })
  t.match(await give('colleague'), { status: 201, body: { leaderId: staff.colleague } })
  t.equal((await service.call('owner', 'GET', `/v1/groups/${groupId}`)).status, 404)
  t.match(await groupOf(service, groupId, 'colleague'), { leader: { id: staff.colleague }, relations: ['leader'] })
  const { items } = (await service.call('colleague', 'GET', `/v1/groups/${groupId}/timeline`)).body
  t.match(items.at(-1).entry, { type: 'group.reassigned', reason: 'owner_left', data: { fromId: staff.owner } })
})

t.test('name, limits and type change; another type brings its own rule and roles', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { type: 'paired', minMembers: 2 })
  t.match(await change(service, groupId, { name: '结对学高数' }), { status: 200 })
  t.match(await groupOf(service, groupId), { name: '结对学高数', minMembers: 2, maxMembers: 3 })
  t.match(await change(service, groupId, { minMembers: 4 }), { status: 422, body: { code: 'limits_unfit' } })
  t.match(await change(service, groupId, { type: 'no_such' }), { status: 422, body: { code: 'group_type_unknown' } })
  t.match(await change(service, groupId, { name: '外人改名' }, 'lineManager'), { status: 403 })
  const one = await givenMember(service, groupId, { studentId: students['1'] })
  const helper = await givenMember(service, groupId, { studentId: students['2'], role: 'volunteer' })
  const unfit = await change(service, groupId, { type: 'growth' })
  t.match(unfit, { status: 422, body: { code: 'member_role_unfit', roles: ['student', 'worker', 'supporter'] } })
  await post(service, groupId, 'pairs', { volunteerId: helper, studentId: one })
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  await service.asOwner(`update group_members set status = 'active' where group_id = '${groupId}'`)
  const left = { reason: 'moved_group', exitTalk: '谈过。' }
  const told = await post(service, groupId, `members/${helper}/leaving`, left)
  t.match(told, { status: 201, body: { openItems: ['o1', 'o2'] } })
  t.match(await change(service, groupId, { type: 'growth', minMembers: 1 }), {
    status: 422,
    body: { code: 'note_required' },
  })
  await givenGroupRecord(service, groupId, 'member_profile', { memberId: one })
  t.match(await change(service, groupId, { type: 'growth', minMembers: 1, note: '志愿者离组。' }), { status: 200 })
  for (const id of ['o1', 'o2'])
    t.match(await post(service, groupId, `open-items/${id}/resolution`, { resolution: 'type_changed' }), {
      status: 201,
    })
  t.match(await groupOf(service, groupId), { type: 'growth', composition: { rule: 'homogeneous' }, minMembers: 1 })
  t.match(await change(service, groupId, { minMembers: 2, note: '再招一人。' }), { status: 200 })
  t.match((await groupOf(service, groupId)).openItems.at(-1), { id: 'o3', kind: 'below_minimum', resolution: null })
})
