import t from 'tap'
import { leaseMs } from '../../src/platform/operation-work.ts'
import { defineOperation, type OperationContext } from '../../src/platform/operations.ts'
import { postgresUrl } from '../support/database.ts'
import { counting, entriesOfOperation, gate, givenOperations, processWith } from '../support/operations.ts'

t.test('another process goes on where one crashed, and one that comes late writes nothing', async t => {
  const { service, ask, read } = await givenOperations(t)
  const [reached, go] = [gate(), gate()]
  let late: unknown = null
  const write = (context: OperationContext, at: number) =>
    context.step(async tx => {
      await tx.system.rows({ name: `test.mark_${at}`, text: `update institutions set name_en = name_en || '${at}'` })
      return { done: at, state: { at } }
    })
  const stuck = defineOperation('marks', 'operation:read', async context => {
    await write(context, 1)
    reached.open()
    await go.opened
    await write(context, 2).catch(error => {
      late = error
      throw error
    })
    return { by: 'late' }
  })
  const sound = defineOperation('marks', 'operation:read', async context => {
    for (let at = ((context.state as { at: number } | null)?.at ?? 0) + 1; at <= 3; at++) await write(context, at)
    return { by: 'second', from: context.state }
  })
  const id = await ask('marks')
  const [first, second] = [processWith(service, stuck), processWith(service, sound)]
  const hanging = first.work.pass()
  await reached.opened
  t.equal(await second.work.pass(), false, 'while the lease holds, nobody else takes it')
  service.clock.now = new Date(service.clock.now.getTime() + leaseMs + 1)
  t.equal(await second.work.pass(), true)
  t.match(await read(id), { status: 'succeeded', result: { by: 'second', from: { at: 1 } }, progress: { done: 3 } })
  go.open()
  await hanging
  t.match(late, { message: 'lease_lost' })
  t.match(await read(id), { status: 'succeeded', result: { by: 'second' } })
  const [row] = await service.asOwner('select name_en as name from institutions')
  t.equal(row?.name, 'Test University123', 'each step took effect once')
  t.equal((await entriesOfOperation(service, id)).length, 2)
})

t.test('a process that stops puts its work back after the step that runs', async t => {
  const { service, ask, read } = await givenOperations(t)
  const first = processWith(
    service,
    defineOperation('count', 'operation:read', async context => {
      await context.step(async () => ({ done: 1, state: { at: 1 } }))
      first.drain()
      await context.step(async () => ({ done: 2, state: { at: 2 } }))
      return {}
    }),
  )
  const id = await ask('count')
  t.equal(await first.work.pass(), false)
  t.match(await read(id), { status: 'queued', progress: { done: 1 } })
  t.equal(await first.work.pass(), false, 'it takes no more')
  await processWith(service, counting).work.pass()
  t.match(await read(id), { status: 'succeeded', result: { from: 1 } }, 'at once, without waiting for the lease')
})

t.test('what ends every process that takes it is given up', async t => {
  const { service, ask, read } = await givenOperations(t)
  const id = await ask('killer')
  const kinds = JSON.stringify(['killer'])
  t.ok(kinds)
  await service.asOwner(
    `update operations set status = 'running', attempts = 5, fence = 5, lease_until = '2026-09-14T01:00:00Z' where id = '${id}'`,
  )
  let ran = false
  await processWith(
    service,
    defineOperation('killer', 'operation:read', async () => {
      ran = true
      return {}
    }),
  ).work.pass()
  t.equal(ran, false)
  t.match(await read(id), { status: 'failed', problem: { code: 'operation_abandoned' } })
})

t.test('work of one kind and institution is done in the order it came', async t => {
  const { service, ask } = await givenOperations(t)
  const order: string[] = []
  const note = defineOperation('note', 'operation:read', async context => {
    order.push(context.id)
    return {}
  })
  const ids = [await ask('note'), await ask('note'), await ask('note')]
  const processes = [processWith(service, note), processWith(service, note)]
  for (let round = 0; round < 4; round++) await Promise.all(processes.map(({ work }) => work.pass()))
  t.same(order, ids)
})

t.test('of many processes one takes an operation', { skip: !postgresUrl }, async t => {
  const { service, ask } = await givenOperations(t)
  let runs = 0
  const once = defineOperation('once', 'operation:read', async context => {
    runs++
    await context.step(async () => ({ done: 1 }))
    return {}
  })
  for (let n = 0; n < 5; n++) await ask('once')
  const processes = Array.from({ length: 8 }, () => processWith(service, once))
  for (let round = 0; round < 8; round++) await Promise.all(processes.map(({ work }) => work.pass()))
  t.equal(runs, 5)
})
