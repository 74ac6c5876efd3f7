import type { Answer } from '../platform/http/route.ts'
import { rowsOf } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { leftByHand, onwardPaths } from '../practice/group-codes.ts'
import { memberRoles } from '../practice/group-codes.ts'
import type { MemberFact } from '../practice/group-facts.ts'
import { arisingItems, promotions, takesPart, withStatus } from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { movable, type OfMember } from './change-member.ts'
import { groupStatement, type LoadedFacts, onGroup } from './facts.ts'
import { itemRows, itemsCount, itemsPut } from './open-items.ts'
import { promotedPut } from './promoted.ts'

const save = groupStatement(
  'groups.member_left',
  itemsCount,
  `m as (update group_members x set status = 'left', left_on = (given.e->>'leftOn')::date, left_reason = given.e->>'reason', left_version = c.version,
    attainment = coalesce((given.e->>'attainment')::int, x.attainment),
    outcome_version = case when given.e->>'attainment' is null then x.outcome_version else c.version end,
    onward_path = coalesce(given.e->>'onwardPath', x.onward_path),
    onward_version = case when given.e->>'onwardPath' is null then x.onward_version else c.version end
  from given, c where x.institution_id = $1::uuid and x.group_id = c.id and x.id = given.e->>'memberId'),
${promotedPut},
p as (update group_pairs x set until_version = c.version from given, c where x.institution_id = $1::uuid and x.group_id = c.id
  and x.until_version is null and given.e->>'memberId' in (x.volunteer_id, x.student_id)),
passed as (update group_tasks x set member_id = y."memberId", status = case when y.dropped then 'dropped' else x.status end,
    settled_version = case when y.dropped then c.version else x.settled_version end
  from given cross join c cross join ${rowsOf('tasks', '"taskId" text, "memberId" text, dropped boolean', 'y')}
  where x.institution_id = $1::uuid and x.group_id = c.id and x.id = y."taskId"),
${itemsPut}`,
)

/**
 * What becomes of an open task of who leaves: the leaders' own, or dropped. Never another member's as it stands: its words
 * were for the one who leaves; the leaders assign it anew, in other words.
 */
export interface TaskPassed {
  readonly taskId: string
  readonly dropped: boolean
}

/** A leaving, with what is filed of it. */
export interface LeaveGroup extends OfMember {
  readonly reason: keyof typeof leftByHand
  /** Last day; null = today. */
  readonly on: string | null
  /** The exit talk, or the attempts at one; confidential. */
  readonly exitTalk: string | null
  readonly tasks: readonly TaskPassed[]
  /** Outcome so far, −2…+2. */
  readonly attainment: number | null
  readonly onwardPath: keyof typeof onwardPaths | null
}

const passedOn = (facts: LoadedFacts, member: MemberFact, input: LeaveGroup) => {
  const open = facts.tasks.filter(each => each.memberId === member.id && each.status === 'open').map(each => each.id)
  const errors = open
    .filter(id => !input.tasks.some(each => each.taskId === id))
    .map(id => ({ pointer: '/tasks', code: 'task_left', detail: `task ${id} is still open: take it over or drop it` }))
  const fit = ({ taskId }: TaskPassed, index: number) =>
    open.includes(taskId) && input.tasks.findIndex(each => each.taskId === taskId) === index
  const unfit = input.tasks.flatMap((each, index) =>
    fit(each, index)
      ? []
      : [
          {
            pointer: `/tasks/${index}`,
            code: 'task_unfit',
            detail: 'no open task of theirs, or named already',
          },
        ],
  )
  if (errors.length + unfit.length > 0) throw new Problem('leaving_incomplete', { errors: [...errors, ...unfit] })
  return input.tasks.map(({ taskId, dropped }) => ({ taskId, memberId: dropped ? member.id : null, dropped }))
}

/** What must be filed of somebody who took part: talk or attempts; of whom the group serves also outcome and way on. */
const requireFiled = (member: MemberFact, input: LeaveGroup): void => {
  if (input.reason === 'other' && !input.exitTalk) throw new Problem('note_required')
  if (!takesPart(member)) return
  const served = memberRoles[member.role].served && member.status === 'active'
  const missing = [
    ...(input.exitTalk ? [] : ['exitTalk']),
    ...(served && input.attainment === null ? ['attainment'] : []),
    ...(served && input.onwardPath === null ? ['onwardPath'] : []),
  ]
  if (missing.length === 0) return
  const errors = missing.map(name => ({ pointer: `/${name}`, code: 'missing', detail: 'filed when a member leaves' }))
  throw new Problem('leaving_incomplete', { errors })
}

/**
 * A member leaves: the day, reason and exit talk are filed, the leaders take their tasks over or drop them, pairs end. If the group falls below its
 * minimum or its composition breaks, an open item with a due date arises. In preparation the place goes to who waits.
 * @throws Problem not_found, member_not_movable, leaving_incomplete, note_required, day_unfit
 */
export const leaveGroup = (deps: Deps, request: Request, input: LeaveGroup): Promise<Answer> => {
  const { groupId, memberId, ifMatch, reason } = input
  return onGroup(deps, request, { groupId, ifMatch, permission: 'group:lead' }, save, ({ facts, caller }) => {
    const member = movable(facts, memberId, 'left')
    requireFiled(member, input)
    const leftOn = input.on ?? caller.today
    if (leftOn > caller.today || leftOn < facts.openedOn) throw new Problem('day_unfit')
    const tasks = passedOn(facts, member, input)
    const after = withStatus(facts, memberId, 'left')
    const items = itemRows(facts, arisingItems(facts, after), caller.today)
    const promoted = promotions(facts, after)
    const told = { memberId, reason, promotedId: promoted[0] ?? null, openItems: items.map(({ id }) => id) }
    return {
      type: 'group.member_left',
      data: told,
      words: input.exitTalk,
      effects: {
        memberId,
        reason,
        leftOn,
        attainment: input.attainment,
        onwardPath: input.onwardPath,
        tasks,
        promoted,
        items,
      },
      status: 201,
      receipt: told,
    }
  })
}
