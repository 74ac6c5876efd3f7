import { randomUUID } from 'node:crypto'
import t from 'tap'
import { earn, givenCase, givenCaseAt, move, versionOf } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('64 racing moves with one version: exactly one wins', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => move(service, caseId, { to: 'closure', reason: 'declined' }, { version: 1 })),
  )
  t.equal(answers.filter(answer => answer.status === 201).length, 1)
  t.equal(answers.filter(answer => answer.status === 412).length, 63)
  t.equal(await versionOf(service, caseId), 2)
})

t.test('64 racing equal keys: one effect', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const key = randomUUID()
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => move(service, caseId, { to: 'closure', reason: 'declined' }, { version: 1, key })),
  )
  const codes = new Set(answers.map(answer => answer.body.code ?? 'done'))
  t.ok(
    [...codes].every(code => ['done', 'request_in_progress'].includes(code)),
    [...codes].join(),
  )
  const done = answers.filter(answer => answer.status === 201)
  t.ok(done.length >= 1)
  t.ok(done.every(answer => JSON.stringify(answer.body) === JSON.stringify(done[0]?.body)))
  const moves = await service.asOwner(`select count(*)::int as n from case_moves where case_id = '${caseId}' and n > 0`)
  t.equal(moves[0]?.n, 1)
})

t.test('64 racing openings for one student: one case', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const open = () => service.call('owner', 'POST', '/v1/cases', { studentId: students['1'], source: 'self' })
  const answers = await Promise.all(Array.from({ length: 64 }, open))
  t.equal(answers.filter(answer => answer.status === 201).length, 1)
  t.ok(answers.every(answer => answer.status === 201 || answer.body.code === 'open_case_exists'))
})

t.test('a draft written while a case is being closed does not slip in', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closure')
  await earn(service, caseId, 'closed', 'goals_met')
  const version = await versionOf(service, caseId)
  const drafts = Array.from({ length: 8 }, () =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/records`, { kind: 'addendum', content: { text: '补充' } }),
  )
  await Promise.all([move(service, caseId, { to: 'closed' }, { version }), ...drafts])
  const [row] = await service.asOwner(
    `select step, draft_count, (select count(*)::int from records where case_id = '${caseId}' and status = 'draft') as drafts, closed_at from cases where id = '${caseId}'`,
  )
  t.equal(row?.draft_count, row?.drafts)
})
