import t from 'tap'
import * as codes from '../../src/practice/codes.ts'
import * as groupCodes from '../../src/practice/group-codes.ts'
import { instruments, scoresOf } from '../../src/practice/instruments.ts'
import { recordKind } from '../../src/practice/record-kinds.ts'
import { strategies } from '../../src/practice/strategies.ts'
import { today } from './facts.ts'

const { codesOf: _, ...lists } = codes

t.test('every code has a title in both languages', async t => {
  for (const [list, items] of Object.entries({ ...lists, ...groupCodes }))
    for (const [code, item] of Object.entries(items)) {
      const title = 'title' in item ? item.title : item
      t.match(code, /^[a-z][a-z0-9_]*$/, `${list}.${code}`)
      t.match(title.en, /^[A-Z]/, `${list}.${code} in English`)
      t.match(title.zh, /[\u4e00-\u9fff]/, `${list}.${code} in Chinese`)
    }
})

t.test('finer causes and manifestations belong to the families of the source, none of which is empty', async t => {
  const families = (list: Readonly<Record<string, { readonly family: string }>>) =>
    [...new Set(Object.values(list).map(each => each.family))].sort()
  t.same(families(codes.causes), Object.keys(codes.causeFamilies).sort())
  t.same(families(codes.manifestations), Object.keys(codes.manifestationFamilies).sort())
})

t.test('every cause has a strategy, and no strategy serves an unknown cause', async t => {
  const known = Object.keys(codes.causes)
  const served = new Set(Object.values(strategies).flatMap(each => each.causes))
  t.same(
    known.filter(cause => !served.has(cause)),
    [],
    'causes without help',
  )
  t.same(
    [...served].filter(cause => !known.includes(cause)),
    [],
    'causes that are none',
  )
  for (const [name, { settings, line }] of Object.entries(strategies)) {
    t.ok(settings.length > 0, `${name} has a setting`)
    t.ok(['teaching', 'moral_education'].includes(line), `${name} has a line`)
  }
})

t.test('each item of an instrument counts in exactly one subscale; five points are named', async t => {
  for (const [name, instrument] of Object.entries(instruments)) {
    const counted = Object.values(instrument.subscales).flatMap(({ items }) => [...items] as number[])
    t.same(
      counted.sort((a, b) => a - b),
      instrument.items.map((_, index) => index),
      name,
    )
    t.equal(instrument.scale.length, 5)
    t.equal(new Set(instrument.items.map(item => item.zh)).size, instrument.items.length, 'no item is there twice')
  }
  t.same(Object.keys(instruments.learning_difficulty_causes.subscales), Object.keys(codes.causeFamilies))
})

t.test('a score is the mean of its subscale to two decimals, and none without every answer', async t => {
  t.same(scoresOf('learning_difficulty_causes', [5, 4, 3, 1, 1, 1, 2, 2, 2, 3, 3, 4]), {
    personal: 4,
    family: 1,
    teaching: 2,
    environment: 3.33,
  })
  t.same(scoresOf('how_things_stand', [1, 2, 5, 4, 3]), { satisfaction: 2.67, confidence: 4, mood: 3 })
  t.equal(scoresOf('learning_difficulty_causes', [1, 2]), null)
  t.equal(scoresOf('how_things_stand', [1, 2, 5, 4, 3, 3]), null)
})

t.test('the service scores a response, whatever scores are sent', async t => {
  const kind = recordKind('instrument_response') as NonNullable<ReturnType<typeof recordKind>>
  const derive = (content: object) => kind.derive?.(kind.content.parse({ ...kind.example(today), ...content }))
  const honest = derive({}) as { scores: object }
  t.same(honest.scores, scoresOf('learning_difficulty_causes', [4, 4, 3, 2, 1, 2, 3, 2, 2, 4, 3, 2]))
  t.same((derive({ scores: { personal: 1 } }) as { scores: object }).scores, honest.scores)
  t.notOk('scores' in (derive({ answers: [1], scores: { personal: 1 } }) as object), 'none for too few answers')
  t.notOk(kind.content.safeParse({ ...kind.example(today), scores: { luck: 3 } }).success)
  t.notOk(kind.content.safeParse({ ...kind.example(today), answers: [6] }).success)
})
