import t from 'tap'
import { exampleOf, givenCase, givenCaseAt, givenDraft, givenRecord, move, sign } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a record goes from draft to signed, and never changes after', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const draft = await givenDraft(service, caseId, 'contact')
  t.equal(draft.status, 201)
  t.equal(draft.headers.etag, '"1"')
  const url = `/v1/cases/${caseId}/records/${draft.body.id}`
  const content = { ...(await exampleOf(service, 'contact')), summary: '改过的内容' }
  t.equal((await service.call('owner', 'PUT', url, { content })).status, 428)
  t.equal((await service.call('owner', 'PUT', url, { content }, { 'if-match': '"7"' })).status, 412)
  t.equal((await service.call('owner', 'PUT', url, { content }, { 'if-match': '"1"' })).body.version, 2)
  t.equal((await sign(service, 'owner', caseId, draft.body.id, { party: 'worker' }, 1)).status, 412)
  const signed = await sign(service, 'owner', caseId, draft.body.id, { party: 'worker' }, 2)
  t.equal(signed.body.status, 'signed')
  t.equal((await service.call('owner', 'PUT', url, { content }, { 'if-match': '"2"' })).body.code, 'record_not_draft')
  t.equal((await service.call('owner', 'DELETE', url, undefined, { 'if-match': '"2"' })).body.code, 'record_not_draft')
  t.equal((await service.call('owner', 'GET', url)).body.content.summary, '改过的内容')
  const addendum = await service.call('owner', 'POST', `${url}/amendments`, { text: '补充一句。' })
  t.equal(addendum.status, 201)
  const entries = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).body.items.map(
    (item: { entry: { type: string } }) => item.entry.type,
  )
  t.same(entries, ['case.opened', 'record.drafted', 'record.replaced', 'record.signed', 'record.amended'])
})

t.test('content that does not fit is refused without repeating it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const secret = '绝密-canary-words'
  const refused = await givenDraft(service, caseId, 'contact', { reached: secret, extra: secret })
  t.equal(refused.status, 422)
  t.equal(refused.body.code, 'content_invalid')
  t.notMatch(refused.text, /canary/)
  t.ok(refused.body.errors.some((each: { pointer: string }) => each.pointer === '/content/reached'))
  t.equal(
    (await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind: 'nonsense', content: {} })).status,
    400,
  )
})

t.test('who signs as whom', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const { id } = (await givenDraft(service, caseId, 'service_agreement')).body
  const oral = { party: 'student', method: 'oral' }
  t.equal(
    (await sign(service, 'owner', caseId, id, { party: 'student' })).body.code,
    'signature_not_yours',
    'nobody is the student but the student',
  )
  t.equal((await sign(service, 'owner', caseId, id, oral)).body.code, 'evidence_required')
  t.equal(
    (await sign(service, 'lineManager', caseId, id, { ...oral, evidence: { words: '说过' } })).body.code,
    'signature_not_yours',
  )
  t.equal((await sign(service, 'owner', caseId, id, { party: 'line_manager' })).body.code, 'signer_not_expected')
  t.equal(
    (await sign(service, 'owner', caseId, id, { party: 'guardian', method: 'paper', evidence: { words: '家长签字' } }))
      .body.code,
    'signer_not_expected',
    'no guardian for an adult',
  )
  t.same((await sign(service, 'owner', caseId, id, { party: 'worker' })).body.waitingFor, ['student'])
  t.equal((await sign(service, 'owner', caseId, id, { party: 'worker' })).body.code, 'already_signed')
  const done = await sign(service, 'student-1', caseId, id, { party: 'student' })
  t.equal(done.body.status, 'signed')
  t.ok(
    (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.consents.some(
      (each: { purpose: string }) => each.purpose === 'service',
    ),
  )
})

t.test('for a minor the guardian signs too', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['3'] as string, 'agreement')
  const { id } = (await givenDraft(service, caseId, 'service_agreement')).body
  await sign(service, 'owner', caseId, id, { party: 'worker' })
  const student = await sign(service, 'student-3', caseId, id, { party: 'student' })
  t.same(student.body.waitingFor, ['guardian'])
  const guardian = await sign(service, 'owner', caseId, id, {
    party: 'guardian',
    method: 'paper',
    evidence: { words: '家长在场签字。' },
  })
  t.equal(guardian.body.status, 'signed')
})

t.test('rewriting a draft voids the signatures it had', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const { id } = (await givenDraft(service, caseId, 'service_agreement')).body
  await sign(service, 'student-1', caseId, id, { party: 'student' })
  const content = { ...(await exampleOf(service, 'service_agreement')), frequency: '每周一次' }
  await service.call('owner', 'PUT', `/v1/cases/${caseId}/records/${id}`, { content }, { 'if-match': '"1"' })
  t.same((await sign(service, 'owner', caseId, id, { party: 'worker' }, 2)).body.waitingFor, ['student'])
})

