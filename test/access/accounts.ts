import { randomUUID } from 'node:crypto'
import { scopes } from '../../src/practice/permissions.ts'
import { givenCase, versionOf } from '../support/cases.ts'
import { givenSchool, type Service, type Told } from '../support/service.ts'

/** Accounts of the matrix in the order of its columns, in groups. */
export const columns = [
  ['owner', 'coWorker', 'pastCoWorker', 'recipient', 'glassHolder'],
  ['lineManager', 'otherLineManager', 'formerLineManager', 'futureLineManager', 'practiceSupervisor'],
  ['colleague', 'outsider', 'classTeacher', 'subjectTeacher', 'psychologist', 'formerStaff'],
  ['student-1', 'student-2'],
  ['elsewhere'],
  ['administrator', 'auditor', 'keyHolder'],
  scopes.map(scope => `client ${scope}`),
  ['unlinked'],
] as const

/** Every account of the matrix. */
export const accounts: readonly string[] = columns.flat()

const elsewhere = '01936d3e-7c00-7000-8000-0000000000aa'

const member = (account: string, role: string, orgUnit: string, more: object = {}, held: object = {}) => ({
  externalId: account,
  name: account,
  roles: [{ role, orgUnit, validFrom: '2020-09-01', ...held }],
  identities: [{ issuer: 'bangfu', subject: account }],
  ...more,
})

const more = [
  member('recipient', 'counsellor', 'dept'),
  member('glassHolder', 'counsellor', 'other'),
  member('classTeacher', 'class_teacher', 'class'),
  member('subjectTeacher', 'subject_teacher', 'dept'),
  member('psychologist', 'psychological_counsellor', 'other'),
  member('formerStaff', 'line_manager', 'college', { leftOn: '2026-09-13' }),
  member('futureLineManager', 'line_manager', 'college', {}, { validFrom: '2026-09-15' }),
]

/** The test school with everybody of the matrix, another institution among them. */
export const givenEverybody = async (service: Service) => {
  await givenSchool(service)
  const filled = await service.roster('staff', more)
  if (filled.status !== 200) throw new Error(filled.text)
  await service.asOwner(`insert into institutions values ('${elsewhere}', '别校', 'Elsewhere', 'Asia/Shanghai', now())`)
  await service.roster('org-units', [{ externalId: 'dept', kind: 'department', nameZh: '系' }], elsewhere)
  await service.roster('staff', [member('elsewhere', 'counsellor', 'dept')], elsewhere)
  const rows = await service.asOwner(
    `select external_id as key, id from staff where institution_id = '${service.institution}' union all select number, id from students`,
  )
  return Object.fromEntries(rows.map(row => [String(row.key), String(row.id)]))
}

/** Adds a student of the class and opens a case for them, as its owner, with co-worker and past co-worker. */
export const givenStaffedCase = async (service: Service, ids: Record<string, string>, number: string) => {
  if (!ids[number]) {
    const row = {
      number,
      name: `学生${number}`,
      birthDate: '2006-01-01',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    }
    await service.roster('students', [row])
    ids[number] = String((await service.asOwner(`select id from students where number = '${number}'`))[0]?.id)
  }
  const caseId = await givenCase(service, ids[number] as string)
  const version = async () => ({ 'if-match': `"${await versionOf(service, caseId)}"` })
  const team = `/v1/cases/${caseId}/co-workers`
  for (const account of ['coWorker', 'pastCoWorker'])
    await service.call('owner', 'POST', team, { staffId: ids[account] }, await version())
  await service.call('owner', 'DELETE', `${team}/${ids.pastCoWorker}`, undefined, await version())
  return caseId
}

/** Calls as an account of the matrix. */
export const callAs = async (
  service: Service,
  account: string,
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Told> => {
  const scope = /^client (.+)$/.exec(account)?.[1]
  const client = scope ? { scopes: [scope], clientId: service.institution } : {}
  const token = service.token(account, account === 'elsewhere' ? { institution: elsewhere } : client)
  const response = await service.app.server.inject({
    method: method as 'GET',
    url,
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID(), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  const json = String(response.headers['content-type'] ?? '').includes('json')
  return {
    status: response.statusCode,
    body: json ? response.json() : null,
    headers: response.headers,
    text: response.body,
  }
}
