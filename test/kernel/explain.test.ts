import t from 'tap'
import { edgesFrom } from '../../src/kernel/decide.ts'
import { stateOfEdge } from '../../src/kernel/explain.ts'
import { casework } from '../../src/practice/casework.ts'
import { titleOfKind } from '../../src/practice/record-kinds.ts'
import { catalogue, move, refuse, type S, signed, small, standing, title, waived } from '../support/small-process.ts'

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
