import type { InjectOptions } from 'fastify'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('limits are told, and kept', async t => {
  const service = await givenService(t, { requestsPerMinute: 3 })
  const authorization = `Bearer ${service.token('owner')}`
  const ask = () => service.app.server.inject({ url: '/v1/processes', headers: { authorization } })
  const first = await ask()
  t.match(String(first.headers['ratelimit-policy']), /q=3;w=60/)
  await ask()
  await ask()
  const refused = await ask()
  t.equal(refused.statusCode, 429)
  t.ok(refused.headers['retry-after'])
  t.equal(refused.json().code, 'rate_limited')
  t.equal(refused.headers['ratelimit-policy'], '"client";q=3;w=60')
  t.match(refused.headers.ratelimit, /^"client";r=0;t=\d+$/)
  service.clock.now = new Date(service.clock.now.getTime() + 1_000)
  const fresh = `Bearer ${service.token('owner')}`
  t.not(fresh, authorization)
  const again = await service.app.server.inject({ url: '/v1/processes', headers: { authorization: fresh } })
  t.equal(again.statusCode, 429, 'a fresh token is the same caller')
  const other = await service.app.server.inject({
    url: '/v1/processes',
    headers: { authorization: `Bearer ${service.token('colleague')}` },
  })
  t.equal(other.statusCode, 200, 'another caller is counted alone')
  t.match(other.headers.ratelimit, /^"client";r=2;t=\d+$/)
  t.equal((await service.app.server.inject('/livez')).headers.ratelimit, undefined, 'health is not counted')
})

t.test('requests nobody stands behind are counted by address', async t => {
  const attempts: Record<string, (n: number) => InjectOptions> = {
    'tokens that are none': n => ({ url: '/v1/cases', headers: { authorization: `Bearer a${n}.b.c` } }),
    'no token': () => ({ url: '/v1/cases' }),
    'addresses that are none': n => ({ url: `/v1/nowhere/${n}` }),
    'methods that are none': () => ({ method: 'DELETE', url: '/v1/cases' }),
    'addresses that cannot be read': n => ({ url: `/v1/%zz${n}` }),
    'secrets that are guessed': n => ({
      method: 'POST',
      url: '/oauth/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`client:${n}`).toString('base64')}`,
      },
      payload: 'grant_type=client_credentials',
    }),
    documents: () => ({ url: '/openapi.json' }),
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    const service = await givenService(t, { requestsPerMinute: 3 })
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) statuses.push((await service.app.server.inject(attempt(n))).statusCode)
    t.notOk(statuses.slice(0, 3).includes(429), `${name}: ${statuses}`)
    t.same(statuses.slice(3), [429, 429], name)
    await givenSchool(service)
    const authorization = `Bearer ${service.token('owner')}`
    const known = await service.app.server.inject({ url: '/v1/processes', headers: { authorization } })
    t.equal(known.statusCode, 200, `${name}: who is known is not held back by it`)
  }
})

t.test('behind a proxy that is trusted, clients are counted by their own address; nobody else is believed', async t => {
  const asks = async (trustProxy: string[], from: (n: number) => string, remoteAddress = '10.1.2.3') => {
    const service = await givenService(t, { requestsPerMinute: 3, trustProxy })
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) {
      const headers = { 'x-forwarded-for': from(n) }
      statuses.push((await service.app.server.inject({ url: '/v1/cases', headers, remoteAddress })).statusCode)
    }
    return statuses
  }
  const each = [401, 401, 401, 401, 401]
  const asOne = [401, 401, 401, 429, 429]
  t.same(await asks([], n => `192.0.2.${n}`), asOne, 'no proxy is trusted unless it is said')
  t.same(await asks(['10.0.0.0/8'], n => `192.0.2.${n}`), each)
  t.same(await asks(['10.1.2.3'], n => `192.0.2.${n}`), each)
  t.same(
    await asks(['10.1.2.3'], n => `192.0.2.${n}, 192.0.2.99`),
    asOne,
    'what the client itself wrote before the proxy',
  )
  t.same(await asks(['10.0.0.0/8'], n => `192.0.2.${n}`, '203.0.113.1'), asOne, 'somebody else than the proxy')
})

t.test('what is trusted as a proxy is checked at the start', async t => {
  const read = (text: string) => readConfig({ BANGFU_DATA_DIR: t.testdir(), TRUST_PROXY: text }).trustProxy
  t.same(read(''), [])
  t.same(read('loopback, 10.0.0.0/8,::1'), ['loopback', '10.0.0.0/8', '::1'])
  for (const text of [
    'true',
    '0',
    '10',
    '10.0.0.0/33',
    '10.0.0.256',
    'proxy.example',
    '1,2',
    '::1/129',
    '10.0.0.0/8/1',
  ])
    t.throws(() => read(text), { message: /^TRUST_PROXY: / }, text)
})
