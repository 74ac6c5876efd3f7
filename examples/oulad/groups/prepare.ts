import type { Forming } from './form.ts'
import { Group, type GroupDeps, type Member, studentsOf } from './group.ts'
import { askForConsent, leave, pairUp, propose } from './members.ts'

const names = { growth: 'Growth', mutual_aid: 'Mutual aid', paired: 'Side by side' } as const

const goal = (id: string, statement: string, measure: string, dueOn: string) => ({
  id,
  statement,
  measure,
  baseline: 'Failed or missed before the group.',
  target: 'Three of four.',
  weight: 50,
  dueOn,
})

/** The forms of preparation, by what the presentation still holds. */
const filePlans = async (group: Group): Promise<void> => {
  const { presentation, about } = group.forming
  const last = group.dateOf(group.sessions.at(-1)?.day ?? group.day)
  await group.record('group_plan', {
    organiser: 'Counsellor of the module.',
    theory: 'Mutual aid and social learning.',
    aims: `Find a way back into ${presentation}.`,
    goals: [
      goal('g1', 'The work to come is handed in.', 'Share of it handed in.', last),
      goal('g2', 'The work to come is passed.', 'Share of it passed.', last),
    ],
  })
  await group.record('recruitment_plan', {
    target: `Warned students of ${presentation}: ${about.join(', ')}.`,
    method: 'Asked by their counsellor after the warning.',
    publicity: 'None: nobody shall be seen to be warned.',
    selection: 'By what they failed, and what they are strong in.',
    from: group.today,
    until: last,
  })
  await group.record('session_plan', {
    overview: 'An opening, a session about each assessment to come, and one to look back.',
    sessions: group.sessions.map(({ day, ...session }) => ({
      ...session,
      on: group.dateOf(day),
      startsAt: '18:00',
      durationMinutes: 90,
      purpose: session.kind === 'regular' ? 'The assessment of these weeks.' : 'All together.',
      leaderTasks: 'Lead through the session.',
      memberTasks: 'Bring what is hard.',
      materials: 'Marked work.',
      venue: 'Study room',
      staff: 'The leader.',
    })),
  })
  await group.record('group_budget', {
    lines: [
      { id: 'b1', category: 'materials', purpose: 'Copies.', source: 'Faculty', plannedFen: 30_000 },
      { id: 'b2', category: 'refreshments', purpose: 'Tea.', source: 'Alumni', plannedFen: 10_000 },
    ],
  })
}

const approve = async (group: Group): Promise<void> => {
  const { budgetLines } = await group.view()
  const lines = budgetLines.map(({ id, plannedFen }) => ({ lineId: id, approvedFen: plannedFen }))
  await group.decide('budget/approval', { lines })
}

/** Who does not fit any more, because somebody else did not join, is asked to wait for another group. */
const dropUnfit = async (group: Group): Promise<void> => {
  for (;;) {
    const { breaches } = await group.leader.get(`${group.url}/composition`)
    const unfit = (breaches as { memberId: string | null }[]).find(each => each.memberId !== null)
    const member = (await group.view()).members.find(each => each.id === unfit?.memberId)
    if (!member) return
    await leave(group, member as Member, 'other', 'Nobody is left to learn with; another group is looked for.')
    await askForConsent(group)
    await pairUp(group)
  }
}

/** Opens a group and prepares it. @returns it, and whether enough members take part for it to begin */
export const prepare = async (
  deps: GroupDeps,
  forming: Forming,
  orgUnitId: string,
  date: string,
): Promise<{ group: Group; ready: boolean }> => {
  const { type, presentation, students, volunteers, minMembers, maxMembers } = forming
  const name = `${names[type]} in ${presentation}`
  const opened = await deps.leader.post('/v1/groups', { name, type, orgUnitId, minMembers, maxMembers })
  const group = new Group(deps, String(opened.groupId), forming, date)
  await group.attempt('transitions', { to: 'early' })
  for (const each of volunteers) await propose(group, each, 'volunteer')
  for (const each of students) await propose(group, each, 'student')
  await askForConsent(group)
  await pairUp(group)
  await dropUnfit(group)
  await filePlans(group)
  const seen = await group.view()
  if (studentsOf(seen).length < (type === 'paired' ? 1 : minMembers)) return { group, ready: false }
  await group.attempt('transitions', { to: 'early' })
  await approve(group)
  await group.post('transitions', { to: 'early' })
  return { group, ready: true }
}
