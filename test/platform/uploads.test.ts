import { randomBytes, randomUUID } from 'node:crypto'
import t from 'tap'
import { chunkBytes, readUpload, receiveUpload } from '../../src/platform/uploads.ts'
import { givenService } from '../support/service.ts'

const bytesOf = async function* (parts: readonly Uint8Array[]) {
  yield* parts
}

t.test('an upload is kept in pieces and read by position', async t => {
  const service = await givenService(t)
  const { ambient, db } = service.deps
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
  const service = await givenService(t)
  const { ambient, db } = service.deps
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
