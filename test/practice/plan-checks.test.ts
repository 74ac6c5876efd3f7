import t from 'tap'
import { action, goal, today } from './facts.ts'
import { faultsOf, type Json, kindOf, type Row, settle, tomorrow, yesterday } from './faults.ts'

const plan = kindOf('plan').example(today) as { goals: Json[]; actions: Json[] }
const goals = (index: number, more: Json) => plan.goals.map((each, at) => (at === index ? { ...each, ...more } : each))
const actions = (index: number, more: Json) =>
  plan.actions.map((each, at) => (at === index ? { ...each, ...more } : each))
const onlyFirst = { goals: plan.goals.slice(0, 1), actions: plan.actions.slice(0, 1) }
const unknown = ['g1', 'g2'].map(goalId => ({ goalId, progress: 'unknown', reason: '未见到' }))

const rows: readonly Row[] = [
  [
    'plan',
    'an id used twice',
    { goals: goals(1, { id: 'g1' }) },
    ['/goals/1/id repeated_id', '/actions/1/goalId unknown_goal'],
  ],
  [
    'plan',
    'an action id used twice',
    { actions: actions(1, { id: 'a1' }), ...settle('a2', 'done') },
    ['/actions/1/id repeated_id'],
  ],
  ['plan', 'a goal without action', { actions: actions(1, { goalId: 'g1' }) }, ['/goals/1 goal_without_action']],
  [
    'plan',
    'an action without goal',
    { actions: [...plan.actions, { ...plan.actions[0], id: 'a3', goalId: 'g9' }] },
    ['/actions/2/goalId unknown_goal'],
  ],
  ['plan', 'a goal due in the past', { goals: goals(0, { dueOn: yesterday }) }, ['/goals/0/dueOn in_the_past']],
  [
    'plan',
    'an action due in the past',
    { actions: actions(1, { dueOn: yesterday }) },
    ['/actions/1/dueOn in_the_past'],
  ],
  ['plan', 'due today', { actions: actions(1, { dueOn: today }), reviewOn: today }, []],
  ['plan', 'a review in the past', { reviewOn: yesterday }, ['/reviewOn in_the_past']],
  [
    'plan',
    'out of order on purpose, no reason',
    { goals: goals(1, { justified: true }) },
    ['/goals/1/justification reason_required'],
  ],
  ['plan', 'out of order with a reason', { goals: goals(1, { justified: true, justification: '补考在即' }) }, []],
  ['plan', 'an open action left hanging', onlyFirst, ['/settlements action_unsettled']],
  ['plan', 'an open action dropped', { ...onlyFirst, ...settle('a2', 'drop') }, []],
  ['plan', 'an action settled already', onlyFirst, [], { actions: [action('a1', 'g1'), action('a2', 'g2', 'done')] }],
  ['plan', 'a foreign settlement', settle('zz', 'done'), ['/settlements/0/actionId unknown_action']],
  [
    'plan',
    'a settlement of what is closed',
    settle('a9', 'done'),
    ['/settlements/0/actionId unknown_action'],
    { actions: [action('a9', 'g1', 'dropped')] },
  ],
  [
    'plan',
    'settled twice',
    {
      ...onlyFirst,
      settlements: [
        { actionId: 'a2', outcome: 'drop' },
        { actionId: 'a2', outcome: 'done' },
      ],
    },
    ['/settlements/1/actionId repeated_action'],
  ],
  ['plan', 'named again and dropped', settle('a2', 'drop'), ['/settlements/0/outcome action_kept']],
  ['plan', 'named again and carried', settle('a2', 'carry'), []],
  [
    'plan',
    'carried without its goal',
    { ...onlyFirst, ...settle('a2', 'carry') },
    ['/settlements/0/outcome goal_left'],
  ],
  ['plan', 'carried with its goal', settle('a3', 'carry'), [], { actions: [action('a3', 'g1')] }],
  ['plan', 'the first plan of a case', {}, [], { goals: [], actions: [] }],
  ...(['session', 'follow_up'] as const).flatMap((kind): Row[] => [
    [kind, 'an unknown goal', { progress: [{ goalId: 'g9', progress: 'none' }] }, ['/progress/0/goalId unknown_goal']],
    [
      kind,
      'a settled goal',
      {},
      ['/progress/1/goalId unknown_goal'],
      { goals: [goal('g1'), goal('g2', { status: 'settled' })] },
    ],
    [kind, 'a goal named twice', { progress: [unknown[0], unknown[0]] }, ['/progress/1/goalId repeated_goal']],
    [
      kind,
      'unknown without reason',
      { progress: [{ goalId: 'g1', progress: 'unknown' }] },
      ['/progress/0/reason reason_required'],
    ],
    [
      kind,
      'an attempt that shows progress',
      { outcome: 'attempted' },
      ['/progress/0/progress nothing_seen', '/progress/1/progress nothing_seen'],
    ],
    [kind, 'an attempt that saw nothing', { outcome: 'attempted', progress: unknown }, []],
    [kind, 'tomorrow', { on: tomorrow }, ['/on in_the_future']],
    [kind, 'no goals yet', { progress: [] }, [], { goals: [], actions: [] }],
  ]),
  ['session', 'held in no time', { durationMinutes: 0 }, ['/durationMinutes duration_required']],
  ['session', 'held, the student’s state untold', { studentState: undefined }, ['/studentState state_required']],
  [
    'session',
    'attempted in no time, nobody seen',
    { outcome: 'attempted', durationMinutes: 0, studentState: undefined, progress: [] },
    [],
  ],
  ['session', 'in person nowhere', { place: undefined }, ['/place place_required']],
  ['session', 'by phone, no place', { medium: 'phone', place: undefined }, []],
  [
    'evaluation',
    'closing with a goal unassessed',
    { attainment: [{ goalId: 'g1', level: 0 }] },
    ['/attainment goal_not_assessed'],
  ],
  [
    'evaluation',
    'going on with a goal unassessed',
    { attainment: [{ goalId: 'g1', level: 0 }], decision: 'continue' },
    [],
  ],
  [
    'evaluation',
    'an unknown goal',
    { attainment: [{ goalId: 'g9', level: 0 }], decision: 'revise' },
    ['/attainment/0/goalId unknown_goal'],
  ],
  ['evaluation', 'a foreign action', settle('zz', 'done'), ['/settlements/0/actionId unknown_action']],
  [
    'evaluation',
    'a response compared with itself',
    {
      instrumentChange: [
        {
          beforeRecordId: '01936d3e-7c00-7000-8000-000000000001',
          afterRecordId: '01936d3e-7c00-7000-8000-000000000001',
        },
      ],
    },
    ['/instrumentChange/0/afterRecordId same_record'],
  ],
  ['action_settlement', 'a foreign action', settle('zz', 'done'), ['/settlements/0/actionId unknown_action']],
  ['action_settlement', 'carrying on', settle('a1', 'carry'), ['/settlements/0/outcome not_settled']],
]

for (const kind of [...new Set(rows.map(([name]) => name))])
  t.test(`${kind}: each fault of its goals and actions is found where it lies`, async t => {
    for (const [, what, overlay, faults, facts] of rows.filter(([name]) => name === kind))
      t.same(faultsOf(kind, overlay, facts), faults, what)
  })

t.test('a session has begun when it is signed: by the clock today, whenever on a day before', async t => {
  const at = (startsAt: string, on: string) => faultsOf('session', { startsAt, on }, {}, [], '07:59')
  t.same(at('07:59', today), [])
  t.same(at('08:00', today), ['/startsAt in_the_future'])
  t.same(at('23:50', yesterday), [])
})
