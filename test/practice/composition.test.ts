import fc from 'fast-check'
import t from 'tap'
import { breachesOf, type Composed } from '../../src/practice/composition.ts'
import { memberRoles, memberStatuses } from '../../src/practice/group-codes.ts'
import { type Composition, compositionSchema, groupTypes } from '../../src/practice/group-types.ts'
import { member } from './group-facts.ts'

const student = (id: string, needs: readonly string[], strengths: readonly string[] = []) =>
  member(id, { needs, strengths })
const volunteer = (id: string) => member(id, { role: 'volunteer', needs: [], strengths: [] })
const pair = (volunteerId: string, studentId: string) => ({ volunteerId, studentId })

const breaches = (composition: Composition, group: Partial<Composed>) =>
  breachesOf(composition, { members: [], pairs: [], ...group }).map(each => `${each.memberId} ${each.code}`)

t.test('a homogeneous group shares needs, and whoever does not is named with what to choose', async t => {
  const members = [
    student('m1', ['course:A', 'course:B']),
    student('m2', ['course:A', 'course:C']),
    student('m3', ['course:C']),
    student('m4', []),
  ]
  const rule = (sharedNeeds: number): Composition => ({ rule: 'homogeneous', sharedNeeds })
  t.same(breaches(rule(1), { members }), ['m4 needs_unknown', 'm3 need_not_shared'])
  t.same(breaches(rule(1), { members: members.slice(0, 2) }), [])
  t.same(breaches(rule(2), { members: members.slice(0, 2) }), ['m2 need_not_shared'])
  t.same(breaches(rule(9), { members: members.slice(0, 1) }), ['null too_few_shared'])
  const [, breach] = breachesOf(rule(1), { members, pairs: [] })
  t.match(breach, {
    title: { en: 'Member m3 does not share course:A', zh: /m3/ },
    mend: { en: 'Choose somebody with course:A in place of m3', zh: /course:A/ },
  })
})

t.test('in a paired group everybody has a partner, and nobody too many', async t => {
  const members = [student('m1', []), student('m2', []), volunteer('m3'), volunteer('m4')]
  const one: Composition = { rule: 'paired', volunteersPerStudent: 1, studentsPerVolunteer: 1 }
  const many: Composition = { rule: 'paired', volunteersPerStudent: 2, studentsPerVolunteer: 2 }
  t.same(breaches(one, { members }), ['m1 not_paired', 'm2 not_paired', 'm3 not_paired', 'm4 not_paired'])
  t.same(breaches(one, { members, pairs: [pair('m3', 'm1'), pair('m4', 'm2')] }), [])
  const crossed = [pair('m3', 'm1'), pair('m3', 'm2'), pair('m4', 'm2')]
  t.same(breaches(one, { members, pairs: crossed }), ['m2 paired_too_often', 'm3 paired_too_often'])
  t.same(breaches(many, { members, pairs: crossed }), [])
  const left = members.map(each => (each.id === 'm4' ? { ...each, status: 'left' as const } : each))
  t.same(
    breaches(one, { members: left, pairs: [pair('m3', 'm1'), pair('m4', 'm2')] }),
    ['m2 not_paired'],
    'a pair of one who left is none',
  )
})

t.test('in a mutual-aid group each is helped and each helps', async t => {
  const rule: Composition = { rule: 'complementary', coveredNeeds: 1, coversOthers: 1 }
  const [a, b] = [student('m1', ['course:A'], ['course:B']), student('m2', ['course:B'], ['course:A'])]
  t.same(breaches(rule, { members: [a, b] }), [])
  const c = student('m3', ['course:C', 'course:D'], ['course:E'])
  t.same(breaches(rule, { members: [a, b, c] }), ['m3 need_not_covered', 'm3 covers_nobody'])
  t.same(breaches(rule, { members: [a, b, student('m3', [])] }), ['m3 needs_unknown'])
  t.same(breaches({ ...rule, coveredNeeds: 2 }, { members: [a, b] }), ['m1 need_not_covered', 'm2 need_not_covered'])
  t.same(breaches({ ...rule, coversOthers: 0 }, { members: [a, b, student('m3', ['course:A'])] }), [])
  const [uncovered] = breachesOf(rule, { members: [a, b, c], pairs: [] })
  t.equal(uncovered?.mend.en, 'Choose a member strong in course:C, course:D')
})

const codes = fc.subarray(['course:A', 'course:B', 'course:C', 'course:D'])
const anybody = fc.record({
  role: fc.constantFrom(...(Object.keys(memberRoles) as (keyof typeof memberRoles)[])),
  status: fc.constantFrom(...(Object.keys(memberStatuses) as (keyof typeof memberStatuses)[])),
  needs: codes,
  strengths: codes,
})
const anyRule: fc.Arbitrary<Composition> = fc.oneof(
  fc.record({ rule: fc.constant('homogeneous' as const), sharedNeeds: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    rule: fc.constant('paired' as const),
    volunteersPerStudent: fc.integer({ min: 1, max: 3 }),
    studentsPerVolunteer: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    rule: fc.constant('complementary' as const),
    coveredNeeds: fc.integer({ min: 1, max: 3 }),
    coversOthers: fc.integer({ min: 0, max: 3 }),
  }),
  fc.constant({ rule: 'open' as const }),
)
const anyGroup: fc.Arbitrary<Composed> = fc
  .tuple(fc.array(anybody, { maxLength: 7 }), fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 8 }))
  .map(([people, pairs]) => {
    const members = people.map((each, index) => member(`m${index + 1}`, each))
    const known = [...new Set(pairs.map(([a, b]) => `m${a + 1} m${b + 1}`))].map(each => each.split(' '))
    return { members, pairs: known.map(([volunteerId, studentId]) => pair(volunteerId as string, studentId as string)) }
  })

