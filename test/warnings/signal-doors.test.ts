import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { secretText, signWebhook, verifyWebhook } from '../../src/kernel/webhook-signature.ts'
import { permissions } from '../../src/practice/permissions.ts'
import { givenSchool, givenService } from '../support/service.ts'
import { aSignal, givenSource, signedReceipts, storedSignals } from '../support/signals.ts'

t.test('signatures are those of the Standard Webhooks library', async t => {
  const secret = Buffer.alloc(32, 7)
  const now = new Date()
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const body = Buffer.from('{"字":1}')
  const theirs = new Webhook(secretText(secret)).sign('msg_1', now, body.toString())
  const ours = signWebhook(secret, { id: 'msg_1', timestamp, body })
  t.equal(ours, theirs)
  t.ok(
    new Webhook(secretText(secret)).verify(body.toString(), {
      'webhook-id': 'msg_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': ours,
    }),
  )
  const verify = (header: string) => verifyWebhook([secret], { id: 'msg_1', timestamp, body }, header)
  t.ok(verify(`v1,AAAA v1a,${theirs.slice(3)} ${theirs}`), 'one of several')
  t.notOk(verify(`v1a,${theirs.slice(3)}`), 'another version')
  t.notOk(verify(`${'v1,x '.repeat(16)}${theirs}`), 'not one of very many')
  t.notOk(verify(''))
})

t.test('only what a source signed, in time, is heard', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const other = await givenSource(service)
  const code = async (bent: Parameters<typeof source.sign>[2], body: unknown = aSignal()) => {
    const told = await source.sign('', body, bent)
    if (told.status === 401) t.equal(told.headers['www-authenticate'], 'StandardWebhooks')
    return told.body.code ?? told.body.result
  }
  const later = (seconds: number) => new Date(service.clock.now.getTime() + seconds * 1000)
  t.equal(await code({}), 'accepted')
  t.equal(await code({ headers: { 'webhook-signature': '' } }), 'signature_invalid', 'unsigned')
  t.equal(await code({ headers: { 'webhook-id': '' } }), 'signature_invalid')
  t.equal(await code({ headers: { 'webhook-timestamp': 'soon' } }), 'signature_invalid')
  t.equal(await code({ headers: { 'webhook-timestamp': '1' } }), 'signature_invalid', 'the moment is signed too')
  t.equal(await code({ headers: { 'webhook-id': 'other' } }), 'signature_invalid')
  t.equal(await code({ instead: JSON.stringify(aSignal()) }), 'signature_invalid', 'another body')
  t.equal(await code({ secret: other.secret }), 'signature_invalid', 'of another source')
  t.equal(await code({ source: other.id }), 'signature_invalid', 'to another source')
  t.equal(await code({ source: randomUUID() }), 'signature_invalid', 'to no source')
  t.equal(await code({ source: 'x' }), 'invalid_request')
  t.equal(await code({ at: later(-301) }), 'signature_expired')
  t.equal(await code({ at: later(301) }), 'signature_expired')
  t.match((await source.sign('', aSignal(), { at: later(301) })).body, {
    now: Math.floor(service.clock.now.getTime() / 1000),
  })
  t.equal(await code({ at: later(-300) }), 'accepted')
  t.equal(await code({ at: later(300) }), 'accepted')
  t.equal(await code({}, '{'), 'bad_json')
  t.equal(
    await code({ secret: other.secret }, '{'),
    'signature_invalid',
    'a stranger is not told what is wrong with the body',
  )
  t.equal(await code({ headers: { 'webhook-signature': 'v1,x '.repeat(1000) } }), 'signature_invalid')
  t.equal((await source.sign('/batch', { items: [] })).body.code, 'invalid_request')
  t.equal((await source.sign('/batch', `{"items":["${'x'.repeat(5_242_880)}"]}`)).status, 413)
  t.equal((await storedSignals(service)).length, 3)
  const [entry] = await service.asOwner(
    "select entry::json->'actor' as actor from journal where type = 'signals.received' limit 1",
  )
  t.same(entry?.actor, { kind: 'source', id: source.id })
  t.same(
    Object.entries(permissions)
      .filter(([, each]) => 'signed' in each)
      .map(([name]) => name),
    ['signals:send'],
    'nothing else goes without a token',
  )
  const signed = service.app.routes.filter(route => route.permission === 'signals:send').map(route => route.operationId)
  t.same(signed, ['sendSignedSignal', 'sendSignedSignals', 'listSignedReceipts'])
})

