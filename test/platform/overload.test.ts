import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { givenSchool, givenService } from '../support/service.ts'

/** Leaves the event loop no time, a second at once. */
const keepBusy = async (forMs: number) => {
  for (const end = Date.now() + forMs; Date.now() < end; await pause(0))
    for (const until = Date.now() + 1_000; Date.now() < until; );
}

t.test('an event loop kept busy refuses, but not for what the start took', async t => {
  const service = await givenService(t, { maxEventLoopDelayMs: 400 })
  await givenSchool(service)
  const ask = () => service.call('owner', 'GET', '/v1/cases')
  await keepBusy(3_000)
  t.equal((await ask()).status, 200, 'the start is no overload')
  await keepBusy(1_000)
  await service.app.server.listen({ host: '127.0.0.1', port: 0 })
  await pause(1_200)
  t.equal((await ask()).status, 200, 'nor is what came before it listened')
  await keepBusy(3_000)
  const refused = await ask()
  t.match(refused, { status: 503, body: { code: 'service_unavailable' }, headers: { 'retry-after': '1' } })
  t.equal((await service.app.server.inject('/livez')).statusCode, 200, 'it lives')
  for (let tries = 0; tries < 100 && (await ask()).status !== 200; tries++) await pause(100)
  t.equal((await ask()).status, 200, 'and takes requests again as soon as it has time')
})
