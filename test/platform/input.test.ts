import t from 'tap'
import { givenCase, move } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('bad input is a clear problem, and nothing is lost', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const headers = {
    authorization: `Bearer ${service.token('owner')}`,
    'content-type': 'application/json',
    'idempotency-key': 'k',
    'if-match': '"1"',
  }
  const url = `/v1/cases/${caseId}/transitions`
  const send = async (payload: string | Buffer, more: Record<string, string> = {}) => {
    const response = await service.app.server.inject({ method: 'POST', url, headers: { ...headers, ...more }, payload })
    t.match(String(response.headers['content-type']), /application\/problem\+json/)
    t.match(response.json(), { type: /^\/problems\//, code: /./, requestId: /./, instance: url })
    t.equal(response.headers['cache-control'], 'private, no-store')
    t.match(response.headers.vary, /Authorization, Accept-Language/)
    const { code } = response.json()
    return { status: response.statusCode, code, body: response.json(), etag: response.headers.etag }
  }
  t.match(await send('{"to":"agreement","extra":1}'), {
    status: 400,
    code: 'invalid_request',
    body: { errors: [{ pointer: '/extra', code: 'unknown_member' }] },
  })
  t.match(await send('{"to":7}'), { status: 400, body: { errors: [{ pointer: '/to' }] } })
  t.match(await send('{"to":'), { status: 400, code: 'bad_json' })
  t.match(await send(''), { status: 400 })
  t.match(await send('{"to":"agreement","to":"closed"}'), { status: 400, code: 'bad_json' }, 'a key twice')
  t.match(
    await send('{"to":"agreement","\\u0074o":"closed"}'),
    { status: 400, code: 'bad_json' },
    'a key twice in disguise',
  )
  t.match(
    await send(`{"to":"agreement","to"${' '.repeat(100)}:"closed"}`),
    { status: 400, code: 'bad_json' },
    'a key twice, its colon far away',
  )
  t.match(
    await send(`{"to":"agreement","note":${'['.repeat(64)}${']'.repeat(64)}}`),
    { status: 400, code: 'bad_json' },
    'too deep',
  )
  t.match(await send('{"to":"closure","reason":"other","note":"a\\u0000b"}'), { status: 400, code: 'bad_json' }, 'NUL')
  t.match(
    await send('{"to":"closure","reason":"other","note":"\\ud800"}'),
    { status: 400, code: 'bad_json' },
    'a lone surrogate',
  )
  t.match(await send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])), { status: 400, code: 'bad_json' }, 'bad UTF-8')
  t.match(await send('{"__proto__":{"to":"closed"}}'), { status: 400 })
  t.match(
    await send(`{"to":"closure","reason":"other","note":"${'x'.repeat(2001)}"}`),
    { status: 400 },
    'beyond a boundary',
  )
  t.match(
    await send(`{"note":"${'x'.repeat(1_048_576)}"}`),
    { status: 413, code: 'payload_too_large' },
    '1 MiB and more',
  )
  t.match(await send('to=closed', { 'content-type': 'text/plain' }), { status: 415, code: 'unsupported_media_type' })
  t.match(await send('{"to":"agreement"}', { 'if-match': '1' }), { status: 400 }, 'a version without quotes')
  t.match(await send('{"to":"agreement"}', { 'if-match': '*' }), { status: 400 })
  t.match(await send('{"to":"agreement"}', { 'idempotency-key': 'x'.repeat(201) }), { status: 400 })
  const { 'if-match': _, ...without } = headers
  const missing = await service.app.server.inject({
    method: 'POST',
    url,
    headers: without,
    payload: '{"to":"agreement"}',
  })
  t.equal(missing.statusCode, 428)
  const stale = await send('{"to":"agreement"}', { 'if-match': '"9"' })
  t.match(stale, { status: 412, code: 'version_stale', body: { version: 1 }, etag: '"1"' })
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.version, 1, 'nothing happened')
  t.equal(
    (await move(service, caseId, { to: 'closure', reason: 'other', note: `${'字'.repeat(2000)}` })).status,
    201,
    'up to the boundary',
  )
})

t.test('addresses, methods, parameters and tokens that do not fit', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const get = (url: string, headers: Record<string, string> = { authorization: `Bearer ${service.token('owner')}` }) =>
    service.app.server.inject({ url, headers })
  t.match((await get('/v1/cases?limt=5')).json(), { status: 400, errors: [{ pointer: '/query/limt' }] })
  t.equal((await get('/v1/cases?limit=0')).statusCode, 400)
  t.equal((await get('/v1/cases?limit=999')).statusCode, 200, 'larger is coerced')
  t.match((await get('/v1/cases?cursor=abc.def')).json(), { code: 'bad_cursor' })
  t.equal((await get('/v1/cases/not-an-id')).statusCode, 400)
  t.match((await get('/v1/nowhere')).json(), { status: 404, code: 'not_found' })
  t.match((await get('/v1/%zz')).json(), { code: 'not_found' })
  const put = await service.app.server.inject({ method: 'PUT', url: '/v1/cases' })
  t.equal(put.statusCode, 405)
  t.equal(put.headers.allow, 'GET, HEAD, POST')
  const none = await get('/v1/cases', {})
  t.equal(none.statusCode, 401)
  t.equal(none.headers['www-authenticate'], 'Bearer')
  for (const authorization of ['Bearer', 'Bearer x', 'Basic abc', `Bearer ${'x'.repeat(10_000)}`, 'Bearer a.b.c d'])
    t.equal((await get('/v1/cases', { authorization })).statusCode, 401, authorization.slice(0, 20))
  t.equal(
    (await get('/v1/cases', { authorization: `Bearer ${service.token('nobody')}` })).statusCode,
    403,
    'a token nobody in the roster has',
  )
  const zh = await get('/v1/nowhere', { 'accept-language': 'zh-CN' })
  t.equal(zh.json().title, '未找到')
  t.match((await get('/problems/version_stale', {})).body, /版本已过时/)
})

