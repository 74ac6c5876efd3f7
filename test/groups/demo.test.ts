import t from 'tap'
import { demoResults, demoStudents } from '../../src/demo/roster.ts'
import type { DemoCaller } from '../../src/demo/seed-alerts.ts'
import { demoMembers, seedGroup } from '../../src/demo/seed-group.ts'
import { givenCase } from '../support/cases.ts'
import { entriesOf } from '../support/group-sessions.ts'
import { groupOf } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('members of the demo’s group need help where they failed, and give it where they did well', async t => {
  for (const { number, needs, strengths } of demoMembers) {
    t.ok(
      demoStudents.some(student => student.number === number),
      `${number} is a student of the demo`,
    )
    const outcomeOf = (code: string) => {
      const [, course] = code.split('course:')
      return demoResults.find(result => result.student === number && result.course === course)?.outcome
    }
    for (const code of needs) t.ok([undefined, 'failed'].includes(outcomeOf(code)), `${number} needs ${code}`)
    for (const code of strengths) t.ok([undefined, 'passed'].includes(outcomeOf(code)), `${number} gives ${code}`)
  }
})

t.test('the demo has a group in its early phase that held its opening session', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const students = demoStudents.filter(student => demoMembers.some(each => each.number === student.number))
  await service.roster(
    'students',
    students.map(({ number, name, birthDate }) => ({
      number,
      name,
      birthDate,
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const [first] = await service.asOwner(`select id from students where number = '${demoMembers[0].number}'`)
  const caseId = await givenCase(service, String(first?.id))
  const callerOf =
    (account: string): DemoCaller =>
    async (method, url, payload, version) => {
      const headers = version === undefined ? {} : { 'if-match': `"${version}"` }
      const answer = await service.call(account, method, url, payload, headers)
      t.ok(answer.status < 300, `${method} ${url} ${answer.text}`)
      return answer
    }
  await seedGroup(callerOf('owner'), callerOf('lineManager'))
  const { items } = (await service.call('owner', 'GET', '/v1/groups')).body
  t.match(items, [{ type: 'mutual_aid', step: 'early', members: 4, openItems: 0 }])
  const group = await groupOf(service, items[0].id)
  t.match(
    group.members,
    students.map(({ name }) => ({ name, status: 'active', baseline: true })),
  )
  t.match(group.budgetLines, [{ approvedFen: 30000 }, { approvedFen: 20000 }])
  t.same(
    group.sessions.map((each: { phase: string; status: string }) => `${each.phase} ${each.status}`),
    ['early held', 'middle planned', 'late planned', 'ending planned'],
  )
  t.match(await entriesOf(service, caseId), [{ content: { groupId: items[0].id, attendance: 'present' } }])
  const { body } = await service.call('lineManager', 'GET', `/v1/groups/${items[0].id}/sociogram`)
  t.match(body, { isolates: [], mutualPairs: [['m1', 'm3']] })
})
