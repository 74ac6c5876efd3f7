import fc from 'fast-check'
import t from 'tap'
import { edgesFrom, refuseMove } from '../../src/kernel/decide.ts'
import { mermaid, svg } from '../../src/kernel/diagram.ts'
import { stateOfEdge } from '../../src/kernel/explain.ts'
import { defineProcess, type Standing } from '../../src/kernel/process.ts'
import { moveConstraints } from '../../src/kernel/process-sql.ts'
import { casework } from '../../src/practice/casework.ts'
import { caseworkChecks } from '../../src/practice/casework-checks.ts'
import { recordKind, titleOfKind } from '../../src/practice/record-kinds.ts'

const title = { en: 'x', zh: '某' }
const small = defineProcess({
  name: 'small',
  title,
  initial: 'a',
  final: ['d'],
  remembers: 'c',
  steps: { a: { title }, b: { title }, c: { title }, d: { title } },
  edges: [
    {
      from: 'a',
      to: 'b',
      by: ['owner'],
      needs: [
        { record: 'k', since: 'case', waivable: true },
        { record: 'l', since: 'step' },
      ],
      checks: [{ check: 'ok' }],
    },
    {
      from: 'a',
      to: 'c',
      by: ['owner', 'boss'],
      needs: [{ record: 'k', since: 'case', when: { reason: ['good'] } }],
      checks: [],
      reasons: ['good', 'bad'],
    },
    {
      from: 'b',
      to: 'c',
      by: ['owner'],
      needs: [{ record: 'm', since: { record: 'n' }, where: { decision: ['end'] } }],
      checks: [],
    },
    { from: 'c', to: 'a', by: ['owner'], needs: [], checks: [], noteRequired: true, back: true },
    { from: 'c', to: 'b', by: ['owner'], needs: [], checks: [], noteRequired: true, back: true },
    { from: 'c', to: 'd', by: ['owner'], needs: [], checks: [] },
  ],
})
const catalogue = {
  checks: { ok: { title, records: [], rule: (facts: { ok: boolean }) => (facts.ok ? [] : [{ check: 'ok', title }]) } },
  titleOf: () => title,
}
type S = Standing<'a' | 'b' | 'c' | 'd', 'k' | 'l' | 'm' | 'n'>
const standing = (more: Partial<S> = {}): S => ({
  step: 'a',
  stepSince: 1,
  cameFrom: null,
  baseline: 0,
  reason: null,
  signed: {},
  waived: [],
  ...more,
})
const waived = (need: string, version: number, dueOn: string | null = null) =>
  ({ need, mode: dueOn ? 'deferred' : 'waived', dueOn, version }) as const
const signed = (version: number, content: Record<string, unknown> = {}) => ({ id: 'r', version, content })
const move = (to: string, reason: string | null = null, note: string | null = null) => ({
  to,
  reason,
  note,
  today: '2026-09-14',
})
const refuse = (at: S, what: ReturnType<typeof move>, relations = ['owner'], ok = true) =>
  refuseMove(small as never, at as never, { ok }, catalogue as never, relations, what)

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

t.test('a waiver stands in for the round it was given in, and the explanation says which it is', async t => {
  const at = (version: number, reached: string[]) =>
    standing({ stepSince: 5, reached, signed: { l: signed(6) }, waived: [waived('k', version, '2026-10-01')] })
  t.equal(refuse(at(2, ['a']), move('b')), null, 'given before, and the next step was never reached')
  t.match(refuse(at(2, ['a', 'b']), move('b')), { missing: [{ need: 'k' }] }, 'given in an earlier round')
  t.equal(refuse(at(6, ['a', 'b']), move('b')), null, 'given in this one')
  const explain = (s: S) =>
    stateOfEdge(small as never, small.edges[0] as never, s as never, { ok: true }, catalogue as never, {
      reason: null,
      today: '',
    })
  t.match(explain(at(6, ['a', 'b']))[0], { waived: true, waiver: { mode: 'deferred', dueOn: '2026-10-01' } })
  const both = { ...at(6, ['a']), waived: [waived('k', 6, '2026-10-01'), waived('k', 7)] }
  t.same(explain(both)[0]?.waiver, { mode: 'waived', dueOn: null }, 'the newest')
})

