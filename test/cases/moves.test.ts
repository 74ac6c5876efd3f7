import { randomUUID } from 'node:crypto'
import t from 'tap'
import { earn, givenCase, givenCaseAt, givenRecord, move, versionOf } from '../support/cases.ts'

import { givenSchool, givenService } from '../support/service.ts'

t.test('a move says exactly what is missing, and what would meet it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const refused = await move(service, caseId, { to: 'agreement' })
  t.equal(refused.status, 422)
  t.same(refused.body.missing.map((each: { need: string }) => each.need).sort(), [
    'academic_record',
    'cause_attribution',
    'environment',
    'personal_profile',
    'risk_screening',
  ])
  t.same((await move(service, caseId, { to: 'plan' })).body.reachable, ['agreement', 'closure'])
  t.same((await move(service, caseId, { to: 'closure' })).body.code, 'reason_required')
  t.same(
    (await move(service, caseId, { to: 'closure', reason: 'goals_met' })).body.code,
    'reason_not_allowed',
    'an earned ending is earned',
  )
  const zh = await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/transitions`,
    { to: 'plan' },
    { 'if-match': '"1"', 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.1' },
  )
  t.equal(zh.body.title, '步骤不可达')
})

t.test('a dry run decides and changes nothing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await earn(service, caseId, 'agreement')
  const version = await versionOf(service, caseId)
  t.same((await move(service, caseId, { to: 'agreement' }, { dryRun: true })).body, {
    caseId,
    from: 'investigation',
    to: 'agreement',
    allowed: true,
  })
  t.equal(await versionOf(service, caseId), version)
})

t.test('the same key and request give the first answer again; another request does not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const key = randomUUID()
  const first = await move(service, caseId, { to: 'closure', reason: 'declined', note: '不愿意' }, { version: 1, key })
  t.equal(first.status, 201)
  const again = await move(service, caseId, { to: 'closure', reason: 'declined', note: '不愿意' }, { version: 1, key })
  t.equal(again.status, 201)
  t.same(again.body, first.body)
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.equal(
    (await move(service, caseId, { to: 'closure', reason: 'other' }, { version: 1, key })).body.code,
    'idempotency_key_reused',
  )
  t.equal(
    (await move(service, caseId, { to: 'closure', reason: 'declined', note: '不愿意' }, { version: 1 })).status,
    412,
  )
  const entries = await service.asOwner(
    `select count(*)::int as n from journal where case_id = '${caseId}' and type = 'case.moved'`,
  )
  t.equal(entries[0]?.n, 1)
  const missing = await service.app.server.inject({
    method: 'POST',
    url: `/v1/cases/${caseId}/transitions`,
    payload: { to: 'closed' },
    headers: { authorization: `Bearer ${service.token('owner')}`, 'if-match': '"2"' },
  })
  t.equal(missing.json().code, 'idempotency_key_required')
})

t.test('round trips: a move two, a signature two, a list one, a case one', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await earn(service, caseId, 'agreement')
  const version = await versionOf(service, caseId)
  const count = async (work: () => Promise<{ status: number }>) => {
    const before = service.roundTrips()
    const answer = await work()
    return [answer.status, service.roundTrips() - before]
  }
  t.same(await count(() => move(service, caseId, { to: 'agreement' }, { version })), [201, 2])
  const content = (await service.call('owner', 'GET', '/v1/record-kinds/contact')).body.example
  const draft = await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind: 'contact', content })
  const signed = () =>
    service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/records/${draft.body.id}/signatures`,
      { party: 'worker' },
      { 'if-match': '"1"' },
    )
  t.same(await count(signed), [201, 2])
  t.same(await count(() => service.call('owner', 'GET', '/v1/cases')), [200, 1])
  t.same(await count(() => service.call('owner', 'GET', `/v1/cases/${caseId}`)), [200, 1])
  t.same(await count(() => service.call('owner', 'GET', `/v1/cases/${caseId}/records/${draft.body.id}`)), [200, 1])
})

