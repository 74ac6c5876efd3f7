import fc from 'fast-check'
import t from 'tap'
import { refuseMove } from '../../src/kernel/decide.ts'
import { mermaid, svg } from '../../src/kernel/diagram.ts'
import { moveConstraints } from '../../src/kernel/process-sql.ts'
import { casework } from '../../src/practice/casework.ts'
import { caseworkChecks } from '../../src/practice/casework-checks.ts'
import { recordKind } from '../../src/practice/record-kinds.ts'
import { catalogue, move, refuse, signed, small, standing, waived } from '../support/small-process.ts'

t.test('only edges that exist can be taken, whatever the standing', async () => {
  const steps = ['a', 'b', 'c', 'd'] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...steps),
      fc.constantFrom(...steps, 'nowhere'),
      fc.option(fc.constantFrom('a', 'b'), { nil: null }),
      fc.boolean(),
      (step, to, cameFrom, ok) => {
        const at = standing({
          step,
          cameFrom: step === 'c' ? cameFrom : null,
          signed: { k: signed(9), l: signed(9), m: signed(9, { decision: 'end' }) },
        })
        const refusal = refuse(at, move(to, to === 'c' && step === 'a' ? 'good' : null, 'why'), ['owner'], ok)
        const edge = small.edges.find(
          each => each.from === step && each.to === to && (!('back' in each) || to === at.cameFrom),
        )
        return edge === undefined ? refusal?.code === 'step_not_reachable' : refusal?.code !== 'step_not_reachable'
      },
    ),
  )
})

t.test('every need alone blocks; a waived need does not; a check blocks', async t => {
  const full = standing({ stepSince: 3, signed: { k: signed(1), l: signed(4) } })
  t.equal(refuse(full, move('b')), null)
  t.match(refuse({ ...full, signed: { l: signed(4) } }, move('b')), {
    code: 'requirements_unmet',
    missing: [{ need: 'k' }],
  })
  t.equal(refuse({ ...full, signed: { l: signed(4) }, waived: [waived('k', 2)] }, move('b')), null)
  t.match(
    refuse({ ...full, signed: { k: signed(1) }, waived: [waived('l', 5)] }, move('b')),
    { missing: [{ need: 'l' }] },
    'what is not waivable is not waived',
  )
  t.match(refuse(full, move('b'), ['owner'], false), { missing: [{ check: 'ok' }] })
})

t.test('since counts versions: of the case, of the step, of another record', async t => {
  const at = (l: number) => refuse(standing({ stepSince: 3, signed: { k: signed(1), l: signed(l) } }), move('b'))
  t.match(at(3), { code: 'requirements_unmet' }, 'signed when the step was entered is too old')
  t.equal(at(4), null)
  const later = (m: number, n: number | null, baseline = 0, decision = 'end') =>
    refuse(
      standing({
        step: 'b',
        baseline,
        signed: { m: signed(m, { decision }), ...(n === null ? {} : { n: signed(n) }) } as never,
      }),
      move('c'),
    )
  t.equal(later(5, 4), null)
  t.match(later(4, 5), { code: 'requirements_unmet' })
  t.match(later(2, null, 3), { code: 'requirements_unmet' }, 'without the other record the baseline counts')
  t.match(later(5, 4, 0, 'go on'), { code: 'requirements_unmet' }, 'another decision')
})

t.test('reasons, notes and who', async t => {
  t.match(refuse(standing(), move('c')), { code: 'reason_required', reasons: ['good', 'bad'] })
  t.match(refuse(standing(), move('c', 'ugly')), { code: 'reason_not_allowed' })
  t.match(refuse(standing(), move('c', 'good')), { code: 'requirements_unmet' }, 'a need that counts for this reason')
  t.equal(refuse(standing(), move('c', 'bad')), null)
  t.match(refuse(standing({ signed: { k: signed(1), l: signed(2) } }), move('b', 'bad')), {
    code: 'reason_not_allowed',
  })
  const vague = { ...small, edges: small.edges.map(edge => (edge.to === 'c' ? { ...edge, noteFor: ['bad'] } : edge)) }
  const why = (reason: string, note: string | null) =>
    refuseMove(vague as never, standing() as never, {}, catalogue as never, ['owner'], move('c', reason, note))
  t.match(why('bad', ' '), { code: 'note_required' }, 'a reason that says nothing without words')
  t.equal(why('bad', 'said'), null)
  t.match(why('good', null), { code: 'requirements_unmet' }, 'another asks for none')
  t.match(refuse(standing(), move('c', 'bad'), ['passer-by']), { code: 'edge_not_yours', by: ['owner', 'boss'] })
  t.match(refuse(standing({ step: 'c', cameFrom: 'a' }), move('a')), { code: 'note_required' })
  t.match(refuse(standing({ step: 'c', cameFrom: 'a' }), move('a', null, '  ')), { code: 'note_required' })
  t.match(refuse(standing({ step: 'c', cameFrom: 'a' }), move('b', null, 'x')), {
    code: 'step_not_reachable',
    reachable: ['a', 'd'],
  })
})

t.test('casework itself: every step reached, every step left, every name known', async t => {
  const reached = new Set<string>([casework.initial])
  for (let size = 0; size !== reached.size; ) {
    size = reached.size
    for (const edge of casework.edges) if (reached.has(edge.from)) reached.add(edge.to)
  }
  t.same([...reached].sort(), Object.keys(casework.steps).sort())
  for (const step of Object.keys(casework.steps)) {
    const ends = casework.edges.some(edge => edge.from === step) || casework.final.includes(step as 'closed')
    t.ok(ends, `${step} is left or final`)
    if (step !== 'closed' && step !== 'closure')
      t.ok(
        casework.edges.some(edge => edge.from === step && edge.to === 'closure'),
        `${step} can end`,
      )
  }
  const pairs = casework.edges.map(edge => `${edge.from} ${edge.to}`)
  t.equal(new Set(pairs).size, pairs.length, 'one edge between two steps')
  for (const edge of casework.edges) for (const need of edge.needs) t.ok(recordKind(need.record), need.record)
  const used = new Set<string>([
    ...casework.edges.flatMap(edge => edge.checks.map(check => check.check)),
    ...(casework.everywhere ?? []).map(rule => rule.check),
  ])
  t.same([...used].sort(), Object.keys(caseworkChecks).sort(), 'every check is used, every used check is there')
  for (const check of Object.values(caseworkChecks)) for (const kind of check.records) t.ok(recordKind(kind), kind)
})

t.test('constraints and diagrams come from the same value', async t => {
  const [edges, returns] = moveConstraints(small as never, 'moves')
  t.match(edges?.sql, /\('a', 'b'\)/)
  t.notMatch(edges?.sql, /\('a', 'd'\)/)
  t.match(returns?.sql, /came_from is not null and to_step = came_from/)
  for (const step of Object.keys(casework.steps)) {
    t.match(mermaid(casework as never, 'en'), step)
    t.match(svg(casework as never, 'zh'), casework.steps[step as 'plan'].title.zh)
  }
})
