import t from 'tap'
import type { Registration, Work } from '../../examples/oulad/data.ts'
import { daysOf } from '../../examples/oulad/days.ts'
import { type Candidate, candidateOf, formGroups, formingDays } from '../../examples/oulad/groups/form.ts'
import {
  allWell,
  attainmentOf,
  attendanceAt,
  goalsOf,
  measureOf,
  sessionsOf,
} from '../../examples/oulad/groups/later.ts'
import { missingPairs } from '../../examples/oulad/groups/members.ts'
import { breachesOf, type Composed } from '../../src/practice/composition.ts'
import { groupTypes } from '../../src/practice/group-types.ts'

const dueDays = [19, 54, 117]

/** A registration with a score for each assessment; a score with a day was handed in on it. */
const given = (
  student: string,
  scores: readonly (number | null | [number, number])[],
  finalResult = 'Fail',
): Registration => ({
  student,
  presentation: 'AAA-2013J',
  module: 'AAA',
  days: 268,
  finalResult,
  work: scores.map((score, index): Work => {
    const dueDay = dueDays[index] as number
    const [value, day] = Array.isArray(score) ? score : [score, dueDay]
    return {
      assessment: `${index + 1}`,
      type: 'TMA',
      dueDay,
      weight: 10,
      score: value,
      knownDay: value === null ? null : day,
    }
  }),
})

const days = daysOf([given('0', [])], null)
const on = (day: number) => days.dateOf('AAA-2013J', day)
const candidate = (registration: Registration, day = 68, others: readonly Registration[] = []): Candidate =>
  candidateOf(registration, `id ${registration.student}`, others, on(day), days)
const students = (forming: { readonly students: readonly Candidate[] }) =>
  forming.students.map(each => each.registration.student)

t.test('strengths and needs are what is known by the day, of other courses too', t => {
  const one = given('1', [30, [80, 70], 90])
  t.match(candidate(one, 33), { needs: ['assessment:1'], strengths: [], silent: false })
  t.match(candidate(one, 68), { needs: ['assessment:1', 'assessment:2'], silent: true }, 'a score that came later')
  t.match(candidate(one, 75), { needs: ['assessment:1'], strengths: ['assessment:2'], silent: false })
  const other = { ...given('1', [75, 70, 10]), module: 'BBB', presentation: 'BBB-2013J' }
  t.same(candidate(one, 75, [other]).strengths, ['assessment:2', 'course:BBB'])
  t.end()
})

t.test('groups are formed of those who complete each other, are silent, or fail the same', t => {
  const complementary = [given('1', [20, 80, 50]), given('2', [90, 30, 50])]
  const silent = Array.from({ length: 9 }, (_, n) => given(`1${n}`, [50, null, 45]))
  const failing = Array.from({ length: 13 }, (_, n) => given(`2${n}`, [50, 35, 45]))
  const helpers = Array.from({ length: 4 }, (_, n) => given(`3${n}`, [90, 90, 90], 'Distinction'))
  const all = [...complementary, ...silent, ...failing, given('9', [50, 50, 50])].map(each => candidate(each))
  const volunteers = helpers.map(each => candidate(each))
  const formed = formGroups(all, volunteers)
  t.same(
    formed.map(each => [each.type, each.students.length, each.volunteers.length, each.maxMembers]),
    [
      ['mutual_aid', 2, 0, 6],
      ['paired', 8, 3, 9],
      ['paired', 1, 1, 7],
      ['growth', 12, 0, 10],
    ],
    'whoever is beyond the places of a group waits; one alone forms none',
  )
  t.same(students(formed[0] as never), ['1', '2'])
  t.same(formed[3]?.about, ['assessment:2'])
  t.notOk(formed.flatMap(students).includes('9'), 'who failed nothing is in none')
  t.same(formGroups(all, volunteers), formed, 'always the same')

  const silentAlone = formGroups(
    silent.map(each => candidate(each)),
    [],
  )
  t.match(silentAlone, [{ type: 'growth', students: { length: 9 } }], 'without volunteers they come together')
  const again = formGroups(all, volunteers, each => (each.registration.student === '1' ? ['growth'] : ['mutual_aid']))
  t.same(again, [], 'nobody is twice in a group of a type, nor in two but for mutual aid')
  const both = formGroups(all.slice(0, 2), [], () => ['growth'])
  t.match(both, [{ type: 'mutual_aid', students: { length: 2 } }], 'mutual aid beside another group')
  t.end()
})

