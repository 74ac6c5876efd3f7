import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import jwt from 'jsonwebtoken'
import t from 'tap'
import { readConfig } from '../../src/config.ts'
import {
  KeysUnavailable,
  makeIssuer,
  makeVerifier,
  TokenRefused,
  type TrustedIssuer,
} from '../../src/platform/identity.ts'

const now = new Date('2026-09-14T02:00:00Z')
const seconds = now.getTime() / 1000
const institution = '01936d3e-7c00-7000-8000-000000000001'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const trusted: TrustedIssuer = {
  issuer: 'https://id.example',
  audience: 'bangfu',
  algorithms: ['RS256'],
  institution,
  key: { publicKey: rsa.publicKey },
}
const claims = { iss: 'https://id.example', aud: 'bangfu', sub: 'li', iat: seconds, exp: seconds + 600 }
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const signed = (payload: object, header: object = {}, key: KeyObject = rsa.privateKey) => {
  const head = { alg: 'RS256', typ: 'JWT', ...header }
  return jwt.sign(payload, key, {
    algorithm: 'RS256',
    header: head as never,
    ...('iat' in payload ? {} : { noTimestamp: true }),
  })
}
const verify = makeVerifier([trusted], () => now)
const refuses = (t: Tap, token: string, why: string) => t.rejects(verify(token), { name: 'TokenRefused' }, why)
type Tap = { rejects: typeof import('tap')['t']['rejects'] }

t.test('a token in order is believed', async t => {
  t.match(await verify(signed(claims)), { subject: 'li', institution })
  t.match(await verify(signed({ ...claims, aud: ['other', 'bangfu'] })), { subject: 'li' })
})

t.test('every known trick is refused', async t => {
  const { exp: _exp, ...noExp } = claims
  const { iat: _iat, ...noIat } = claims
  const { sub: _sub, ...noSub } = claims
  await refuses(t, `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`, 'alg none')
  await refuses(t, `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.x`, 'alg none with a signature')
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  await refuses(
    t,
    `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`,
    'the public key as an HMAC secret',
  )
  await refuses(
    t,
    jwt.sign(claims, ec.privateKey, { algorithm: 'ES256', header: { alg: 'ES256', typ: 'JWT' } }),
    'an algorithm not pinned',
  )
  await refuses(t, signed(noExp), 'no exp')
  await refuses(t, signed(noIat), 'no iat')
  await refuses(t, signed(noSub), 'no sub')
  await refuses(t, signed({ ...claims, sub: '' }), 'empty sub')
  await refuses(t, signed({ ...claims, aud: 'other' }), 'wrong aud')
  await refuses(t, signed({ ...claims, aud: ['other'] }), 'wrong aud list')
  await refuses(t, signed({ ...claims, iss: 'https://evil.example' }), 'unknown issuer')
  await refuses(t, signed({ ...claims, exp: seconds - 1 }), 'expired')
  await refuses(t, signed({ ...claims, iat: seconds + 3600, exp: seconds + 4000 }), 'issued in the future')
  await refuses(t, signed({ ...claims, nbf: seconds + 3600 }), 'not yet valid')
  await refuses(t, signed({ ...claims, exp: seconds + 10 * 86_400 }), 'too long a life')
  await refuses(t, signed({ ...claims, institution: '01936d3e-7c00-7000-8000-000000000002' }), 'another institution')
  await refuses(t, signed(claims, { typ: 'dpop+jwt' }), 'wrong typ')
  await refuses(t, signed(claims, { typ: undefined }), 'no typ')
  await refuses(t, signed(claims, { crit: ['exp'] }), 'crit')
  await refuses(t, signed(claims, { b64: false }), 'b64')
  await refuses(t, signed(claims, { jwk: { kty: 'RSA' } }), 'a key in the header')
  await refuses(t, signed(claims, { jku: 'https://evil.example/keys' }), 'a key address in the header')
  await refuses(t, signed(claims, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey), 'another key')
  const good = signed(claims)
  await refuses(t, `${good.slice(0, -4)}AAAA`, 'a changed signature')
  await refuses(t, good.split('.').slice(0, 2).join('.'), 'two parts')
  await refuses(t, `${good}.x`, 'four parts')
  await refuses(t, 'x'.repeat(9000), 'too long')
  await refuses(t, `${part('{"alg":"RS256","typ":"JWT","alg":"none"}')}.${part(claims)}.x`, 'a key twice in the header')
  await refuses(
    t,
    `${part({ alg: 'RS256', typ: 'JWT' })}.${part('{"iss":"https://id.example","iss":"x"}')}.x`,
    'a key twice in the payload',
  )
  await refuses(t, `${part('[]')}.${part(claims)}.x`, 'a header that is no object')
  await refuses(t, '..', 'nothing at all')
  await refuses(t, signed({ ...claims, sub: 'li\u0000' }), 'NUL in sub')
  await refuses(t, signed({ ...claims, sub: 'li\ud800' }), 'half a character in sub')
  await refuses(t, signed({ ...claims, institution: `${institution}\u0000` }), 'NUL in institution')
  await refuses(t, signed({ ...claims, institution: `${institution}\udfff` }), 'half a character in institution')
  await refuses(t, signed({ ...claims, sub: ['li'] }), 'a list as sub')
})

