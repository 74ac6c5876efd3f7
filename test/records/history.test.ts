import t from 'tap'
import { listName, signCursor } from '../../src/platform/cursor.ts'
import { act, givenAlert } from '../support/alerts.ts'
import { givenCase, versionOf } from '../support/cases.ts'
import { givenCrisis, moveCrisis, onCrisis } from '../support/crises.ts'
import { givenGroup, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

interface Item {
  readonly entry: { readonly type: string; readonly data: { readonly wordsId?: string } }
}

/** A log of a subject of each kind: the operation its cursors are signed for, and the parameter that names the subject. */
const logs: readonly (readonly [operation: string, parameter: string, table: string, log: string])[] = [
  ['getTimeline', 'caseId', 'cases', 'timeline'],
  ['getAccessLog', 'caseId', 'cases', 'access-log'],
  ['getGroupTimeline', 'groupId', 'groups', 'timeline'],
  ['getAlertTimeline', 'alertId', 'alerts', 'timeline'],
  ['getCrisisTimeline', 'crisisId', 'crises', 'timeline'],
]

/** A case, a group, an alert and a crisis of whom some words are known. */
const givenSubjects = async (service: Service) => {
  const { students } = await givenSchool(service)
  const student = students['1'] as string
  const cases = await givenCase(service, student)
  const groups = await givenGroup(service)
  const alert = await givenAlert(service, student)
  const crises = await givenCrisis(service, student)
  const pause = { reason: 'internship', expectedReturn: '2026-12-01', note: '实习。' }
  const version = await versionOf(service, cases)
  await service.call('owner', 'POST', `/v1/cases/${cases}/pause`, pause, { 'if-match': `"${version}"` })
  for (const studentId of [student, students['2']])
    await post(service, groups, 'members', { role: 'student', studentId, note: '自荐。' })
  await act(service, alert.owner, alert.id, 'dispositions', { kind: 'talk', words: '约谈。' })
  await onCrisis(service, crises, 'minutes', { happenedAt: '2026-09-14T01:30:00Z', text: '到操场寻找。' })
  await moveCrisis(service, crises, { to: 'debriefed', reason: 'false_alarm', note: '在图书馆。' })
  const ids: Readonly<Record<string, string>> = { cases, groups, alerts: alert.id, crises }
  return { ids, alertOwner: alert.owner }
}

t.test('every log goes on where its cursor stands, and every cursor ever given goes on', async t => {
  const service = await givenService(t)
  const { ids, alertOwner } = await givenSubjects(service)
  const key = service.deps.ambient.keys.cursor
  for (const [operation, parameter, table, log] of logs) {
    const id = ids[table] as string
    const account = { alerts: alertOwner, cases: log === 'timeline' ? 'owner' : 'lineManager' }[table] ?? 'owner'
    const get = (query: string) => service.call(account, 'GET', `/v1/${table}/${id}/${log}${query}`)
    if (log === 'access-log')
      for (const reader of ['owner', 'lineManager'])
        await service.call(reader, 'GET', `/v1/cases/${id}/words/${await wordsIdOf(service, 'cases', id)}`)
    const whole: Item[] = (await get('')).body.items
    t.ok(whole.length > 1, operation)
    const walked: Item[] = []
    let told = await get('?limit=1')
    while (told.body.next && walked.length <= whole.length) {
      const { items, next } = told.body
      walked.push(...items)
      const cursor = encodeURIComponent(next)
      t.equal(told.headers.link, `</v1/${table}/${id}/${log}?limit=1&cursor=${cursor}>; rel="next"`)
      const [after] = JSON.parse(Buffer.from(next.split('.')[0], 'base64url').toString())
      t.equal(next, signCursor(key, listName(operation, { [parameter]: id }), [after]), 'as it was signed ever before')
      told = await get(`?limit=1&cursor=${cursor}`)
    }
    walked.push(...told.body.items)
    t.same(walked, whole, operation)
    t.equal((await get('?cursor=x.y')).body.code, 'bad_cursor')
  }
})

/** `wordsId` of the last entry of a timeline that names words. */
const wordsIdOf = async (service: Service, table: string, id: string): Promise<string> => {
  const { items } = (await service.call('owner', 'GET', `/v1/${table}/${id}/timeline`)).body
  return items.findLast((item: Item) => item.entry.data.wordsId).entry.data.wordsId
}

t.test('reading words is told of the words, but of a crisis as a reading of the crisis', async t => {
  const service = await givenService(t)
  const { ids } = await givenSubjects(service)
  for (const table of ['cases', 'groups', 'crises']) {
    const id = ids[table] as string
    const wordsId = await wordsIdOf(service, table, id)
    const reads = () =>
      service.asOwner(`select case_id, subject_id, entry::jsonb -> 'subject' as subject, entry::jsonb -> 'data' as data
        from journal where type = 'record.read'
        and (subject_id in ('${id}', '${wordsId}'))`)
    for (const url of [`/words/${wordsId}`, `/words/${wordsId}`, ...(table === 'crises' ? [''] : [])])
      t.equal((await service.call('owner', 'GET', `/v1/${table}/${id}${url}`)).status, 200)
    const ofWords = { subject_id: wordsId, subject: { kind: 'words', id: wordsId, version: null } }
    const expected = {
      cases: { ...ofWords, case_id: id, data: null },
      groups: { ...ofWords, case_id: null, data: { groupId: id } },
      crises: { case_id: null, subject_id: id, subject: { kind: 'crisis', id, version: null }, data: null },
    }[table]
    t.strictSame(await reads(), [expected], `${table}: once an hour`)
    const none = await service.call('owner', 'GET', `/v1/${table}/${id}/words/01936d3e-7c00-7000-8000-00000000ffff`)
    t.equal(none.body.code, 'not_found')
    t.equal((await reads()).length, 1, 'what is not there is not read')
  }
})
