import t from 'tap'
import type { CaseEffects } from '../../src/practice/case-effects.ts'
import type { CaseFacts } from '../../src/practice/facts.ts'
import { recordKinds } from '../../src/practice/record-kinds.ts'
import { after, givenFacts, today } from './facts.ts'

/** Signs a kind's example with changes laid over. @throws Error with the faults */
const signed = (facts: CaseFacts, name: string, overlay: Record<string, unknown> = {}) => {
  const kind = recordKinds[name]
  if (!kind) throw new Error(`no kind ${name}`)
  const parsed = kind.content.parse({ ...kind.example(today), ...overlay })
  const content = kind.derive ? kind.derive(parsed) : parsed
  const faults = kind.check?.(content, facts, today, [], '23:59') ?? []
  if (faults.length > 0) throw new Error(`${name}: ${faults.map(each => `${each.pointer} ${each.code}`).join(', ')}`)
  const effects: CaseEffects = kind.effects?.(content, facts) ?? {}
  return { effects, facts: after(facts, effects) }
}

const through = (facts: CaseFacts, ...kinds: readonly (string | [string, Record<string, unknown>])[]): CaseFacts =>
  kinds.reduce((now, each) => (typeof each === 'string' ? signed(now, each) : signed(now, ...each)).facts, facts)

const investigation = [
  'academic_record',
  'personal_profile',
  'environment',
  'cause_attribution',
  'risk_screening',
  'instrument_response',
  'waiver',
]
const fresh = givenFacts({ goals: [], actions: [] })
const planned = through(fresh, ...investigation, 'service_agreement', 'plan')

t.test('the examples sign one after the other, from the first day to aftercare', async t => {
  t.same(
    planned.goals.map(each => [each.id, each.status]),
    [
      ['g1', 'open'],
      ['g2', 'open'],
    ],
  )
  const tracked = through(
    planned,
    'session',
    'follow_up',
    'contact',
    'intervention',
    'provisional_action',
    'student_entry',
  )
  t.ok(
    tracked.goals.every(each => each.progressVersion > planned.version),
    'progress of both goals is on file',
  )
  const closing = through(tracked, 'evaluation')
  t.same(
    closing.goals.map(each => [each.attainment, each.attainmentFinal]),
    [
      [1, true],
      [0, true],
    ],
  )
  const settled = through(closing, 'action_settlement')
  t.same(
    settled.actions.map(each => [each.id, each.goalId, each.status]),
    [
      ['a1', 'g1', 'done'],
      ['a2', 'g2', 'done'],
      ['p1', null, 'open'],
    ],
  )
  through(settled, 'closing_summary', 'aftercare_contact', 'addendum')
})

t.test('an evaluation that goes on signs too, and its attainment is not final', async t => {
  for (const decision of ['continue', 'intervene', 'revise']) {
    const { goals } = signed(planned, 'evaluation', { decision }).facts
    t.same(
      goals.map(each => [each.attainment, each.attainmentFinal]),
      [
        [1, false],
        [0, false],
      ],
      decision,
    )
  }
})

t.test('the same plan signs again as a new version, its actions carried on or taken up anew', async t => {
  const again = through(planned, ['evaluation', { decision: 'revise' }], 'plan')
  t.same(
    again.actions.map(each => [each.id, each.status]),
    [
      ['a1', 'open'],
      ['a2', 'open'],
    ],
  )
  through(through(planned, 'action_settlement'), 'plan', 'session', 'evaluation', 'action_settlement')
})

t.test('what is signed once is not settled twice', async t => {
  const settled = through(planned, 'action_settlement')
  t.throws(() => signed(settled, 'action_settlement'), { message: /unknown_action/ })
  t.throws(() => signed(fresh, 'session'), { message: /unknown_goal/ })
})

t.test('effects say all the statement needs', async t => {
  const { plan } = signed(fresh, 'plan').effects
  t.same(plan?.goals[0], {
    id: 'g1',
    aim: 'relieve_and_motivate',
    horizon: 'near',
    difficulty: 2,
    weight: 40,
    dueOn: '2026-10-29',
  })
  t.same(
    plan?.actions.map(each => [each.id, each.goalId, each.by, each.strategy]),
    [
      ['a1', 'g1', 'student', 'habit_training'],
      ['a2', 'g2', 'worker', 'tutoring'],
    ],
  )
  const dropped = signed(planned, 'action_settlement', { settlements: [{ actionId: 'a1', outcome: 'drop' }] })
  t.same(dropped.effects.settled, [{ actionId: 'a1', outcome: 'dropped' }])
  t.same(signed(fresh, 'service_agreement').effects.consents, [
    { purpose: 'service', recipient: null },
    { purpose: 'sharing', recipient: '教务处' },
  ])
  t.same(signed(fresh, 'waiver').effects.waivers, [{ need: 'environment', mode: 'deferred', dueOn: '2026-09-28' }])
  const last = signed(planned, 'closing_summary', { attainment: [{ goalId: 'g1', level: 2 }] }).effects
  t.same(last.attainment, [{ goalId: 'g1', level: 2, final: true }])
  t.same(signed(planned, 'session').effects.progress, [
    { goalId: 'g1', progress: 'progress' },
    { goalId: 'g2', progress: 'none' },
  ])
})
