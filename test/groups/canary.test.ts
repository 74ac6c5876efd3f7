import t from 'tap'
import { confidentialPaths, type RecordKind } from '../../src/practice/record-kind.ts'
import { kindsOf } from '../../src/practice/record-kinds.ts'
import { givenLoggedService, hearing, inNoTable, wordsDue } from '../support/canary.ts'
import { givenCase } from '../support/cases.ts'
import { done, givenReceipt, hold } from '../support/group-life.ts'
import { givenGroupAt, moveGroup } from '../support/group-way.ts'
import { givenGroup, givenGroupRecord, groupOf, post } from '../support/groups.ts'
import { givenSchool } from '../support/service.ts'
import { at, contentsOf, jsonOf, standing, wordPaths } from '../support/words.ts'

const canary = 'canary4e1c'
const words = `${canary} 不得外泄。`
const today = '2026-09-14'
/** Codes checked by the command, and names that everybody in the group may read. */
const open = [
  'changeGroup/name',
  'moveGroup/reason',
  'openGroup/name',
  'putGroupType/title/en',
  'putGroupType/title/zh',
  'searchGroups/cursor',
  'searchGroups/text',
]

const stepFor = ({ writableIn }: RecordKind): string =>
  typeof writableIn === 'string' || writableIn.includes('preparation') ? 'preparation' : (writableIn.at(-1) as string)

t.test('every form of groups says something in every confidential field', async t => {
  for (const kind of Object.values(kindsOf('group'))) {
    const contents = contentsOf(kind, today, words)
    for (const content of contents) t.same(kind.content.safeParse(content).error?.issues ?? [], [], `${kind.kind} fits`)
    for (const path of confidentialPaths(kind.content)) {
      const said = contents.flatMap(content => standing(content, path))
      t.ok(said.length > 0, `${kind.kind}/${path.join('/')} is filled`)
      if (wordPaths(at(jsonOf(kind.content), path)).length > 0) t.match(JSON.stringify(said), canary)
    }
  }
})

