import t from 'tap'
import { givenCase } from '../support/cases.ts'
import { done, sessionBody } from '../support/group-life.ts'
import { entriesOf, versionOf } from '../support/group-sessions.ts'
import { givenGroupAt } from '../support/group-way.ts'
import { groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a student in two groups: each session enters the one case once, and no group hears of the other', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const [one, two, three] = ['1', '2', '3'].map(number => students[number] as string) as [string, string, string]
  const first = await givenGroupAt(service, [one, two], 'early')
  const second = await givenGroupAt(service, [one, three], 'early')
  const caseId = await givenCase(service, one, 'coWorker')
  const before = await versionOf(service, caseId)
  const bodyOf = async (groupId: string, attendance: string) => ({
    ...(await sessionBody(service, groupId)),
    attendance: ['m1', 'm2'].map(memberId => ({ memberId, attendance })),
    notes: [{ memberId: 'm1', note: '只属于这个小组的记录。' }],
  })
  const bodies = { first: await bodyOf(first, 'late'), second: await bodyOf(second, 'present') }
  const reason = { toId: staff.colleague, reason: 'workload', note: '分担工作。' }
  done(await post(service, second, 'reassignments', reason, 'lineManager'))

  const told = await Promise.all([
    service.call('owner', 'POST', `/v1/groups/${first}/sessions/s1/holding`, bodies.first),
    service.call('colleague', 'POST', `/v1/groups/${second}/sessions/s1/holding`, bodies.second),
  ])
  const notes = told.map(each => done(each).body.notes[0].recordId)
  const entries = await entriesOf(service, caseId)
  t.same(
    entries.map(each => each.signed_version).sort((a, b) => a - b),
    [before + 1, before + 2],
  )
  t.equal(await versionOf(service, caseId), before + 2)
  const told1 = { groupId: first, attendance: 'late', noteRecordId: notes[0] }
  const told2 = { groupId: second, attendance: 'present', noteRecordId: notes[1] }
  for (const expected of [told1, told2]) {
    const own = entries.filter(each => each.content.groupId === expected.groupId)
    t.match(own, [{ status: 'signed', content: { sessionId: 's1', ...expected } }])
    t.equal(own.length, 1)
  }

  await service.seal()
  const sides = [
    { leader: 'owner', mine: first, other: second, note: notes[1] },
    { leader: 'colleague', mine: second, other: first, note: notes[0] },
  ]
  for (const { leader, mine, other, note } of sides) {
    const read = (url: string) => service.call(leader, 'GET', url)
    t.equal((await groupOf(service, mine, leader)).id, mine)
    for (const path of ['', '/sessions', '/tasks', '/records', `/records/${note}`, '/timeline', '/transitions'])
      t.equal((await read(`/v1/groups/${other}${path}`)).status, 404, `${leader} ${path}`)
    for (const path of ['/sociogram', '/sociogram.svg', '/outcome', '/budget', '/composition'])
      t.equal((await read(`/v1/groups/${other}${path}`)).status, 404, `${leader} ${path}`)
    const seen = ['', '/sessions', '/records', '/timeline?limit=200'].map(path => `/v1/groups/${mine}${path}`)
    for (const url of [...seen, '/v1/groups?status=all', '/v1/journal?limit=200']) {
      const { status, text } = await read(url)
      t.equal(status, 200, `${leader} ${url}`)
      for (const hidden of [other, note, caseId]) t.notMatch(text, hidden, `${leader} ${url}`)
    }
    t.equal((await read(`/v1/cases/${caseId}`)).status, 404, `${leader} gains no right in the case`)
  }
  const team = await service.call('coWorker', 'GET', `/v1/cases/${caseId}/records?kind=group_entry`)
  t.equal(team.body.items.length, 2, 'the case team reads both')
})
