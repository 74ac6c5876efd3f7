import t from 'tap'
import { earn, exampleOf, givenCase, givenCaseAt, givenDraft, givenRecord, move, versionOf } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const discard = (service: Service, account: string, caseId: string, recordId: string) =>
  service.call(account, 'DELETE', `/v1/cases/${caseId}/records/${recordId}`, undefined, { 'if-match': '"1"' })

t.test(
  'drafts others left unsigned are named, and the owner clears them in closure, but for the student’s own entry',
  async t => {
    const service = await givenService(t)
    const { staff, students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const entry = (await givenDraft(service, caseId, 'student_entry', {}, 'student-1')).body.id
    const waiver = (await givenDraft(service, caseId, 'waiver', {}, 'lineManager')).body.id
    const note = (await givenDraft(service, caseId, 'contact')).body.id
    t.equal((await discard(service, 'owner', caseId, waiver)).body.code, 'writer_not_allowed', 'not while help goes on')
    await move(service, caseId, { to: 'closure', reason: 'declined' })
    await givenRecord(service, caseId, 'closing_summary')
    const refused = (await move(service, caseId, { to: 'closed' })).body
    t.same(
      refused.missing.map((each: Record<string, string>) => [
        each.check,
        each.recordKind,
        each.pointer,
        each.operation,
      ]),
      [
        ['drafts_are_settled', 'waiver', `/records/${waiver}`, 'discardRecord'],
        ['drafts_are_settled', 'contact', `/records/${note}`, 'discardRecord'],
      ],
    )
    await service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/co-workers`,
      { staffId: staff.coWorker },
      { 'if-match': `"${await versionOf(service, caseId)}"` },
    )
    t.equal(
      (await discard(service, 'coWorker', caseId, waiver)).body.code,
      'writer_not_allowed',
      'the owner, nobody else',
    )
    const replaced = await service.call(
      'owner',
      'PUT',
      `/v1/cases/${caseId}/records/${waiver}`,
      { content: await exampleOf(service, 'waiver') },
      { 'if-match': '"1"' },
    )
    t.equal(replaced.body.code, 'writer_not_allowed', 'clearing is not writing')
    t.equal((await discard(service, 'owner', caseId, entry)).body.code, 'writer_not_allowed', 'the student’s own words')
    for (const id of [waiver, note]) t.equal((await discard(service, 'owner', caseId, id)).status, 200)
    const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).body
    const told = items
      .map((item: { entry: Record<string, unknown> }) => item.entry)
      .filter((each: Record<string, unknown>) => each.type === 'record.discarded')
    t.same(
      told.map((each: Record<string, unknown>) => [each.onBehalfOf, each.data]),
      [
        ['author', { kind: 'waiver', authorId: staff.lineManager }],
        [undefined, { kind: 'contact' }],
      ],
    )
    t.equal(
      (await move(service, caseId, { to: 'closed' })).status,
      201,
      'an entry that is nobody’s to see holds nothing up',
    )
    t.equal((await discard(service, 'student-1', caseId, entry)).status, 200, 'and stays the student’s own')
  },
)

t.test('who died, or was never to be helped, leaves no refusal to file', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const endings = [
    ['1', 'died', []],
    ['2', 'opened_in_error', []],
    ['3', 'lost_contact', ['/records/offer_record']],
  ] as const
  for (const [student, reason, gaps] of endings) {
    const caseId = await givenCaseAt(service, students[student] as string, 'agreement')
    await move(service, caseId, { to: 'closure', reason })
    await givenRecord(service, caseId, 'closing_summary', gaps.length === 0 ? { informed: undefined } : {})
    const { transitions } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/transitions`)).body
    const closing = transitions.find((each: { to: string }) => each.to === 'closed')
    const file = closing.requirements.find((each: { check?: string }) => each.check === 'file_is_complete')
    t.same(
      file.missing.map((each: { pointer: string }) => each.pointer),
      gaps,
      `${reason}: as explained`,
    )
    const moved = await move(service, caseId, { to: 'closed' })
    t.equal(moved.status, gaps.length === 0 ? 201 : 422, `${reason}: as decided`)
    if (moved.status === 422) await earn(service, caseId, 'closed', reason)
  }
})