t.test('pause, resumption, team, transfer, referral', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const post = async (account: string, path: string, body: object) =>
    service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
      'if-match': `"${await versionOf(service, caseId)}"`,
    })
  t.equal((await post('owner', 'pause', { reason: 'illness', expectedReturn: '2026-10-01' })).status, 201)
  t.equal(
    (await post('owner', 'pause', { reason: 'illness', expectedReturn: '2026-10-01' })).body.code,
    'case_is_paused',
  )
  await givenRecord(service, caseId, 'service_agreement')
  t.same(
    (await move(service, caseId, { to: 'plan' })).body.missing.map((each: { check: string }) => each.check),
    ['not_paused'],
  )
  t.equal(
    (
      await service.call('owner', 'POST', `/v1/cases/${caseId}/resumption`, undefined, {
        'if-match': `"${await versionOf(service, caseId)}"`,
      })
    ).status,
    201,
  )
  t.equal((await post('owner', 'transfers', { toId: staff.auditor, note: '交接' })).body.code, 'staff_unfit')
  const offer = await post('owner', 'transfers', { toId: staff.colleague, note: '交接' })
  t.equal(offer.status, 201)
  t.equal((await post('owner', 'transfers', { toId: staff.colleague, note: '交接' })).body.code, 'transfer_open')
  t.equal((await service.call('colleague', 'GET', '/v1/transfers')).body.items.length, 1)
  t.equal((await service.call('colleague', 'GET', `/v1/cases/${caseId}`)).status, 404, 'an offer opens no notes')
  t.equal(
    (await service.call('outsider', 'POST', `/v1/cases/${caseId}/transfers/${offer.body.id}/acceptance`, {})).status,
    404,
  )
  t.equal(
    (await service.call('colleague', 'POST', `/v1/cases/${caseId}/transfers/${offer.body.id}/acceptance`, {})).status,
    201,
  )
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).status, 404, 'who handed over sees no more')
  const asNew = async (to: string) => {
    const { version } = (await service.call('colleague', 'GET', `/v1/cases/${caseId}`)).body
    return move(service, caseId, { to }, { account: 'colleague', version })
  }
  t.same(
    (await asNew('plan')).body.missing.map((each: { check: string }) => each.check),
    ['helper_is_confirmed'],
  )
  const { version } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
  const back = await service.call(
    'lineManager',
    'POST',
    `/v1/cases/${caseId}/reassignments`,
    { toId: staff.owner, reason: 'workload' },
    { 'if-match': `"${version}"` },
  )
  t.equal(back.status, 201)
  const referral = await post('owner', 'referrals', { to: '心理中心', purpose: '睡眠评估', basis: 'danger' })
  t.equal(referral.status, 201)
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.openReferrals, 1)
  const settle = () =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/referrals/${referral.body.id}/result`, {
      status: 'done',
      result: '正常',
    })
  t.equal((await settle()).status, 201)
  t.equal((await settle()).body.code, 'referral_settled')
})

t.test('a closed case takes addenda and aftercare only; its key can be erased', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closed')
  const post = (kind: string, content: object) =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind, content })
  const example = async (kind: string) => (await service.call('owner', 'GET', `/v1/record-kinds/${kind}`)).body.example
  t.equal((await post('session', await example('session'))).body.code, 'case_is_closed')
  t.equal((await post('aftercare_contact', await example('aftercare_contact'))).status, 201)
  const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/records?kind=session`)).body
  const read = () => service.call('owner', 'GET', `/v1/cases/${caseId}/records/${items[0].id}`)
  t.equal((await read()).status, 200)
  const version = await versionOf(service, caseId)
  const erase = (account: string) =>
    service.call(account, 'DELETE', `/v1/cases/${caseId}/key`, undefined, { 'if-match': `"${version}"` })
  t.equal((await erase('owner')).status, 403)
  t.equal((await erase('keyHolder')).status, 200)
  t.equal((await read()).status, 410)
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).status, 200)
})

t.test('early endings close with what the steps reached oblige', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await givenRecord(service, caseId, 'closing_summary')
  t.same(
    (await move(service, caseId, { to: 'closed' })).body.missing.map((each: { pointer: string }) => each.pointer),
    ['/records/offer_record'],
  )
  await givenRecord(service, caseId, 'offer_record')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
})
