import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { operationSweep } from '../../src/platform/operation-sweep.ts'
import { defineOperation } from '../../src/platform/operations.ts'
import { receiveUpload } from '../../src/platform/uploads.ts'
import { Problem } from '../../src/practice/problems.ts'
import { counting, entriesOfOperation, gate, givenOperations, processWith, start } from '../support/operations.ts'

t.test('long work is asked for, done in the background, and told to who asked and to administrators', async t => {
  const { service, staff, read } = await givenOperations(t)
  const answer = await start(service, 'count', staff.owner as string, 'key-1')
  const { id } = answer.body as { id: string }
  t.match(answer, { status: 202, location: `/v1/operations/${id}`, body: { kind: 'count', status: 'queued' } })
  const again = await start(service, 'count', staff.owner as string, 'key-1')
  t.match(again, { status: 202, replayed: true, location: `/v1/operations/${id}` }, 'the same key asks once')
  t.match(await read(id), { status: 'queued', progress: { done: 0, total: null }, startedAt: null, cancellable: true })
  const { work } = processWith(service, counting)
  t.equal(await work.pass(), true)
  t.equal(await work.pass(), false, 'nothing more')
  t.match(await read(id), {
    status: 'succeeded',
    progress: { done: 3, total: 3 },
    result: { counted: 3, from: 0 },
    problem: null,
    cancellable: false,
    finishedAt: service.clock.now.toISOString(),
  })
  t.equal((await read(id, 'administrator')).id, id)
  for (const account of ['colleague', 'lineManager', 'student-1', 'machine', 'auditor'])
    t.equal((await service.call(account, 'GET', `/v1/operations/${id}`)).status, 404, account)
  t.equal((await service.call('stranger', 'GET', `/v1/operations/${id}`)).status, 403)
  t.equal((await service.call('owner', 'GET', `/v1/operations/${randomUUID()}`)).body.code, 'not_found')
  t.same(await entriesOfOperation(service, id), [
    { type: 'operation.started', version: 1, kind: 'count' },
    { type: 'operation.finished', version: 2, kind: 'count', status: 'succeeded' },
  ])
})

t.test('the list holds own work, all of it for an administrator, newest first by cursor', async t => {
  const { service, ask } = await givenOperations(t)
  const mine: string[] = []
  for (let n = 0; n < 5; n++) mine.push(await ask('count'))
  const other = await ask('other', 'colleague')
  const list = async (account: string, query = '') =>
    (await service.call(account, 'GET', `/v1/operations${query}`)).body as { items: { id: string }[]; next: string }
  const ids = (page: { items: { id: string }[] }) => page.items.map(({ id }) => id)
  t.same(ids(await list('owner')), [...mine].reverse())
  t.same(ids(await list('colleague')), [other])
  t.same(ids(await list('administrator')), [other, ...[...mine].reverse()])
  t.same(ids(await list('student-1')), [])
  t.same(ids(await list('administrator', '?kind=other')), [other])
  t.same(ids(await list('owner', '?status=succeeded')), [])
  const first = await list('owner', '?limit=2')
  const second = await list('owner', `?limit=2&cursor=${encodeURIComponent(first.next)}`)
  t.same([...ids(first), ...ids(second)], [...mine].reverse().slice(0, 4))
  t.equal((await service.call('owner', 'GET', '/v1/operations?cursor=x.y')).body.code, 'bad_cursor')
  t.equal((await service.call('owner', 'GET', '/v1/operations?status=lost')).status, 400)
})

t.test('work that fails says why, in the words asked for; a fault of our own is no riddle to the operator', async t => {
  const { service, ask, read } = await givenOperations(t)
  const refused = defineOperation('refused', 'operation:read', async () => {
    throw new Problem('operation_finished', { ended: 'x' })
  })
  const broken = defineOperation('broken', 'operation:read', async () => {
    throw new Error('secret of the inside')
  })
  const { work, faults } = processWith(service, refused, broken)
  const [one, two] = [await ask('refused'), await ask('broken')]
  while (await work.pass());
  const told = await read(one, 'owner', { 'accept-language': 'zh' })
  t.match(told, {
    status: 'failed',
    result: null,
    problem: { code: 'operation_finished', title: '操作已结束', status: 409 },
  })
  t.match(told.problem.instance, `/v1/operations/${one}`)
  const listed = (await service.call('owner', 'GET', '/v1/operations', undefined, { 'accept-language': 'zh' })).body
    .items
  t.ok(told.problem.requestId, 'the request it was asked in')
  t.same(listed.at(-1), told, 'and the list tells the same')
  t.match(await read(two), { status: 'failed', problem: { code: 'internal_error' } })
  t.notMatch(JSON.stringify(await read(two)), /secret/)
  t.equal((faults[0] as Error).message, 'secret of the inside')
  t.match(await entriesOfOperation(service, two), [{}, { status: 'failed', code: 'internal_error' }])
})

