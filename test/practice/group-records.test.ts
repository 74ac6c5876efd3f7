import t from 'tap'
import type { GroupFacts } from '../../src/practice/group-facts.ts'
import { confidentialPaths, splitContent } from '../../src/practice/record-kind.ts'
import { kindsOf } from '../../src/practice/record-kinds.ts'
import { figuresOf } from '../../src/practice/records/group/parts.ts'
import { today } from './facts.ts'
import { type Json, kindOf, tomorrow, yesterday } from './faults.ts'
import { doneIn, givenGroup, member, moved } from './group-facts.ts'

/** Faults of a kind's example with changes laid over, as `pointer code`. */
const faultsOf = (name: string, overlay: Json, facts: GroupFacts, time = '23:59'): string[] => {
  const kind = kindOf(name)
  const content = kind.content.parse({ ...kind.example(today), ...overlay })
  return (kind.check?.(content, facts, today, [], time) ?? []).map(each => `${each.pointer} ${each.code}`)
}

const early = doneIn('preparation')
const running = moved(early, 'early')
const middle = moved(doneIn('early'), 'middle')
const ending = moved(doneIn('late'), 'ending')
const left = { members: [member('m1'), member('m2', { status: 'left' })] }
const [goal] = kindOf('group_plan').example(today).goals as Json[]
const sessions = kindOf('session_plan').example(today).sessions as Json[]
const lines = kindOf('group_budget').example(today).lines as Json[]
const both = [
  { memberId: 'm1', attendance: 'present' },
  { memberId: 'm2', attendance: 'absent' },
]
/** m3 left yesterday, m4 agreed today, m5 left yesterday and never had. */
const told = {
  ...running,
  members: [
    member('m1', { consentedOn: '2026-09-01' }),
    member('m3', { status: 'left', consentedOn: '2026-09-01', leftOn: yesterday }),
    member('m4', { consentedOn: today }),
    member('m5', { status: 'left', leftOn: yesterday }),
  ],
} as GroupFacts
const late = (memberId: string) => ({ memberId, attendance: 'late' })
const plannedYesterday = {
  ...running,
  sessions: running.sessions.map(each => (each.id === 's1' ? { ...each, on: yesterday } : each)),
}
const at = (index: number, more: Json) => sessions.map((each, place) => (place === index ? { ...each, ...more } : each))
const spent = (more: Partial<GroupFacts['budgetLines'][number]>) => ({
  ...early,
  budgetLines: [{ id: 'b1', plannedFen: 30000, approvedFen: 30000, spentFen: 0, settled: false, ...more }],
})

type Row = readonly [kind: string, what: string, facts: GroupFacts, overlay: Json, faults: readonly string[]]