t.test('a new plan settles every open action of the one in force', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'evaluation')
  await givenRecord(service, caseId, 'evaluation', { decision: 'revise' })
  await move(service, caseId, { to: 'plan', note: '调整目标' })
  const plan = await exampleOf(service, 'plan')
  const onlyFirst = { goals: [(plan.goals as object[])[0]], actions: [(plan.actions as object[])[0]] }
  const { id } = (await givenDraft(service, caseId, 'plan', onlyFirst)).body
  const refused = await sign(service, 'owner', caseId, id, { party: 'worker' })
  t.equal(refused.body.code, 'signing_refused')
  t.equal(refused.body.errors[0].code, 'action_unsettled')
  const foreign = {
    ...onlyFirst,
    settlements: [
      { actionId: 'zz', outcome: 'done' },
      { actionId: 'a2', outcome: 'done' },
    ],
  }
  await service.call(
    'owner',
    'PUT',
    `/v1/cases/${caseId}/records/${id}`,
    { content: { ...plan, ...foreign } },
    { 'if-match': '"1"' },
  )
  t.equal((await sign(service, 'owner', caseId, id, { party: 'worker' }, 2)).body.errors[0].code, 'unknown_action')
  const settled = { ...onlyFirst, settlements: [{ actionId: 'a2', outcome: 'done' }] }
  await service.call(
    'owner',
    'PUT',
    `/v1/cases/${caseId}/records/${id}`,
    { content: { ...plan, ...settled } },
    { 'if-match': '"2"' },
  )
  await sign(service, 'owner', caseId, id, { party: 'worker' }, 3)
  await sign(service, 'student-1', caseId, id, { party: 'student' }, 3)
  const { goals, actions } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  t.same(actions.map((each: { id: string; status: string }) => [each.id, each.status]).sort(), [
    ['a1', 'open'],
    ['a2', 'done'],
  ])
  t.same(goals.map((each: { id: string; status: string }) => [each.id, each.status]).sort(), [
    ['g1', 'open'],
    ['g2', 'settled'],
  ])
  t.equal((await move(service, caseId, { to: 'tracking' })).status, 201)
})

t.test('a dropped revision goes back under the plan in force', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'evaluation')
  await givenRecord(service, caseId, 'evaluation', { decision: 'revise' })
  t.equal((await move(service, caseId, { to: 'plan' })).body.code, 'note_required')
  await move(service, caseId, { to: 'plan', note: '调整目标' })
  t.equal((await move(service, caseId, { to: 'tracking' })).body.code, 'requirements_unmet')
  t.equal((await move(service, caseId, { to: 'tracking', reason: 'revision_dropped' })).status, 201)
})

t.test('progress and attainment of goals that are not there are refused', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'tracking')
  const { id } = (await givenDraft(service, caseId, 'session', { progress: [{ goalId: 'g9', progress: 'progress' }] }))
    .body
  t.equal((await sign(service, 'owner', caseId, id, { party: 'worker' })).body.errors[0].code, 'unknown_goal')
})

t.test('attempts on two days count as contact, one does not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const now = service.clock.now
  service.clock.now = new Date('2026-09-10T02:00:00Z')
  const caseId = await givenCaseAt(service, students['1'] as string, 'tracking')
  service.clock.now = now
  const unknown = [
    { goalId: 'g1', progress: 'unknown', reason: '未见到' },
    { goalId: 'g2', progress: 'unknown', reason: '未见到' },
  ]
  await givenRecord(service, caseId, 'session', { outcome: 'attempted', on: '2026-09-10', progress: unknown })
  await givenRecord(service, caseId, 'session', { outcome: 'attempted', on: '2026-09-10', progress: unknown })
  const refused = await move(service, caseId, { to: 'evaluation' })
  t.same(
    refused.body.missing.map((each: { check: string }) => each.check),
    ['contact_was_made'],
  )
  for (const kind of ['session', 'follow_up'])
    for (const on of ['0001-01-01', '2026-09-08']) {
      const typed = (await givenDraft(service, caseId, kind, { outcome: 'attempted', on, progress: unknown })).body.id
      const { body } = await sign(service, 'owner', caseId, typed, { party: 'worker' })
      t.same([body.code, body.errors?.[0].code], ['signing_refused', 'before_opening'], `${kind} of ${on}`)
    }
  t.equal(
    (await move(service, caseId, { to: 'evaluation' })).status,
    422,
    'a day before the case is no day of an attempt',
  )
  await givenRecord(service, caseId, 'session', { outcome: 'attempted', on: '2026-09-12', progress: unknown })
  t.equal((await move(service, caseId, { to: 'evaluation' })).status, 201)
})
