import { type Group, joined, type Member, studentsOf } from './group.ts'
import { attainmentOf, goalsOf, measureOf } from './later.ts'
import { releaseWaiting } from './members.ts'
import { hold, nextSession } from './sessions.ts'

const informed = (member: Member) => member.status === 'selected' || joined(member)

/** Files the decision to end or cancel, drops what was planned before the ending, and tells the members. */
const tellMembers = async (group: Group, decision: 'end_early' | 'cancel', words: string): Promise<void> => {
  const { members, sessions } = await group.view()
  const memberIds = members.filter(informed).map(each => each.id)
  const dropped = sessions.filter(
    each => each.status === 'planned' && (decision === 'cancel' || each.phase !== 'ending'),
  )
  await group.record('contingency_adjustment', {
    on: group.today,
    trigger: 'member_change',
    feedback: words,
    decision,
    adjustment: words,
    replan: dropped.map(({ id }) => ({ how: 'drop', sessionId: id })),
    ...(memberIds.length > 0 ? { told: { on: group.today, medium: 'in_person', memberIds } } : {}),
  })
}

const planOnward = async (group: Group): Promise<void> => {
  for (const member of studentsOf(await group.view())) {
    const path = attainmentOf(group.candidate(member).registration, group.from) >= 0 ? 'alone' : 'aftercare'
    const plan = path === 'alone' ? 'Goes on alone; knows whom to ask.' : 'A contact after the presentation.'
    const contactOn = path === 'alone' ? null : group.dateOf(group.day + 14)
    await group.record('onward_plan', { memberId: member.id, path, plan, contactOn })
  }
}

/** Tasks are settled by what was handed in. */
export const settleTasks = async (group: Group): Promise<void> => {
  const { tasks, members } = await group.view()
  for (const { id, memberId } of tasks.filter(each => each.status === 'open')) {
    const member = members.find(each => each.id === memberId)
    const done =
      member && goalsOf([group.candidate(member).registration], group.from, group.day).some(each => each.level >= 0)
    await group.post(
      `tasks/${id}/settlement`,
      done ? { status: 'done' } : { status: 'dropped', note: 'Nothing was handed in.' },
    )
  }
}

const settleBudget = (group: Group) => group.post('budget/settlement', { note: 'Receipts are on file.' })

/** The last session was held: everybody's outcome is what the later scores say. */
export const endGroup = async (group: Group): Promise<void> => {
  await group.attempt('transitions', { to: 'ended' })
  const students = studentsOf(await group.view())
  const registrations = students.map(each => group.candidate(each).registration)
  const goals = goalsOf(registrations, group.from, Number.POSITIVE_INFINITY)
  await group.record('final_evaluation', {
    experience: 'As the results show.',
    shortcomings: 'As the results show.',
    attainment: goals,
    members: students.map((member, index) => {
      const registration = registrations[index] as (typeof registrations)[number]
      return {
        memberId: member.id,
        attainment: attainmentOf(registration, group.from),
        after: measureOf(registration, group.from, 'late'),
        outcome: `Final result ${registration.finalResult}.`,
      }
    }),
    satisfaction: [],
  })
  await planOnward(group)
  await settleBudget(group)
  await group.post('transitions', { to: 'ended' })
}

const words: Readonly<Record<string, string>> = {
  too_few_members: 'Too few are left to learn with each other.',
  goals_met_early: 'Whoever comes handed in and passed well; the group is not needed any more.',
}

/** Ends a group before its time, and looks back with whoever is left. */
export const endEarly = async (group: Group, reason: string): Promise<void> => {
  const note = words[reason] as string
  const ending = { to: 'ending', reason, note }
  await group.attempt('transitions', ending)
  await releaseWaiting(group)
  await tellMembers(group, 'end_early', note)
  await settleTasks(group)
  await group.post('transitions', ending)
  const session = nextSession(group, await group.view())
  if (session) await hold(group, session)
  await endGroup(group)
}

/** Too few take part: nobody is left without word, money or a way on. */
export const cancel = async (group: Group, note: string): Promise<void> => {
  const cancelling = { to: 'cancelled', reason: 'not_enough_members', note }
  await group.attempt('transitions', cancelling)
  await releaseWaiting(group)
  await tellMembers(group, 'cancel', note)
  await planOnward(group)
  await settleBudget(group)
  await group.post('transitions', cancelling)
}
