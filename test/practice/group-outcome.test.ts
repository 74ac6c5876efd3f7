import t from 'tap'
import { attainmentScore, type OutcomeSource, outcomeOf } from '../../src/practice/group-outcome.ts'

const source = (more: Partial<OutcomeSource> = {}): OutcomeSource => ({
  members: [
    { id: 'm1', role: 'student', status: 'completed', attainment: 1 },
    { id: 'm2', role: 'student', status: 'left', attainment: null },
    { id: 'm3', role: 'volunteer', status: 'completed', attainment: null },
    { id: 'm4', role: 'worker', status: 'completed', attainment: 2 },
  ],
  attendance: [
    { memberId: 'm1', sessionId: 's1', attendance: 'present' },
    { memberId: 'm1', sessionId: 's2', attendance: 'late' },
    { memberId: 'm2', sessionId: 's1', attendance: 'absent' },
    { memberId: 'm3', sessionId: 's1', attendance: 'excused' },
    { memberId: 'm4', sessionId: 's1', attendance: 'absent' },
  ],
  sessions: (['held', 'held', 'planned', 'dropped'] as const).map((status, index) => ({
    id: `s${index + 1}`,
    phase: 'early',
    kind: 'regular',
    status,
    on: '2026-09-14',
    heldVersion: 0,
    attendance: 0,
  })),
  goals: [
    { weight: 50, attainment: 1 },
    { weight: 50, attainment: null },
  ],
  before: new Map([['m1', { study: 3, mood: 5 }]]),
  after: new Map([
    ['m1', { study: 6, confidence: 6 }],
    ['m2', { study: 9 }],
  ]),
  satisfaction: [5, 4, 4],
  ...more,
})

t.test('attendance counts who counts, attainment whom the group serves, change what was measured twice', async t => {
  const { group, members } = outcomeOf(source())
  t.same(group, {
    sessionsPlanned: 3,
    sessionsHeld: 2,
    attendanceRate: 0.5,
    goals: 2,
    goalsAssessed: 1,
    attainmentScore: 60,
    memberAttainment: 1,
    satisfaction: 4.33,
    satisfactionAnswers: 3,
  })
  t.same(
    members.map(each => [each.memberId, each.attendanceRate, each.changes]),
    [
      ['m1', 1, [{ figure: 'study', before: 3, after: 6, change: 3 }]],
      ['m2', 0, []],
      ['m3', 0, []],
    ],
  )
  t.same(members[0]?.attendance, { present: 1, late: 1, excused: 0, absent: 0 })
})

t.test('nothing on file is no figure, never a nought', async t => {
  const { group, members } = outcomeOf(source({ attendance: [], goals: [], satisfaction: [], members: [] }))
  t.match(group, { attendanceRate: null, attainmentScore: null, memberAttainment: null, satisfaction: null, goals: 0 })
  t.same(members, [])
})

t.test('the score of attainment: as expected is 50, one goal a level is ten points, weights count', async t => {
  const goal = (attainment: number | null, weight = 1) => ({ attainment, weight })
  t.equal(attainmentScore([goal(0), goal(0)]), 50)
  t.equal(attainmentScore([goal(2)]), 70)
  t.equal(attainmentScore([goal(-1)]), 40)
  t.equal(attainmentScore([goal(1), goal(-1)]), 50)
  t.equal(attainmentScore([goal(1), goal(1)]), 62.4, 'two independent goals say more than one')
  t.equal(attainmentScore([goal(1, 3), goal(-1, 1)]), 55.82)
  t.equal(attainmentScore([goal(null)]), null)
})
