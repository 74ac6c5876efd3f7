import t from 'tap'
import { exampleOf, givenCase, givenCaseAt, givenDraft, givenRecord, move, sign, versionOf } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const draftAndSign = async (service: Service, caseId: string, kind: string, overlay: object, account = 'owner') => {
  const draft = await givenDraft(service, caseId, kind, overlay as Record<string, unknown>, account)
  const party = account === 'owner' ? 'worker' : 'student'
  const signed = await sign(service, account, caseId, draft.body.id, { party })
  return { id: draft.body.id as string, status: signed.status, body: signed.body }
}
const faults = (told: { body: { errors: { pointer: string; code: string }[] } }) =>
  told.body.errors.map(each => `${each.pointer} ${each.code}`)
const standing = { instrument: 'how_things_stand', answers: [2, 1, 3, 2, 2] }

t.test(
  'causes are attributed from a signed response of the case that scores causes, and its scores are read back',
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const response = await givenRecord(service, caseId, 'instrument_response')
    const other = await givenRecord(service, caseId, 'instrument_response', standing)
    const draft = (await givenDraft(service, caseId, 'instrument_response')).body.id
    const contact = await givenRecord(service, caseId, 'contact')
    const elsewhere = await givenRecord(
      service,
      await givenCase(service, students['2'] as string),
      'instrument_response',
    )
    for (const [id, code] of [
      ['01936d3e-7c00-7000-8000-000000000001', 'unknown_record'],
      [draft, 'unknown_record'],
      [contact, 'unknown_record'],
      [elsewhere, 'unknown_record'],
      [other, 'no_causes_scored'],
    ])
      t.same(
        faults(await draftAndSign(service, caseId, 'cause_attribution', { instrumentRecordId: id })),
        [`/content/instrumentRecordId ${code}`],
        code,
      )
    const { id } = await draftAndSign(service, caseId, 'cause_attribution', {
      instrumentRecordId: response.toUpperCase(),
    })
    const read = await service.call('owner', 'GET', `/v1/cases/${caseId}/records/${id}`)
    t.match(read.body.scores, [
      {
        recordId: response,
        instrument: 'learning_difficulty_causes',
        version: 1,
        occasion: 'before',
        scores: { personal: 3.67, family: 1.67, teaching: 2.33, environment: 3 },
      },
    ])
    const log = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
    t.same(log.at(-1).entry.data, { scoresOf: [response] })
    t.equal(log.at(-1).entry.subject.id, id)
    const plain = await service.call('owner', 'GET', `/v1/cases/${caseId}/records/${contact}`)
    t.notOk('scores' in plain.body)
    const again = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
    t.notOk('data' in again.at(-1).entry, 'a plain reading says no more than before')
    await service.seal()
  },
)

t.test('an adopted attribution keeps the response it came from', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  const response = await givenRecord(service, first, 'instrument_response')
  const { id } = await draftAndSign(service, first, 'cause_attribution', { instrumentRecordId: response })
  await move(service, first, { to: 'closure', reason: 'new_situation' })
  const opened = await service.call('owner', 'POST', '/v1/cases', {
    studentId: students['1'],
    source: 'self',
    predecessorId: first,
  })
  const { caseId } = opened.body
  const adopted = await service.call('owner', 'POST', `/v1/cases/${caseId}/records`, {
    kind: 'cause_attribution',
    adopts: id,
  })
  t.equal((await sign(service, 'owner', caseId, adopted.body.id, { party: 'worker' })).status, 201)
  const own = await draftAndSign(service, caseId, 'cause_attribution', { instrumentRecordId: response })
  t.same(faults(own), ['/content/instrumentRecordId unknown_record'], 'a new one names a new response')
})

t.test('before and after are responses to the same instrument', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'evaluation')
  const before = await givenRecord(service, caseId, 'instrument_response', standing)
  const causes = await givenRecord(service, caseId, 'instrument_response')
  const after = await givenRecord(service, caseId, 'instrument_response', {
    ...standing,
    occasion: 'after',
    answers: [4, 4, 4, 4, 3],
  })
  const unknown = '01936d3e-7c00-7000-8000-000000000001'
  const evaluate = (beforeRecordId: string, afterRecordId: string) =>
    draftAndSign(service, caseId, 'evaluation', { instrumentChange: [{ beforeRecordId, afterRecordId }] })
  t.same(faults(await evaluate(before, unknown)), ['/content/instrumentChange/0/afterRecordId unknown_record'])
  t.same(faults(await evaluate(unknown, after)), ['/content/instrumentChange/0/beforeRecordId unknown_record'])
  t.same(faults(await evaluate(causes, after)), ['/content/instrumentChange/0/afterRecordId other_instrument'])
  const { id, status } = await evaluate(before, after)
  t.equal(status, 201)
  const { scores } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/records/${id}`)).body
  t.match(scores, [
    { scores: { satisfaction: 2, mood: 2 } },
    { occasion: 'after', scores: { satisfaction: 4, mood: 3 } },
  ])
  const student = (await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${id}`)).body
  t.same(student.content, { decision: 'close' })
  t.notOk('scores' in student, 'the student reads the decision, not the scores')
})