const rows: readonly Row[] = [
  ['group_plan', 'a goal twice', early, { goals: [goal, goal] }, ['/goals/1/id repeated_id']],
  ['group_plan', 'a day gone', early, { goals: [{ ...goal, dueOn: yesterday }] }, ['/goals/0/dueOn in_the_past']],
  ['recruitment_plan', 'over', early, { from: '2026-09-01', until: yesterday }, ['/until in_the_past']],
  ['recruitment_plan', 'backwards', early, { from: '2026-10-01', until: tomorrow }, ['/until ends_before_it_begins']],
  ['member_profile', 'nobody', early, { memberId: 'm9' }, ['/memberId unknown_member']],
  ['member_profile', 'one who left', { ...early, ...left }, { memberId: 'm2' }, ['/memberId unknown_member']],
  ['member_profile', 'a code twice', early, { needs: ['course:A', 'course:A'] }, ['/needs/1 repeated_code']],
  ['member_profile', 'nothing rated', early, { baseline: { by: 'ratings' } }, ['/baseline nothing_rated']],
  ['member_profile', 'scored', early, { baseline: { by: 'how_things_stand', answers: [1, 2, 3, 4, 5] } }, []],
  ['session_plan', 'twice', early, { sessions: [sessions[0], sessions[0]] }, ['/sessions/1/id repeated_id']],
  ['session_plan', 'a day gone', early, { sessions: at(0, { on: yesterday }) }, ['/sessions/0/on in_the_past']],
  [
    'session_plan',
    'early after middle',
    early,
    { sessions: at(0, { on: '2026-10-01' }) },
    ['/sessions/0/on out_of_order'],
  ],
  ['session_plan', 'opens late', early, { sessions: at(1, { kind: 'opening' }) }, ['/sessions/1/kind kind_misplaced']],
  [
    'session_plan',
    'shares early',
    early,
    { sessions: at(0, { kind: 'sharing' }) },
    ['/sessions/0/kind kind_misplaced'],
  ],
  ['session_plan', 'of a phase gone', middle, { sessions: at(0, { id: 's9' }) }, ['/sessions/0/phase phase_over']],
  ['session_plan', 'not recorded yet', plannedYesterday, { sessions: at(0, { on: yesterday }) }, []],
  [
    'session_plan',
    'moved into the past',
    plannedYesterday,
    { sessions: at(0, { on: '2026-09-10' }) },
    ['/sessions/0/on in_the_past'],
  ],
  ['session_plan', 'held already', middle, { sessions: at(0, { on: yesterday }) }, []],
  ['group_budget', 'nothing, unsaid', early, { lines: [] }, ['/nothingNeeded reason_required']],
  ['group_budget', 'nothing needed', early, { lines: [], nothingNeeded: '只用教室。' }, []],
  ['group_budget', 'both', early, { nothingNeeded: '只用教室。' }, ['/nothingNeeded lines_are_there']],
  ['group_budget', 'a line twice', early, { lines: [lines[0], lines[0]] }, ['/lines/1/id repeated_id']],
  ['group_budget', 'a used line left out', spent({ spentFen: 1 }), { lines: [lines[1]] }, ['/lines line_was_used']],
  ['group_budget', 'an unused line left out', spent({}), { lines: [lines[1]] }, []],
  ['group_budget', 'a settled line changed', spent({ settled: true, plannedFen: 9 }), {}, ['/lines/0 line_was_used']],
  ['group_budget', 'less than spent', spent({ spentFen: 30001 }), {}, ['/lines/0/plannedFen less_than_spent']],
  ['contract_acceptance', 'of nothing', running, {}, ['/memberId no_contract']],
  [
    'contract_acceptance',
    'by one not asked',
    { ...middle, members: [member('m1', { status: 'selected' })] },
    {},
    ['/memberId not_consented'],
  ],
  ['group_session', 'tomorrow', running, { on: tomorrow }, ['/on in_the_future']],
  ['group_session', 'before the group', running, { on: '2026-08-30' }, ['/on before_opening']],
  ['group_session', 'a day’s grace', running, { on: '2026-08-31' }, []],
  ['member_note', 'before the group', running, { on: '2026-08-30' }, ['/on before_opening']],
  ['contingency_adjustment', 'before the group', running, { on: '2026-08-30' }, ['/on before_opening']],
  [
    'group_session',
    'a rating by who waits',
    { ...running, members: [...running.members, member('m7', { status: 'waiting' })] },
    { interactions: [{ fromId: 'm7', toId: 'm1', rating: 1 }] },
    ['/interactions/0/fromId not_consented'],
  ],
  [
    'group_session',
    'told late: one left since',
    told,
    { on: yesterday, attendance: [both[0], late('m3')], interactions: [] },
    [],
  ],
  [
    'group_session',
    'told late: one left since, unnamed',
    told,
    { on: yesterday, attendance: [both[0]], interactions: [] },
    [],
  ],
  [
    'group_session',
    'told late: a rating by who left since',
    told,
    { on: yesterday, attendance: [both[0]], interactions: [{ fromId: 'm3', toId: 'm1', rating: 1 }] },
    [],
  ],
  [
    'group_session',
    'one left before',
    told,
    { on: today, attendance: [both[0], late('m3'), late('m4')], interactions: [] },
    ['/attendance/1/memberId unknown_member'],
  ],
  [
    'group_session',
    'who joined before is asked for',
    told,
    { on: today, attendance: [both[0]], interactions: [] },
    ['/attendance attendance_missing'],
  ],
  [
    'group_session',
    'told late: one left who never agreed',
    told,
    { on: yesterday, attendance: [both[0], late('m5')], interactions: [] },
    ['/attendance/1/memberId unknown_member'],
  ],
  [
    'group_session',
    'told late: one who left and came back, twice',
    { ...told, members: [...told.members, member('m6', { personId: 'person-m3' })] },
    { on: yesterday, attendance: [both[0], late('m3'), late('m6')], interactions: [] },
    ['/attendance/2/memberId repeated_member'],
  ],
  ['member_note', 'told late, on who left since', told, { on: yesterday, memberId: 'm3' }, []],
  ['member_note', 'on who had left', told, { on: today, memberId: 'm3' }, ['/memberId unknown_member']],
  ['group_session', 'not planned', running, { sessionId: 's9' }, ['/sessionId unknown_session']],
  ['group_session', 'of another phase', running, { sessionId: 's2' }, ['/sessionId other_phase']],
  ['group_session', 'held twice', doneIn('early'), {}, ['/sessionId session_settled']],
  ['group_session', 'one forgotten', running, { attendance: [both[0]] }, ['/attendance attendance_missing']],
  [
    'group_session',
    'one twice',
    running,
    { attendance: [...both, both[0]] },
    ['/attendance/2/memberId repeated_member'],
  ],
  [
    'group_session',
    'a stranger',
    running,
    { attendance: [...both, { memberId: 'm9', attendance: 'present' }] },
    ['/attendance/2/memberId unknown_member'],
  ],
  [
    'group_session',
    'ratings of oneself, a stranger, and twice',
    running,
    {
      interactions: [
        { fromId: 'm1', toId: 'm1', rating: 1 },
        { fromId: 'm9', toId: 'm2', rating: 1 },
        { fromId: 'm1', toId: 'm1', rating: 2 },
      ],
    },
    [
      '/interactions/0/toId same_member',
      '/interactions/1/fromId unknown_member',
      '/interactions/2/toId same_member',
      '/interactions/2 repeated_rating',
    ],
  ],
  ['group_session', 'otherwise, unsaid', running, { deviation: undefined }, ['/deviation reason_required']],
  ['group_session', 'as planned', running, { againstPlan: 'as_planned', deviation: undefined }, []],
  ['member_note', 'of no session', running, { sessionId: 's9' }, ['/sessionId unknown_session']],
  [
    'member_note',
    'tomorrow, of nobody',
    running,
    { on: tomorrow, memberId: 'm9' },
    ['/memberId unknown_member', '/on in_the_future'],
  ],
  ['phase_evaluation', 'of another phase', running, { phase: 'late' }, ['/phase other_phase']],
  [
    'phase_evaluation',
    'no such goal',
    running,
    { attainment: [{ goalId: 'g9', level: 0 }] },
    ['/attainment/0/goalId unknown_goal'],
  ],
  [
    'contingency_adjustment',
    'what is not planned, twice, and in the past',
    running,
    {
      replan: [
        { how: 'drop', sessionId: 's9' },
        { how: 'move', sessionId: 's2', on: yesterday, startsAt: '19:00' },
        { how: 'drop', sessionId: 's2' },
      ],
    },
    ['/replan/0/sessionId unknown_session', '/replan/1/on in_the_past', '/replan/2/sessionId repeated_session'],
  ],
  [
    'contingency_adjustment',
    'told of going on',
    running,
    { told: { on: today, medium: 'phone', memberIds: ['m1'] } },
    ['/told nothing_to_tell'],
  ],
  [
    'contingency_adjustment',
    'told tomorrow, twice, nobody',
    running,
    { decision: 'cancel', told: { on: tomorrow, medium: 'phone', memberIds: ['m1', 'm1', 'm9'] } },
    ['/told/on in_the_future', '/told/memberIds/2 unknown_member', '/told/memberIds/1 repeated_member'],
  ],
  [
    'task_assignment',
    'to nobody, by yesterday',
    middle,
    { tasks: [{ id: 't1', memberId: 'm9', text: '读', dueOn: yesterday }] },
    ['/tasks/0/dueOn in_the_past', '/tasks/0/memberId unknown_member'],
  ],
  [
    'task_assignment',
    'done already',
    { ...middle, tasks: [{ id: 't1', memberId: 'm1', status: 'done', dueOn: today }] },
    {},
    ['/tasks/0/id task_settled'],
  ],
  [
    'task_assignment',
    'given anew',
    { ...middle, tasks: [{ id: 't1', memberId: 'm2', status: 'open', dueOn: today }] },
    {},
    [],
  ],
  [
    'final_evaluation',
    'one twice, nothing rated',
    ending,
    {
      members: ['m1', 'm1'].map(memberId => ({ memberId, attainment: 0, outcome: '好', after: { by: 'ratings' } })),
    },
    ['/members/1/memberId repeated_member', '/members/0/after nothing_rated', '/members/1/after nothing_rated'],
  ],
  ['onward_plan', 'a contact gone', ending, { contactOn: yesterday }, ['/contactOn in_the_past']],
  ['onward_plan', 'no contact', ending, { contactOn: null }, []],
  ['group_waiver', 'of what is there', early, {}, ['/needs/0 already_on_file']],
]

