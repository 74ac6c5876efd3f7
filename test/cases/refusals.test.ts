import t from 'tap'
import { givenCase, givenDraft, sign, versionOf } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('what does not fit how a case stands is refused by name, and changes nothing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const write = async (account: string, method: string, path: string, body?: unknown, headers: object = {}) =>
    service.call(account, method, `/v1/cases/${caseId}/${path}`, body, {
      'if-match': `"${await versionOf(service, caseId)}"`,
      ...headers,
    })
  const note = { note: '一段话,写得足够长。' }
  const hold = await write('owner', 'POST', 'holds', { kind: 'safety_crisis', ...note })
  const lifting = { outcome: 'stabilised', ...note }
  const liftings = [
    await write('owner', 'POST', `holds/${hold.body.id}/lifting`, lifting),
    await write('owner', 'POST', `holds/${hold.body.id}/lifting`, lifting),
  ]
  t.same(
    liftings.map(({ status, body }) => [status, body.code]),
    [
      [201, undefined],
      [409, 'hold_not_open'],
    ],
  )
  const broken = await write('outsider', 'POST', 'break-glass', {
    reason: 'danger_to_life',
    justification: '学生失联超过十二小时,负责人无法联系,需要立即查看。',
  })
  const review = { justified: true, ...note }
  const reviews = [
    await write('lineManager', 'POST', `break-glass/${broken.body.id}/review`, review),
    await write('lineManager', 'POST', `break-glass/${broken.body.id}/review`, review),
  ]
  t.same(
    reviews.map(({ status, body }) => [status, body.code]),
    [
      [201, undefined],
      [409, 'grant_reviewed'],
    ],
  )
  const draft = await givenDraft(service, caseId, 'contact')
  const file = { 'content-type': 'image/png' }
  const before = await versionOf(service, caseId)
  for (const [told, status, code] of [
    [await write('owner', 'POST', 'resumption'), 409, 'case_not_paused'],
    [await write('keyHolder', 'DELETE', 'key'), 409, 'case_not_closed'],
    [await write('owner', 'POST', `records/${draft.body.id}/amendments`, { text: '更正。' }), 409, 'record_not_signed'],
    [await givenDraft(service, caseId, 'aftercare_contact'), 409, 'kind_not_writable_here'],
    [await write('owner', 'POST', 'attachments', Buffer.from('%PDF-1.7'), file), 415, 'attachment_type_refused'],
  ] as const)
    t.same([told.status, told.body.code], [status, code])
  t.equal(await versionOf(service, caseId), before)
})

t.test('who does not say who they are is told so, and a fault tells nothing of itself', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const nobody = await service.app.server.inject({ method: 'GET', url: '/v1/cases' })
  t.same([nobody.statusCode, nobody.json().code], [401, 'unauthenticated'])
  await service.asOwner('alter table cases rename to cases_gone')
  const failed = await service.call('owner', 'GET', '/v1/cases')
  t.same([failed.status, failed.body.code], [500, 'internal_error'])
  t.notMatch(failed.text, /relation|cases_gone|select/)
})

t.test('of a body that may have several shapes the fault is named where it is', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const faults = async (body: object) => {
    const { status, body: told } = await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, body)
    t.equal(status, 400)
    return told.errors.map((each: { pointer: string; code: string }) => `${each.pointer} ${each.code}`)
  }
  t.same(await faults({ kind: 'zzz', content: {} }), ['/kind invalid_value'])
  t.same(await faults({ kind: 'session' }), ['/content invalid_type'])
  t.same(await faults({ kind: 'session', content: [] }), ['/content invalid_type'])
  t.same(await faults({ kind: 'session', content: {}, more: 1 }), ['/more unknown_member'])
})

t.test('a session that is to begin later today is not signed yet, by the clock of the school', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  service.clock.now = new Date('2026-09-14T23:59:00Z')
  const begins = { on: '2026-09-15', startsAt: '08:00', progress: [] }
  const { id } = (await givenDraft(service, caseId, 'session', begins)).body
  const signs = () => sign(service, 'owner', caseId, id, { party: 'worker' })
  t.match((await signs()).body.errors, [{ pointer: '/content/startsAt', code: 'in_the_future' }])
  service.clock.now = new Date('2026-09-15T00:00:00Z')
  t.equal((await signs()).status, 201)
})