t.test('what is missing says which record and which operation would meet it', async t => {
  const with_ = { ...catalogue, recordOperation: 'write' }
  const missing = (checks: object) =>
    stateOfEdge(
      small as never,
      small.edges[0] as never,
      standing() as never,
      { ok: false },
      { ...with_, checks } as never,
      { reason: null, today: '' },
    ).map(each => [each.recordKind, each.operation, each.missing])
  const rule = () => [{ check: 'ok', title }]
  t.same(missing({ ok: { title, records: [], operation: 'resume', rule } }), [
    ['k', 'write', [{ need: 'k', recordKind: 'k', operation: 'write', title }]],
    ['l', 'write', [{ need: 'l', recordKind: 'l', operation: 'write', title }]],
    [undefined, 'resume', [{ operation: 'resume', check: 'ok', title }]],
  ])
  t.match(missing({ ok: { title, records: ['m', 'n'], rule } })[2], ['m', 'write', [{ recordKind: 'm' }]])
  const own = () => [{ check: 'ok', recordKind: 'n', title }]
  t.match(missing({ ok: { title, records: ['m'], rule: own } })[2], ['m', 'write', [{ recordKind: 'n' }]])
})

t.test('what is missing tells why what is on file does not do', async t => {
  const named = {
    ...catalogue,
    titleOf: (kind: string) => ({ en: `Form ${kind}`, zh: `表${kind}` }),
    checks: {
      ok: { title, records: ['x'], about: ['k'], rule: () => [] },
    },
  }
  const state = (edge: number, s: Partial<S> & { signed: object }) =>
    stateOfEdge(small as never, small.edges[edge] as never, standing(s as never) as never, {}, named as never, {
      reason: null,
      today: '',
    })
  const words = (edge: number, s: Partial<S> & { signed: object }) =>
    state(edge, s).flatMap(each => each.missing.map(({ title: { en } }) => en))
  t.same(words(0, { signed: {} }), ['Form k', 'Form l'])
  t.same(words(0, { stepSince: 5, signed: { k: signed(1), l: signed(4) } }), [
    'Form l, anew: the one on file is older than this step',
  ])
  const [older] = state(2, { step: 'b', signed: { m: signed(2), n: signed(3) } })
  t.match(older?.missing, [{ title: { en: /older than the newest form n/, zh: /早于最新的表n/ } }])
  const [other] = state(2, { step: 'b', signed: { m: signed(4, { decision: 'go' }), n: signed(3) } })
  t.match(other?.missing, [
    { need: 'm', where: { decision: ['end'] }, title: { en: 'Form m with decision end: the one on file says go' } },
  ])
  t.same(words(2, { step: 'b', signed: { m: signed(4, { decision: 'end' }), n: signed(3) } }), [])
  const check = (s: Partial<S> & { signed: object }) => state(0, s).find(each => each.check === 'ok')
  t.match(check({ signed: {} }), { met: false, awaits: 'k', missing: [] }, 'nothing can be said of it yet')
  t.match(check({ signed: {}, waived: [waived('k', 2)] }), { met: true, awaits: undefined })
  t.match(check({ signed: { k: signed(2) } }), { met: true, awaits: undefined })
})

t.test('a rule is told the reason the subject ends for, when every reason is explained', async t => {
  const told: unknown[] = []
  const rule = (_: unknown, move: { reason: string | null }) => {
    told.push(move.reason)
    return []
  }
  for (const [reason, ends] of [
    ['*', 'bad'],
    [null, 'bad'],
    ['good', null],
  ] as const)
    stateOfEdge(
      small as never,
      small.edges[0] as never,
      standing({ reason: ends }) as never,
      {},
      { ...catalogue, checks: { ok: { title, records: [], rule } } } as never,
      { reason, today: '' },
    )
  t.same(told, ['bad', 'bad', 'good'])
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

t.test('an explanation shows the needs of every reason', async t => {
  const edge = edgesFrom(casework, { step: 'evaluation', cameFrom: null }).find(each => each.to === 'closure')
  t.ok(edge)
  t.equal(titleOfKind('plan').zh, '帮扶计划')
  const state = stateOfEdge(
    small as never,
    small.edges[1] as never,
    standing() as never,
    { ok: true },
    catalogue as never,
    { reason: '*', today: '' },
  )
  t.match(state, [{ need: 'k', met: false, when: { reason: ['good'] } }])
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
