import { gzipSync } from 'node:zlib'
import t from 'tap'
import { mediaTypesOf } from '../../src/platform/http/media-types.ts'
import { givenSchool, givenService } from '../support/service.ts'

const wrong: Readonly<Record<string, string>> = {
  'application/x-www-form-urlencoded': 'text=a%00b&to=closed',
  'application/pdf': '%PDF-1.7',
  'application/json': '{"a":1}',
  'text/plain': 'to=closed',
  'application/xml': '<a/>',
  'multipart/form-data; boundary=x': '--x--',
}

t.test('every operation takes a body of its own type only, and none that is compressed', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const authorization = `Bearer ${service.token('owner')}`
  const ids = '01936d3e-7c00-7000-8000-000000000001'
  const writing = service.app.routes.filter(route => route.method !== 'GET')
  t.ok(writing.length > 25)
  for (const route of writing) {
    const send = (headers: Record<string, string>, payload: string | Buffer) =>
      service.app.server.inject({
        method: route.method,
        url: route.path.replace(/:\w+/g, ids),
        headers: { authorization, 'idempotency-key': 'k', 'if-match': '"1"', ...headers },
        payload,
      })
    for (const [type, payload] of Object.entries(wrong)) {
      if (mediaTypesOf(route).includes(type.split(';')[0] as string)) continue
      const refused = await send({ 'content-type': type }, payload)
      t.equal(refused.statusCode, 415, `${route.operationId} ${type}: ${refused.body}`)
      t.equal(refused.json().code, 'unsupported_media_type')
      t.equal(refused.headers.accept, mediaTypesOf(route).join(', '))
    }
    const [own] = mediaTypesOf(route)
    for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity']) {
      const packed = await send({ 'content-type': own as string, 'content-encoding': encoding }, gzipSync('{}'))
      t.equal(packed.statusCode, 415, `${route.operationId} ${encoding}`)
      t.equal(packed.headers['accept-encoding'], 'identity')
    }
    const taken = await send({ 'content-type': `${own}; charset=utf-8`, 'content-encoding': 'identity' }, '{}')
    t.notMatch(taken.body, /unsupported_media_type/, `${route.operationId} takes ${own}`)
  }
})

t.test('a form is read as strictly as JSON', async t => {
  const service = await givenService(t)
  const send = async (payload: string) => {
    const answer = await service.app.server.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  const grant = 'grant_type=client_credentials'
  t.match(await send(`${grant}&client_id=a&client_secret=b`), {
    status: 401,
    body: { code: 'invalid_client', error: 'invalid_client' },
  })
  t.match(await send(`${grant}&client_id=a%00&client_secret=b`), {
    status: 400,
    body: { errors: [{ code: 'unstorable' }] },
  })
  t.match(await send(`${grant}&client_id=a&client_id=b&client_secret=c`), {
    status: 400,
    body: { code: 'invalid_request', errors: [{ pointer: '/client_id', code: 'repeated' }] },
  })
  t.match(await send('grant_type=password'), { status: 400, body: { error: 'unsupported_grant_type' } })
  t.match(await send(`${grant}&__proto__=x`), { status: 400, body: { code: 'invalid_request' } })
  t.match(await send(''), { status: 400, body: { error: 'invalid_request' } })
  t.equal((await send(`${grant}&client_secret=${'x'.repeat(9_000)}`)).status, 413)
})

t.test('what cannot be stored is refused in addresses and queries too', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const get = async (url: string) => (await service.call('owner', 'GET', url)).status
  t.equal(await get('/v1/record-kinds/a%00b'), 400)
  t.equal(await get('/v1/strategies?cause=a%00b'), 400)
  t.equal(await get('/v1/staff?role=%00'), 400)
  t.equal(await get('/v1/cases?cursor=%00'), 400)
})
