import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
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
