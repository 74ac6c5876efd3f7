import t from 'tap'
import { readJson } from '../../src/platform/http/json.ts'

const refuses = (text: string): boolean => {
  try {
    readJson(Buffer.from(text))
    return false
  } catch (error) {
    return (error as { code?: string }).code === 'bad_json'
  }
}

t.test('a key is refused the second time, whatever stands between it and its colon', async t => {
  for (const blanks of [0, 1, 62, 63, 64, 500, 5_000])
    for (const blank of [' ', '\t', '\n', '\r'])
      t.ok(refuses(`{"a":1,"a"${blank.repeat(blanks)}:2}`), `${blanks} of ${JSON.stringify(blank)}`)
  t.ok(refuses('{"a":[{"b":1,"\\u0062" :2}]}'), 'in disguise, further in')
  t.same(readJson(Buffer.from('{"a":"b","b":["a","a"],"c":{"a":"a"}}')), { a: 'b', b: ['a', 'a'], c: { a: 'a' } })
})

t.test('32 levels are read, 33 are not', async t => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  for (const text of [nested, objects]) {
    t.notOk(refuses(text(32)))
    t.ok(refuses(text(33)))
    t.ok(refuses(text(20_000)))
  }
})

t.test('keys of the machinery are refused however they are written, words that look like them are not', async t => {
  for (const key of ['__proto__', 'constructor', '\\u005f_proto__']) t.ok(refuses(`{"a":{"${key}" : {"b":1}}}`), key)
  const words = { note: '"constructor": x, __proto__', list: ['constructor', '__proto__'] }
  t.same(readJson(Buffer.from(JSON.stringify(words))), words)
})