/** What a rule says, said plainly and otherwise than in the rule. */
const holds = (composition: Composition, { members, pairs }: Composed): boolean => {
  const here = members.filter(each => memberStatuses[each.status].joined)
  const students = here.filter(each => each.role === 'student')
  const volunteers = here.filter(each => each.role === 'volunteer')
  switch (composition.rule) {
    case 'open':
      return true
    case 'homogeneous': {
      if (students.length === 0) return true
      const shared = (students[0]?.needs ?? []).filter(need => students.every(each => each.needs.includes(need)))
      return shared.length >= composition.sharedNeeds
    }
    case 'paired': {
      const partners = (id: string, own: 'studentId' | 'volunteerId', other: 'studentId' | 'volunteerId') =>
        pairs.filter(
          each => each[own] === id && (own === 'studentId' ? volunteers : students).some(one => one.id === each[other]),
        ).length
      const within = (count: number, most: number) => count >= 1 && count <= most
      return (
        students.every(each =>
          within(partners(each.id, 'studentId', 'volunteerId'), composition.volunteersPerStudent),
        ) &&
        volunteers.every(each =>
          within(partners(each.id, 'volunteerId', 'studentId'), composition.studentsPerVolunteer),
        )
      )
    }
    case 'complementary':
      return students.every(one => {
        const others = [...students, ...volunteers].filter(each => each.id !== one.id)
        const covered = new Set(others.flatMap(each => each.strengths).filter(each => one.needs.includes(each)))
        const helped = others.filter(each => one.strengths.some(strength => each.needs.includes(strength)))
        return covered.size >= composition.coveredNeeds && helped.length >= composition.coversOthers
      })
  }
}

t.test('a composition breaks its rule exactly when somebody is named, in whatever order members stand', async t => {
  let [kept, broken] = [0, 0]
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(anyRule, anyGroup, fc.nat(), (composition, group, turn) => {
        const found = breachesOf(composition, group)
        found.length === 0 ? kept++ : broken++
        const places = group.members.map((_, index) => (index + turn) % group.members.length)
        const turned = {
          ...group,
          members: places.map(place => group.members[place] as (typeof group.members)[number]),
        }
        const key = (all: typeof found) =>
          all
            .map(each => `${each.memberId} ${each.code} ${each.mend.en}`)
            .sort()
            .join()
        const here = new Set(group.members.filter(each => memberStatuses[each.status].joined).map(each => each.id))
        return (
          (found.length === 0) === holds(composition, group) &&
          key(found) === key(breachesOf(composition, turned)) &&
          found.every(each => (each.memberId === null || here.has(each.memberId)) && each.title.zh && each.mend.zh)
        )
      }),
      { numRuns: 3000, seed: 20260914 },
    ),
  )
  t.ok(kept > 200 && broken > 200, `${kept} kept, ${broken} broken`)
})

t.test('following what mends a mutual-aid group mends it', async t => {
  const rule: Composition = { rule: 'complementary', coveredNeeds: 1, coversOthers: 0 }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(codes, { minLength: 1, maxLength: 5 }), needs => {
        const members = needs.map((each, index) => student(`m${index + 1}`, each.length > 0 ? each : ['course:A']))
        const asked = breachesOf(rule, { members, pairs: [] }).flatMap(each =>
          each.mend.en.replace('Choose a member strong in ', '').split(', '),
        )
        const helper = student('m99', ['course:A'], asked)
        const found = breachesOf(rule, { members: [...members, helper], pairs: [] })
        return found.every(each => each.memberId === 'm99')
      }),
      { numRuns: 500, seed: 1 },
    ),
  )
})

t.test('the types of the profession choose known rules with parameters that fit, and roles that exist', async t => {
  for (const [code, type] of Object.entries(groupTypes)) {
    t.same(compositionSchema.parse(type.composition), type.composition, code)
    t.ok(type.minMembers >= 2 && type.minMembers <= type.maxMembers, code)
    t.same(
      type.roles.filter(role => !(role in memberRoles)),
      [],
      code,
    )
    t.match(type.title.zh, /型小组$/)
  }
  for (const wrong of [
    { rule: 'homogeneous', sharedNeeds: 0 },
    { rule: 'paired', volunteersPerStudent: 1 },
    { rule: 'open', sharedNeeds: 1 },
    { rule: 'by_star_sign' },
  ])
    t.notOk(compositionSchema.safeParse(wrong).success, JSON.stringify(wrong))
})
