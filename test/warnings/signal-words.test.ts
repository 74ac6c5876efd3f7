import t from 'tap'
import { fuse, givenCalendar } from '../support/alerts.ts'
import { givenCase } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

const more = [
  ['subjectTeacher', 'subject_teacher', 'dept'],
  ['classTeacher', 'class_teacher', 'class'],
  ['farCounsellor', 'counsellor', 'college'],
] as const

const moments = ['before', 'alert', 'case', 'ended'] as const

/**
 * When each account reads the words of a system's signal and those of a teacher's own: before there is an alert, while
 * there is one, once there is a case, and after co-workers have ended their part.
 */
const readers: Readonly<Record<string, readonly [system: string, teacher: string]>> = {
  owner: ['before alert case ended', 'before alert case ended'],
  colleague: ['before alert case ended', 'before alert case ended'],
  lineManager: ['alert case ended', 'alert case ended'],
  // Routing tells the class teacher of the alert.
  classTeacher: ['alert case ended', 'alert case ended'],
  subjectTeacher: ['', 'before alert case ended'],
  farCounsellor: ['', ''],
  practiceSupervisor: ['', ''],
  coWorker: ['case', 'case'],
}

const wordsIn = async (service: Service, account: string, studentId: string): Promise<string[]> => {
  const { status, body } = await service.call(account, 'GET', `/v1/students/${studentId}/signals`)
  if (status !== 200) throw new Error(`${account}: ${status}`)
  return (body.items as { note: string | null }[]).flatMap(({ note }) => note ?? []).sort()
}

t.test('the words of signals are for those who work with the student, hold the alert, or wrote them', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const student = students['1'] as string
  await givenCalendar(service)
  await service.roster(
    'staff',
    more.map(([account, role, orgUnit]) => ({
      externalId: account,
      name: account,
      roles: [{ role, orgUnit, validFrom: '2020-09-01' }],
      identities: [{ issuer: 'bangfu', subject: account }],
    })),
  )
  const own = { student: '1', kind: 'absence', severity: 'yellow', note: '老师的话' }
  await (await givenSource(service)).send('', aSignal({ note: '系统的话' }))
  t.equal((await service.call('subjectTeacher', 'POST', '/v1/signals', own)).status, 202)
  const asExpected = async (moment: (typeof moments)[number]) => {
    for (const [account, [system, teacher]] of Object.entries(readers)) {
      const expected = [
        ...(system.includes(moment) ? ['系统的话'] : []),
        ...(teacher.includes(moment) ? ['老师的话'] : []),
      ]
      t.same(await wordsIn(service, account, student), expected.sort(), `${account}: ${moment}`)
    }
  }
  await asExpected('before')
  const readings = await service.asOwner("select 1 from journal where type = 'signals.read'")
  t.equal(readings.length, 3, 'only who read words is said to have read')
  await fuse(service)
  await asExpected('alert')
  const caseId = await givenCase(service, student)
  const version = async () => (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.version
  const body = { staffId: staff.coWorker }
  const ifMatch = async () => ({ 'if-match': `"${await version()}"` })
  const added = await service.call('owner', 'POST', `/v1/cases/${caseId}/co-workers`, body, await ifMatch())
  t.equal(added.status, 201, added.text)
  await asExpected('case')
  const url = `/v1/cases/${caseId}/co-workers/${staff.coWorker}`
  t.equal((await service.call('owner', 'DELETE', url, undefined, await ifMatch())).status, 200)
  await asExpected('ended')
})
