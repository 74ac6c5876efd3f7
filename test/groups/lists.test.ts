import t from 'tap'
import { givenGroup, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

interface Item {
  readonly id: string
}

/** Every page of a list, two a page. */
const pagesOf = async (service: Service, account: string, query = ''): Promise<string[]> => {
  const ids: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const at: string = cursor === '' ? '' : `&cursor=${cursor}`
    const { body } = await service.call(account, 'GET', `/v1/groups?limit=2${query}${at}`)
    ids.push(...body.items.map((each: Item) => each.id))
    cursor = body.next
  }
  return ids
}

/** Five groups: of the leader, of a colleague, of another unit, one cancelled, one led along. Newest last. */
const givenGroups = async (service: Service) => {
  const { staff, students } = await givenSchool(service)
  const [unit] = await service.asOwner(`select id from org_units where external_id = 'other'`)
  const later = () => {
    service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  }
  const own = await givenGroup(service, { name: '高数互助小组' })
  later()
  const colleagues = await givenGroup(service, { name: '英语角', type: 'paired' }, 'colleague')
  later()
  const elsewhere = await givenGroup(service, { orgUnitId: unit?.id }, 'outsider')
  later()
  const cancelled = await givenGroup(service, { name: '已取消的小组' })
  const told = await service.call(
    'owner',
    'POST',
    `/v1/groups/${cancelled}/transitions`,
    { to: 'cancelled', reason: 'need_lapsed', note: '需求已不存在。' },
    { 'if-match': '"1"' },
  )
  if (told.status !== 201) throw new Error(told.text)
  later()
  const along = await givenGroup(service, { name: '线代小组' }, 'colleague')
  await post(service, along, 'co-leaders', { staffId: staff.owner }, 'colleague')
  await givenMember(service, colleagues, { studentId: students['1'] }, 'consented', 'colleague')
  await givenMember(service, own, { studentId: students['1'] }, 'proposed')
  await givenMember(service, along, { staffId: staff.outsider, role: 'worker' }, 'selected', 'colleague')
  return { own, colleagues, elsewhere, cancelled, along }
}

t.test('everybody lists the groups they stand in a relation to, newest first, page by page', async t => {
  const service = await givenService(t)
  const { own, colleagues, elsewhere, cancelled, along } = await givenGroups(service)
  const expected: Record<string, string[]> = {
    owner: [along, own],
    colleague: [along, colleagues],
    outsider: [along, elsewhere],
    lineManager: [along, colleagues, own],
    practiceSupervisor: [along, colleagues, own],
    otherLineManager: [elsewhere],
    coWorker: [],
    'student-1': [colleagues],
    'student-2': [],
  }
  for (const [account, ids] of Object.entries(expected)) t.same(await pagesOf(service, account), ids, account)
  t.same(await pagesOf(service, 'lineManager', '&status=all'), [along, cancelled, colleagues, own])
  t.same(await pagesOf(service, 'lineManager', '&status=ended'), [cancelled])
  t.same(await pagesOf(service, 'lineManager', '&type=paired'), [colleagues])
  t.same(await pagesOf(service, 'lineManager', '&step=early'), [])
})

t.test('who only takes part is told of no open items, in a list as in the group itself', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const groupId = await givenGroup(service, { type: 'paired' })
  const volunteers = ['outsider', 'lineManager', 'colleague']
  for (const account of volunteers)
    await givenMember(service, groupId, {
      staffId: staff[account],
      role: account === 'outsider' ? 'worker' : 'volunteer',
    })
  await givenMember(service, groupId, { studentId: students['1'] })
  await post(service, groupId, 'co-leaders', { staffId: staff.colleague })
  await service.asOwner(`insert into group_open_items (institution_id, group_id, id, place, kind, due_on, opened_version)
    values ('${service.institution}', '${groupId}', 'o1', 1, 'below_minimum', '2026-09-28', 1)`)
  const seen: Record<string, number | null> = {
    owner: 1,
    practiceSupervisor: 1,
    lineManager: 1,
    colleague: 1,
    outsider: null,
    'student-1': null,
  }
  for (const [account, openItems] of Object.entries(seen)) {
    const listed = (await service.call(account, 'GET', '/v1/groups')).body.items
    const found = (await service.call(account, 'POST', '/v1/groups/search', { text: '小组' })).body.items
    const own = await groupOf(service, groupId, account)
    t.match([listed, found], [[{ id: groupId, openItems }], [{ id: groupId, openItems }]], account)
    t.equal(own.openItems?.length ?? null, openItems, `${account} in the group itself`)
  }
})

t.test('groups are found by number and by part of the name, among those one may see', async t => {
  const service = await givenService(t)
  const { own, colleagues } = await givenGroups(service)
  const find = async (account: string, text: string) =>
    (await service.call(account, 'POST', '/v1/groups/search', { text })).body.items.map((each: Item) => each.id)
  t.same(await find('owner', '高数'), [own])
  t.same(await find('owner', 'G2026-0001'), [own])
  t.same(await find('colleague', '英语'), [colleagues])
  t.same(await find('owner', '英语'), [])
  t.same(await find('lineManager', '%小组'), [], 'text is text')
})

t.test('bad input is told where, and changes nothing', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const rows = await service.asOwner(`select external_id, id from org_units where external_id in ('dept', 'other')`)
  const [dept, other] = ['dept', 'other'].map(key => String(rows.find(row => row.external_id === key)?.id))
  const good = { name: '小组', type: 'growth', orgUnitId: dept }
  const open = (more: object) => service.call('owner', 'POST', '/v1/groups', { ...good, ...more })
  t.match(await open({ orgUnitId: other }), { status: 404 }, 'a unit that is not theirs')
  t.match(await open({ type: 'study' }), { status: 422, body: { code: 'group_type_unknown' } })
  t.match(await open({ minMembers: 9, maxMembers: 3 }), { status: 422, body: { code: 'limits_unfit' } })
  for (const bad of [{ name: '' }, { minMembers: 0 }, { maxMembers: 101 }, { leader: 'x' }, { orgUnitId: 1 }])
    t.match(await open(bad), { status: 400, body: { code: 'invalid_request' } }, JSON.stringify(bad))
  t.match(await open({ name: 'a\u0000b' }), { status: 400, body: { code: 'bad_json' } })
  const get = (url: string) => service.call('owner', 'GET', url)
  t.match(await get('/v1/groups?cursor=x'), { status: 400, body: { code: 'bad_cursor' } })
  t.match(await get('/v1/groups?step=limbo'), { status: 400 })
  t.match(await get('/v1/groups?owner=me'), { status: 400 })
  t.match(await get('/v1/groups/not-an-id'), { status: 400 })
  const { count } = (await service.asOwner('select count(*)::int from groups'))[0] as { count: number }
  t.equal(count, 0)
})
