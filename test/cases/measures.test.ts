import t from 'tap'
import { earn, givenCase, givenCaseAt, givenRecord, move, versionOf } from '../support/cases.ts'
import { givenCrisis, moveCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('withdrawn consent leaves only ending', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'tracking')
  const { consents } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  const service_ = consents.find((each: { purpose: string }) => each.purpose === 'service')
  const url = `/v1/cases/${caseId}/consents/${service_.id}/withdrawal`
  t.equal((await service.call('owner', 'POST', url, {})).body.code, 'evidence_required')
  t.equal((await service.call('student-1', 'POST', url, {})).status, 201)
  t.equal((await service.call('student-1', 'POST', url, {})).body.code, 'consent_ended')
  await givenRecord(service, caseId, 'session')
  const refused = await move(service, caseId, { to: 'evaluation' })
  t.same(
    refused.body.missing.map((each: { check: string }) => each.check),
    ['service_consent_in_force'],
  )
  t.equal((await move(service, caseId, { to: 'closure', reason: 'declined' })).status, 201)
})

t.test('a high risk must be covered before any forward move', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await earn(service, caseId, 'agreement')
  await givenRecord(service, caseId, 'risk_screening', { level: 'crisis' })
  const version = await versionOf(service, caseId)
  const hold = await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/holds`,
    { kind: 'safety_crisis', note: '失联' },
    { 'if-match': `"${version}"` },
  )
  t.equal(hold.status, 201)
  const uncovered = await move(service, caseId, { to: 'agreement' })
  t.same(
    uncovered.body.missing.map((each: { check: string }) => each.check),
    ['risk_is_covered'],
    'a hold by hand is no crisis',
  )
  const lifting = { outcome: 'stabilised', note: '平稳' }
  await service.call('owner', 'POST', `/v1/cases/${caseId}/holds/${hold.body.id}/lifting`, lifting)
  const crisisId = await givenCrisis(service, students['1'] as string)
  t.equal((await move(service, caseId, { to: 'agreement' })).status, 201)
  await givenRecord(service, caseId, 'risk_screening', { level: 'high' })
  await earn(service, caseId, 'plan')
  t.equal((await move(service, caseId, { to: 'plan' })).status, 201, 'an open crisis covers')
  const over = { to: 'debriefed', reason: 'false_alarm', note: '平稳' }
  t.equal((await moveCrisis(service, crisisId, over)).status, 201)
  await givenRecord(service, caseId, 'risk_screening', { level: 'high' })
  await earn(service, caseId, 'tracking').catch(() => {})
  await givenRecord(service, caseId, 'risk_screening', { level: 'high' })
  const refused = await move(service, caseId, { to: 'tracking' })
  t.ok(refused.body.missing.some((each: { check: string }) => each.check === 'risk_is_covered'))
  await givenRecord(service, caseId, 'risk_cover_note')
  await earn(service, caseId, 'tracking')
  t.equal((await move(service, caseId, { to: 'tracking' })).status, 201, 'a line manager’s note covers')
})

t.test('the deciding line manager waives and defers, never for good what may not be', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const waive = async (account: string, body: object) =>
    service.call(account, 'POST', `/v1/cases/${caseId}/waivers`, body, {
      'if-match': `"${await versionOf(service, caseId)}"`,
    })
  const deferral = { needs: ['environment'], mode: 'deferred', dueOn: '2026-10-01', reason: '学生住院' }
  t.equal((await waive('owner', deferral)).status, 403)
  t.equal((await waive('practiceSupervisor', deferral)).status, 403)
  t.equal((await waive('otherLineManager', deferral)).status, 404)
  t.equal((await waive('lineManager', { ...deferral, needs: ['risk_screening'] })).body.code, 'need_not_waivable')
  t.equal((await waive('lineManager', { ...deferral, dueOn: null })).body.code, 'signing_refused')
  t.equal((await waive('lineManager', deferral)).status, 201)
  for (const kind of ['academic_record', 'personal_profile', 'cause_attribution', 'risk_screening'])
    await givenRecord(service, caseId, kind)
  t.equal((await move(service, caseId, { to: 'agreement' })).status, 201)
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.owed.length, 1)
  service.clock.now = new Date('2026-10-02T02:00:00Z')
  t.ok((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.flags.includes('deferral_overdue'))
  await givenRecord(service, caseId, 'environment')
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.owed.length, 0)
})

t.test('an urgent start needs an open crisis and defers in one act', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const start = async () =>
    service.call(
      'lineManager',
      'POST',
      `/v1/cases/${caseId}/urgent-start`,
      { dueOn: '2026-10-01', reason: '先救人' },
      { 'if-match': `"${await versionOf(service, caseId)}"` },
    )
  t.equal((await start()).body.code, 'no_open_crisis')
  const version = { 'if-match': `"${await versionOf(service, caseId)}"` }
  const byHand = { kind: 'safety_crisis', note: '失联' }
  t.equal((await service.call('owner', 'POST', `/v1/cases/${caseId}/holds`, byHand, version)).status, 201)
  t.equal((await start()).body.code, 'no_open_crisis', 'a hold by hand is no crisis')
  await givenCrisis(service, students['1'] as string)
  t.equal((await start()).status, 201)
  await givenRecord(service, caseId, 'academic_record')
  await givenRecord(service, caseId, 'risk_screening', { level: 'crisis' })
  t.equal((await move(service, caseId, { to: 'agreement' })).status, 201)
})
