import t from 'tap'
import { allowsRelation } from '../../src/practice/permissions.ts'
import { exampleOf, givenCase, givenCaseAt, givenDraft, givenRecord, move, sign, versionOf } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** What goes on after closing, and why; everything else that changes a case is refused. */
const goesOn: Readonly<Record<string, string>> = {
  createRecord: 'addenda and aftercare contacts',
  amendRecord: 'addenda',
  replaceRecord: 'their drafts',
  discardRecord: 'their drafts',
  signRecord: 'their signatures',
  reassignCase: 'somebody keeps the aftercare',
  endCoWorker: 'access only ever becomes less',
  withdrawConsent: 'the student’s at any time',
  liftHold: 'a crisis carried on ends',
  entrustHold: 'a crisis carried on changes hands',
  breakGlass: 'emergencies do not ask',
  reviewGlass: 'and are reviewed',
  moveCase: 'says itself that no step is reachable',
  eraseCaseKey: 'needs a closed case',
}

const missingId = '01936d3e-7c00-7000-8000-00000000ffff'

t.test('after closing every other change of a case is refused', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closed')
  await service.asOwner(
    `insert into transfers select institution_id, gen_random_uuid(), id, owner_id, '${staff.colleague}', 'offered', now(), null from cases where id = '${caseId}'`,
  )
  const before = await service.asOwner(`select writes from cases where id = '${caseId}'`)
  const changing = service.app.routes.filter(
    route => route.path.startsWith('/v1/cases/:caseId') && route.method !== 'GET' && !goesOn[route.operationId],
  )
  t.ok(changing.length >= 13, `${changing.length} changes`)
  for (const route of changing) {
    const account = allowsRelation(route.permission, ['owner'])
      ? 'owner'
      : allowsRelation(route.permission, ['line_manager'])
        ? 'lineManager'
        : 'colleague'
    const example = route.body ? (route.body.meta() as { examples: unknown[] }).examples[0] : undefined
    const answer = await service.call(
      account,
      route.method,
      route.path.replace(':caseId', caseId).replace(/:\w+/g, missingId),
      route.bytes ? Buffer.from('%PDF-1.7') : example,
      {
        'if-match': `"${await versionOf(service, caseId)}"`,
        ...(route.bytes ? { 'content-type': 'application/pdf' } : {}),
      },
    )
    t.equal(answer.body.code, 'case_is_closed', `${route.operationId}: ${answer.text}`)
  }
  t.same(await service.asOwner(`select writes from cases where id = '${caseId}'`), before, 'nothing was written')
})

t.test('a closed case may still be given to somebody who keeps its aftercare', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closed')
  const at = async () => ({ 'if-match': `"${await versionOf(service, caseId)}"` })
  const given = { toId: staff.colleague, reason: 'workload' }
  const url = `/v1/cases/${caseId}/reassignments`
  t.equal((await service.call('lineManager', 'POST', url, given, await at())).status, 201)
  const { example } = (await service.call('colleague', 'GET', '/v1/record-kinds/aftercare_contact')).body
  const written = await service.call('colleague', 'POST', `/v1/cases/${caseId}/records`, {
    kind: 'aftercare_contact',
    content: example,
  })
  t.equal(written.status, 201, 'the new owner writes it')
})

t.test('the student finishes after closing what they began before, and begins nothing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const begin = () => givenDraft(service, caseId, 'student_entry', {}, 'student-1')
  const { id } = (await begin()).body
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await givenRecord(service, caseId, 'closing_summary')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  const url = `/v1/cases/${caseId}/records/${id}`
  const content = { ...(await exampleOf(service, 'student_entry')), words: '谢谢老师。' }
  const rewrite = () => service.call('student-1', 'PUT', url, { content }, { 'if-match': '"1"' })
  t.equal((await rewrite()).status, 200)
  t.match((await sign(service, 'student-1', caseId, id, { party: 'student' }, 2)).body, { status: 'signed' })
  t.match((await service.call('owner', 'GET', url)).body.content, { words: '谢谢老师。' }, 'it is in the file')
  t.equal((await begin()).body.code, 'case_is_closed')
})
