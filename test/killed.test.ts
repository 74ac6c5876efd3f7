import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
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