/** A group on which each example can be signed as it stands. */
const signableOn: Readonly<Record<string, GroupFacts>> = {
  group_waiver: givenGroup(),
  group_session: running,
  member_note: running,
  contract_acceptance: middle,
  phase_evaluation: running,
  task_assignment: middle,
  final_evaluation: ending,
}

for (const kind of Object.keys(kindsOf('group')))
  t.test(`${kind}: its example is signed as it stands; each fault is found where it lies`, async t => {
    t.same(faultsOf(kind, {}, signableOn[kind] ?? early), [], 'the example')
    for (const [, what, facts, overlay, faults] of rows.filter(([name]) => name === kind))
      t.same(faultsOf(kind, overlay, facts), faults, what)
  })

t.test('what a schema refuses before anybody signs', async t => {
  const refused: readonly (readonly [string, Json])[] = [
    ['group_plan', { goals: [] }],
    ['member_profile', { needs: ['MATH101'] }],
    ['member_profile', { needs: ['luck:MATH101'] }],
    ['member_profile', { baseline: { by: 'how_things_stand', answers: [1] } }],
    ['member_profile', { baseline: { by: 'ratings', mood: 11 } }],
    ['group_contract', { norms: [] }],
    ['session_plan', { sessions: at(0, { phase: 'preparation' }) }],
    ['group_session', { interactions: [{ fromId: 'm1', toId: 'm2', rating: 3 }] }],
    ['group_budget', { lines: [{ ...lines[0], plannedFen: 0 }] }],
    ['group_budget', { lines: [{ ...lines[0], plannedFen: 0.5 }] }],
    ['group_waiver', { needs: ['group_contract'] }],
    ['group_waiver', { needs: [] }],
    ['final_evaluation', { satisfaction: [6] }],
  ]
  for (const [kind, overlay] of refused)
    t.notOk(
      kindOf(kind).content.safeParse({ ...kindOf(kind).example(today), ...overlay }).success,
      `${kind} ${JSON.stringify(overlay)}`,
    )
})