t.test('every group that is formed fits the rule of its type', t => {
  const patterns = [null, 20, 50, 65, 90]
  const mixed = patterns.flatMap((first, a) => patterns.map((second, b) => given(`4${a}${b}`, [first, second, 50])))
  const failing = ['61', '62', '63'].map(each => given(each, [45, 35, 50]))
  const all = [...mixed, ...failing].map(each => candidate(each))
  const volunteers = ['51', '52', '53', '54'].map(each => candidate(given(each, [90, 90, 90], 'Distinction')))
  const formed = formGroups(all, volunteers)
  t.same([...new Set(formed.map(each => each.type))], ['mutual_aid', 'paired', 'growth'])
  for (const { type, students, volunteers } of formed) {
    const members: Composed['members'][number][] = [
      ...students.map(each => ({ ...each, id: each.registration.student, role: 'student', status: 'active' }) as const),
      ...volunteers.map(
        each => ({ ...each, id: each.registration.student, role: 'volunteer', status: 'active' }) as const,
      ),
    ]
    const pairs = type === 'paired' ? missingPairs(members as never, []) : []
    t.same(breachesOf(groupTypes[type].composition, { members, pairs }), [], `${type} of ${students.length}`)
  }
  t.end()
})

t.test('sessions are about the work to come, in the order of the phases', t => {
  t.same(formingDays(given('1', [1, 1, 1])), [33, 68], 'two weeks after work was due, while more is to come')
  const plan = (from: number) => sessionsOf(given('1', [1, 1, 1]), from).map(({ id, phase, day }) => [id, phase, day])
  t.same(plan(33), [
    ['s1', 'early', 34],
    ['s2', 'middle', 55],
    ['s3', 'late', 125],
    ['s4', 'ending', 261],
  ])
  t.same(
    plan(68).map(([, , day]) => day),
    [69, 93, 125, 261],
    'with one assessment to come the middle session is halfway to it',
  )
  t.end()
})

t.test('attendance, outcome and measures are the later results', t => {
  const at = (scores: Parameters<typeof given>[1], day: number) => attendanceAt(given('1', scores), day)
  t.equal(at([20, 50, null], 34), 'present')
  t.equal(at([20, [50, 60], null], 55), 'late')
  t.equal(at([20, null, 50], 55), 'excused')
  t.equal(at([20, null, null], 55), 'absent')
  t.equal(at([20, 50, null], 261), 'absent', 'after the last work, the last')
  const attained = (scores: Parameters<typeof given>[1]) => attainmentOf(given('1', scores), 33)
  t.same(
    [
      [20, null, null],
      [20, 30, null],
      [50, 50, 50],
      [35, 50, 50],
      [20, 80, 60],
    ].map(each => attained(each)),
    [-2, -1, 0, 1, 2],
  )
  t.match(measureOf(given('1', [30, 70, null]), 33, 'early'), { study: 3 })
  t.match(measureOf(given('1', [30, 70, null]), 33, 'late'), { study: 4 })
  const two = [given('1', [20, 50, 50]), given('2', [20, 20, null])]
  t.same(goalsOf(two, 33, 117), [
    { goalId: 'g1', level: 1 },
    { goalId: 'g2', level: 0 },
  ])
  t.same(goalsOf(two, 33, 40), [], 'nothing was due')
  t.ok(allWell([given('1', [20, 70, null])], 33, 55))
  t.notOk(allWell([given('1', [20, 70, null])], 33, 34), 'nothing was due yet')
  t.end()
})

t.test('pairs are made anew where somebody has no partner', t => {
  const member = (id: string, role: 'student' | 'volunteer', status: 'active' | 'left' = 'active') => ({
    id,
    role,
    status,
  })
  const members = [
    member('m1', 'volunteer'),
    member('m2', 'volunteer'),
    member('m3', 'student'),
    member('m4', 'student'),
  ]
  t.same(missingPairs(members, []), [
    { volunteerId: 'm1', studentId: 'm3' },
    { volunteerId: 'm2', studentId: 'm4' },
  ])
  const left = [...members.slice(0, 3), member('m4', 'student', 'left')]
  t.same(missingPairs(left, [{ volunteerId: 'm1', studentId: 'm3' }]), [{ volunteerId: 'm2', studentId: 'm3' }])
  t.same(missingPairs(members.slice(0, 2), []), [], 'with nobody there is no pair')
  t.end()
})