t.test('a webhook id that comes again gets the first answer again', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const items = [aSignal({ externalId: 'a' }), { nonsense: true }, aSignal({ externalId: 'b' })]
  const first = await source.sign('/batch', { items }, { id: 'msg_1' })
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  const again = await source.sign('/batch', { items }, { id: 'msg_1' })
  t.equal(again.status, 202)
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.same(again.body, first.body)
  t.equal((await source.sign('/batch', { items: [aSignal()] }, { id: 'msg_1' })).body.code, 'idempotency_key_reused')
  t.equal(
    (await source.sign('/batch', { items }, { id: 'msg_2' })).body.items[0].result,
    'duplicate',
    'known without the id too',
  )
  t.equal((await storedSignals(service)).length, 2)
})

t.test('a day later a webhook id is free again, by either door, though its row still lies there', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const doors = [
    (body: object) => source.sign('', body, { id: 'once' }),
    (body: object) => source.send('', body, { 'idempotency-key': 'twice' }),
  ]
  for (const send of doors) t.equal((await send(aSignal())).status, 202)
  service.clock.now = new Date(service.clock.now.getTime() + 86_400_000)
  for (const send of doors) {
    const other = aSignal()
    t.match((await send(other)).body, { result: 'accepted' })
    t.equal((await send(other)).headers['idempotent-replayed'], 'true', 'and kept anew')
  }
})

t.test('a rotated secret stays good for a day, unless it leaked', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const rotate = async (overlapHours?: number) =>
    (
      await service.call(
        'administrator',
        'POST',
        `/v1/signal-sources/${source.id}/secret`,
        overlapHours === undefined ? {} : { overlapHours },
      )
    ).body
  const works = async (secret: string) => (await source.sign('', aSignal(), { secret })).status === 202
  const second = await rotate()
  t.match(second.secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  t.equal(second.previousUntil, '2026-09-15T02:00:00.000Z')
  t.ok(await works(source.secret))
  t.ok(await works(second.secret))
  service.clock.now = new Date('2026-09-15T01:59:59.000Z')
  t.ok(await works(source.secret), 'within the day')
  t.equal((await signedReceipts(service, source)).status, 200)
  service.clock.now = new Date('2026-09-15T02:00:00.000Z')
  t.notOk(await works(source.secret), 'after it')
  t.equal((await signedReceipts(service, source)).status, 401)
  t.ok(await works(second.secret))
  const third = await rotate(0)
  t.notOk(await works(second.secret), 'a leaked one ends at once')
  t.ok(await works(third.secret))
  const entries = await service.asOwner(
    "select entry::json->'subject' as subject, entry from journal where type = 'source.secret_rotated' order by seq",
  )
  t.match(entries, [{ subject: { version: 2 } }, { subject: { version: 3 } }])
  t.notMatch(JSON.stringify(entries), /whsec/)
  const [row] = await service.asOwner('select * from signal_sources')
  t.notMatch(JSON.stringify(row), new RegExp(third.secret.slice(6, 20).replaceAll('+', '\\+')), 'kept wrapped')
  t.equal(
    (await service.call('administrator', 'POST', `/v1/signal-sources/${source.id}/secret`, { overlapHours: 25 }))
      .status,
    400,
  )
})

