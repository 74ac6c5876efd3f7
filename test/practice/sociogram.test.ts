import fc from 'fast-check'
import t from 'tap'
import { type Interaction, sociogramOf, sociogramSvg } from '../../src/practice/sociogram.ts'

const rates = (fromId: string, toId: string, rating: number): Interaction => ({ fromId, toId, rating })

t.test('who chooses whom, who rejects, who stands alone, who are a pair', async t => {
  const found = sociogramOf(
    ['m1', 'm2', 'm3', 'm4', 'm5'],
    [
      rates('m1', 'm2', 2),
      rates('m1', 'm2', 1),
      rates('m2', 'm1', 1),
      rates('m3', 'm2', 2),
      rates('m3', 'm1', -2),
      rates('m4', 'm3', 1),
      rates('m4', 'm3', -1),
      rates('m1', 'm9', 2),
      rates('m9', 'm5', 2),
    ],
  )
  t.same(found.ties, [
    { fromId: 'm1', toId: 'm2', rating: 1.5, kind: 'choice', mutual: true },
    { fromId: 'm2', toId: 'm1', rating: 1, kind: 'choice', mutual: true },
    { fromId: 'm3', toId: 'm1', rating: -2, kind: 'rejection', mutual: false },
    { fromId: 'm3', toId: 'm2', rating: 2, kind: 'choice', mutual: false },
    { fromId: 'm4', toId: 'm3', rating: 0, kind: 'neutral', mutual: false },
  ])
  t.same(found.mutualPairs, [['m1', 'm2']])
  t.same(found.isolates, ['m4', 'm5'], 'neither a mean of nothing nor a stranger’s choice counts')
  t.match(found.members[0], { memberId: 'm1', chosenBy: 1, chooses: 1, rejectedBy: 1, isolate: false })
  t.match(found.members[1], { memberId: 'm2', chosenBy: 2 })
})

const ids = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']
const ratings = fc.array(
  fc.record({
    fromId: fc.constantFrom(...ids),
    toId: fc.constantFrom(...ids),
    rating: fc.integer({ min: -2, max: 2 }),
  }),
  { maxLength: 60 },
)

t.test('the drawing does not depend on the order of the ratings, and nobody stands on another', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(ratings, fc.integer({ min: 1, max: 8 }), (given, size) => {
        const members = ids.slice(0, size)
        const found = sociogramOf(members, given)
        const places = new Set(found.members.map(each => `${each.x} ${each.y}`))
        return (
          JSON.stringify(found) === JSON.stringify(sociogramOf(members, [...given].reverse())) &&
          places.size === size &&
          found.members.every(each => Math.hypot(each.x, each.y) <= 1.01)
        )
      }),
      { numRuns: 500, seed: 7 },
    ),
  )
})

t.test('the more are chosen, the nearer they stand to the middle', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(ratings, given => {
        const { members } = sociogramOf(ids, given)
        return members.every(a =>
          members.every(b => a.chosenBy <= b.chosenBy || Math.hypot(a.x, a.y) < Math.hypot(b.x, b.y) + 0.02),
        )
      }),
      { numRuns: 300, seed: 7 },
    ),
  )
})

t.test('the drawing names whom it is told to name, harmlessly, and draws each tie that says something', async t => {
  const sociogram = sociogramOf(
    ['m1', 'm2', 'm3'],
    [rates('m1', 'm2', 2), rates('m2', 'm1', 2), rates('m3', 'm1', -1), rates('m3', 'm2', 0)],
  )
  const svg = sociogramSvg(sociogram, id => `<b>"${id}"&`)
  t.match(svg, '&lt;b&gt;&quot;m1&quot;&amp;')
  t.notMatch(svg, '<b>')
  t.equal(svg.match(/<line /g)?.length, 3)
  t.equal(svg.match(/stroke-width="2.5"/g)?.length, 2, 'the pair is drawn thick')
  t.equal(svg.match(/<line [^>]*stroke-dasharray/g)?.length, 1, 'the rejection is dashed')
  t.equal(svg.match(/<circle [^>]*stroke-dasharray/g)?.length, 1, 'who stands alone is dashed')
  t.notMatch(
    sociogramSvg(sociogramOf(['m1'], []), id => id),
    /NaN/,
  )
  t.match(
    sociogramSvg(sociogramOf([], []), id => id),
    /<\/svg>\n$/,
  )
})