t.test('browsers of the named origins may call every method, read every header, and share no cache', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const origin = 'https://front.example'
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    const preflight = await service.app.server.inject({
      method: 'OPTIONS',
      url: '/v1/cases/01936d3e-7c00-7000-8000-000000000001/records/01936d3e-7c00-7000-8000-000000000001',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'if-match' },
    })
    t.equal(preflight.statusCode, 204)
    t.equal(preflight.headers['access-control-allow-origin'], origin)
    t.ok(String(preflight.headers['access-control-allow-methods']).split(', ').includes(method), method)
    t.match(preflight.headers['access-control-allow-headers'], /if-match/)
    for (const name of ['Origin', 'Authorization', 'Accept-Language'])
      t.ok(String(preflight.headers.vary).split(', ').includes(name), `varies by ${name}`)
  }
  const bare = await service.app.server.inject({ method: 'OPTIONS', url: '/v1/cases' })
  t.equal(bare.statusCode, 204, 'a question without an origin is no fault')
  const authorization = `Bearer ${service.token('owner')}`
  const read = await service.app.server.inject({ url: '/v1/cases', headers: { origin, authorization } })
  t.equal(read.headers.vary, 'Origin, Authorization, Accept-Language')
  t.equal(read.headers['cache-control'], 'private, no-store')
  const exposed = String(read.headers['access-control-expose-headers']).split(', ')
  for (const name of [
    'ETag',
    'Location',
    'Link',
    'Retry-After',
    'Idempotent-Replayed',
    'RateLimit',
    'RateLimit-Policy',
    'Allow',
  ])
    t.ok(exposed.includes(name), name)
  const foreign = await service.app.server.inject({ url: '/livez', headers: { origin: 'https://evil.example' } })
  t.equal(foreign.headers['access-control-allow-origin'], undefined)
})

t.test('faults are told in the language asked for, beside each other', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const ask = (language: string) =>
    service.call('owner', 'GET', '/v1/cases?limit=0&status=none&limt=1', undefined, { 'accept-language': language })
  const answers = await Promise.all(['zh-CN', 'en', 'zh', 'en-GB', 'zh-CN,en;q=0.5', 'fr'].map(ask))
  for (const [at, { body }] of answers.entries()) {
    const chinese = at % 2 === 0
    t.equal(body.errors.length, 3)
    for (const { detail } of body.errors) t.equal(/[\u4e00-\u9fff]/.test(detail), chinese, detail)
    t.same(
      body.errors.map((fault: { pointer: string; code: string }) => [fault.pointer, fault.code]),
      answers[1]?.body.errors.map((fault: { pointer: string; code: string }) => [fault.pointer, fault.code]),
    )
  }
  const caseId = await givenCase(service, students['1'] as string)
  const draft = { kind: 'addendum', content: { text: 7 } }
  const content = await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, draft, { 'accept-language': 'zh' })
  t.match(content.body, { code: 'content_invalid', errors: [{ pointer: '/content/text', detail: /期望/ }] })
  const header = await service.call('owner', 'GET', '/v1/cases', undefined, {
    'accept-language': 'zh',
    'x-access-reason': '?',
  })
  t.match(header.body.errors, [{ pointer: '/header/x-access-reason', detail: /代码/ }])
})

t.test('health, metrics and documents', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  t.equal((await service.app.server.inject('/livez')).statusCode, 200)
  t.equal((await service.app.server.inject('/readyz')).statusCode, 200)
  t.equal((await service.call('owner', 'GET', '/metrics')).status, 403)
  t.match((await service.call('administrator', 'GET', '/metrics')).text, /bangfu_requests_total/)
  t.equal((await service.app.server.inject('/openapi.json')).json().openapi, '3.1.0')
  t.ok([200, 302].includes((await service.app.server.inject('/docs')).statusCode))
  t.match((await service.call('owner', 'GET', '/v1/processes/case/diagram?language=zh')).text, /前期调查/)
  t.match(
    (await service.call('owner', 'GET', '/v1/processes/case/diagram', undefined, { accept: 'text/vnd.mermaid' })).text,
    /^stateDiagram-v2/,
  )
  t.equal((await service.call('owner', 'GET', '/v1/processes/nonsense')).status, 404)
  t.equal((await service.call('owner', 'GET', '/v1/strategies?cause=poor_methods')).body.items.length, 3)
})
