import t from 'tap'
import { exampleOf, givenCase, givenCaseAt, givenDraft, move, sign, versionOf } from '../support/cases.ts'
import { accounts, givenSchool, givenService, type Service } from '../support/service.ts'

const post = async (service: Service, account: string, caseId: string, path: string, body: object) =>
  service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
const signing = async (service: Service, caseId: string, kind: string, overlay: Record<string, unknown>) => {
  const draft = await givenDraft(service, caseId, kind, overlay)
  const signed = await sign(service, 'owner', caseId, draft.body.id, { party: 'worker' })
  return signed.body.errors?.map((each: { pointer: string; code: string }) => `${each.pointer} ${each.code}`) ?? []
}

t.test('another reason is said in words: of an ending, a pause, a change of owner', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const { transitions } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/transitions`)).body
  const ending = transitions.find((each: { to: string }) => each.to === 'closure')
  t.match(
    ending.reasons.filter((each: { noteRequired: boolean }) => each.noteRequired),
    [{ reason: 'other', allowed: true }],
  )
  t.equal((await move(service, caseId, { to: 'closure', reason: 'other' })).body.code, 'note_required')
  t.equal((await move(service, caseId, { to: 'closure', reason: 'other', note: '休学' }, { dryRun: true })).status, 200)
  const pause = { reason: 'other', expectedReturn: '2026-10-01' }
  t.equal((await post(service, 'owner', caseId, 'pause', pause)).body.code, 'note_required')
  t.equal((await post(service, 'owner', caseId, 'pause', { ...pause, note: '参赛集训' })).status, 201)
  const give = { toId: staff.colleague, reason: 'other' }
  t.equal((await post(service, 'lineManager', caseId, 'reassignments', give)).body.code, 'note_required')
  t.equal((await post(service, 'lineManager', caseId, 'reassignments', { ...give, note: '岗位调整' })).status, 201)
})

t.test('an owner has left when the roster says so', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const give = { toId: staff.colleague, reason: 'owner_left' }
  const owner = accounts.find(each => each.externalId === 'owner')
  const [role] = owner?.roles ?? []
  const reassign = async (caseId: string) => {
    const { version } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
    return service.call('lineManager', 'POST', `/v1/cases/${caseId}/reassignments`, give, {
      'if-match': `"${version}"`,
    })
  }
  const first = await givenCase(service, students['1'] as string)
  const second = await givenCase(service, students['2'] as string)
  t.equal((await reassign(first)).body.code, 'owner_still_serves')
  await service.roster('staff', [{ ...owner, roles: [{ ...role, orgUnit: 'other' }] }])
  t.equal((await reassign(first)).status, 201, 'a role elsewhere is none here')
  await service.roster('staff', [owner])
  t.equal((await reassign(second)).body.code, 'owner_still_serves')
  await service.roster('staff', [{ ...owner, leftOn: '2026-09-01' }])
  t.equal((await reassign(second)).status, 201)
})

t.test('a crisis is carried on by somebody who does casework', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const hold = await post(service, 'owner', caseId, 'holds', { kind: 'safety_crisis', note: '失联' })
  const entrust = (recipientId: string) =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/holds/${hold.body.id}/recipient`, { recipientId })
  for (const account of ['administrator', 'auditor', 'keyHolder', 'formerLineManager'])
    t.equal((await entrust(staff[account] as string)).body.code, 'staff_unfit', account)
  t.equal((await entrust(staff.coWorker as string)).status, 201)
})

t.test('figures that are missing say why, and a plan beyond the free hours says how', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'plan')
  const record = (overlay: object) => signing(service, caseId, 'academic_record', overlay as Record<string, unknown>)
  const unknown = { credits: { earned: 31, required: null, short: null }, cohort: null }
  t.same(await record(unknown), ['/content/credits reason_required', '/content/cohort reason_required'])
  const why = (what: string) => ({ what, answer: 'not_yet_known', reason: '培养方案尚未导入' })
  t.same(await record({ ...unknown, notKnown: [why('credits')] }), ['/content/cohort reason_required'])
  t.same(await record({ notKnown: [why('cohort')] }), ['/content/notKnown/0/what nothing_missing'])
  t.same(await record({ ...unknown, notKnown: [why('credits'), why('cohort')] }), [])
  const { feasibility } = (await exampleOf(service, 'plan')) as { feasibility: object }
  const plan = (more: object) => signing(service, caseId, 'plan', { feasibility: { ...feasibility, ...more } })
  t.same(await plan({ weeklyHoursNeeded: 10 }), ['/content/feasibility/weeklyHoursNeeded more_than_free'])
  t.same(await plan({ weeklyHoursNeeded: 10, overload: '周末兼职已停' }), [])
  t.same(await plan({ weeklyHoursNeeded: 9 }), [], 'just as many as are free')
})
