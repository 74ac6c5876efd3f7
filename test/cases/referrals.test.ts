import t from 'tap'
import { givenCaseAt, givenDraft, move, sign, versionOf } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const refer = async (service: Service, caseId: string, more: object = {}) =>
  service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/referrals`,
    { to: '心理中心', purpose: '睡眠与情绪评估', basis: 'danger', ...more },
    { 'if-match': `"${await versionOf(service, caseId)}"` },
  )

const answer = (service: Service, caseId: string, id: string, status: string, result: string) =>
  service.call('owner', 'POST', `/v1/cases/${caseId}/referrals/${id}/result`, { status, result })

t.test('a referral is read with the words of every step', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'investigation')
  const url = `/v1/cases/${caseId}/referrals`
  const { id } = (await refer(service, caseId)).body
  const read = async (account = 'owner') => service.call(account, 'GET', `${url}/${id}`)
  t.same((await read()).body.answers, [])
  t.equal((await answer(service, caseId, id, 'accepted', '下周三初谈')).status, 201)
  t.equal((await answer(service, caseId, id, 'accepted', '改到周五')).status, 201)
  t.equal((await answer(service, caseId, id, 'done', '评估完成')).status, 201)
  t.equal((await answer(service, caseId, id, 'done', '再写一次')).body.code, 'referral_settled')
  const { body } = await read('practiceSupervisor')
  t.match(body, { id, caseId, status: 'done', basis: 'danger', to: '心理中心', purpose: '睡眠与情绪评估' })
  t.ok(body.settledAt)
  t.same(
    body.answers.map((each: { status: string; result: string }) => [each.status, each.result]),
    [
      ['accepted', '下周三初谈'],
      ['accepted', '改到周五'],
      ['done', '评估完成'],
    ],
  )
  t.same(
    [(await read('student-1')).status, (await read('outsider')).status, (await read('auditor')).status],
    [403, 404, 403],
  )
  const log = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
  const readers = log.filter((item: { entry: { subject: { id: string } } }) => item.entry.subject.id === id)
  t.same(
    readers.map((item: { actorName: string }) => item.actorName),
    ['李老师', '王督导'],
    'the reading is journalled, once an hour',
  )
  const stored = await service.asApplication(`select status from referral_answers where case_id = '${caseId}'`)
  t.equal(stored.length, 3)
  await t.rejects(service.asApplication('update referral_answers set status = status'), { code: '42501' })
  await t.rejects(service.asApplication('delete from referral_answers'), { code: '42501' })
})

t.test('referrals are listed, shown in the case, and named where they keep it from closing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'investigation')
  const url = `/v1/cases/${caseId}/referrals`
  const first = (await refer(service, caseId)).body.id
  const second = (await refer(service, caseId)).body.id
  const third = (await refer(service, caseId)).body.id
  await answer(service, caseId, second, 'passed_on', '由学院继续')
  await answer(service, caseId, third, 'accepted', '已接')
  const page = (await service.call('coWorker', 'GET', `${url}?limit=2`)).status
  t.equal(page, 404)
  const listed = (await service.call('lineManager', 'GET', `${url}?limit=2`)).body
  t.same(
    listed.items.map((each: { id: string; status: string }) => [each.id, each.status]),
    [
      [third, 'accepted'],
      [second, 'passed_on'],
    ],
  )
  const rest = (await service.call('lineManager', 'GET', `${url}?cursor=${encodeURIComponent(listed.next)}`)).body
  t.same([rest.items.map((each: { id: string }) => each.id), rest.next], [[first], null])
  t.notMatch(JSON.stringify(listed), '心理中心')
  const shown = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  t.same(
    shown.referrals.map((each: { id: string; settledAt: string | null }) => [each.id, each.settledAt !== null]),
    [
      [first, false],
      [second, true],
      [third, false],
    ],
  )
  t.equal(shown.openReferrals, 2)
  t.notOk('referrals' in (await service.call('student-1', 'GET', `/v1/cases/${caseId}`)).body)
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  const refused = await move(service, caseId, { to: 'closed' })
  const open = refused.body.missing.filter((each: { check?: string }) => each.check === 'referrals_are_passed_on')
  t.same(
    open.map((each: { pointer: string }) => each.pointer),
    [`/referrals/${first}`, `/referrals/${third}`],
  )
})

t.test('sharing that was withdrawn, or never given, stops shares', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'plan')
  const consented = { basis: 'student_consent' }
  const contacts = async (overlay: object) => {
    const draft = await givenDraft(service, caseId, 'contact', { ...consented, party: 'office', ...overlay })
    const signed = await sign(service, 'owner', caseId, draft.body.id, { party: 'worker' })
    return signed.status === 201 ? 'signed' : signed.body.errors[0]
  }
  const code = async (overlay: object) => {
    const told = await contacts(overlay)
    return typeof told === 'string' ? told : `${told.pointer} ${told.code}`
  }
  t.equal((await refer(service, caseId, { ...consented, to: '教务处' })).status, 201)
  const elsewhere = await refer(service, caseId, { ...consented, to: '资助中心' })
  t.same([elsewhere.status, elsewhere.body.code], [422, 'sharing_not_consented'])
  const office = { recipient: '教务处' }
  t.equal(await code(office), 'signed')
  t.equal(await code({ recipient: '资助中心' }), '/content/basis sharing_not_consented')
  t.equal(await code({}), '/content/recipient recipient_required')
  const { consents } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  const { id } = consents.find((each: { purpose: string }) => each.purpose === 'sharing')
  await service.call('student-1', 'POST', `/v1/cases/${caseId}/consents/${id}/withdrawal`, {})
  t.equal((await refer(service, caseId, { ...consented, to: '教务处' })).body.code, 'sharing_not_consented')
  t.equal(await code(office), '/content/basis sharing_not_consented')
  const told = await contacts(office)
  t.match(told.detail.zh ?? told.detail, /同意|consent/)
  t.equal(await code({ ...office, reached: false }), 'signed', 'nobody was reached, nothing was shared')
  t.equal(await code({ ...office, basis: 'danger' }), 'signed', 'another basis')
  t.equal(await code({ party: 'family' }), 'signed', 'the student’s own circle')
  t.equal((await refer(service, caseId, { basis: 'legal_duty', to: '教务处' })).status, 201)
  t.equal((await refer(service, caseId, { basis: undefined })).status, 400)
  const made = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline?limit=200`)).body.items
    .map((item: { entry: { type: string; data: { basis: string } } }) => item.entry)
    .filter((entry: { type: string }) => entry.type === 'referral.made')
  t.same(
    made.map((entry: { data: { basis: string } }) => entry.data.basis),
    ['student_consent', 'legal_duty'],
  )
})
