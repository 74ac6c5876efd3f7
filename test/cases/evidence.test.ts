import { randomUUID } from 'node:crypto'
import t from 'tap'
import { givenCase, givenCaseAt, givenDraft, sign } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const pdf = Buffer.from('%PDF-1.7 paper')
const add = async (service: Service, caseId: string, account = 'owner') =>
  (
    await service.call(account, 'POST', `/v1/cases/${caseId}/attachments`, pdf, {
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="paper.pdf"',
    })
  ).body.id as string

t.test('words of evidence are read by those who work on the case, and by nobody else', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const { id } = (await givenDraft(service, caseId, 'service_agreement')).body
  await sign(service, 'owner', caseId, id, { party: 'worker' })
  const evidence = { words: '面谈中当面确认,有录音。' }
  await sign(service, 'owner', caseId, id, { party: 'student', method: 'oral', evidence })
  const url = `/v1/cases/${caseId}/records/${id}`
  const shown = async (account: string) =>
    (await service.call(account, 'GET', url)).body.signatures.map(
      (each: { party: string; evidence: string | null }) => [each.party, each.evidence],
    )
  for (const account of ['owner', 'lineManager', 'practiceSupervisor'])
    t.same(await shown(account), [
      ['student', evidence.words],
      ['worker', null],
    ])
  t.same(await shown('student-1'), [
    ['student', null],
    ['worker', null],
  ])
  t.notMatch((await service.call('owner', 'GET', `/v1/cases/${caseId}/records`)).text, evidence.words)
  t.notOk('evidence' in (await service.call('owner', 'GET', `/v1/cases/${caseId}/records`)).body.items[0].signatures[0])
  const log = (await service.call('student-1', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
  t.ok(
    log.filter((item: { entry: { subject: { id: string } } }) => item.entry.subject.id === id).length >= 3,
    'journalled',
  )
})

t.test('evidence names an attachment of the case, or none', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const elsewhere = await add(service, await givenCase(service, students['2'] as string))
  const { id } = (await givenDraft(service, caseId, 'service_agreement')).body
  const paper = { party: 'student', method: 'paper' }
  for (const attachmentId of [elsewhere, randomUUID()])
    for (const evidence of [{ attachmentId }, { attachmentId, words: '已签' }]) {
      const refused = await sign(service, 'owner', caseId, id, { ...paper, evidence })
      t.same([refused.status, refused.body.code], [422, 'unknown_attachment'])
    }
  const own = await sign(service, 'owner', caseId, id, { party: 'worker', evidence: { attachmentId: elsewhere } })
  t.equal(own.body.code, 'unknown_attachment', 'beside one’s own signature too')
  const attachmentId = await add(service, caseId)
  t.equal((await sign(service, 'owner', caseId, id, { ...paper, evidence: { attachmentId } })).status, 201)
  const forged = (foreign: string) =>
    service.asApplication(
      `insert into record_signatures select (jsonb_populate_record(s, '{"party":"guardian","attachment_id":"${foreign}"}')).* from record_signatures s where record_id = '${id}'`,
    )
  for (const foreign of [elsewhere, randomUUID()])
    await t.rejects(forged(foreign), { code: '23503', constraint: 'record_signatures_attachment' })
})

t.test('attachments are listed; a student reads what they added, and nothing else', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const url = `/v1/cases/${caseId}/attachments`
  const first = await add(service, caseId)
  const own = await add(service, caseId, 'student-1')
  const last = await add(service, caseId)
  const ids = (body: { items: { id: string }[] }) => body.items.map(item => item.id)
  const page = await service.call('owner', 'GET', `${url}?limit=2`)
  t.same(ids(page.body), [last, own])
  const rest = await service.call('owner', 'GET', `${url}?limit=2&cursor=${encodeURIComponent(page.body.next)}`)
  t.same([ids(rest.body), rest.body.next], [[first], null])
  t.match(page.headers.link, /rel="next"/)
  t.same(Object.keys(page.body.items[0]).sort(), ['id', 'mediaType', 'size', 'uploadedAt', 'uploadedBy'])
  t.equal((await service.call('owner', 'GET', `${url}?cursor=x`)).body.code, 'bad_cursor')
  t.same(ids((await service.call('student-1', 'GET', url)).body), [own])
  t.equal((await service.call('student-1', 'GET', `${url}/${own}`)).text, pdf.toString())
  t.equal((await service.call('student-1', 'GET', `${url}/${first}`)).status, 404)
  t.equal((await service.call('student-2', 'GET', url)).status, 404)
  t.equal((await service.call('outsider', 'GET', url)).status, 404)
  t.equal((await service.call('auditor', 'GET', url)).status, 403)
  const log = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
  t.same(
    log.map((item: { entry: { actor: { kind: string }; subject: { id: string } } }) => [
      item.entry.actor.kind,
      item.entry.subject.id,
    ]),
    [['student', own]],
    'reading is journalled, listing is not',
  )
})

t.test('attachments are evidence: checked by content, encrypted, journalled when read', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const url = `/v1/cases/${caseId}/attachments`
  const pdf = Buffer.from('%PDF-1.7 signed paper canary')
  const headers = {
    'content-type': 'application/pdf',
    'content-disposition': "attachment; filename*=UTF-8''%E7%AD%BE%E5%AD%97.pdf",
  }
  t.equal((await service.call('owner', 'POST', url, Buffer.from('MZ'), headers)).status, 415)
  t.equal(
    (await service.call('owner', 'POST', url, Buffer.from('x'), { ...headers, 'content-type': 'text/html' })).status,
    415,
  )
  const added = await service.call('owner', 'POST', url, pdf, headers)
  t.equal(added.status, 201)
  const read = await service.call('owner', 'GET', `${url}/${added.body.id}`)
  t.equal(read.text, pdf.toString())
  t.match(String(read.headers['content-disposition']), encodeURIComponent('签字.pdf'))
  const [stored] = await service.asOwner(
    `select encode(sealed, 'escape') as text from attachments where id = '${added.body.id}'`,
  )
  t.notMatch(String(stored?.text), /canary/)
  const log = (await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items
  t.equal(log.length, 1)
  t.equal((await service.call('owner', 'POST', url, Buffer.alloc(10 * 1024 * 1024 + 1, 0x25), headers)).status, 413)
})
