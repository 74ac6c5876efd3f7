import type { Title } from '../kernel/process.ts'
import { type MemberRole, memberStatuses } from './group-codes.ts'
import type { MemberFact, PairFact } from './group-facts.ts'
import type { Composition } from './group-types.ts'

/** What the rules look at of a group. */
export interface Composed {
  readonly members: readonly Pick<MemberFact, 'id' | 'role' | 'status' | 'strengths' | 'needs'>[]
  readonly pairs: readonly PairFact[]
}

type Member = Composed['members'][number]

/** A member who breaks the rule (null: the group as a whole), and what would mend it. */
export interface Breach {
  readonly memberId: string | null
  readonly code: string
  readonly title: Title
  readonly mend: Title
}

type Rule<R extends Composition['rule']> = (
  composition: Extract<Composition, { rule: R }>,
  group: Composed,
  students: readonly Member[],
) => Breach[]

const title = (en: string, zh: string): Title => ({ en, zh })

const joined = ({ members }: Composed, ...roles: MemberRole[]): Member[] =>
  members.filter(each => roles.includes(each.role) && memberStatuses[each.status].joined)

const unknownNeeds = ({ id }: Member): Breach => ({
  memberId: id,
  code: 'needs_unknown',
  title: title(`No needs of member ${id} are on file`, `成员${id}的困难尚未记录`),
  mend: title(`Sign a profile of member ${id}`, `签署成员${id}的档案`),
})

const listed = (codes: readonly string[]) => codes.join(', ')

/** The needs most students have, by number and name. */
const commonNeeds = (students: readonly Member[], most: number): string[] => {
  const having = new Map<string, number>()
  for (const need of students.flatMap(each => [...new Set(each.needs)])) having.set(need, (having.get(need) ?? 0) + 1)
  return [...having]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([need]) => need)
}

const homogeneous: Rule<'homogeneous'> = ({ sharedNeeds }, _group, students) => {
  const known = students.filter(each => each.needs.length > 0)
  const common = commonNeeds(known, sharedNeeds)
  const few: Breach[] =
    known.length > 0 && common.length < sharedNeeds
      ? [
          {
            memberId: null,
            code: 'too_few_shared',
            title: title(`The students share fewer than ${sharedNeeds} needs`, `成员共有的困难少于${sharedNeeds}项`),
            mend: title('Ask for fewer shared needs, or choose other members', '降低共有困难的要求,或另选成员'),
          },
        ]
      : []
  const apart = known.flatMap(({ id, needs }): Breach[] => {
    const lacking = common.filter(need => !needs.includes(need))
    return lacking.length === 0
      ? []
      : [
          {
            memberId: id,
            code: 'need_not_shared',
            title: title(
              `Member ${id} does not share ${listed(lacking)}`,
              `成员${id}没有共同的困难:${listed(lacking)}`,
            ),
            mend: title(
              `Choose somebody with ${listed(common)} in place of ${id}`,
              `改选有${listed(common)}困难的成员替换${id}`,
            ),
          },
        ]
  })
  return [...students.filter(each => each.needs.length === 0).map(unknownNeeds), ...few, ...apart]
}

const pairFaults = (one: Member, partners: number, most: number, of: Title): Breach[] => {
  if (partners === 0)
    return [
      {
        memberId: one.id,
        code: 'not_paired',
        title: title(`Member ${one.id} has no ${of.en}`, `成员${one.id}尚未与${of.zh}结对`),
        mend: title(`Pair ${one.id} with a ${of.en}`, `为${one.id}安排${of.zh}`),
      },
    ]
  return partners > most
    ? [
        {
          memberId: one.id,
          code: 'paired_too_often',
          title: title(
            `Member ${one.id} has ${partners} partners, at most ${most}`,
            `成员${one.id}结对${partners}人,上限${most}人`,
          ),
          mend: title(`End a pair of ${one.id}`, `解除${one.id}的一个结对`),
        },
      ]
    : []
}

const paired: Rule<'paired'> = ({ volunteersPerStudent, studentsPerVolunteer }, group, students) => {
  const volunteers = joined(group, 'volunteer')
  const standing = group.pairs.filter(
    pair => students.some(each => each.id === pair.studentId) && volunteers.some(each => each.id === pair.volunteerId),
  )
  return [
    ...students.flatMap(each =>
      pairFaults(
        each,
        standing.filter(pair => pair.studentId === each.id).length,
        volunteersPerStudent,
        title('volunteer', '志愿者'),
      ),
    ),
    ...volunteers.flatMap(each =>
      pairFaults(
        each,
        standing.filter(pair => pair.volunteerId === each.id).length,
        studentsPerVolunteer,
        title('student', '学生'),
      ),
    ),
  ]
}

const complementary: Rule<'complementary'> = ({ coveredNeeds, coversOthers }, group, students) => {
  const helping = joined(group, 'student', 'volunteer')
  return students.flatMap((one): Breach[] => {
    if (one.needs.length === 0) return [unknownNeeds(one)]
    const others = helping.filter(each => each.id !== one.id)
    const uncovered = one.needs.filter(need => !others.some(each => each.strengths.includes(need)))
    const helped = others.filter(each => each.needs.some(need => one.strengths.includes(need))).length
    const wanted = [...new Set(others.flatMap(each => each.needs))].sort()
    return [
      ...(one.needs.length - uncovered.length < coveredNeeds
        ? [
            {
              memberId: one.id,
              code: 'need_not_covered',
              title: title(
                `Nobody covers enough of what member ${one.id} needs: ${listed(uncovered)}`,
                `成员${one.id}的困难无人能补:${listed(uncovered)}`,
              ),
              mend: title(`Choose a member strong in ${listed(uncovered)}`, `选入擅长${listed(uncovered)}的成员`),
            },
          ]
        : []),
      ...(helped < coversOthers
        ? [
            {
              memberId: one.id,
              code: 'covers_nobody',
              title: title(
                `Member ${one.id} covers the need of ${helped}, at least ${coversOthers}`,
                `成员${one.id}能帮助${helped}人,至少${coversOthers}人`,
              ),
              mend: title(
                `Choose somebody strong in ${listed(wanted)} in place of ${one.id}`,
                `改选擅长${listed(wanted)}的成员替换${one.id}`,
              ),
            },
          ]
        : []),
    ]
  })
}

const rules: { readonly [R in Composition['rule']]: Rule<R> } = { homogeneous, paired, complementary, open: () => [] }

/**
 * Who breaks the rule of composition among those who have agreed to take part, and what would mend it; empty when it
 * holds. Pure.
 */
export const breachesOf = (composition: Composition, group: Composed): Breach[] => {
  const rule = rules[composition.rule] as Rule<Composition['rule']>
  return rule(composition as never, group, joined(group, 'student'))
}