t.test('the registry: terms of a source, and who may set them', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const url = '/v1/signal-sources'
  const terms = { name: '教务', kinds: ['failed_course'] }
  const make = (body: object) => service.call('administrator', 'POST', url, body)
  const made = await make(terms)
  t.equal(made.status, 201)
  t.equal(made.headers.location, `${url}/${made.body.id}`)
  t.match(made.body, { dailyQuota: 20_000, clientId: null, disabled: false, version: 1 })
  t.equal((await make(terms)).body.code, 'source_exists')
  t.match((await make({ name: 'x', kinds: ['absence'], clientId: randomUUID() })).body, {
    code: 'invalid_request',
    errors: [{ pointer: '/clientId' }],
  })
  t.equal((await make({ name: 'x', kinds: ['nonsense'] })).status, 400)
  t.equal((await make({ name: 'x', kinds: [] })).status, 400)
  const client = (await service.call('administrator', 'POST', '/v1/clients', { name: 'c', scopes: ['signals:write'] }))
    .body
  t.equal((await make({ name: 'y', kinds: ['absence'], clientId: client.id })).status, 201)
  t.equal((await make({ name: 'z', kinds: ['absence'], clientId: client.id })).body.code, 'client_already_linked')
  const one = `${url}/${made.body.id}`
  const read = await service.call('administrator', 'GET', one)
  t.equal(read.headers.etag, '"1"')
  t.notOk('secret' in read.body, 'told once')
  const patch = (body: object, version = '"1"') =>
    service.call('administrator', 'PATCH', one, body, { 'if-match': version })
  t.equal((await service.call('administrator', 'PATCH', one, {})).status, 428)
  t.match((await patch({ dailyQuota: 5 }, '"9"')).body, { code: 'version_stale', version: 1 })
  t.match((await patch({ clientId: randomUUID() })).body, { code: 'invalid_request' })
  t.equal((await patch({ clientId: client.id })).body.code, 'client_already_linked')
  const changed = await patch({ dailyQuota: 5, kinds: ['absence', 'progress'], name: '教务处' })
  t.match(changed.body, { dailyQuota: 5, kinds: ['absence', 'progress'], name: '教务处', version: 2 })
  t.same((await service.call('administrator', 'GET', one)).body, changed.body)
  t.equal((await patch({ name: 'y' }, '"2"')).body.code, 'source_exists')
  const [entry] = await service.asOwner("select entry::json as entry from journal where type = 'source.changed'")
  t.match(entry?.entry, { fields: ['dailyQuota', 'kinds', 'name'], data: { dailyQuota: 5, disabled: false } })
  t.equal((await service.call('administrator', 'GET', url)).body.items.length, 2)
  t.equal((await service.call('administrator', 'GET', `${url}/${randomUUID()}`)).status, 404)
  for (const account of ['owner', 'lineManager', 'auditor', 'keyHolder', 'student-1', 'machine', 'nobody']) {
    t.equal((await service.call(account, 'GET', url)).status, 403, account)
    t.equal((await service.call(account, 'GET', one)).status, 403, account)
    t.equal((await service.call(account, 'POST', url, terms)).status, 403, account)
    t.equal((await service.call(account, 'POST', `${one}/secret`, {})).status, 403, account)
    t.equal((await service.call(account, 'PATCH', one, { disabled: true }, { 'if-match': '"2"' })).status, 403, account)
  }
})

t.test('a disabled source is heard no more, and says so only to itself', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const disable = (disabled: boolean, version: number) =>
    service.call(
      'administrator',
      'PATCH',
      `/v1/signal-sources/${source.id}`,
      { disabled },
      { 'if-match': `"${version}"` },
    )
  await disable(true, 1)
  t.equal((await source.sign('', aSignal())).body.code, 'source_disabled')
  t.equal((await source.send('', aSignal())).body.code, 'source_disabled')
  t.equal((await source.receipts()).body.code, 'source_disabled')
  t.equal((await signedReceipts(service, source)).body.code, 'source_disabled')
  t.equal((await source.sign('', aSignal(), { secret: secretText(Buffer.alloc(32)) })).body.code, 'signature_invalid')
  await disable(false, 2)
  t.equal((await source.sign('', aSignal())).status, 202)
})

t.test('kinds and quota of a source', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service, { kinds: ['absence'], dailyQuota: 3 })
  t.match((await source.sign('', aSignal())).body, { status: 403, code: 'kind_not_permitted', kinds: ['absence'] })
  const absence = (externalId: string) => aSignal({ externalId, kind: 'absence' })
  t.equal((await source.send('/batch', { items: [absence('a'), absence('b')] })).status, 202)
  const refused = await source.sign('/batch', { items: [absence('c'), absence('d')] })
  t.equal(refused.status, 429)
  t.equal(refused.body.code, 'quota_exhausted')
  t.equal(refused.body.dailyQuota, 3)
  t.equal(refused.headers['retry-after'], String(14 * 3600), 'until midnight in Shanghai')
  t.equal((await storedSignals(service)).length, 2, 'nothing of it was taken')
  t.equal((await source.send('', absence('a'))).body.result, 'duplicate', 'what is known costs nothing')
  t.equal((await source.send('', absence('c'))).status, 202)
  t.equal((await source.send('', absence('d'))).status, 429)
  service.clock.now = new Date('2026-09-14T16:00:00.000Z')
  t.equal((await source.send('', absence('d'))).status, 202, 'a new day in Shanghai')
})

t.test('machine clients send as the source they are linked to, or not at all', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  t.equal((await service.call('machine', 'POST', '/v1/signals', aSignal())).body.code, 'no_source_linked')
  t.equal((await service.call('machine', 'GET', '/v1/signals/receipts')).body.code, 'no_source_linked')
  const without = service.token(source.clientId, { scopes: ['reports:read'], clientId: source.clientId })
  const refused = await source.send('', aSignal(), { authorization: `Bearer ${without}` })
  t.equal(refused.body.code, 'not_permitted')
  t.equal((await source.send('', aSignal(), { authorization: '' })).status, 401)
  const revoked = await service.call('administrator', 'DELETE', `/v1/clients/${source.clientId}`, undefined, {
    'if-match': '"1"',
  })
  t.equal(revoked.status, 204)
  t.equal((await source.send('', aSignal())).body.code, 'no_source_linked', 'a revoked client')
})
