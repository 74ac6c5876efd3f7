import type { Registration } from '../data.ts'
import { cancel, endEarly, endGroup, settleTasks } from './end.ts'
import { type Group, joined, studentsOf } from './group.ts'
import { allWell, attendanceAt, goalsOf } from './later.ts'
import { assignTasks, fileProfile, partWithLost, releaseWaiting, resolveItems } from './members.ts'
import { hold, nextSession } from './sessions.ts'

const evaluate = async (group: Group, phase: string): Promise<void> => {
  const students = studentsOf(await group.view()).map(each => group.candidate(each).registration)
  await group.record('phase_evaluation', {
    phase,
    feedback: 'The data set holds no words of the students.',
    effects: 'As the results show.',
    shortcomings: 'As the results show.',
    attainment: goalsOf(students, group.from, group.day),
    adjustments: 'None.',
  })
}

/** Students who have not stopped coming. */
const coming = async (group: Group): Promise<Registration[]> =>
  studentsOf(await group.view())
    .map(each => group.candidate(each).registration)
    .filter(each => attendanceAt(each, group.day) !== 'absent')

/** Whether too few come to learn with each other; at somebody's side, one is enough. */
const tooFew = (group: Group, { length }: readonly Registration[]) => length < (group.forming.type === 'paired' ? 1 : 2)

/** Opening: norms, acceptances, baselines; then tasks. Where hardly anybody came the group is cancelled. */
const early = async (group: Group): Promise<void> => {
  if (tooFew(group, await coming(group))) return cancel(group, 'Hardly anybody came to the opening session.')
  await group.attempt('transitions', { to: 'middle' })
  await group.record('group_contract', {
    norms: ['Come in time, or say so.', 'Nobody is judged.', 'Bring what is hard.'],
    confidence: 'What is said here stays here, but for danger to life.',
    consequences: 'The group says so first, then the leader.',
  })
  for (const member of (await group.view()).members.filter(joined)) {
    await group.record('contract_acceptance', { memberId: member.id, remarks: 'Agreed.' })
    if (member.role === 'student') await fileProfile(group, member, true)
  }
  await evaluate(group, 'early')
  await resolveItems(group)
  await group.post('transitions', { to: 'middle' })
  await assignTasks(group, studentsOf(await group.view()))
}

/** Why a group ends before its time, by who still comes and what they handed in. */
const earlyEnd = async (group: Group): Promise<string | null> => {
  const registrations = await coming(group)
  if (tooFew(group, registrations)) return 'too_few_members'
  return allWell(registrations, group.from, group.day) ? 'goals_met_early' : null
}

const middle = async (group: Group): Promise<void> => {
  await partWithLost(group)
  await resolveItems(group)
  const reason = await earlyEnd(group)
  if (reason) return endEarly(group, reason)
  if (nextSession(group, await group.view())) return
  await evaluate(group, 'middle')
  await group.post('transitions', { to: 'late' })
}

/** The tasks were carried out; the ending was announced. */
const late = async (group: Group): Promise<void> => {
  await group.attempt('transitions', { to: 'ending' })
  await partWithLost(group)
  await settleTasks(group)
  await resolveItems(group)
  await releaseWaiting(group)
  await evaluate(group, 'late')
  await group.post('transitions', { to: 'ending' })
}

const after: Readonly<Record<string, (group: Group) => Promise<void>>> = { early, middle, late, ending: endGroup }

/** Holds the session that is due, and does what the phase asks for; moves where it is earned. */
export const workOn = async (group: Group): Promise<void> => {
  const seen = await group.view()
  const session = nextSession(group, seen)
  if (!session) throw new Error(`group ${group.id} has no session in ${seen.step}`)
  await hold(group, session)
  await after[seen.step]?.(group)
}
