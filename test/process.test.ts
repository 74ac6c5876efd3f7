import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { postgresUrl } from './support/database.ts'
import { type Child, environmentOf, finished, folderFor, onEmbedded, ready, start } from './support/process.ts'
import { givenSchool, givenService } from './support/service.ts'

const onPostgres = { skip: postgresUrl ? false : 'needs DATABASE_URL' }

t.test('told to stop, it says so, serves on, finishes what is in flight and ends well', onPostgres, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  service.clock.now = new Date()
  const authorization = `Bearer ${service.token('owner')}`
  const child = start([], { ...environmentOf(service), DRAIN_SECONDS: '1.5' })
  t.teardown(() => child.kill('SIGKILL'))
  const base = await ready(child)
  t.match(child.said(), /CHECKPOINT_DIR/, 'what is not kept outside the database is said at the start')
  t.equal((await fetch(`${base}/readyz`)).status, 200)
  const text = JSON.stringify({ studentId: students['1'], source: 'outreach' })
  const upload = request(`${base}/v1/cases`, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'content-length': text.length,
    },
  })
  const answered = once(upload, 'response')
  upload.write(text.slice(0, 10))
  await pause(200)
  const since = Date.now()
  child.kill('SIGTERM')
  await pause(300)
  const draining = await fetch(`${base}/readyz`)
  t.equal(draining.status, 503)
  t.ok(draining.headers.get('retry-after'))
  t.match(await draining.json(), { code: 'service_unavailable', reasons: ['draining'] })
  t.equal((await fetch(`${base}/v1/cases`, { headers: { authorization } })).status, 200, 'it serves on')
  await pause(1_700)
  await t.rejects(fetch(`${base}/livez`), 'then it takes no connection any more')
  t.equal(child.exitCode, null, 'it waits for what is in flight')
  upload.end(text.slice(10))
  const [answer] = (await answered) as [IncomingMessage]
  t.equal(answer.statusCode, 201)
  answer.resume()
  t.equal((await finished(child)).code, 0)
  t.ok(Date.now() - since < 8_000)
})

t.test('keys are rotated and the retired one opens nothing any more', onEmbedded, async t => {
  const folder = await folderFor(t)
  const environment = { BANGFU_DATA_DIR: folder, PORT: '0' }
  let child = start([], environment)
  await ready(child)
  child.kill('SIGTERM')
  await finished(child)
  const before = await readFile(join(folder, 'keys/key-ring.json'), 'utf8')
  const rotated = await finished(start(['rotate-keys', '--retire'], environment))
  t.equal(rotated.code, 0, rotated.said)
  const after = JSON.parse(await readFile(join(folder, 'keys/key-ring.json'), 'utf8'))
  t.equal(Object.keys(after.keys).length, 1)
  t.notOk(before.includes(after.keys[after.current]))
  child = start([], environment)
  const base = await ready(child)
  const demo = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8'))
  const headers = { authorization: `Bearer ${demo.accounts.counsellor.token}` }
  const get = async (path: string) =>
    (await fetch(`${base}${path}`, { headers })).json() as Promise<{ items: { id: string }[]; content?: unknown }>
  const caseId = (await get('/v1/cases?step=tracking')).items[0]?.id
  const recordId = (await get(`/v1/cases/${caseId}/records`)).items[0]?.id
  t.ok((await get(`/v1/cases/${caseId}/records/${recordId}`)).content, 'records open under the new key')
  child.kill('SIGTERM')
  await finished(child)
})

t.test('a clock that was moved is kept over a restart', onEmbedded, async t => {
  const folder = await folderFor(t)
  const environment = { BANGFU_DATA_DIR: folder, PORT: '0' }
  const now = new Date(Date.now() + 100 * 86_400_000).toISOString()
  const asAdministrator = async (child: Child, body?: object) => {
    const base = await ready(child)
    const { accounts } = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8'))
    const headers = { authorization: `Bearer ${accounts.administrator.token}`, 'content-type': 'application/json' }
    const init = body ? { method: 'POST', body: JSON.stringify(body), headers } : { headers }
    return (await fetch(`${base}/v1/sandbox/clock`, init)).json() as Promise<{ now: string }>
  }
  let child = start([], environment)
  t.equal((await asAdministrator(child, { now })).now, now)
  child.kill('SIGTERM')
  await finished(child)
  child = start([], environment)
  const { now: later } = await asAdministrator(child)
  t.ok(later >= now, `${later} is not before ${now}`)
  child.kill('SIGTERM')
  await finished(child)
})

t.test('a configuration that does not fit is reported all at once', async t => {
  const { code, said } = await finished(
    start([], { PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'postgres://u@h/d', TOKEN_ISSUERS: '[{}]' }),
  )
  t.equal(code, 1)
  for (const name of ['PORT', 'LOG_LEVEL', 'TOKEN_ISSUERS', 'BANGFU_KEY_RING', 'BANGFU_SIGNING_KEY', 'BANGFU_SECRET'])
    t.match(said, new RegExp(`^${name}`, 'm'), name)
  t.ok(said.trim().split('\n').length >= 6)
})

t.test('a port in use is one line', onEmbedded, async t => {
  const folder = await folderFor(t)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { code, said } = await finished(start([], { BANGFU_DATA_DIR: folder, PORT: String(port) }))
  t.equal(code, 1)
  t.match(said, /PORT: \d+ is in use/)
  t.same(await readdir(folder), [], 'said before anything slow was begun')
})