t.test('words of a group are nowhere but in the answer to those who may read them', async t => {
  const { service: plain, lines } = await givenLoggedService(t)
  const { service, told, spoken } = hearing(plain, canary)
  const { staff, students } = await givenSchool(service)
  const [one, two] = [students['1'] as string, students['2'] as string]
  const groups: Record<string, string> = { preparation: await givenGroup(service) }
  for (const step of ['late', 'ending']) groups[step] = await givenGroupAt(service, [one, two], step)
  const caseId = await givenCase(service, one)

  for (const kind of Object.values(kindsOf('group')).filter(each => !each.writtenBy)) {
    const url = `/v1/groups/${groups[stepFor(kind)]}/records`
    const writer = kind.writers.includes('worker') ? 'owner' : 'lineManager'
    for (const content of contentsOf(kind, today, words)) {
      const draft = done(await service.call(writer, 'POST', url, { kind: kind.kind, content }))
      const read = await service.call(writer, 'GET', `${url}/${draft.body.id}`)
      t.same(read.body.content, content, `${kind.kind} is read as it was written`)
      const [row] = await service.asOwner(`select content from group_records where id = '${draft.body.id}'`)
      for (const path of confidentialPaths(kind.content))
        t.same(standing(row?.content, path), [], `${kind.kind}/${path.join('/')} is not in the clear`)
    }
  }

  const early = groups.preparation as string
  const late = groups.late as string
  const act = async (groupId: string, path: string, body: Record<string, unknown>, account = 'owner') => {
    const answer = await post(service, groupId, path, body, account)
    if (answer.status !== 201) t.fail(`${path}: ${answer.text}`)
    return answer.body
  }
  const student = { studentId: one, role: 'student', note: words }
  await act(early, 'members', student)
  await act(early, 'members/m1/selection', { note: words })
  await act(early, 'members/m1/consent', { method: 'oral', note: words })
  const { memberId: minor } = await act(early, 'members', { ...student, studentId: students['3'] })
  await act(early, `members/${minor}/guardian-consent`, { method: 'oral', note: words })
  await act(early, 'members', { name: words, role: 'supporter' })
  const { version } = await groupOf(service, early)
  const changed = { maxMembers: 5, note: words }
  done(await service.call('owner', 'PATCH', `/v1/groups/${early}`, changed, { 'if-match': `"${version}"` }))
  await givenGroupRecord(service, early, 'group_budget')
  await act(early, 'budget/approval', { lines: [{ lineId: 'b1', approvedFen: 100 }], note: words }, 'lineManager')
  const receiptId = await givenReceipt(service, early)
  await act(early, 'budget/lines/b1/expenses', { amountFen: 5, on: today, receiptId, note: words })
  await act(early, 'budget/settlement', { note: words })
  const acceptance = { kind: 'contract_acceptance', content: { memberId: 'm1' } }
  await givenGroupRecord(service, early, 'group_contract')
  const draft = done(await service.call('owner', 'POST', `/v1/groups/${early}/records`, acceptance))
  const records = `/v1/groups/${early}/records/${draft.body.id}`
  const signature = { party: 'member', method: 'oral', evidence: { words } }
  done(await service.call('owner', 'POST', `${records}/signatures`, signature, { 'if-match': '"1"' }))
  done(await service.call('owner', 'POST', `${records}/amendments`, { text: words }))

  const said = { activities: words, deviation: words, atmosphere: words, next: words, againstPlan: 'changed' }
  const held = done(await hold(service, late, 's3', { ...said, notes: [{ memberId: 'm1', note: words }] }))
  await act(late, 'tasks/t1/settlement', { status: 'dropped', note: words })
  const tasks = [{ taskId: 't2', dropped: true }]
  const leaving = { reason: 'no_time', exitTalk: words, attainment: 0, onwardPath: 'alone', tasks }
  const { openItems } = await act(late, 'members/m2/leaving', leaving)
  await act(late, `open-items/${openItems[0]}/resolution`, { resolution: 'goes_on', note: words })
  const informed = { told: { on: today, medium: 'phone', memberIds: ['m1'] }, decision: 'end_early', replan: [] }
  await givenGroupRecord(service, late, 'contingency_adjustment', informed)
  done(await moveGroup(service, late, { to: 'ending', reason: 'members_wish', note: words }))
  t.equal((await moveGroup(service, late, { to: canary })).status, 400)
  await act(early, 'reassignments', { toId: staff.colleague, reason: 'workload', note: words }, 'lineManager')

  t.same(spoken(), wordsDue(service, /^\/v1\/group/, open), 'no words of any command were left out')
  await inNoTable(t, service, canary)
  await service.seal()
  for (const [account, url] of [
    ['owner', '/v1/groups?status=all'],
    ['owner', `/v1/groups/${late}/timeline?limit=200`],
    ['owner', `/v1/groups/${late}/sociogram`],
    ['owner', `/v1/groups/${late}/sessions`],
    ['owner', `/v1/groups/${late}/budget`],
    ['owner', `/v1/cases/${caseId}/timeline?limit=200`],
    ['owner', '/v1/journal?limit=200'],
    ['auditor', '/v1/journal?limit=200'],
    ['administrator', '/metrics'],
  ] as const)
    told.push((await service.call(account, 'GET', url)).text)
  t.notMatch(told.join('\n'), canary, 'receipts, problems, lists, timelines and feed')
  t.notMatch(lines.join('\n'), canary, 'logs')
  const note = held.body.notes[0].recordId
  const read = await service.call('owner', 'GET', `/v1/groups/${late}/records/${note}`)
  t.equal(read.body.content.note, words)
  const named = (await groupOf(service, early, 'colleague')).members.at(-1)
  t.equal(named.name, words, 'who reads the group reads the name of a supporter')
})
