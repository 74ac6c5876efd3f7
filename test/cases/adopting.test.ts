import { randomUUID } from 'node:crypto'
import t from 'tap'
import { givenCase, givenRecord, move, sign } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a successor adopts signed sections of its predecessor', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const first = await givenCase(service, students['1'] as string)
  const section = await givenRecord(service, first, 'environment')
  const risk = await givenRecord(service, first, 'risk_screening')
  const open = (predecessorId: string) =>
    service.call('owner', 'POST', '/v1/cases', { studentId: students['1'], source: 'self', predecessorId })
  t.equal((await open(first)).body.code, 'predecessor_unfit', 'the predecessor still runs')
  await move(service, first, { to: 'closure', reason: 'new_situation' })
  await givenRecord(service, first, 'closing_summary')
  t.same(
    (await move(service, first, { to: 'closed' })).body.missing.map((each: { check: string }) => each.check),
    ['successor_is_opened'],
  )
  const successor = (await open(first)).body.caseId
  const adoptable = async (account = 'owner', caseId = successor) =>
    (await service.call(account, 'GET', `/v1/cases/${caseId}`)).body.adoptable?.map(
      (each: { kind: string; recordId: string; signedAt: string }) => [each.kind, each.recordId, each.signedAt.length],
    )
  t.same(await adoptable(), [['environment', section, 24]], 'the owner finds what there is to adopt')
  t.same(await adoptable('owner', first), [], 'it has no predecessor')
  t.equal(await adoptable('lineManager'), undefined, 'not for those who do not write')
  t.equal(await adoptable('student-1'), undefined)
  t.equal((await move(service, first, { to: 'closed' })).status, 201)
  const adopt = (kind: string, adopts: string) =>
    service.call('owner', 'POST', `/v1/cases/${successor}/records`, { kind, adopts })
  t.equal((await adopt('risk_screening', risk)).body.code, 'not_adoptable', 'a screening is always made anew')
  const adopted = await adopt('environment', section)
  t.equal(adopted.status, 201)
  const log = (await service.call('owner', 'GET', `/v1/cases/${first}/access-log`)).body.items
  t.match(log.at(-1), { actorName: '李老师', entry: { type: 'record.read', subject: { kind: 'record', id: section } } })
  t.equal(log.length, 1, 'adopting is reading')
  t.same(await adoptable(), [], 'it is adopted')
  const read = (await service.call('owner', 'GET', `/v1/cases/${successor}/records/${adopted.body.id}`)).body
  t.equal(read.adoptedFromId, section)
  t.ok(read.content.family.value.situation)
  t.equal(
    (await sign(service, 'owner', successor, adopted.body.id, { party: 'worker' })).body.status,
    'signed',
    'confirmed',
  )
  t.equal((await adopt('environment', randomUUID())).body.code, 'not_adoptable')
})