t.test('a student’s own entry names the session it is about, of this case and signed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const session = await givenRecord(service, caseId, 'session', { progress: [] })
  const contact = await givenRecord(service, caseId, 'contact')
  const draft = (await givenDraft(service, caseId, 'session', { progress: [] })).body.id
  const about = (aboutRecordId: string) =>
    draftAndSign(service, caseId, 'student_entry', { aboutRecordId }, 'student-1')
  for (const id of [contact, draft, '01936d3e-7c00-7000-8000-000000000001'])
    t.same(faults(await about(id)), ['/content/aboutRecordId unknown_record'])
  const { id, status } = await about(session)
  t.equal(status, 201)
  const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/records?kind=student_entry`)).body
  t.equal(items.find((each: { id: string }) => each.id === id).aboutRecordId, session)
})

t.test('what is signed long after its day is marked late, in lists and in the record', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const now = service.clock.now
  service.clock.now = new Date('2026-09-05T02:00:00Z')
  const caseId = await givenCase(service, students['1'] as string)
  service.clock.now = now
  const late = async (id: string) => {
    const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/records`)).body
    const read = (await service.call('owner', 'GET', `/v1/cases/${caseId}/records/${id}`)).body
    const item = items.find((each: { id: string }) => each.id === id)
    t.same([item.late, item.on], [read.late, read.on])
    return [read.late, read.on]
  }
  const { lateAfterDays } = (await service.call('owner', 'GET', '/v1/record-kinds/session')).body
  t.equal(lateAfterDays, 7)
  const old = await givenRecord(service, caseId, 'session', { progress: [], on: '2026-09-06' })
  t.same(await late(old), [true, '2026-09-06'], 'eight days')
  const recent = await givenRecord(service, caseId, 'session', { progress: [], on: '2026-09-07' })
  t.same(await late(recent), [false, '2026-09-07'], 'seven days')
  const screening = await givenRecord(service, caseId, 'risk_screening', { on: '2026-08-01' })
  t.equal((await late(screening))[0], false, 'a kind without a limit')
  const draft = (await givenDraft(service, caseId, 'contact', { on: '2026-09-14' })).body.id
  t.equal((await late(draft))[0], false)
  service.clock.now = new Date('2026-09-21T17:00:00Z')
  t.equal((await late(draft))[0], true, 'a draft is late once signing it would be: it is the 22nd at the school')
  t.equal((await late(recent))[0], false, 'what was signed in time stays in time')
})

t.test(
  'provisional actions are written in any open step, taken up or settled by a plan, and hold a closing',
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const actions = async () =>
      (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.actions.map(
        (each: { id: string; goalId: string | null; status: string }) => [each.id, each.goalId, each.status],
      )
    const [example] = (await exampleOf(service, 'provisional_action')).actions as Record<string, unknown>[]
    const id = await givenRecord(service, caseId, 'provisional_action', {
      actions: [example, { ...example, id: 'p2' }, { ...example, id: 'p3' }],
    })
    t.equal((await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${id}`)).status, 404)
    t.same(await actions(), [
      ['p1', null, 'open'],
      ['p2', null, 'open'],
      ['p3', null, 'open'],
    ])
    const taken = await draftAndSign(service, caseId, 'provisional_action', {})
    t.same(faults(taken), ['/content/actions/0/id id_taken'])
    for (const [to, kinds] of [
      ['agreement', ['academic_record', 'personal_profile', 'environment', 'cause_attribution', 'risk_screening']],
      ['plan', ['service_agreement']],
    ] as const) {
      for (const kind of kinds) await givenRecord(service, caseId, kind)
      await move(service, caseId, { to })
    }
    const plan = await exampleOf(service, 'plan')
    const unsettled = await draftAndSign(service, caseId, 'plan', {})
    t.same(faults(unsettled), Array(3).fill('/content/settlements action_unsettled'))
    const first = { ...(plan.actions as object[])[0], id: 'p1' }
    await givenRecord(service, caseId, 'plan', {
      actions: [...(plan.actions as object[]), first],
      settlements: [
        { actionId: 'p2', outcome: 'done' },
        { actionId: 'p3', outcome: 'carry' },
      ],
    })
    t.same(await actions(), [
      ['a1', 'g1', 'open'],
      ['a2', 'g2', 'open'],
      ['p2', null, 'done'],
      ['p1', 'g1', 'open'],
      ['p3', null, 'open'],
    ])
    for (const { id: draft } of [taken, unsettled])
      await service.call('owner', 'DELETE', `/v1/cases/${caseId}/records/${draft}`, undefined, { 'if-match': '"1"' })
    await move(service, caseId, { to: 'closure', reason: 'declined' })
    await givenRecord(service, caseId, 'closing_summary')
    const open = (await move(service, caseId, { to: 'closed' })).body.missing
    t.same(
      open.map((each: { recordKind: string; title: string }) => [each.recordKind, each.title.slice(0, 9)]),
      ['a1', 'a2', 'p1', 'p3'].map(each => ['action_settlement', `Action ${each}`]),
    )
    await givenRecord(service, caseId, 'action_settlement', {
      settlements: ['a1', 'a2', 'p1', 'p3'].map(actionId => ({ actionId, outcome: 'drop' })),
    })
    t.equal((await move(service, caseId, { to: 'closed' }, { version: await versionOf(service, caseId) })).status, 201)
  },
)
