import { Readable } from 'node:stream'
import type { Group, GroupView } from './group.ts'
import { attendanceAt, type Planned } from './later.ts'

const costFen = 12_000

/** Money spent at a session, with its receipt; what goes beyond the approved line is refused and paid by nobody. */
const spend = async (group: Group): Promise<void> => {
  const receipt = Readable.from([Buffer.from('%PDF-1.7\nA receipt.\n')])
  const { id } = await group.leader.upload(`${group.url}/attachments`, 'application/pdf', receipt)
  const body = { amountFen: costFen, on: group.today, receiptId: id }
  await group.leader.attempt(`${group.url}/budget/lines/b1/expenses`, body)
}

/** The session of the plan that is held next in the phase the group is in. */
export const nextSession = (group: Group, { step, sessions }: GroupView): Planned | undefined =>
  group.sessions.find(
    ({ id, phase }) => phase === step && sessions.some(each => each.id === id && each.status === 'planned'),
  )

/** Holds a session: attendance is what the work of its weeks says; absent ones get a note that only theirs may read. */
export const hold = async (group: Group, { id, day, phase }: Planned): Promise<void> => {
  const { members } = await group.view()
  const attendance = members
    .filter(each => each.status === 'active')
    .map(each => ({
      memberId: each.id,
      attendance: attendanceAt(group.candidate(each).registration, Math.min(day, group.day)),
    }))
  await group.leader.post(`${group.url}/sessions/${id}/holding`, {
    on: group.today,
    startsAt: '08:00',
    durationMinutes: 90,
    attendance,
    activities: 'Went through the marked work, two and two.',
    againstPlan: 'as_planned',
    atmosphere: 'The data set does not say.',
    interactions: [],
    endingAnnounced: phase === 'late',
    next: 'The next assessment.',
    notes: attendance
      .filter(each => each.attendance === 'absent')
      .map(({ memberId }) => ({ memberId, note: 'Did not come, and handed in nothing.' })),
  })
  await spend(group)
}
