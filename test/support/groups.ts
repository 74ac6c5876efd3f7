import type { Service, Told } from './service.ts'

/** Opens a group as its leader, in the department of the test school. */
export const givenGroup = async (
  service: Service,
  body: Record<string, unknown> = {},
  account = 'owner',
): Promise<string> => {
  const [unit] = await service.asOwner(`select id from org_units where external_id = 'dept'`)
  const asked = { name: '高数互助小组', type: 'growth', orgUnitId: unit?.id, minMembers: 2, maxMembers: 3, ...body }
  const opened = await service.call(account, 'POST', '/v1/groups', asked)
  if (opened.status !== 201) throw new Error(`openGroup: ${opened.text}`)
  return opened.body.groupId as string
}

/** The group as its leader reads it. */
export const groupOf = async (service: Service, groupId: string, account = 'owner') =>
  (await service.call(account, 'GET', `/v1/groups/${groupId}`)).body

/** Posts to a path of the group, with the version it has. */
export const post = async (
  service: Service,
  groupId: string,
  path: string,
  body: Record<string, unknown> = {},
  account = 'owner',
): Promise<Told> => {
  const { version } = await groupOf(service, groupId, account)
  return service.call(account, 'POST', `/v1/groups/${groupId}/${path}`, body, { 'if-match': `"${version}"` })
}

const must = (told: Told, what: string): Told => {
  if (told.status >= 300) throw new Error(`${what}: ${told.text}`)
  return told
}

/** A member as their leader reads them. */
export const memberOf = async (service: Service, groupId: string, memberId: string, account = 'owner') =>
  (await groupOf(service, groupId, account)).members.find((each: { id: string }) => each.id === memberId)

/** Files that the guardian of a minor agrees. */
export const guardianAgrees = async (
  service: Service,
  groupId: string,
  memberId: string,
  account = 'owner',
): Promise<Told> => {
  const body = { method: 'paper', note: '母亲签署的同意书已归档。' }
  return must(await post(service, groupId, `members/${memberId}/guardian-consent`, body, account), 'guardian')
}

/** Proposes, selects and files the consent of a member, of a minor the guardian’s too. @returns the id in the group */
export const givenMember = async (
  service: Service,
  groupId: string,
  person: Record<string, unknown>,
  upTo: 'proposed' | 'selected' | 'consented' = 'consented',
  account = 'owner',
): Promise<string> => {
  const note = '迟加入,已说明。'
  const { memberId } = must(
    await post(service, groupId, 'members', { role: 'student', note, ...person }, account),
    'add',
  ).body
  if (upTo === 'proposed') return memberId
  must(await post(service, groupId, `members/${memberId}/selection`, { note }, account), 'select')
  if (upTo === 'selected') return memberId
  if ((await memberOf(service, groupId, memberId, account)).guardianConsentNeeded)
    await guardianAgrees(service, groupId, memberId, account)
  must(
    await post(service, groupId, `members/${memberId}/consent`, { method: 'oral', note: '面谈同意。' }, account),
    'consent',
  )
  return memberId
}

/** Writes the example of a kind and signs it for every party. @returns its id */
export const givenGroupRecord = async (
  service: Service,
  groupId: string,
  kind: string,
  overlay: Record<string, unknown> = {},
  leader = 'owner',
): Promise<string> => {
  const { signers, writers, example } = (await service.call(leader, 'GET', `/v1/record-kinds/${kind}`)).body
  const account = writers.includes('worker') ? leader : 'lineManager'
  const content = { ...example, ...overlay }
  const draft = await service.call(account, 'POST', `/v1/groups/${groupId}/records`, { kind, content })
  must(draft, `draft ${kind}`)
  for (const party of signers as string[]) {
    const evidence = { method: 'oral', evidence: { words: '面谈中口头确认。' } }
    const body = { party, ...(party === 'member' ? evidence : {}) }
    const url = `/v1/groups/${groupId}/records/${draft.body.id}/signatures`
    must(await service.call(account, 'POST', url, body, { 'if-match': '"1"' }), `sign ${kind}`)
  }
  return draft.body.id
}
