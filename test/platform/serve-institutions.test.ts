import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { DatabaseUnavailable } from '../../src/platform/database.ts'
import { PartlyFailed, startLoop } from '../../src/platform/loop.ts'
import { institutionWork } from '../../src/platform/serve-institutions.ts'

const parts = ['a', 'b', 'c'].map(institution => ({ institution }))
const answering = { ping: async () => {} }

t.test('the fault of one institution is told when the others were served', async t => {
  const served: string[] = []
  const work = institutionWork(answering, {
    name: 'apart',
    idleMs: 1,
    waiting: async () => parts,
    serve: async ({ institution }) => {
      if (institution !== 'b') served.push(institution)
      if (institution === 'a') throw new RangeError('no such zone')
      if (institution === 'b') throw new DatabaseUnavailable('57014')
      return false
    },
  })
  const fault = await work.pass().catch(error => error)
  t.ok(fault instanceof PartlyFailed)
  t.equal(fault.message, 'a: RangeError: no such zone; b: DatabaseUnavailable: database unavailable')
  t.same(served, ['a', 'c'])
})

t.test('a database that is gone ends the pass', async t => {
  let tries = 0
  const gone = async () => {
    tries++
    throw new DatabaseUnavailable()
  }
  const work = institutionWork({ ping: gone }, { name: 'gone', idleMs: 1, waiting: async () => parts, serve: gone })
  await t.rejects(work.pass(), { name: 'DatabaseUnavailable' })
  t.equal(tries, 2, 'one institution, and whether anybody answers')
})

t.test('what waits at the others is worked off without pause; the fault is told each time', async t => {
  const faults: unknown[] = []
  let left = 5
  const now = { ms: 0 }
  const work = institutionWork(answering, {
    name: 'backlog',
    idleMs: 60_000,
    waiting: async () => parts.slice(0, 2),
    serve: async ({ institution }) => {
      now.ms += 1
      if (institution === 'a') throw new Error('always')
      left--
      return left > 0
    },
  })
  const loop = startLoop({ ...work, onError: error => faults.push(error) }, () => new Date(now.ms))
  await pause(200)
  const lag = loop.lagMs()
  await loop.stop()
  t.equal(left, 0)
  t.equal(faults.length, 5)
  t.equal(lag, 10, 'no pass ended well')
})
