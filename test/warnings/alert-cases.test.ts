import t from 'tap'
import { act, type alertsOf, alertVersion, givenAlert, versionsOf } from '../support/alerts.ts'
import { givenCase, givenCaseAt } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a case is opened at the first step with the evidence, whole or not at all', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { figures: { course: 'MATH1001', score: 43 } })
  const filed = await act(
    service,
    owner,
    id,
    'dispositions',
    { kind: 'case_opened', words: '转为个案。' },
    { key: 'case', version: 1 },
  )
  t.equal(filed.status, 201)
  const { caseId } = filed.body
  const opened = (await service.call(owner, 'GET', `/v1/cases/${caseId}`)).body
  t.same([opened.step, opened.source, opened.owner.id], ['investigation', 'alert', (await owners(service, id))[0]])
  const timeline = (await service.call(owner, 'GET', `/v1/cases/${caseId}/timeline`)).body.items
  t.same(
    timeline.map((each: { entry: { type: string } }) => each.entry.type),
    ['case.opened', 'alert.disposed'],
  )
  t.equal(timeline[0].entry.data.alertId, id)
  const { words } = (await service.call(owner, 'GET', `/v1/cases/${caseId}/words/${timeline[0].entry.data.wordsId}`))
    .body
  t.match(words, /转为个案/)
  t.match(words, /course=MATH1001/)
  t.match(words, /score=43/)
  const replay = await act(
    service,
    owner,
    id,
    'dispositions',
    { kind: 'case_opened', words: '转为个案。' },
    { key: 'case', version: 1 },
  )
  t.equal(replay.headers['idempotent-replayed'], 'true')
  t.equal(replay.body.caseId, caseId)
  const version = await alertVersion(service, id)
  const second = await act(service, owner, id, 'dispositions', { kind: 'case_opened' })
  t.same([second.status, second.body.code], [409, 'open_case_exists'])
  t.notMatch(second.text, caseId)
  t.equal(await alertVersion(service, id), version, 'nothing was filed')
  t.equal((await service.asOwner('select 1 from cases')).length, 1)
  t.same(await versionsOf(service, id), [1, 2])
})

const owners = async (service: Parameters<typeof alertsOf>[0], id: string) =>
  (await service.asOwner(`select owner_id from alerts where id = '${id}'`)).map(row => String(row.owner_id))

t.test('an alert joins an open case only by those who work on it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { figures: { absences: 7 } })
  const other = ['owner', 'colleague', 'pastCoWorker'].find(account => account !== owner) as string
  const caseId = await givenCase(service, studentId, other)
  const join = (account: string, wanted: string) =>
    act(service, account, id, 'dispositions', { kind: 'case_joined', caseId: wanted, words: '并入。' })
  t.equal((await join(owner, caseId)).status, 404, 'the alert’s owner may not know of the case')
  t.equal((await join(owner, id)).status, 404, 'no case looks the same')
  t.equal((await join('lineManager', caseId)).status, 403, 'a line manager sees it, and does not work on it')
  await service.call(other, 'POST', `/v1/cases/${caseId}/co-workers`, { staffId: staff[owner] }, { 'if-match': '"1"' })
  const joined = await join(owner, caseId)
  t.equal(joined.status, 201)
  t.equal(joined.body.caseId, caseId)
  const timeline = (await service.call(owner, 'GET', `/v1/cases/${caseId}/timeline`)).body.items
  const entry = timeline.find((each: { entry: { type: string } }) => each.entry.type === 'case.alert_joined').entry
  t.equal(entry.data.alertId, id)
  t.match(
    (await service.call(owner, 'GET', `/v1/cases/${caseId}/words/${entry.data.wordsId}`)).body.words,
    /absences=7/,
  )
  const elsewhere = await givenCase(service, students['2'] as string, owner)
  t.equal((await join(owner, elsewhere)).body.code, 'case_unfit')
  t.same(await versionsOf(service, caseId), [1, 2, 3])
})

t.test('a closed case takes no alert', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closed')
  const { id, owner } = await givenAlert(service, students['1'] as string)
  if (owner !== 'owner') await act(service, 'lineManager', id, 'owner', { toId: staff.owner })
  const refused = await act(service, 'owner', id, 'dispositions', { kind: 'case_joined', caseId })
  t.same([refused.status, refused.body.code], [409, 'case_is_closed'])
})

t.test('who is told never learns that a case exists', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, { kind: 'low_mood', severity: 'orange' })
  t.equal((await service.call('coWorker', 'GET', `/v1/alerts/${id}`)).body.relations[0], 'told')
  const { caseId } = (await act(service, owner, id, 'dispositions', { kind: 'case_opened', words: '建案。' })).body
  const told = await service.call('coWorker', 'GET', `/v1/alerts/${id}`)
  t.notMatch(told.text, caseId)
  t.notMatch(told.text, 'case_opened')
  t.notMatch(told.text, '建案')
  t.same(
    told.body.dispositions.map((each: { kind: string; caseId: unknown; words: unknown }) => [
      each.kind,
      each.caseId,
      each.words,
    ]),
    [['support_arranged', null, null]],
  )
  const line = await service.call('coWorker', 'GET', `/v1/alerts/${id}/timeline`)
  t.notMatch(line.text, caseId)
  t.notMatch(line.text, 'case_opened')
  t.match(line.text, 'support_arranged')
  await service.seal()
  const feed = await service.call('coWorker', 'GET', '/v1/journal?limit=200')
  t.notMatch(feed.text, caseId)
  t.match(feed.text, id, 'the feed shows the alert')
  t.match((await service.call(owner, 'GET', '/v1/journal?limit=200')).text, caseId)
  const refused = await act(service, 'coWorker', id, 'dispositions', { kind: 'case_opened' })
  t.same([refused.status, refused.body.code], [403, 'not_permitted'], 'decided before anything is looked at')
  for (const account of [owner, 'lineManager'])
    t.match((await service.call(account, 'GET', `/v1/alerts/${id}`)).text, caseId, `${account} may know`)
  const moved = await act(service, 'coWorker', id, 'transitions', { to: 'acknowledged' })
  t.equal(moved.status, 201, 'who is told may acknowledge')
  const resolving = await act(service, 'coWorker', id, 'transitions', { to: 'resolved' })
  t.same([resolving.status, resolving.body.code], [403, 'edge_not_yours'])
})
