import t from 'tap'
import { givenCase, givenRecord, move } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('sealed entries come in order, in pages, and only once sealed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  t.same((await service.call('auditor', 'GET', '/v1/journal')).body, { items: [], next: 0 }, 'nothing is sealed yet')
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).body.items.length, 1, 'own writes show')
  await service.seal()
  const all = (await service.call('auditor', 'GET', '/v1/journal?limit=200')).body
  t.same(
    all.items.map((item: { position: number }) => item.position),
    all.items.map((_: unknown, index: number) => index + 1),
    'gapless',
  )
  t.equal(all.items.at(-1).type, 'case.opened')
  t.match(all.items.at(-1).entry, { actor: { kind: 'staff' }, subject: { kind: 'case', id: caseId, version: 1 } })
  const paged = []
  for (let after = 0; ; ) {
    const { items, next } = (await service.call('auditor', 'GET', `/v1/journal?after=${after}&limit=2`)).body
    if (next === after) break
    paged.push(...items)
    after = next
  }
  t.same(paged, all.items)
})

t.test('`next` is the last position looked at, so that a reader who may see nothing gets on', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  await service.seal()
  const { items, next } = (await service.call('outsider', 'GET', '/v1/journal?limit=200')).body
  t.same(items, [])
  t.ok(next > 0)
})

t.test('who waits is answered when something is sealed, and at the end of the time', async t => {
  const service = await givenService(t, { sealing: true })
  const { students } = await givenSchool(service)
  await new Promise(resolve => setTimeout(resolve, 700))
  const { next } = (await service.call('auditor', 'GET', '/v1/journal?limit=200')).body
  const begun = Date.now()
  const waiting = service.call('auditor', 'GET', `/v1/journal?after=${next}&wait=20`)
  const caseId = await givenCase(service, students['1'] as string)
  t.match((await waiting).body.items, [{ type: 'case.opened', subjectId: caseId }])
  t.ok(Date.now() - begun < 15_000, 'long before its time is over')
  const none = await service.call('auditor', 'GET', `/v1/journal?after=${next + 1}&wait=1`)
  t.same(none.body, { items: [], next: next + 1 })
})

t.test('readings are kept out of the feed, and in the access log with their reason', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const recordId = await givenRecord(service, caseId, 'risk_screening')
  const read = (reason: string) =>
    service.call('lineManager', 'GET', `/v1/cases/${caseId}/records/${recordId}`, undefined, {
      'x-access-reason': reason,
    })
  t.equal((await read('手交接')).status, 400, 'a code, no words')
  t.equal((await read('handover_review')).status, 200)
  await service.seal()
  const feed = (await service.call('auditor', 'GET', '/v1/journal?limit=200')).body.items
  t.notOk(feed.some((item: { type: string }) => item.type === 'record.read'))
  t.equal((await move(service, caseId, { to: 'closure', reason: 'declined' })).status, 201)
  const log = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
  t.match(log, [{ entry: { type: 'record.read', reason: 'handover_review', subject: { id: recordId } } }])
})

t.test('adopting a section is reading it: once an hour, and not in the feed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const first = await givenCase(service, studentId)
  const section = await givenRecord(service, first, 'environment')
  await move(service, first, { to: 'closure', reason: 'new_situation' })
  const open = { studentId, source: 'self', predecessorId: first }
  const { caseId } = (await service.call('owner', 'POST', '/v1/cases', open)).body
  const adopt = () =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind: 'environment', adopts: section })
  for (const adopted of [await adopt(), await adopt()]) t.equal(adopted.status, 201, adopted.text)
  await service.seal()
  const feed = (await service.call('auditor', 'GET', '/v1/journal?limit=200')).body.items
  t.same(
    feed.filter((item: { type: string }) => item.type === 'record.read'),
    [],
  )
  t.equal(feed.filter((item: { type: string }) => item.type === 'record.drafted').length, 3)
  t.equal((await service.call('owner', 'GET', `/v1/cases/${first}/access-log`)).body.items.length, 1)
})
