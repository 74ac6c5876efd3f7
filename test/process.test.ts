import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { givenCase } from './support/cases.ts'
import { postgresUrl } from './support/database.ts'
import { askedAgain, eachOnce, writersOn } from './support/effects.ts'
import { type Child, environmentOf, finished, folderFor, onEmbedded, ready, start } from './support/process.ts'
import { givenSchool, givenService } from './support/service.ts'

const accounts = [
  'counsellor',
  'colleague',
  'outsider',
  'lineManager',
  'practiceSupervisor',
  'student',
  'administrator',
  'auditor',
  'reporter',
  'warningSystem',
]

/** Writes until killed, twenty times over; then asks every key again: each effect is there exactly once. */
const killedTwentyTimes = async (
  t: Test,
  first: Child,
  environment: Record<string, string>,
  token: string,
  caseId: string,
): Promise<Child> => {
  let child = first
  const writers = writersOn(caseId, token)
  writers.at(await ready(child))
  const movesBefore = (await writers.effects()).entries['case.moved']?.length ?? 0
  for (let round = 0; round < 20; round++) {
    const over = writers.work()
    const begun = writers.asked.length
    for (let tries = 0; tries < 20 && writers.asked.length < begun + 12; tries++)
      await new Promise(resolve => setTimeout(resolve, 250))
    await new Promise(resolve => setTimeout(resolve, round * 17))
    child.kill('SIGKILL')
    await over
    await finished(child)
    child = start([], environment)
    writers.at(await ready(child))
  }
  const told = writers.asked.filter(each => each.told)
  for (const [kind, least] of Object.entries({ draft: 10, signature: 10, move: 2 }))
    t.ok(told.filter(each => each.kind === kind).length >= least, `${kind}s were acknowledged`)
  t.comment(`${told.length} of ${writers.asked.length} were acknowledged`)
  await askedAgain(t, writers, await eachOnce(t, writers, movesBefore))
  return child
}

const onServer = async (...statements: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

const onPostgres = { skip: postgresUrl ? false : 'needs DATABASE_URL' }

t.test('on PostgreSQL acknowledged writes survive kill -9, and an outage is told and survived', onPostgres, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  service.clock.now = new Date()
  const token = service.token('owner')
  const environment = environmentOf(service)
  const child = await killedTwentyTimes(t, start([], environment), environment, token, caseId)
  const base = await ready(child)
  const read = () => fetch(`${base}/v1/cases/${caseId}`, { headers: { authorization: `Bearer ${token}` } })
  const name = new URL(service.url as string).pathname.slice(1)
  await onServer(
    `alter database ${name} allow_connections false`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  )
  const gone = await read()
  t.equal(gone.status, 503)
  t.ok(gone.headers.get('retry-after'))
  t.equal((await fetch(`${base}/readyz`)).status, 503)
  t.equal((await fetch(`${base}/livez`)).status, 200)
  await onServer(`alter database ${name} allow_connections true`)
  let status = 503
  for (let tries = 0; tries < 50 && status !== 200; tries++) {
    status = (await read()).status
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  t.equal(status, 200, 'it recovers by itself')
  child.kill('SIGTERM')
  t.equal((await finished(child)).code, 0)
  const verified = await finished(start(['verify'], environment))
  t.equal(verified.code, 0, verified.said)
})

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

type Account = { readonly token: string }

t.test('the first start makes a demo institution; acknowledged writes survive kill -9', onEmbedded, async t => {
  const folder = await folderFor(t)
  const environment = { BANGFU_DATA_DIR: folder, PORT: '0', REQUESTS_PER_MINUTE: '0' }
  const first = start([], environment)
  const base = await ready(first)
  const demoPath = join(folder, 'demo.json')
  const demo = JSON.parse(await readFile(demoPath, 'utf8')) as { baseUrl: string; accounts: Record<string, Account> }
  t.equal((await stat(demoPath)).mode & 0o777, 0o600)
  t.equal(demo.baseUrl, base)
  for (const account of accounts) {
    const me = await fetch(`${base}/v1/me`, { headers: { authorization: `Bearer ${demo.accounts[account]?.token}` } })
    t.equal(me.status, 200, account)
  }
  const refused = await finished(start([], environment))
  t.equal(refused.code, 1)
  t.match(refused.said, /in use by process/)
  const token = (await finished(start(['token', 'counsellor'], environment))).said.trim()
  const headers = { authorization: `Bearer ${token}` }
  const tracking = (await (await fetch(`${base}/v1/cases?step=tracking`, { headers })).json()) as {
    items: { id: string }[]
  }
  const child = await killedTwentyTimes(t, first, environment, token, tracking.items[0]?.id as string)
  child.kill('SIGTERM')
  t.equal((await finished(child)).code, 0, 'a graceful end')
  const verified = await finished(start(['verify'], environment))
  t.equal(verified.code, 0, verified.said)
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
})