t.test('a token of another issuer speaks for a person, whatever client and scopes it names', async t => {
  const person = { ...claims, jti: 'x', azp: 'web-frontend', email: 'li@example.edu.cn', auth_time: seconds }
  const rows = {
    'RFC 9068': { client_id: 'web-frontend', scope: 'openid profile roster:write' },
    'a client that looks like ours': { client_id: institution, scope: 'journal:read roster:write ops:read' },
    'scopes as a list': { client_id: ['x'], scope: ['roster:write'] },
    'the same member in two places': { realm_access: { roles: ['a'] }, resource_access: { account: { roles: ['b'] } } },
  }
  for (const [what, more] of Object.entries(rows)) {
    const claimed = await verify(signed({ ...person, ...more }, { typ: 'at+jwt' }))
    t.same(claimed, { issuer: trusted.issuer, subject: 'li', institution, expiresAt: claims.exp, scopes: [] }, what)
  }
})

t.test('of two issuers of one name the first is asked with its own key', async t => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const both = makeVerifier([trusted, { ...trusted, key: { publicKey: other.publicKey } }], () => now)
  await t.rejects(both(signed(claims, {}, other.privateKey)), TokenRefused)
  t.match(await both(signed(claims)), { subject: 'li' })
})

t.test('an issuer is configured with its institution, or with trust for any; none twice, none in our name', async t => {
  const given = { issuer: 'https://id.example', audience: 'bangfu', algorithms: ['RS256'], publicKey: pem }
  const read = (...issuers: object[]) => readConfig({ TOKEN_ISSUERS: JSON.stringify(issuers) }).issuers
  const faulty = (...issuers: object[]) => t.throws(() => read(...issuers), { name: 'ConfigInvalid' })
  t.match(read({ ...given, institution }), [{ institution }])
  t.notOk('institution' in (read({ ...given, anyInstitution: true })[0] ?? {}))
  faulty(given)
  faulty({ ...given, institution, anyInstitution: true })
  faulty({ ...given, institution, own: true })
  faulty({ ...given, institution, issuer: 'bangfu' })
  faulty({ ...given, institution }, { ...given, institution })
})

t.test('a remembered token ends when it expires', async t => {
  let clock = now
  const remembering = makeVerifier([trusted], () => clock)
  const token = signed(claims)
  await remembering(token)
  clock = new Date(now.getTime() + 601_000)
  await t.rejects(remembering(token), TokenRefused)
})

t.test('keys by address: found, rotated, unknown, and out of reach', async t => {
  let keys = [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'RS256' }]
  let silent = false
  const host = createServer((_request, response) => {
    if (silent) response.destroy()
    else response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve))
  t.teardown(() => host.close())
  const jwksUri = `http://127.0.0.1:${(host.address() as AddressInfo).port}/keys`
  const byAddress = { ...trusted, key: { jwksUri } }
  const verifier = makeVerifier([byAddress], () => now)
  t.match(await verifier(signed(claims, { kid: 'a' })), { subject: 'li' })
  const next = generateKeyPairSync('rsa', { modulusLength: 2048 })
  keys = [{ ...next.publicKey.export({ format: 'jwk' }), kid: 'b', use: 'sig', alg: 'RS256' }]
  t.match(await verifier(signed({ ...claims, sub: 'next' }, { kid: 'b' }, next.privateKey)), { subject: 'next' })
  await t.rejects(verifier(signed({ ...claims, sub: 'x' }, { kid: '../../etc' })), TokenRefused)
  silent = true
  await t.rejects(makeVerifier([byAddress], () => now)(signed({ ...claims, sub: 'y' }, { kid: 'a' })), KeysUnavailable)
})

t.test('an address of keys whose answer drips is out of reach after seconds', async t => {
  const host = createServer((_request, response) => {
    const drip = setInterval(() => response.write(' '), 200)
    response.on('close', () => clearInterval(drip))
  })
  await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    host.closeAllConnections()
    host.close()
  })
  const jwksUri = `http://127.0.0.1:${(host.address() as AddressInfo).port}/keys`
  const verifier = makeVerifier([{ ...trusted, key: { jwksUri } }], () => now)
  await t.rejects(verifier(signed(claims, { kid: 'a' })), KeysUnavailable)
})

t.test('the service’s own tokens are believed by it alone', async t => {
  const issue = makeIssuer({
    issuer: 'bangfu',
    audience: 'bangfu',
    privateKey: ec.privateKey,
    kid: 'k',
    wallClock: () => now,
  })
  const own: TrustedIssuer = {
    issuer: 'bangfu',
    audience: 'bangfu',
    algorithms: ['ES256'],
    key: { publicKey: ec.publicKey },
    types: ['at+jwt'],
    own: true,
  }
  const client = { subject: 'li', institution, lifetimeSeconds: 60, clientId: institution }
  const token = issue({ ...client, scopes: ['a:b', 'c:d'] })
  const ours = makeVerifier([own], () => now)
  t.match(await ours(token), { scopes: ['a:b', 'c:d'], institution, clientId: institution })
  await t.rejects(ours(issue({ ...client, clientId: 'web-frontend' })), TokenRefused)
  await refuses(t, token, 'elsewhere it is unknown')
})
