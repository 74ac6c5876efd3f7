import { randomBytes, randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { readKeys } from '../../src/platform/keys.ts'
import { operationSweep } from '../../src/platform/operation-sweep.ts'
import { leaseMs, operationWork } from '../../src/platform/operation-work.ts'
import {
  defineOperation,
  type OperationContext,
  type OperationKind,
  startOperation,
} from '../../src/platform/operations.ts'
import { chunkBytes, readUpload, receiveUpload } from '../../src/platform/uploads.ts'
import { makeVault } from '../../src/platform/vault.ts'
import { Problem } from '../../src/practice/problems.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const depsOf = (service: Service) => {
  const keys = readKeys(service.keyTexts)
  const now = () => service.clock.now
  return { db: service.db, ambient: { now, wallClock: now, newId: v7, vault: makeVault(keys.kek), keys } }
}

/** A process that can run kinds of work; `onFault` collects what it told of. */
const processWith = (service: Service, ...kinds: OperationKind[]) => {
  const draining = new AbortController()
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const work = operationWork({ ...depsOf(service), kinds, draining: draining.signal, onFault })
  return { work, drain: () => draining.abort(), faults }
}

const start = async (service: Service, kind: string, actorId: string, key: string | null = null) => {
  const asked = {
    institution: service.institution,
    idempotency: key ? { key, fingerprint: 'same', askedAt: service.clock.now } : null,
    requestId: randomUUID(),
  }
  const actor = { kind: 'staff', id: actorId } as const
  return startOperation(depsOf(service), asked, { kind, actor, input: { n: 3 } })
}

const given = async (t: Test) => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  const ask = async (kind: string, account = 'owner') =>
    ((await start(service, kind, staff[account] as string)).body as { id: string }).id
  const read = async (id: string, account = 'owner', headers = {}) =>
    (await service.call(account, 'GET', `/v1/operations/${id}`, undefined, headers)).body
  return { service, staff, ask, read }
}

/** Counts to its input's `n`, a step each. */
const counting = defineOperation(
  'count',
  async context => {
    const { n } = context.input as { n: number }
    const from = (context.state as { at: number } | null)?.at ?? 0
    for (let at = from + 1; at <= n; at++) await context.step(async () => ({ done: at, total: n, state: { at } }))
    return { counted: n, from }
  },
  { soFar: (input, state) => ({ of: input, state }) },
)

