import { lot } from '../policy.ts'
import type { Candidate } from './form.ts'
import { type Group, joined, type Member, studentsOf } from './group.ts'
import { attainmentOf, attendanceAt, handsInNothing, measureOf } from './later.ts'

const late = 'The group runs already; they asked to join.'

/** Files the profile of a member, with where they stand where that is asked for. */
export const fileProfile = (group: Group, member: Pick<Member, 'id' | 'studentId'>, baseline: boolean) => {
  const { registration, needs, strengths } = group.candidate(member)
  return group.record('member_profile', {
    memberId: member.id,
    age: null,
    educationLevel: 'other',
    gender: 'not_stated',
    problems: needs.length > 0 ? `Failed or missed: ${needs.join(', ')}.` : 'None that the results show.',
    strong: strengths.length > 0 ? `Did well: ${strengths.join(', ')}.` : 'None that the results show yet.',
    needs,
    strengths,
    baseline: baseline ? measureOf(registration, group.from, 'early') : undefined,
  })
}

/** Proposes somebody; where the group is full they wait for a place. */
export const propose = async (group: Group, candidate: Candidate, role: Member['role']): Promise<void> => {
  const { studentId } = candidate
  const { memberId } = await group.leader.post(`${group.url}/members`, { role, studentId })
  await fileProfile(group, { id: String(memberId), studentId }, false)
  const selection = `members/${memberId}/selection`
  const selected = await group.attempt(selection, {})
  if (selected.status !== 201) await group.post(selection, { waiting: true })
}

const consent = (group: Group, { id }: Pick<Member, 'id'>) =>
  group.post(`members/${id}/consent`, { method: 'oral', note: 'Agreed in the talk before the group.' })

/** Half of those who never hand in anything again do not want to, or do not answer. */
const answerOf = ({ registration }: Candidate, from: number): 'yes' | 'no_longer_wants' | 'lost_contact' => {
  const chance = lot(registration.student)
  if (!handsInNothing(registration, from) || chance >= 50) return 'yes'
  return chance < 25 ? 'no_longer_wants' : 'lost_contact'
}

/** Asks all who are selected; who waits and gets a place that came free is asked too. */
export const askForConsent = async (group: Group): Promise<void> => {
  for (;;) {
    const { members } = await group.view()
    const selected = members.filter(each => each.status === 'selected')
    if (selected.length === 0) return
    for (const member of selected) {
      const reason = answerOf(group.candidate(member), group.from)
      if (reason === 'yes') await consent(group, member)
      else await group.post(`members/${member.id}/leaving`, { reason, exitTalk: 'Asked twice.' })
    }
  }
}

/** Pairs that are missing: everybody has a partner, whoever has the fewest comes first. Pure. */
export const missingPairs = (
  members: readonly Pick<Member, 'id' | 'role' | 'status'>[],
  pairs: readonly { readonly volunteerId: string; readonly studentId: string }[],
): { volunteerId: string; studentId: string }[] => {
  const taking = members.filter(each => joined(each as Member))
  const volunteers = taking.filter(each => each.role === 'volunteer')
  const students = taking.filter(each => each.role === 'student')
  const all = [...pairs]
  const partners = (id: string) => all.filter(each => each.volunteerId === id || each.studentId === id).length
  const fewest = (of: typeof taking) => [...of].sort((a, b) => partners(a.id) - partners(b.id))[0]?.id
  const pair = (volunteerId: string | undefined, studentId: string | undefined) =>
    volunteerId && studentId ? all.push({ volunteerId, studentId }) : 0
  for (const { id } of students) if (partners(id) === 0) pair(fewest(volunteers), id)
  for (const { id } of volunteers) if (partners(id) === 0) pair(id, fewest(students))
  return all.slice(pairs.length)
}

