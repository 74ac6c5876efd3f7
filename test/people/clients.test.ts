import { randomUUID } from 'node:crypto'
import t from 'tap'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const form = (service: Service, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  service.app.server.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })

t.test('machine clients get short tokens for the scopes they have', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  t.equal((await service.call('owner', 'POST', '/v1/clients', { name: 'x', scopes: ['journal:read'] })).status, 403)
  const { id, secret } = (
    await service.call('administrator', 'POST', '/v1/clients', { name: 'x', scopes: ['journal:read', 'reports:read'] })
  ).body
  const grant = { grant_type: 'client_credentials', client_id: id, client_secret: secret }
  const token = (await form(service, { ...grant, scope: 'journal:read' })).json()
  t.match(token, { token_type: 'Bearer', expires_in: 900, scope: 'journal:read' })
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
  t.equal((await form(service, { grant_type: 'client_credentials' }, basic)).statusCode, 200)
  t.equal((await form(service, { ...grant, client_secret: 'wrong' })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, client_id: randomUUID() })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, client_id: "' or 1=1" })).json().code, 'invalid_client')
  t.equal((await form(service, { ...grant, scope: 'roster:write' })).json().code, 'invalid_scope')
  t.equal((await form(service, { ...grant, grant_type: 'password' })).json().code, 'unsupported_grant_type')
  const bearer = { authorization: `Bearer ${token.access_token}` }
  t.equal((await service.app.server.inject({ url: '/v1/journal', headers: bearer })).statusCode, 200)
  t.equal((await service.app.server.inject({ url: '/v1/cases', headers: bearer })).statusCode, 403)
  t.equal(
    (await service.call('administrator', 'DELETE', `/v1/clients/${id}`, undefined, { 'if-match': '"1"' })).status,
    204,
  )
  t.equal((await form(service, grant)).json().code, 'invalid_client', 'revoked')
  const [stored] = await service.asOwner(`select clients::text as line from clients where id = '${id}'`)
  t.notOk(String(stored?.line).includes(secret), 'the secret is kept as a hash only')
})
