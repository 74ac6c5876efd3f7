import t from 'tap'
import { done } from '../support/group-life.ts'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const managerAt = (externalId: string, orgUnit: string, leftOn: string | null = null) => ({
  externalId,
  name: '何院长',
  leftOn,
  roles: [{ role: 'line_manager', orgUnit, validFrom: '2020-09-01', validUntil: null }],
  identities: [{ issuer: 'bangfu', subject: externalId }],
})

/** Asks, as a line manager, for a fen more of line b1. @returns the status, or the code of the refusal */
const approve = async (service: Service, groupId: string, approvedFen: number, account: string) => {
  const lines = [{ lineId: 'b1', approvedFen }]
  const told = await post(service, groupId, 'budget/approval', { lines }, account)
  return told.status === 201 ? 201 : told.body.code
}

/** Drafts and signs a waiver. @returns the status, or the code of the refusal */
const waive = async (service: Service, groupId: string, need: string, account: string) => {
  const content = { needs: [need], reason: '成员由上期小组延续。' }
  const url = `/v1/groups/${groupId}/records`
  const { id } = done(await service.call(account, 'POST', url, { kind: 'group_waiver', content })).body
  const signing = `${url}/${id}/signatures`
  const told = await service.call(account, 'POST', signing, { party: 'line_manager' }, { 'if-match': '"1"' })
  return told.status === 201 ? 201 : told.body.code
}

t.test('the nearest line manager decides about a group, and the leader cannot silence them', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  await service.roster('staff', [managerAt('dean', 'school')])
  const groupId = await givenGroup(service, { type: 'paired' })
  await givenGroupRecord(service, groupId, 'group_budget')
  const refused = 'not_nearest_line_manager'
  t.equal(await approve(service, groupId, 1, 'dean'), refused, 'one further above does not')
  t.equal(await waive(service, groupId, 'recruitment_plan', 'dean'), refused)
  const worker = await givenMember(service, groupId, { staffId: staff.lineManager, role: 'worker' }, 'selected')
  t.match((await groupOf(service, groupId, 'lineManager')).relations, ['line_manager', 'volunteer'])
  t.equal(await approve(service, groupId, 2, 'lineManager'), 201, 'a worker in the group still decides')
  t.equal(await waive(service, groupId, 'recruitment_plan', 'lineManager'), 201)
  t.equal(await approve(service, groupId, 3, 'dean'), refused)
  done(await post(service, groupId, `members/${worker}/leaving`, { reason: 'no_time' }))

  const volunteer = await givenMember(service, groupId, { staffId: staff.lineManager, role: 'volunteer' }, 'selected')
  t.equal(await approve(service, groupId, 4, 'lineManager'), 201, 'nor does being asked to volunteer silence them')
  const consent = `/v1/groups/${groupId}/members/${volunteer}/consent`
  done(await service.call('lineManager', 'POST', consent, {}))
  t.equal(await approve(service, groupId, 5, 'lineManager'), refused, 'a volunteer takes part')
  t.equal(await approve(service, groupId, 6, 'dean'), 201, 'the next one above decides')
  await service.roster('staff', [managerAt('vice', 'college')])
  t.equal(await approve(service, groupId, 7, 'dean'), refused)
  t.equal(await approve(service, groupId, 8, 'vice'), 201, 'or another of the same unit')
})

t.test('a line manager who has left keeps no decision from the next above', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const groupId = await givenGroup(service, { type: 'paired' })
  await givenGroupRecord(service, groupId, 'group_budget')
  await service.roster('staff', [managerAt('head', 'dept', '2026-09-14')])
  t.equal(await approve(service, groupId, 1, 'lineManager'), 'not_nearest_line_manager', 'it is their last day')
  await service.roster('staff', [managerAt('head', 'dept', '2026-09-13')])
  t.equal(await approve(service, groupId, 2, 'lineManager'), 201)
  t.equal(await waive(service, groupId, 'recruitment_plan', 'lineManager'), 201)
})
