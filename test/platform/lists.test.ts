import t from 'tap'
import { givenCase, givenDraft, move } from '../support/cases.ts'
import { givenSchool, givenService, type Service, type Told } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

/** Where `Link: rel="next"` leads; null at the end. */
const nextOf = (page: Told): string | null =>
  /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1] ?? null

/** Follows Link to the end. @returns the ids page by page */
const follow = async (service: Service, account: string, url: string): Promise<string[][]> => {
  const pages: string[][] = []
  for (let at: string | null = url; at !== null; ) {
    const page: Told = await service.call(account, 'GET', at)
    if (page.status !== 200) throw new Error(`${at}: ${page.text}`)
    pages.push(page.body.items.map((item: { id?: string; version?: number }) => String(item.id ?? item.version)))
    at = nextOf(page)
    if ((page.body.next === null) !== (at === null)) throw new Error('next and Link differ')
  }
  return pages
}

const manyStudents = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    number: `n${String(from + at).padStart(4, '0')}`,
    name: `学生${from + at}`,
    birthDate: '2006-01-01',
    major: '软件工程',
    grade: '2025',
    orgUnit: 'class',
  }))

t.test('Link leads through the same list: limit and filters go along', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  await service.roster('students', manyStudents(0, 6))
  const rows = await service.asOwner(`select id from students where number like 'n%' order by number`)
  const cases: string[] = []
  for (const { id } of rows) cases.push(await givenCase(service, String(id)))
  const theirs = await givenCase(service, staff['1'] as string, 'colleague')
  await move(service, cases[0] as string, { to: 'closure', reason: 'declined' })
  const mine = await follow(service, 'lineManager', `/v1/cases?limit=2&ownerId=${staff.owner}&step=investigation`)
  t.same(
    mine.map(page => page.length),
    [2, 2, 1],
  )
  t.same(mine.flat(), cases.slice(1).reverse(), 'only the owner’s, only at this step')
  t.notOk(mine.flat().includes(theirs))
  const first = await service.call('lineManager', 'GET', `/v1/cases?limit=2&ownerId=${staff.owner}&step=investigation`)
  const link = new URL(nextOf(first) as string, 'http://x')
  t.equal(link.searchParams.get('cursor'), first.body.next)
  t.equal(link.searchParams.get('ownerId'), staff.owner)
  t.equal(link.searchParams.get('limit'), '2')

  const caseId = cases[1] as string
  for (const text of ['一', '二', '三']) await givenDraft(service, caseId, 'addendum', { text })
  await givenDraft(service, caseId, 'contact')
  const addenda = await follow(service, 'owner', `/v1/cases/${caseId}/records?kind=addendum&status=draft&limit=1`)
  t.same(
    addenda.map(page => page.length),
    [1, 1, 1],
  )
  const timeline = await follow(service, 'owner', `/v1/cases/${caseId}/timeline?limit=2`)
  t.ok(timeline.length >= 2)
  t.ok(timeline.every(page => page.length <= 2))
  const units = await follow(service, 'owner', `/v1/org-units?limit=1&parentId=${await unit(service, 'school')}`)
  t.equal(units.flat().length, 2, 'college and other')
  const counsellors = await follow(service, 'owner', '/v1/staff?limit=2&role=counsellor')
  t.equal(counsellors.flat().length, 4)
  t.ok(counsellors.every(page => page.length <= 2))
})

const unit = async (service: Service, externalId: string): Promise<string> =>
  String((await service.asOwner(`select id from org_units where external_id = '${externalId}'`))[0]?.id)

t.test('clients, sources, offers and signals are read to their end, the newest first', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const source = await givenSource(service)
  const [clients, sources, transfers] = [[source.clientId], [source.id], [] as string[]]
  const make = async (account: string, url: string, body: object, headers = {}) =>
    (await service.call(account, 'POST', url, body, headers)).body.id as string
  for (const number of ['1', '2', '3']) {
    service.clock.now = new Date(service.clock.now.getTime() + 1_000)
    clients.unshift(await make('administrator', '/v1/clients', { name: number, scopes: ['signals:write'] }))
    sources.unshift(await make('administrator', '/v1/signal-sources', { name: number, kinds: ['absence'] }))
    const caseId = await givenCase(service, students[number] as string)
    const offer = { toId: staff.colleague, note: '交接' }
    transfers.unshift(await make('owner', `/v1/cases/${caseId}/transfers`, offer, { 'if-match': '"1"' }))
    t.equal((await source.send('', aSignal())).status, 202)
  }
  const pages = (account: string, url: string) => follow(service, account, `${url}?limit=3`)
  t.same(await pages('administrator', '/v1/clients'), [clients.slice(0, 3), clients.slice(3)])
  t.same(await pages('administrator', '/v1/signal-sources'), [sources.slice(0, 3), sources.slice(3)])
  t.same(await follow(service, 'colleague', '/v1/transfers?limit=2'), [transfers.slice(0, 2), transfers.slice(2)])
  const signals = await follow(service, 'owner', `/v1/students/${students['1']}/signals?limit=1`)
  t.same(
    signals.map(page => page.length),
    [1, 1, 1],
  )
})

