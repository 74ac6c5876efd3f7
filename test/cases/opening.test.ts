import t from 'tap'
import { leftSchool } from '../../src/practice/facts.ts'
import { act, givenAlert } from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const enrol = async (service: Service, number: string, enrolmentStatus: string) => {
  const student = { number, name: '王晓明', major: '软件工程', grade: '2025', orgUnit: 'class', enrolmentStatus }
  if ((await service.roster('students', [student])).status !== 200) throw new Error('roster')
}

t.test('no case is opened for who died, and only with a reason for who left the school', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const open = async (body = {}) => {
    const { status, body: told } = await service.call('owner', 'POST', '/v1/cases', {
      studentId: students['1'],
      source: 'outreach',
      ...body,
    })
    return [status, told.code]
  }
  for (const status of leftSchool) {
    await enrol(service, '1', status)
    const code = status === 'died' ? 'student_has_died' : 'student_out_of_scope'
    t.same(await open(), [422, code], status)
    t.same(await open({ inScope: true }), [422, code], `${status}, said to be in scope`)
  }
  await enrol(service, '1', 'died')
  t.same(await open({ inScope: false, scopeReason: '家属求助。' }), [422, 'student_has_died'], 'with a reason neither')
  await enrol(service, '1', 'withdrew')
  t.same(await open({ scopeReason: '办理复学期间需要支持。' }), [201, undefined])
  await enrol(service, '2', 'on_leave')
  t.same(await open({ studentId: students['2'] }), [201, undefined], 'on leave is not gone')
})

t.test('an alert opens no case for them either, and stays as it was', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  const dispose = () => act(service, owner, id, 'dispositions', { kind: 'case_opened', words: '转为个案。' })
  await enrol(service, '1', 'died')
  t.match(await dispose(), { status: 422, body: { code: 'student_has_died' } })
  await enrol(service, '1', 'dropped_out')
  t.match(await dispose(), { status: 422, body: { code: 'student_out_of_scope' } })
  await enrol(service, '1', 'enrolled')
  t.match(await dispose(), { status: 201 })
})
