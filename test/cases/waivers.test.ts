import t from 'tap'
import {
  earn,
  exampleOf,
  givenCase,
  givenCaseAt,
  givenDraft,
  givenRecord,
  move,
  sign,
  versionOf,
} from '../support/cases.ts'
import { givenCrisis } from '../support/crises.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const deferral = { needs: ['environment'], mode: 'deferred', dueOn: '2026-10-01', reason: '学生住院' }

const post = async (service: Service, account: string, caseId: string, path: string, body: object) =>
  service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
const waive = (service: Service, caseId: string, body: object, account = 'lineManager') =>
  post(service, account, caseId, 'waivers', body)

const lastEntry = async (service: Service, caseId: string) =>
  (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline?limit=200`)).body.items.at(-1).entry

const viewOf = async (service: Service, caseId: string) =>
  (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body

const through = async (service: Service, caseId: string, ...steps: readonly string[]) => {
  for (const to of steps) {
    await earn(service, caseId, to)
    const moved = await move(service, caseId, { to })
    if (moved.status !== 201) throw new Error(moved.text)
  }
}

t.test('contact with the student is never waived, and nothing that is on file already', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const contact = await waive(service, caseId, { ...deferral, needs: ['contact_was_made'] })
  t.equal(contact.body.code, 'need_not_waivable')
  t.same(contact.body.needs, ['contact_was_made'])
  await givenRecord(service, caseId, 'environment')
  const both = await waive(service, caseId, { ...deferral, needs: ['cause_attribution', 'environment'] })
  t.equal(both.body.code, 'signing_refused')
  t.same(
    both.body.errors.map((each: { pointer: string; code: string }) => `${each.pointer} ${each.code}`),
    ['/needs/1 already_on_file'],
  )
  const { id } = (await givenDraft(service, caseId, 'waiver', {}, 'lineManager')).body
  const signed = await sign(service, 'lineManager', caseId, id, { party: 'line_manager' })
  t.equal(signed.body.errors[0].code, 'already_on_file', 'by the other door neither')
  t.same((await viewOf(service, caseId)).owed, [])
})

t.test('a waiver signed as a record is told like one decided in one act', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await waive(service, caseId, { ...deferral, needs: ['personal_profile'] })
  const oneAct = await lastEntry(service, caseId)
  const { id } = (await givenDraft(service, caseId, 'waiver', { dueOn: '2026-10-02' }, 'lineManager')).body
  t.equal((await sign(service, 'lineManager', caseId, id, { party: 'line_manager' })).body.status, 'signed')
  const entry = await lastEntry(service, caseId)
  t.equal(entry.type, 'need.waived')
  t.same(entry.data, { recordId: id, needs: ['environment'], mode: 'deferred', dueOn: '2026-10-02' })
  t.same(Object.keys(entry.data), Object.keys(oneAct.data))
  t.notMatch(JSON.stringify(entry), /住院/)
  t.same(
    (await viewOf(service, caseId)).owed.map((each: { need: string }) => each.need),
    ['personal_profile', 'environment'],
  )
})

t.test('an urgent start says so on file, whichever way it is signed, and defers only what is not there', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await givenRecord(service, caseId, 'environment')
  await givenCrisis(service, students['1'] as string)
  const started = await post(service, 'lineManager', caseId, 'urgent-start', { dueOn: '2026-10-01', reason: '先救人' })
  t.same(started.body.needs, ['personal_profile', 'cause_attribution', 'goals_graded', 'feasibility_reviewed'])
  const read = await service.call('lineManager', 'GET', `/v1/cases/${caseId}/records/${started.body.id}`)
  t.equal(read.body.content.urgent, true)
  t.equal((await lastEntry(service, caseId)).type, 'case.urgent_started')
  t.equal((await viewOf(service, caseId)).owed.length, 4, 'the checks of a plan not there yet are owed too')
  const again = { needs: ['goals_graded'], urgent: true, dueOn: '2026-10-05' }
  const { id } = (await givenDraft(service, caseId, 'waiver', again, 'lineManager')).body
  await sign(service, 'lineManager', caseId, id, { party: 'line_manager' })
  t.match(await lastEntry(service, caseId), { type: 'case.urgent_started', data: { recordId: id, mode: 'deferred' } })
  await givenRecord(service, caseId, 'academic_record')
  await givenRecord(service, caseId, 'risk_screening', { level: 'crisis' })
  t.equal((await move(service, caseId, { to: 'agreement' })).status, 201)
  await through(service, caseId, 'plan')
  const { feasibility: _, ...bare } = await exampleOf(service, 'plan')
  const plan = (await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind: 'plan', content: bare }))
    .body
  await sign(service, 'owner', caseId, plan.id, { party: 'worker' })
  await sign(service, 'student-1', caseId, plan.id, { party: 'student' })
  const edge = (await service.call('owner', 'GET', `/v1/cases/${caseId}/transitions`)).body.transitions[0]
  const state = (check: string) => edge.requirements.find((each: { check?: string }) => each.check === check)
  t.match(state('feasibility_reviewed'), {
    met: true,
    waived: true,
    waiver: { mode: 'deferred', dueOn: '2026-10-01' },
  })
  t.equal((await move(service, caseId, { to: 'tracking' })).status, 201, 'the urgent start covers the first plan')
  t.same(
    (await viewOf(service, caseId)).owed.map((each: { need: string }) => each.need).sort(),
    ['cause_attribution', 'feasibility_reviewed', 'personal_profile'],
    'the plan is graded',
  )
})

t.test('a line manager who works on the case does not decide about it; the next one above does', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await service.roster('staff', [
    {
      externalId: 'dean',
      name: '何院长',
      roles: [{ role: 'line_manager', orgUnit: 'school', validFrom: '2020-09-01', validUntil: null }],
      identities: [{ issuer: 'bangfu', subject: 'dean' }],
    },
  ])
  const caseId = await givenCase(service, students['1'] as string)
  t.equal((await waive(service, caseId, deferral, 'dean')).body.code, 'not_nearest_line_manager')
  t.equal((await post(service, 'owner', caseId, 'co-workers', { staffId: staff.lineManager })).status, 201)
  t.equal((await waive(service, caseId, deferral)).body.code, 'not_nearest_line_manager')
  t.equal((await waive(service, caseId, deferral, 'dean')).status, 201)
  const vice = {
    externalId: 'vice',
    name: '卢副主任',
    roles: [{ role: 'line_manager', orgUnit: 'college', validFrom: '2020-09-01', validUntil: null }],
    identities: [{ issuer: 'bangfu', subject: 'vice' }],
  }
  await service.roster('staff', [vice])
  const profile = { ...deferral, needs: ['personal_profile'] }
  t.equal((await waive(service, caseId, profile)).body.code, 'not_nearest_line_manager', 'beside a colleague neither')
  t.equal((await waive(service, caseId, profile, 'dean')).body.code, 'not_nearest_line_manager')
  t.equal((await waive(service, caseId, profile, 'vice')).status, 201)
  await service.call('owner', 'DELETE', `/v1/cases/${caseId}/co-workers/${staff.lineManager}`, undefined, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
  service.clock.now = new Date('2026-09-16T02:00:00Z')
  t.equal((await waive(service, caseId, { ...deferral, needs: ['cause_attribution'] })).status, 201, 'no longer theirs')
})

t.test('what is owed is settled or waived before an earned ending, not an early one', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await waive(service, caseId, { ...deferral, needs: ['environment', 'cause_attribution'] })
  await through(service, caseId, 'agreement', 'plan', 'tracking', 'evaluation')
  await givenRecord(service, caseId, 'evaluation')
  for (const reason of ['goals_met', 'mostly_met']) {
    const refused = await move(service, caseId, { to: 'closure', reason })
    t.equal(refused.body.code, 'requirements_unmet')
    t.match(refused.body.missing, [
      { check: 'deferrals_are_settled', recordKind: 'cause_attribution', operation: 'waiveNeeds', pointer: '/owed/0' },
      { check: 'deferrals_are_settled', recordKind: 'environment', pointer: '/owed/1' },
    ])
  }
  t.equal((await move(service, caseId, { to: 'closure', reason: 'declined' }, { dryRun: true })).status, 200)
  await givenRecord(service, caseId, 'cause_attribution')
  const waived = { needs: ['environment'], mode: 'waived', reason: '学生已迁出' }
  t.equal((await waive(service, caseId, waived)).status, 201)
  t.equal((await move(service, caseId, { to: 'closure', reason: 'goals_met' })).status, 201)
  await earn(service, caseId, 'closed', 'goals_met')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
})

t.test('grading waived for one plan is not waived for the next', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'plan')
  const { goals } = (await exampleOf(service, 'plan')) as { goals: Record<string, unknown>[] }
  const ungraded = { goals: [...goals].reverse() }
  const grading = { needs: ['goals_graded'], mode: 'waived', reason: '补考在即' }
  await givenRecord(service, caseId, 'plan', ungraded)
  t.match((await move(service, caseId, { to: 'tracking' })).body.missing, [
    { check: 'goals_graded', recordKind: 'plan', operation: 'createRecord' },
  ])
  t.equal((await waive(service, caseId, grading)).status, 201)
  await through(service, caseId, 'tracking', 'evaluation')
  await givenRecord(service, caseId, 'evaluation', { decision: 'revise' })
  await move(service, caseId, { to: 'plan', note: '调整目标' })
  await givenRecord(service, caseId, 'plan', ungraded)
  t.match((await move(service, caseId, { to: 'tracking' })).body.missing, [{ check: 'goals_graded' }])
  t.equal((await waive(service, caseId, grading)).status, 201)
  t.equal((await move(service, caseId, { to: 'tracking' })).status, 201)
})

t.test('a line manager who has left keeps no waiver from the next above', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const roles = [{ role: 'line_manager', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: null }]
  await service.roster('staff', [{ externalId: 'head', name: '何主任', roles }])
  t.equal((await waive(service, caseId, deferral)).body.code, 'not_nearest_line_manager')
  await service.roster('staff', [{ externalId: 'head', name: '何主任', roles, leftOn: '2026-09-13' }])
  t.equal((await waive(service, caseId, deferral)).status, 201)
})