/** Pairs whoever of a paired group has no partner. */
export const pairUp = async (group: Group): Promise<void> => {
  if (group.forming.type !== 'paired') return
  const { members, pairs } = await group.view()
  for (const pair of missingPairs(members, pairs)) await group.leader.post(`${group.url}/pairs`, pair)
}

/** A member who took part leaves: talk or attempts, tasks, outcome so far and way on are filed. */
export const leave = async (group: Group, member: Member, reason: string, exitTalk: string): Promise<void> => {
  const { registration } = group.candidate(member)
  const { tasks } = await group.view()
  const served = member.role === 'student' && member.status === 'active'
  await group.post(`members/${member.id}/leaving`, {
    reason,
    exitTalk,
    tasks: tasks
      .filter(each => each.memberId === member.id && each.status === 'open')
      .map(({ id }) => ({ taskId: id, dropped: true })),
    ...(served ? { attainment: attainmentOf(registration, group.from), onwardPath: 'aftercare' } : {}),
  })
}

/** Whether a member has been lost: absent at this session and at the one before. */
const isLost = (group: Group, member: Member): boolean => {
  const { registration } = group.candidate(member)
  const days = group.sessions.map(each => each.day).filter(day => day <= group.day)
  return (
    member.role === 'student' &&
    member.status === 'active' &&
    lot(`${registration.student} leaves`) < 60 &&
    days.slice(-2).every(day => attendanceAt(registration, day) === 'absent')
  )
}

/** Files the leaving of those who were lost; one stays, so that the group can be ended with somebody. */
export const partWithLost = async (group: Group): Promise<void> => {
  for (const member of (await group.view()).members.filter(each => isLost(group, each))) {
    if (studentsOf(await group.view()).length > 1)
      await leave(group, member, 'lost_contact', 'Two calls and a message, no answer.')
  }
}

/** A place is given to the first who waits: selected, agreed, norms accepted, paired, with a baseline. */
const recruit = async (group: Group): Promise<void> => {
  const waiting = (await group.view()).members.find(each => each.status === 'waiting')
  if (!waiting) return
  await group.post(`members/${waiting.id}/selection`, { note: late })
  await fileProfile(group, waiting, true)
  await consent(group, waiting)
  await group.record('contract_acceptance', { memberId: waiting.id, remarks: 'Read and agreed.' })
  const { step } = await group.view()
  if (step !== 'early') await assignTasks(group, [waiting])
}

/** Who still waits for a place is told that none came free. */
export const releaseWaiting = async (group: Group): Promise<void> => {
  for (const { id } of (await group.view()).members.filter(each => each.status === 'waiting'))
    await group.post(`members/${id}/leaving`, { reason: 'other', exitTalk: 'No place came free.' })
}

/** A task for each of the members: the work that is due next. */
export const assignTasks = async (group: Group, members: readonly Pick<Member, 'id'>[]): Promise<void> => {
  if (members.length === 0) return
  const dueOn = group.dateOf(group.sessions.at(-2)?.day ?? group.day)
  const tasks = members.map(({ id }) => ({
    id: `t${id.slice(1)}`,
    memberId: id,
    text: 'Hand in the next assessment, and tell the group what was hard.',
    dueOn,
  }))
  await group.record('task_assignment', { tasks })
}

const resolutions: Readonly<Record<string, string>> = { pair_broken: 're_paired' }

/**
 * Resolves what puts the group in question: a waiting member is let in, pairs are made anew; where that does not mend it the
 * group goes on for a reason.
 */
export const resolveItems = async (group: Group): Promise<void> => {
  for (;;) {
    const item = (await group.view()).openItems.find(each => each.resolution === null)
    if (!item) return
    if (item.kind !== 'pair_broken') await recruit(group)
    await pairUp(group)
    const path = `open-items/${item.id}/resolution`
    const mended = await group.attempt(path, { resolution: resolutions[item.kind] ?? 'recruited' })
    if (mended.status !== 201)
      await group.post(path, { resolution: 'goes_on', note: 'Who is left wants to go on, and can.' })
  }
}
