import t from 'tap'
import { earn, givenCase, givenCaseAt, move } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const enrol = (service: Service, number: string, enrolmentStatus: string) =>
  service.roster('students', [
    {
      number,
      name: '王晓明',
      birthDate: '2006-01-01',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
      enrolmentStatus,
    },
  ])

interface Told {
  readonly type: string
  readonly data: { readonly from: string; readonly to: string }
}

const changes = (items: { entry: Told }[]) =>
  items.filter(item => item.entry.type === 'student.enrolment_changed').map(item => item.entry.data.to)

t.test('leaving the school tells those who work on an open case, and closes nothing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await enrol(service, '1', 'on_leave')
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  const caseId = await givenCase(service, students['1'] as string)
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  await enrol(service, '2', 'graduated')
  await enrol(service, '1', 'enrolled')
  await enrol(service, '1', 'withdrew')
  const timeline = async (query = '') =>
    (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline${query}`)).body
  const { items } = await timeline()
  t.same(changes(items), ['enrolled', 'withdrew'], 'since the case was opened, of its student alone')
  t.same(items[0].entry.type, 'case.opened')
  const first = await timeline('?limit=2')
  t.same(changes(first.items), ['enrolled'])
  t.same(
    changes((await timeline(`?limit=2&cursor=${encodeURIComponent(first.next)}`)).items),
    ['withdrew'],
    'page by page',
  )
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.step, 'investigation')
  await service.seal()
  const feed = async (account: string) =>
    changes((await service.call(account, 'GET', '/v1/journal?limit=200')).body.items)
  for (const account of ['owner', 'lineManager', 'practiceSupervisor'])
    t.same(await feed(account), ['enrolled', 'withdrew'], account)
  for (const account of ['colleague', 'outsider', 'otherLineManager']) t.same(await feed(account), [], account)
  t.same(await feed('auditor'), ['on_leave', 'graduated', 'enrolled', 'withdrew'])
  t.equal((await service.call('owner', 'GET', `/v1/cases/${caseId}/access-log`)).body.items.length, 0)
})

t.test('what happens to the student after closing is not told', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closure')
  await enrol(service, '1', 'on_leave')
  await earn(service, caseId, 'closed', 'goals_met')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  await enrol(service, '1', 'withdrew')
  const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline?limit=200`)).body
  t.same(changes(items), ['on_leave'])
  await service.seal()
  t.same(changes((await service.call('owner', 'GET', '/v1/journal?limit=200')).body.items), ['on_leave'])
})