t.test('figures of a member stay sealed; what the guard and the lists need stays in the clear', async t => {
  const openOf = (name: string) =>
    splitContent(kindOf(name).example(today), confidentialPaths(kindOf(name).content)).open as Json
  t.same(openOf('member_profile'), {
    memberId: 'm1',
    needs: ['course:MATH101', 'cause:poor_methods'],
    strengths: ['course:ENG101'],
  })
  t.same((openOf('final_evaluation').members as Json[])[0], { memberId: 'm1', attainment: 1 })
  t.same(openOf('member_note'), { memberId: 'm1', on: today })
  t.match((openOf('group_budget').lines as Json[])[0], { id: 'b1', plannedFen: 30000 })
  t.same(figuresOf({ by: 'ratings', life: 0, mood: 7 }), { life: 0, mood: 7 })
  t.same(figuresOf({ by: 'how_things_stand', answers: [1, 2, 5, 4, 3] }), {
    'how_things_stand.satisfaction': 2.67,
    'how_things_stand.confidence': 4,
    'how_things_stand.mood': 3,
  })
})

t.test('what is about one member says so, and only that is', async t => {
  for (const kind of Object.values(kindsOf('group')))
    t.equal('memberId' in kind.example(today), kind.about === 'member', kind.kind)
  t.same(
    Object.values(kindsOf('group'))
      .filter(kind => kind.workersOnly)
      .map(kind => kind.kind),
    ['member_note'],
  )
})