t.test('a cursor goes on with the list it came from, and with no other', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  await service.roster('students', manyStudents(0, 4))
  const rows = await service.asOwner(`select id from students where number like 'n%' order by number`)
  const cases: string[] = []
  for (const { id } of rows) cases.push(await givenCase(service, String(id)))
  const next = async (url: string): Promise<string> =>
    encodeURIComponent((await service.call('owner', 'GET', url)).body.next)
  const get = (url: string) => service.call('owner', 'GET', url)
  const ofOwner = await next(`/v1/cases?limit=1&ownerId=${staff.owner}`)
  t.equal(
    (await get(`/v1/cases?limit=3&ownerId=${staff.owner}&cursor=${ofOwner}`)).status,
    200,
    'another limit is fine',
  )
  for (const query of [
    '',
    `&ownerId=${staff.colleague}`,
    `&ownerId=${staff.owner}&step=plan`,
    `&ownerId=${staff.owner}&status=all`,
  ])
    t.match(
      await get(`/v1/cases?limit=1${query}&cursor=${ofOwner}`),
      { status: 400, body: { code: 'bad_cursor' } },
      query,
    )
  const [one, two] = cases as [string, string]
  for (const caseId of [one, two])
    for (const text of ['一', '二']) await givenDraft(service, caseId, 'addendum', { text })
  const records = await next(`/v1/cases/${one}/records?limit=1&kind=addendum`)
  t.equal((await get(`/v1/cases/${one}/records?limit=1&kind=addendum&cursor=${records}`)).status, 200)
  t.match((await get(`/v1/cases/${one}/records?limit=1&cursor=${records}`)).body, { code: 'bad_cursor' })
  t.match((await get(`/v1/cases/${two}/records?limit=1&kind=addendum&cursor=${records}`)).body, { code: 'bad_cursor' })
  const timeline = await next(`/v1/cases/${one}/timeline?limit=1`)
  t.match((await get(`/v1/cases/${two}/timeline?limit=1&cursor=${timeline}`)).body, { code: 'bad_cursor' })
  const counsellors = await next('/v1/staff?limit=1&role=counsellor')
  t.match((await get(`/v1/staff?limit=1&role=line_manager&cursor=${counsellors}`)).body, { code: 'bad_cursor' })
  const search = (text: string, cursor?: string) =>
    service.call('owner', 'POST', '/v1/cases/search', { text, limit: 1, ...(cursor ? { cursor } : {}) })
  const found = await search('学生')
  t.equal((await search('学生', found.body.next)).status, 200)
  t.match((await search('学生1', found.body.next)).body, { code: 'bad_cursor' })
})

t.test('a larger limit is coerced to 200', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await service.roster('students', manyStudents(0, 201))
  await service.roster(
    'terms',
    Array.from({ length: 201 }, (_, at) => ({
      externalId: `t${at}`,
      name: `学期${at}`,
      startsOn: new Date(Date.UTC(1900, at, 1)).toISOString().slice(0, 10),
      endsOn: new Date(Date.UTC(1900, at, 20)).toISOString().slice(0, 10),
    })),
  )
  const page = await service.call('owner', 'GET', '/v1/terms?limit=999')
  t.equal(page.body.items.length, 200)
  t.equal(new URL(nextOf(page) as string, 'http://x').searchParams.get('limit'), '200')
  t.equal((await service.call('owner', 'GET', nextOf(page) as string)).body.items.length, 1)
  const found = await service.call('owner', 'POST', '/v1/students/search', { text: '学生', limit: 5_000 })
  t.equal(found.body.items.length, 200)
})
