import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { GroupFacts } from '../practice/group-facts.ts'
import { arisingItems, takesPart } from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { groupStatement, onGroup } from './facts.ts'
import { itemRows, itemsCount, itemsPut } from './open-items.ts'

const save = groupStatement(
  'groups.pair',
  '',
  `p as (insert into group_pairs (institution_id, group_id, volunteer_id, student_id, from_version)
  select $1::uuid, c.id, e->>'volunteerId', e->>'studentId', c.version from given cross join c)`,
)

const saveEnd = groupStatement(
  'groups.end_pair',
  itemsCount,
  `p as (update group_pairs x set until_version = c.version from given, c where x.institution_id = $1::uuid and x.group_id = c.id
  and x.volunteer_id = given.e->>'volunteerId' and x.student_id = given.e->>'studentId' and x.until_version is null),
${itemsPut}`,
)

/** Two members of one group. */
export interface OfPair {
  readonly groupId: string
  readonly ifMatch: number | null
  readonly volunteerId: string
  readonly studentId: string
}

const isPair =
  ({ volunteerId, studentId }: OfPair) =>
  (pair: GroupFacts['pairs'][number]) =>
    pair.volunteerId === volunteerId && pair.studentId === studentId

/** Whether a pair more keeps to the limits of the rule. */
const withinLimits = ({ composition, pairs }: GroupFacts, { volunteerId, studentId }: OfPair): boolean => {
  if (composition.rule !== 'paired') return false
  const students = pairs.filter(each => each.volunteerId === volunteerId).length
  const volunteers = pairs.filter(each => each.studentId === studentId).length
  return students < composition.studentsPerVolunteer && volunteers < composition.volunteersPerStudent
}

/** Pairs a volunteer with a student, both of whom take part. @throws Problem not_found, pair_exists, pair_unfit */
export const pairMembers = (deps: Deps, request: Request, input: OfPair): Promise<Answer> =>
  onGroup(
    deps,
    request,
    { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead' },
    save,
    ({ facts }) => {
      const { volunteerId, studentId } = input
      const is = (id: string, role: string) =>
        facts.members.some(each => each.id === id && each.role === role && takesPart(each))
      if (facts.pairs.some(isPair(input))) throw new Problem('pair_exists')
      if (!is(volunteerId, 'volunteer') || !is(studentId, 'student') || !withinLimits(facts, input))
        throw new Problem('pair_unfit')
      const told = { volunteerId, studentId }
      return { type: 'group.paired', data: told, effects: told, status: 201, receipt: told }
    },
  )

/** Ends a pair; whoever is left without a partner in a running group is an open item. @throws Problem not_found */
export const endPair = (deps: Deps, request: Request, input: OfPair): Promise<Answer> =>
  onGroup(
    deps,
    request,
    { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead' },
    saveEnd,
    ({ facts, caller }) => {
      const { volunteerId, studentId } = input
      if (!facts.pairs.some(isPair(input))) throw new Problem('not_found')
      const after = { ...facts, pairs: facts.pairs.filter(each => !isPair(input)(each)) }
      const items = itemRows(facts, arisingItems(facts, after), caller.today)
      const told = { volunteerId, studentId, openItems: items.map(({ id }) => id) }
      return {
        type: 'group.pair_ended',
        data: told,
        effects: { volunteerId, studentId, items },
        status: 200,
        receipt: told,
      }
    },
  )
