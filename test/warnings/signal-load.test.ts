import t from 'tap'
import { takeSignals } from '../../src/warnings/take-signals.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'
import { aSignal, givenSource, ruled, storedSignals } from '../support/signals.ts'

t.test('a thousand signals take two round trips, from within and by every door', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const many = (prefix: string) =>
    Array.from({ length: 1000 }, (_, n) =>
      aSignal({ externalId: `${prefix}${n}`, student: String(1 + (n % 4)), note: '字' }),
    )
  const trips = async (work: () => Promise<unknown>) => {
    const before = service.roundTrips()
    await work()
    return service.roundTrips() - before
  }
  const own = {
    institution: service.institution,
    origin: 'rules' as const,
    actor: { kind: 'service' as const, id: null },
    requestId: 'r',
  }
  t.equal(
    await trips(() => takeSignals(service.deps, { ...own, items: many('r').map(each => ruled(each.externalId)) })),
    2,
  )
  t.equal(await trips(() => source.send('/batch', { items: many('b') })), 2)
  t.equal(await trips(() => source.sign('/batch', { items: many('s') })), 2)
  t.equal(await trips(() => service.call('owner', 'POST', '/v1/signals/batch', { items: many('p') })), 2)
  t.equal(await trips(() => source.send('/batch', { items: many('b') })), 1, 'nothing new, nothing saved')
  t.equal((await storedSignals(service, 'id')).length, 4000)
})

t.test('equal signals that race are stored once', { skip: !postgresUrl && 'one connection cannot race' }, async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const racing = (each: (n: number) => Promise<{ body: { result?: string; code?: string } }>) =>
    Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const { body } = await each(n)
        return body.result ?? body.code
      }),
    )
  const results = await racing(() => source.send('', aSignal({ externalId: 'one', note: '字' })))
  t.equal(results.filter(each => each === 'accepted').length, 1)
  t.equal(results.filter(each => each === 'duplicate').length, 63)
  t.equal((await storedSignals(service)).length, 1)
  t.equal((await service.asOwner('select 1 from signal_keys')).length, 1)
  const batches = await Promise.all(
    Array.from({ length: 8 }, (_, n) => {
      const items = Array.from({ length: 50 }, (_each, at) => aSignal({ externalId: `b${at}` }))
      return source.send('/batch', { items: n % 2 ? items : items.reverse() })
    }),
  )
  t.ok(batches.every(each => each.status === 202))
  t.equal(
    batches.flatMap(each => each.body.items).filter((each: { result: string }) => each.result === 'accepted').length,
    50,
  )
  const minute = (n: number) => `2026-09-14T01:${String(n).padStart(2, '0')}:00.000Z`
  const updates = await racing(n => source.send('', aSignal({ externalId: 'u', observedAt: minute(n % 60) })))
  t.same(
    updates.filter(
      each => !['accepted', 'updated', 'older', 'duplicate', 'service_unavailable'].includes(String(each)),
    ),
    [],
  )
  const [row] = await service.asOwner("select observed_at, revision from signals where external_id = 'u'")
  const stored = updates.filter(each => ['accepted', 'updated'].includes(String(each))).length
  t.equal(row?.revision, stored, 'every revision is one observation')
  const history = await service.asOwner(
    "select 1 from signal_history h join signals g on g.id = h.signal_id where g.external_id = 'u'",
  )
  t.equal(
    history.length,
    new Set(updates.flatMap((each, n) => (each === 'service_unavailable' ? [] : [n % 60]))).size - 1,
    'nothing observed is lost',
  )
})
