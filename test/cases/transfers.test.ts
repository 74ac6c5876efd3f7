import t from 'tap'
import { earn, givenCase, givenCaseAt, move, versionOf } from '../support/cases.ts'
import { accounts, givenSchool, givenService, type Service } from '../support/service.ts'

const post = async (service: Service, caseId: string, path: string, body: object, account = 'owner') =>
  service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${(await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body.version}"`,
  })

const transfersOf = (service: Service, caseId: string) =>
  service.asOwner(`select status, answered_at is not null as answered from transfers where case_id = '${caseId}'`)

const dataOf = async (service: Service, caseId: string, type: string) =>
  (await service.call('lineManager', 'GET', `/v1/cases/${caseId}/timeline`)).body.items
    .map((item: { entry: { type: string; data: object } }) => item.entry)
    .findLast((entry: { type: string }) => entry.type === type).data

t.test('the line manager’s reassigning ends an open offer', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const offer = await post(service, caseId, 'transfers', { toId: staff.colleague, note: '交接' })
  const given = { toId: staff.pastCoWorker, reason: 'workload' }
  t.equal((await post(service, caseId, 'reassignments', given, 'lineManager')).status, 201)
  t.same(await transfersOf(service, caseId), [{ status: 'withdrawn', answered: true }])
  t.equal((await dataOf(service, caseId, 'case.reassigned')).transferId, offer.body.id)
  const accept = () =>
    service.call('colleague', 'POST', `/v1/cases/${caseId}/transfers/${offer.body.id}/acceptance`, {})
  t.equal((await accept()).status, 404, 'the offer is gone')
  t.same((await service.call('colleague', 'GET', '/v1/transfers')).body.items, [])
  await service.asOwner(`update transfers set status = 'offered', answered_at = null where case_id = '${caseId}'`)
  t.equal((await accept()).body.code, 'transfer_answered', 'nobody gives what is not theirs any more')
  const { owner } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
  t.equal(owner.id, staff.pastCoWorker)
  const withdrawn = `transfers/${offer.body.id}/withdrawal`
  t.equal((await post(service, caseId, withdrawn, {}, 'pastCoWorker')).status, 201, 'the new owner clears it away')
  t.equal((await post(service, caseId, 'reassignments', { ...given, toId: staff.owner }, 'lineManager')).status, 201)
  t.notOk('transferId' in (await dataOf(service, caseId, 'case.reassigned')), 'no offer, none named')
})

t.test('closing ends an open offer', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closure')
  await earn(service, caseId, 'closed', 'goals_met')
  const offer = await post(service, caseId, 'transfers', { toId: staff.colleague, note: '交接' })
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  t.same(await transfersOf(service, caseId), [{ status: 'withdrawn', answered: true }])
  t.equal((await dataOf(service, caseId, 'case.moved')).transferId, offer.body.id)
})

t.test('an offer goes only to somebody who is still there', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const left = accounts.filter(each => each.externalId === 'colleague').map(each => ({ ...each, leftOn: '2026-09-13' }))
  t.equal((await service.roster('staff', left)).status, 200)
  const body = { toId: staff.colleague, note: '交接' }
  t.equal((await post(service, caseId, 'transfers', body)).body.code, 'staff_unfit')
  t.equal((await post(service, caseId, 'transfers', { ...body, toId: staff.owner })).body.code, 'already_owner')
  t.equal(await versionOf(service, caseId), 1, 'nothing was written')
})
