import t from 'tap'
import { verify } from '../../src/commands.ts'
import { readKeys } from '../../src/platform/keys.ts'
import { earn, givenCase, givenRecord, move } from '../support/cases.ts'
import { earnCrisis, givenCrisis, moveCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const holdsOf = async (service: Service, caseId: string) =>
  (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.holds

t.test('a crisis holds the case it finds, covers its risk, and lifts the hold when it is over', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await earn(service, caseId, 'agreement')
  await givenRecord(service, caseId, 'risk_screening', { level: 'crisis' })
  const blocked = await move(service, caseId, { to: 'agreement' })
  t.equal(blocked.status, 422)
  t.same(
    blocked.body.missing.map((each: { check: string }) => each.check),
    ['risk_is_covered'],
  )
  const { transitions } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/transitions`)).body
  const requirement = transitions
    .find((each: { to: string }) => each.to === 'agreement')
    .requirements.find((each: { check?: string }) => each.check === 'risk_is_covered')
  t.equal(requirement.operation, 'openCrisis')

  const opened = await service.call('colleague', 'POST', '/v1/crises', {
    studentId: students['1'],
    kind: 'safety',
    note: '同事发现学生状态异常。',
    leadId: staff.owner,
  })
  t.equal(opened.status, 201)
  t.notMatch(opened.text, new RegExp(`${caseId}|hold`, 'i'), 'the opener does not learn of the case')
  const { crisisId } = opened.body
  t.equal((await service.call('colleague', 'GET', `/v1/crises/${crisisId}`)).body.caseId, null)
  t.same((await readCrisis(service, crisisId, 'colleague')).relations, ['told'], 'who opened it for another is told')
  const [hold] = await holdsOf(service, caseId)
  t.match(hold, { kind: 'safety_crisis', crisisId, liftedAt: null })
  t.ok((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.flags.includes('crisis_open'))
  const moved = await move(service, caseId, { to: 'agreement' })
  t.equal(moved.status, 201, 'a crisis covers the risk')
  const byHand = await service.call('owner', 'POST', `/v1/cases/${caseId}/holds/${hold.id}/lifting`, {
    outcome: 'stabilised',
    note: '自行解除。',
  })
  t.equal(byHand.body.code, 'hold_of_crisis')

  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await earn(service, caseId, 'closed', 'declined')
  t.equal((await move(service, caseId, { to: 'closed' })).body.missing[0].check, 'no_open_crisis')
  const over = { to: 'debriefed', reason: 'false_alarm', note: '虚惊一场。' }
  t.equal((await moveCrisis(service, crisisId, over)).status, 201)
  const [lifted] = await holdsOf(service, caseId)
  t.match(lifted, { outcome: 'false_alarm' })
  t.ok(lifted.liftedAt)
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  const told = await service.asOwner(
    `select type, entry::json->'data' as data, actor_id from journal where case_id = '${caseId}' and type like 'hold.%' order by seq`,
  )
  t.match(told, [
    { type: 'hold.opened', data: { crisisId }, actor_id: staff.colleague },
    { type: 'hold.lifted', data: { crisisId, outcome: 'false_alarm' }, actor_id: staff.owner },
  ])
})

t.test('a case opened while a crisis lasts is held by the service, once, and released with it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['2'] as string)
  await service.work('hold-cases-in-crisis')
  const caseId = await givenCase(service, students['2'] as string)
  t.same(await holdsOf(service, caseId), [])
  await service.work('hold-cases-in-crisis')
  await service.work('hold-cases-in-crisis')
  const holds = await holdsOf(service, caseId)
  t.match(holds, [{ kind: 'safety_crisis', crisisId }])
  t.equal(holds.length, 1)
  const [entry] = await service.asOwner(
    `select entry::json->'actor' as actor, actor_id from journal where case_id = '${caseId}' and type = 'hold.opened'`,
  )
  t.match(entry, { actor: { kind: 'service', id: null }, actor_id: null })
  await earnCrisis(service, crisisId, 'mobilised')
  await moveCrisis(service, crisisId, { to: 'mobilised' })
  await earnCrisis(service, crisisId, 'stabilised')
  await moveCrisis(service, crisisId, { to: 'stabilised' })
  t.match(await holdsOf(service, caseId), [{ liftedAt: null }], 'a stabilised crisis still holds')
  await onCrisis(service, crisisId, 'outcome', { outcome: 'withdrew', on: '2026-09-14' })
  await moveCrisis(service, crisisId, { to: 'debriefed' })
  t.match(await holdsOf(service, caseId), [{ outcome: 'left_school' }], 'the outcome is mapped')
  await service.work('hold-cases-in-crisis')
  t.equal((await holdsOf(service, caseId)).length, 1)
  await service.seal()
  t.ok(await verify(service.db, readKeys(service.keyTexts), [], () => {}))
})
