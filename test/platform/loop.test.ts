import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startLoop } from '../../src/platform/loop.ts'
import { givenCase } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('after faults, work is tried again within a second', async t => {
  const tried: number[] = []
  const faults: unknown[] = []
  const loop = startLoop(
    {
      name: 'faulty',
      idleMs: 100,
      pass: async () => {
        tried.push(performance.now())
        if (tried.length < 8) throw new Error('not yet')
        return false
      },
      onError: error => faults.push(error),
    },
    () => new Date(),
  )
  while (tried.length < 8) await pause(50)
  await loop.stop()
  t.equal(faults.length, 7)
  const pauses = tried.slice(1).map((at, index) => at - (tried[index] as number))
  t.ok(Math.max(...pauses) < 1_400, `${pauses.map(Math.round)}`)
  t.ok((pauses[4] as number) > 800, 'and not at once, over and over')
})

t.test('work that seldom runs is not hurried by a fault', async t => {
  let tries = 0
  const loop = startLoop(
    {
      name: 'seldom',
      idleMs: 60_000,
      pass: async () => {
        tries++
        throw new Error('not yet')
      },
    },
    () => new Date(),
  )
  await pause(1_500)
  await loop.stop()
  t.equal(tries, 1)
})

t.test('an entry is sealed within a second of its writing', async t => {
  const service = await givenService(t, { sealing: true })
  const { students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  const since = performance.now()
  const unsealed = async () =>
    (await service.asOwner('select count(*)::int as count from journal where position is null'))[0]?.count
  while ((await unsealed()) !== 0 && performance.now() - since < 5_000) await pause(20)
  t.ok(performance.now() - since < 1_000, `${Math.round(performance.now() - since)} ms`)
})
