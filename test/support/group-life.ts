import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from './groups.ts'
import type { Service, Told } from './service.ts'

/** Throws what was refused. */
export const done = (told: Told): Told => {
  if (told.status >= 300) throw new Error(told.text)
  return told
}

const steps = ['preparation', 'early', 'middle', 'late', 'ending', 'ended'] as const

type Step = (typeof steps)[number]

interface Session {
  readonly [field: string]: unknown
  readonly notes?: readonly { memberId: string; note: string }[]
}

/** What is filed of a session: everybody active is there. */
export const sessionBody = async (service: Service, groupId: string, more: Session = {}) => {
  const { example } = (await service.call('owner', 'GET', '/v1/record-kinds/group_session')).body
  const { sessionId: _, ...body } = example
  const { members } = await groupOf(service, groupId)
  const active = members.filter((each: { status: string }) => each.status === 'active')
  const attendance = active.map((each: { id: string }) => ({ memberId: each.id, attendance: 'present' }))
  return { ...body, attendance, ...more }
}

/** Holds a session of the plan. */
export const hold = async (
  service: Service,
  groupId: string,
  sessionId: string,
  more: Session = {},
  account = 'owner',
): Promise<Told> =>
  service.call(
    account,
    'POST',
    `/v1/groups/${groupId}/sessions/${sessionId}/holding`,
    await sessionBody(service, groupId, more),
  )

/** Keeps a small file as a receipt. @returns its id */
export const givenReceipt = async (service: Service, groupId: string): Promise<string> => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1])
  const told = await service.call('owner', 'POST', `/v1/groups/${groupId}/attachments`, png, {
    'content-type': 'image/png',
  })
  return done(told).body.id
}

const approve = async (service: Service, groupId: string) => {
  const { lines } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/budget`)).body
  const approved = lines.map((each: { id: string; plannedFen: number }) => ({
    lineId: each.id,
    approvedFen: each.plannedFen,
  }))
  return done(await post(service, groupId, 'budget/approval', { lines: approved }, 'lineManager'))
}

type Work = (service: Service, groupId: string, ids: readonly string[]) => Promise<unknown>

const record = async (service: Service, groupId: string, kinds: readonly string[], more: Session = {}) => {
  for (const kind of kinds) await givenGroupRecord(service, groupId, kind, more)
}

const each = async (ids: readonly string[], work: (memberId: string) => Promise<unknown>) => {
  for (const id of ids) await work(id)
}

/** What each phase asks for, done through the API. */
export const work: Readonly<Record<Exclude<Step, 'ended'>, Work>> = {
  preparation: async (service, groupId, ids) => {
    await each(ids, memberId => givenGroupRecord(service, groupId, 'member_profile', { memberId }))
    await record(service, groupId, ['group_plan', 'recruitment_plan', 'session_plan', 'group_budget'])
    await approve(service, groupId)
  },
  early: async (service, groupId, ids) => {
    done(await hold(service, groupId, 's1', { interactions: [] }))
    await record(service, groupId, ['group_contract'])
    await each(ids, memberId => givenGroupRecord(service, groupId, 'contract_acceptance', { memberId }))
    await record(service, groupId, ['phase_evaluation'])
  },
  middle: async (service, groupId, ids) => {
    const tasks = ids.map((memberId, index) => ({ id: `t${index + 1}`, memberId, text: '讲题', dueOn: '2026-10-01' }))
    await givenGroupRecord(service, groupId, 'task_assignment', { tasks })
    done(await hold(service, groupId, 's2', { interactions: [] }))
    await record(service, groupId, ['phase_evaluation'], { phase: 'middle' })
  },
  late: async (service, groupId) => {
    const { tasks } = await groupOf(service, groupId)
    for (const { id } of tasks) done(await post(service, groupId, `tasks/${id}/settlement`, { status: 'done' }))
    done(await hold(service, groupId, 's3', { interactions: [], endingAnnounced: true }))
    await record(service, groupId, ['phase_evaluation'], { phase: 'late' })
  },
  ending: async (service, groupId, ids) => {
    done(await hold(service, groupId, 's4', { interactions: [] }))
    const members = ids.map(memberId => ({ memberId, attainment: 1, outcome: '补考通过。' }))
    await record(service, groupId, ['final_evaluation'], { members })
    await each(ids, memberId => givenGroupRecord(service, groupId, 'onward_plan', { memberId }))
    done(await post(service, groupId, 'budget/settlement', { note: '票据交财务。' }))
  },
}

/** Opens a group with these students and does all it takes to come to a step. @returns group and member ids */
export const givenGroupIn = async (
  service: Service,
  step: Step,
  studentIds: readonly string[],
  body: Record<string, unknown> = {},
) => {
  const groupId = await givenGroup(service, { maxMembers: 30, ...body })
  const ids: string[] = []
  for (const studentId of studentIds) ids.push(await givenMember(service, groupId, { studentId }))
  for (const [index, from] of steps.slice(0, steps.indexOf(step)).entries()) {
    await work[from as Exclude<Step, 'ended'>](service, groupId, ids)
    done(await post(service, groupId, 'transitions', { to: steps[index + 1] }))
  }
  return { groupId, ids }
}
