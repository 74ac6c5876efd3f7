import { groupOf } from './groups.ts'
import type { Service, Told } from './service.ts'

/** What was done, or an error with what was refused. */
export const done = (told: Told): Told => {
  if (told.status >= 300) throw new Error(told.text)
  return told
}

/** What is filed of a session: everybody active is there. */
export const sessionBody = async (service: Service, groupId: string, more: Record<string, unknown> = {}) => {
  const { example } = (await service.call('owner', 'GET', '/v1/record-kinds/group_session')).body
  const { sessionId: _, ...body } = example
  const { members } = await groupOf(service, groupId)
  const active = members.filter((each: { status: string }) => each.status === 'active')
  const attendance = active.map((each: { id: string }) => ({ memberId: each.id, attendance: 'present' }))
  return { ...body, on: service.clock.now.toISOString().slice(0, 10), attendance, ...more }
}

/** Holds a session of the plan. */
export const hold = async (
  service: Service,
  groupId: string,
  sessionId: string,
  more: Record<string, unknown> = {},
  account = 'owner',
): Promise<Told> => {
  const body = await sessionBody(service, groupId, more)
  return service.call(account, 'POST', `/v1/groups/${groupId}/sessions/${sessionId}/holding`, body)
}

/** Keeps a small file as a receipt. @returns its id */
export const givenReceipt = async (service: Service, groupId: string): Promise<string> => {
  const told = await service.call('owner', 'POST', `/v1/groups/${groupId}/attachments`, Buffer.from('%PDF-1.7'), {
    'content-type': 'application/pdf',
  })
  return done(told).body.id
}