/** Something that is opened once. */
const gate = () => {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

const entriesOf = async (service: Service, id: string) =>
  (
    await service.asOwner(
      `select type, subject_version as version, entry::json->'data' as data from journal where subject_id = '${id}' order by seq`,
    )
  ).map(({ type, version, data }) => ({ type, version, ...(data as object) }))

t.test('long work is asked for, done in the background, and told to who asked and to administrators', async t => {
  const { service, staff, read } = await given(t)
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
  t.same(await entriesOf(service, id), [
    { type: 'operation.started', version: 1, kind: 'count' },
    { type: 'operation.finished', version: 2, kind: 'count', status: 'succeeded' },
  ])
})

t.test('the list holds own work, all of it for an administrator, newest first by cursor', async t => {
  const { service, ask } = await given(t)
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
  const { service, ask, read } = await given(t)
  const refused = defineOperation('refused', async () => {
    throw new Problem('operation_finished', { ended: 'x' })
  })
  const broken = defineOperation('broken', async () => {
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
  t.match(await read(two), { status: 'failed', problem: { code: 'internal_error' } })
  t.notMatch(JSON.stringify(await read(two)), /secret/)
  t.equal((faults[0] as Error).message, 'secret of the inside')
  t.match(await entriesOf(service, two), [{}, { status: 'failed', code: 'internal_error' }])
})

t.test(
  'a waiting operation is cancelled at once, a running one before its next step, a finished one never',
  async t => {
    const { service, ask, read } = await given(t)
    const cancel = (id: string, account = 'owner', headers = {}) =>
      service.call(account, 'POST', `/v1/operations/${id}/cancellation`, undefined, headers)
    const waiting = await ask('count')
    t.equal((await cancel(waiting, 'colleague')).status, 404)
    const key = { 'idempotency-key': 'cancel-1' }
    t.match(await cancel(waiting, 'owner', key), { status: 202, body: { status: 'cancelled', cancelRequested: true } })
    t.match(await cancel(waiting, 'owner', key), { status: 202, headers: { 'idempotent-replayed': 'true' } })
    t.match((await cancel(waiting)).body, { code: 'operation_finished', ended: 'cancelled' })
    const { work } = processWith(service, counting)
    t.equal(await work.pass(), false, 'nobody runs it')

    const [reached, go] = [gate(), gate()]
    const slow = defineOperation(
      'slow',
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
    t.match(await entriesOf(service, running), [
      { type: 'operation.started', version: 1 },
      { type: 'operation.cancellation_requested', version: 2 },
      { type: 'operation.finished', version: 3, status: 'cancelled' },
    ])
  },
)

t.test('what would be left half done cannot be cancelled', async t => {
  const { service, ask, read } = await given(t)
  const [reached, go] = [gate(), gate()]
  const committed = defineOperation('committed', async context => {
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

t.test('another process goes on where one crashed, and one that comes late writes nothing', async t => {
  const { service, ask, read } = await given(t)
  const [reached, go] = [gate(), gate()]
  let late: unknown = null
  const write = (context: OperationContext, at: number) =>
    context.step(async tx => {
      await tx.system.rows({ name: `test.mark_${at}`, text: `update institutions set name_en = name_en || '${at}'` })
      return { done: at, state: { at } }
    })
  const stuck = defineOperation('marks', async context => {
    await write(context, 1)
    reached.open()
    await go.opened
    await write(context, 2).catch(error => {
      late = error
      throw error
    })
    return { by: 'late' }
  })
  const sound = defineOperation('marks', async context => {
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
  t.equal((await entriesOf(service, id)).length, 2)
})

t.test('a process that stops puts its work back after the step that runs', async t => {
  const { service, ask, read } = await given(t)
  const first = processWith(
    service,
    defineOperation('count', async context => {
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
  const { service, ask, read } = await given(t)
  const id = await ask('killer')
  const kinds = JSON.stringify(['killer'])
  t.ok(kinds)
  await service.asOwner(
    `update operations set status = 'running', attempts = 5, fence = 5, lease_until = '2026-09-14T01:00:00Z' where id = '${id}'`,
  )
  let ran = false
  await processWith(
    service,
    defineOperation('killer', async () => {
      ran = true
      return {}
    }),
  ).work.pass()
  t.equal(ran, false)
  t.match(await read(id), { status: 'failed', problem: { code: 'operation_abandoned' } })
})

t.test('work of one kind and institution is done in the order it came', async t => {
  const { service, ask } = await given(t)
  const order: string[] = []
  const note = defineOperation('note', async context => {
    order.push(context.id)
    return {}
  })
  const ids = [await ask('note'), await ask('note'), await ask('note')]
  const processes = [processWith(service, note), processWith(service, note)]
  for (let round = 0; round < 4; round++) await Promise.all(processes.map(({ work }) => work.pass()))
  t.same(order, ids)
})

t.test('of many processes one takes an operation', { skip: !postgresUrl }, async t => {
  const { service, ask } = await given(t)
  let runs = 0
  const once = defineOperation('once', async context => {
    runs++
    await context.step(async () => ({ done: 1 }))
    return {}
  })
  for (let n = 0; n < 5; n++) await ask('once')
  const processes = Array.from({ length: 8 }, () => processWith(service, once))
  for (let round = 0; round < 8; round++) await Promise.all(processes.map(({ work }) => work.pass()))
  t.equal(runs, 5)
})

t.test('operations are forgotten 30 days after their end, uploads nobody reads after a day', async t => {
  const { service, ask, read } = await given(t)
  const id = await ask('count')
  await processWith(service, counting).work.pass()
  const waiting = await ask('other')
  const { ambient, db } = depsOf(service)
  await receiveUpload(db.as(service.institution), ambient, bytesOf([randomBytes(10)]), 100)
  const sweep = async (days: number) => {
    service.clock.now = new Date(service.clock.now.getTime() + days * 86_400_000)
    while (await operationSweep(depsOf(service)).pass());
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

const bytesOf = async function* (parts: readonly Uint8Array[]) {
  yield* parts
}

t.test('an upload is kept in pieces and read by position', async t => {
  const { service } = await given(t)
  const { ambient, db } = depsOf(service)
  const tenant = db.as(service.institution)
  const whole = randomBytes(3 * chunkBytes + 17)
  const parts = [whole.subarray(0, 5), whole.subarray(5, 2 * chunkBytes + 9), whole.subarray(2 * chunkBytes + 9)]
  const upload = await receiveUpload(tenant, ambient, bytesOf(parts), whole.length)
  t.equal(upload.size, whole.length)
  const pieces = await service.asOwner('select n, length(bytes) as size from upload_chunks order by n')
  const sealing = 1 + 12 + 16
  t.same(
    pieces,
    [0, 1, 2, 3].map(n => ({ n, size: (n < 3 ? chunkBytes : 17) + sealing })),
  )
  const reader = await readUpload(tenant, ambient, upload.id)
  for (const [start, end] of [
    [0, whole.length],
    [chunkBytes - 3, chunkBytes + 3],
    [2 * chunkBytes, 3 * chunkBytes + 17],
    [7, 7],
  ] as const) {
    const read: Buffer[] = []
    for await (const part of reader.range(start, end)) read.push(part)
    t.ok(Buffer.concat(read).equals(whole.subarray(start, end)), `${start}–${end}`)
  }
  await t.rejects(receiveUpload(tenant, ambient, bytesOf(parts), whole.length - 1), { code: 'payload_too_large' })
  t.equal((await service.asOwner('select 1 from uploads')).length, 1, 'nothing is left of what was too large')
  const broken = async function* () {
    yield whole.subarray(0, chunkBytes)
    throw new Error('the client went away')
  }
  await t.rejects(receiveUpload(tenant, ambient, broken(), whole.length), { message: 'the client went away' })
  t.equal((await service.asOwner('select 1 from upload_chunks')).length, 4)
  await t.rejects(readUpload(tenant, ambient, randomUUID()), { message: 'the upload is gone' })
})

t.test('no byte of an upload lies in the clear, and a piece opens only where it was put', async t => {
  const { service } = await given(t)
  const { ambient, db } = depsOf(service)
  const tenant = db.as(service.institution)
  const words = Buffer.alloc(2 * chunkBytes, '学号,姓名,13800000000\n')
  const receive = () => receiveUpload(tenant, ambient, bytesOf([words]), words.length)
  const [one, other] = [await receive(), await receive()]
  const stored = await service.asOwner("select encode(bytes, 'hex') as hex from upload_chunks")
  t.notOk(stored.some(row => String(row.hex).includes(words.subarray(0, 8).toString('hex'))))
  const opens = async () => {
    for await (const part of (await readUpload(tenant, ambient, one.id)).range(0, words.length)) t.ok(part.length)
  }
  await opens()
  for (const from of [`upload_id = '${one.id}' and c.n = 1`, `upload_id = '${other.id}' and c.n = 0`]) {
    const [kept] = await service.asOwner(
      `select encode(bytes, 'hex') as hex from upload_chunks where upload_id = '${one.id}' and n = 0`,
    )
    const put = (bytes: string) =>
      service.asOwner(`update upload_chunks set bytes = ${bytes} where upload_id = '${one.id}' and n = 0`)
    await put(`(select bytes from upload_chunks c where c.${from})`)
    await t.rejects(opens(), { message: 'forged' }, from)
    await put(`decode('${kept?.hex}', 'hex')`)
  }
  await opens()
})
