import t, { type Test } from 'tap'
import { givenCase, givenDraft, givenRecord, move, sign } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

const given = async (t: Test) => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const records = `/v1/cases/${caseId}/records`
  const amend = (account: string, id: string) =>
    service.call(account, 'POST', `${records}/${id}/amendments`, { text: '更正:日期有误。' })
  const read = (account: string, id: string) => service.call(account, 'GET', `${records}/${id}`)
  return { service, caseId, records, amend, read }
}

t.test('a line manager corrects a waiver or note of line managers, and signs it', async t => {
  const { service, caseId, amend, read } = await given(t)
  for (const kind of ['waiver', 'risk_cover_note']) {
    const id = await givenRecord(service, caseId, kind)
    const drafted = await amend('lineManager', id)
    t.match(drafted, { status: 201, body: { kind: 'manager_addendum' } }, kind)
    const asWorker = await sign(service, 'owner', caseId, drafted.body.id, { party: 'worker' })
    t.equal(asWorker.body.code, 'signer_not_expected', 'nobody signs it for them')
    const signed = await sign(service, 'lineManager', caseId, drafted.body.id, { party: 'line_manager' })
    t.match(signed, { status: 201, body: { status: 'signed', waitingFor: [] } })
    t.match((await read('owner', drafted.body.id)).body, { amendsId: id, content: { text: '更正:日期有误。' } })
    t.match(await amend('lineManager', drafted.body.id), { status: 201, body: { kind: 'manager_addendum' } }, 'further')
    t.equal((await read('student-1', drafted.body.id)).status, 404)
    t.match(await amend('owner', id), { status: 201, body: { kind: 'addendum' } }, 'who works on the case adds to it')
  }
  const worked = await givenRecord(service, caseId, 'environment')
  t.match((await amend('lineManager', worked)).body, { code: 'writer_not_allowed' })
})

t.test('a student corrects their own entry, unread until they sign, after closing too', async t => {
  const { service, caseId, amend, read } = await given(t)
  const entry = await givenDraft(service, caseId, 'student_entry', {}, 'student-1')
  t.equal((await sign(service, 'student-1', caseId, entry.body.id, { party: 'student' })).status, 201)
  t.match((await amend('lineManager', entry.body.id)).body, { code: 'writer_not_allowed' })
  const worked = await givenRecord(service, caseId, 'environment')
  t.match((await amend('student-1', worked)).body, { code: 'writer_not_allowed' })
  const drafted = await amend('student-1', entry.body.id)
  t.match(drafted, { status: 201, body: { kind: 'student_addendum' } })
  t.equal((await read('owner', drafted.body.id)).status, 404)
  t.equal((await move(service, caseId, { to: 'closure', reason: 'declined' })).status, 201)
  await givenRecord(service, caseId, 'closing_summary')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201, 'it keeps no case open')
  const signed = await sign(service, 'student-1', caseId, drafted.body.id, { party: 'student' })
  t.match(signed, { status: 201, body: { status: 'signed' } })
  t.match((await read('owner', drafted.body.id)).body.content, { text: '更正:日期有误。' })
  t.match((await read('student-1', drafted.body.id)).body.content, { text: '更正:日期有误。' })
})

t.test('the addenda of others than the workers are written to a record only', async t => {
  const { service, caseId } = await given(t)
  for (const [account, kind] of [
    ['lineManager', 'manager_addendum'],
    ['student-1', 'student_addendum'],
  ] as const) {
    const refused = await givenDraft(service, caseId, kind, {}, account)
    t.match(refused, { status: 409, body: { code: 'kind_not_drafted', operation: 'amendRecord' } })
  }
})
