import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openPostgres } from '../src/platform/postgres.ts'
import { givenCase } from './support/cases.ts'
import { postgresUrl } from './support/database.ts'
import { givenFaultProxy } from './support/fault-proxy.ts'
import { environmentOf, ready, start } from './support/process.ts'
import { givenSchool, givenService } from './support/service.ts'

const onPostgres = { skip: postgresUrl ? false : 'needs DATABASE_URL' }

const givenSchoolBehindProxy = async (t: Test) => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  return { service, caseId, proxy: await givenFaultProxy(t, service.url as string) }
}

t.test('connections that die inside transactions end no process', onPostgres, async t => {
  const { service, caseId, proxy } = await givenSchoolBehindProxy(t)
  service.clock.now = new Date()
  const headers = { authorization: `Bearer ${service.token('owner')}` }
  const child = start([], environmentOf(service, proxy.url))
  t.teardown(() => child.kill('SIGKILL'))
  const base = await ready(child)
  const read = () => fetch(`${base}/v1/cases/${caseId}`, { headers })
  t.equal((await read()).status, 200)
  for (let round = 0; round < 3; round++) {
    proxy.silence()
    // The sealer looks five times a second: it has begun a transaction before the readers take the other connections.
    await pause(500)
    const hanging = Array.from({ length: 4 }, read)
    await pause(1_500)
    proxy.cut()
    for (const answer of [...(await Promise.all(hanging)), await read()]) {
      t.equal(answer.status, 503)
      t.ok(answer.headers.get('retry-after'))
      t.match(await answer.json(), { code: 'service_unavailable' })
    }
    await pause(200)
    proxy.restore()
    let status = 503
    for (let tries = 0; tries < 50 && status !== 200; tries++) {
      status = (await read()).status
      await pause(100)
    }
    t.equal(status, 200, 'it recovers')
    t.equal(child.exitCode, null, 'the same process')
  }
  t.notMatch(child.said(), /internal error/)
})

t.test('a database that says nothing is unavailable, and says so in time', onPostgres, async t => {
  const { service, caseId, proxy } = await givenSchoolBehindProxy(t)
  const db = await openPostgres(proxy.url, { queryTimeoutMs: 400, skipMigrations: true })
  t.teardown(() => db.close())
  const impatient = await givenService(t, { restored: { from: service, db } })
  t.equal((await impatient.call('owner', 'GET', `/v1/cases/${caseId}`)).status, 200)
  proxy.silence()
  const since = Date.now()
  const read = await impatient.call('owner', 'GET', `/v1/cases/${caseId}`)
  t.match(read, { status: 503, body: { code: 'service_unavailable' } })
  t.ok(read.headers['retry-after'])
  t.ok(Date.now() - since < 2_000, `${Date.now() - since} ms`)
  await t.rejects(db.ping(), { name: 'DatabaseUnavailable' })
  const begun = Date.now()
  await t.rejects(
    db.transaction(async tx => tx.system.rows({ name: 'test.one', text: 'select 1' })),
    { name: 'DatabaseUnavailable' },
  )
  t.ok(Date.now() - begun < 6_500, 'nothing waits for the end of a transaction that is lost')
  proxy.cut()
  proxy.restore()
  t.equal((await impatient.call('owner', 'GET', `/v1/cases/${caseId}`)).status, 200)
})