t.test(
  'a waiting operation is cancelled at once, a running one before its next step, a finished one never',
  async t => {
    const { service, ask, read } = await givenOperations(t)
    const cancel = (id: string, account = 'owner', headers = {}) =>
      service.call(account, 'POST', `/v1/operations/${id}/cancellation`, undefined, headers)
    const waiting = await ask('count')
    t.equal((await cancel(waiting, 'colleague')).status, 404)
    const key = { 'idempotency-key': 'cancel-1' }
    t.match(await cancel(waiting, 'owner', key), { status: 202, body: { status: 'cancelled', cancelRequested: true } })
    t.match(await cancel(waiting, 'owner', key), { status: 202, headers: { 'idempotent-replayed': 'true' } })
    t.match((await cancel(waiting)).body, { code: 'operation_finished', ended: 'cancelled' })
    t.same(await entriesOfOperation(service, waiting), [
      { type: 'operation.started', version: 1, kind: 'count' },
      { type: 'operation.cancellation_requested', version: 2 },
      { type: 'operation.finished', version: 3, kind: 'count', status: 'cancelled' },
    ])
    const { work } = processWith(service, counting)
    t.equal(await work.pass(), false, 'nobody runs it')

    const [reached, go] = [gate(), gate()]
    const slow = defineOperation(
      'slow',
      'operation:read',
      async context => {
        await context.step(async () => ({ done: 1, total: 2, state: { at: 1 } }))
        reached.open()
        await go.opened
        await context.step(async () => ({ done: 2 }))
        return {}
      },
      { soFar: (_input, state) => state },
    )
    const running = await ask('slow')
    const pass = processWith(service, slow).work.pass()
    await reached.opened
    t.match((await cancel(running, 'administrator')).body, { status: 'running', cancelRequested: true })
    t.equal((await cancel(running)).status, 202, 'asking twice is asking once')
    t.match(await read(running), { status: 'running', cancelRequested: true, cancellable: false })
    go.open()
    await pass
    t.match(await read(running), { status: 'cancelled', progress: { done: 1 }, result: { at: 1 }, problem: null })
    t.match(await entriesOfOperation(service, running), [
      { type: 'operation.started', version: 1 },
      { type: 'operation.cancellation_requested', version: 2 },
      { type: 'operation.finished', version: 3, status: 'cancelled' },
    ])
  },
)

t.test('what would be left half done cannot be cancelled', async t => {
  const { service, ask, read } = await givenOperations(t)
  const [reached, go] = [gate(), gate()]
  const committed = defineOperation('committed', 'operation:read', async context => {
    await context.step(async () => ({ cancellable: false }))
    reached.open()
    await go.opened
    await context.step(async () => ({ done: 1 }))
    return { whole: true }
  })
  const id = await ask('committed')
  const pass = processWith(service, committed).work.pass()
  await reached.opened
  const refused = await service.call('owner', 'POST', `/v1/operations/${id}/cancellation`)
  t.match(refused, { status: 409, body: { code: 'operation_not_cancellable' } })
  go.open()
  await pass
  t.match(await read(id), { status: 'succeeded', result: { whole: true } })
})

t.test('operations are forgotten 30 days after their end, uploads nobody reads after a day', async t => {
  const { service, ask, read } = await givenOperations(t)
  const id = await ask('count')
  await processWith(service, counting).work.pass()
  const waiting = await ask('other')
  const { ambient, db } = service.deps
  await receiveUpload(db.as(service.institution), ambient, Readable.from([randomBytes(10)]), 100)
  const sweep = async (days: number) => {
    service.clock.now = new Date(service.clock.now.getTime() + days * 86_400_000)
    while (await operationSweep(service.deps).pass());
  }
  await sweep(0.9)
  t.equal((await service.asOwner('select 1 from upload_chunks')).length, 1)
  await sweep(0.2)
  t.equal((await service.asOwner('select 1 from upload_chunks')).length, 0)
  t.equal((await service.asOwner('select 1 from uploads')).length, 0)
  await sweep(28)
  t.equal((await service.asOwner('select 1 from operations')).length, 2)
  await sweep(1)
  t.same(
    (await service.asOwner('select id from operations')).map(row => row.id),
    [waiting],
    'what waits is kept',
  )
  t.equal((await read(id)).code, 'not_found')
})
