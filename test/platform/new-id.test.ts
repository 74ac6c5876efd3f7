import t from 'tap'
import { validate, version } from 'uuid'
import { newId } from '../../src/platform/new-id.ts'

t.test('ids are UUIDv7, rise within a millisecond too, and tell when they were made', async t => {
  const before = Date.now()
  const ids = Array.from({ length: 20_000 }, newId)
  const after = Date.now()
  t.ok(ids.every(id => validate(id) && version(id) === 7))
  t.same([...ids].sort(), ids)
  t.equal(new Set(ids).size, ids.length)
  const times = ids.map(id => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))
  t.ok(times.every(time => time >= before && time <= after))
  t.ok(after - before < 10_000)
  t.ok(new Set(ids.map(id => id.slice(-11))).size === ids.length, 'the random end is drawn anew for each')
})
