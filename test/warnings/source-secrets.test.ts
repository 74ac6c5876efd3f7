import t from 'tap'
import { givenSchool, givenService } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

const url = '/v1/signal-sources'

t.test('a repeated rotation is answered as the first, without the secret, and ends no secret', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const rotate = (headers: Record<string, string>, body = {}) =>
    service.call('administrator', 'POST', `${url}/${source.id}/secret`, body, headers)
  const first = await rotate({ 'idempotency-key': 'once' })
  const { secret, ...rest } = first.body
  const again = await rotate({ 'idempotency-key': 'once' })
  t.equal(again.status, 200)
  t.same(again.body, rest)
  t.equal(again.headers.etag, first.headers.etag)
  for (const each of [source.secret, secret])
    t.equal((await source.sign('', aSignal(), { secret: each })).status, 202, 'both are good still')
  t.equal((await rotate({ 'idempotency-key': 'once' }, { overlapHours: 0 })).body.code, 'idempotency_key_reused')
  t.match((await rotate({ 'if-match': '"1"' })).body, { code: 'version_stale', version: 2 })
  t.equal((await rotate({ 'if-match': '"2"' })).body.version, 3)
  t.notMatch(JSON.stringify(await service.asOwner('select * from idempotency_keys')), /whsec/)
})

t.test('a repeated registration makes one source, and tells its secret once', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const create = (kinds: string[]) =>
    service.call('administrator', 'POST', url, { name: '教务', kinds }, { 'idempotency-key': 'once' })
  const first = await create(['absence'])
  const { secret, ...rest } = first.body
  t.match(secret, /^whsec_/)
  const again = await create(['absence'])
  t.equal(again.status, 201)
  t.same(again.body, rest)
  t.equal(again.headers.location, first.headers.location)
  t.same((await service.call('administrator', 'GET', String(first.headers.location))).body, rest)
  t.equal((await create(['progress'])).body.code, 'idempotency_key_reused')
  t.equal((await service.call('administrator', 'GET', url)).body.items.length, 1)
})
