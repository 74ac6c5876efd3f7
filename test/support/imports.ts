import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'
import { ZipFile } from 'yazl'
import { givenSchool, givenService, type Service, type Told } from './service.ts'

/** Files of a package by name. */
export type Files = Readonly<Record<string, string | Buffer>>

/** A zip of files. */
export const zipOf = (files: Files): Promise<Buffer> => {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  return buffer(zip.outputStream)
}

/** A CSV text of a header and rows. */
export const csv = (header: string, ...rows: readonly string[]): string => [header, ...rows, ''].join('\r\n')

/** A manifest that names files with their mode. */
export const manifest = (modes: Readonly<Record<string, 'bulk' | 'delta' | 'absent'>>): string =>
  csv(
    'propertyName,value',
    'manifest.version,1.0',
    'oneroster.version,1.2',
    ...Object.entries(modes).map(([file, mode]) => `file.${file},${mode}`),
  )

/** Posts a file as an import. */
export const postImport = async (
  service: Service,
  query: string,
  body: Buffer | string,
  { account = 'administrator', type = query.includes('oneroster') ? 'application/zip' : 'text/csv', key = '' } = {},
): Promise<Told> =>
  service.call(account, 'POST', `/v1/imports?${query}`, Buffer.from(body), {
    'content-type': type,
    ...(key ? { 'idempotency-key': key } : {}),
  })

/** Reads an operation. */
export const operationOf = async (service: Service, id: string, account = 'administrator') =>
  (await service.call(account, 'GET', `/v1/operations/${id}`)).body

/** Posts a file, lets the work be done, and reads the operation. */
export const runImport = async (service: Service, query: string, body: Buffer | string, options = {}) => {
  const posted = await postImport(service, query, body, options)
  if (posted.status !== 202) throw new Error(`import: ${posted.text}`)
  await service.work('operations')
  return operationOf(service, posted.body.id)
}

const bulk = {
  orgs: 'bulk',
  academicSessions: 'bulk',
  users: 'bulk',
  roles: 'bulk',
  courses: 'bulk',
  classes: 'bulk',
  lineItems: 'bulk',
  enrollments: 'bulk',
  results: 'bulk',
} as const

/** A small OneRoster package: a school, two students, a teacher, a course with two assessments and three results. */
export const smallPackage = (overlay: Files = {}): Files => ({
  'manifest.csv': manifest(bulk),
  // Children before parents, a byte order mark, and columns nobody knows.
  'orgs.csv': `\ufeff${csv(
    'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,metadata.colour',
    'o-class,,,软件2501班,ext:class,,o-dept,red',
    'o-dept,,,软件工程,department,,o-college,blue',
    'o-college,,,计算机学院,school,,o-school,',
    'o-school,,,测试大学,school,,,',
  )}`,
  'academicSessions.csv': csv(
    'title,sourcedId,status,dateLastModified,type,startDate,endDate,parentSourcedId,schoolYear',
    '第一学期,s-1,,,semester,2026-09-01,2027-01-21,,2027',
  ),
  'users.csv': csv(
    'sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,identifier,grades,primaryOrgSourcedId',
    'u-1,,,true,wang,晓明,王,20260001,2026,o-class',
    'u-2,,,true,liu,思雨,刘,20260002,2026,o-class',
    'u-3,,,true,smith,Ann,Smith,T0001,,',
    'u-4,,,true,papa,大明,王,,,',
  ),
  'roles.csv': csv(
    'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId',
    'r-1,,,u-1,primary,student,,,o-class',
    'r-2,,,u-2,primary,student,,,o-class',
    'r-3,,,u-3,primary,teacher,2026-09-01,,o-dept',
    'r-4,,,u-3,secondary,counselor,2026-09-01,2027-09-01,o-class',
    'r-5,,,u-4,primary,parent,,,o-class',
  ),
  'courses.csv': csv(
    'sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,metadata.credits',
    'c-1,,,,高等数学A(上),MATH1,5',
  ),
  'classes.csv': csv(
    'sourcedId,status,dateLastModified,title,courseSourcedId,classType,schoolSourcedId,termSourcedIds',
    'k-1,,,高数01班,c-1,scheduled,o-school,s-1',
  ),
  'lineItems.csv': csv(
    'sourcedId,status,dateLastModified,title,classSourcedId,dueDate,resultValueMin,resultValueMax,metadata.final',
    'l-1,,,作业一,k-1,2026-10-01T00:00:00Z,0,20,',
    'l-2,,,总评,k-1,2027-01-15,0,100,true',
  ),
  'enrollments.csv': csv(
    'sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate',
    'e-1,,,k-1,o-school,u-1,student,,,',
    'e-2,,,k-1,o-school,u-2,student,,2026-09-10,',
    'e-3,,,k-1,o-school,u-3,teacher,true,,',
  ),
  'results.csv': csv(
    'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment',
    'x-1,,,l-1,u-1,fully graded,9,2026-09-10,',
    'x-2,,,l-2,u-1,fully graded,43,2026-09-12,',
    'x-3,,,l-1,u-2,not submitted,,2026-09-10,',
    'x-4,,,l-2,u-2,submitted,,2026-09-12,',
  ),
  ...overlay,
})

/** Imports a OneRoster package of these files. */
export const runOneRoster = async (service: Service, files: Files, query = '') =>
  runImport(service, `format=oneroster${query}`, await zipOf(files))

/** Entries of a type in the journal, oldest first. */
export const entriesOfType = async (service: Service, type: string) =>
  (await service.asOwner(`select entry::json as entry from journal where type = '${type}' order by seq`)).map(
    ({ entry }) => entry as { data: Record<string, unknown>; subject: { id: string }; actor: { id: string } },
  )

/** What imports brought, without ids of ours. */
export const rosterOf = async (service: Service) => {
  const select = async (sql: string) => (await service.asOwner(sql)).map(row => Object.values(row).join(' '))
  return {
    units: await select(
      `select u.external_id, u.kind, coalesce(p.external_id, '-') from org_units u left join org_units p on p.id = u.parent_id where u.external_id like 'o-%' order by 1`,
    ),
    students: await select(
      `select s.number, s.name, s.grade, s.major, u.external_id, s.source_id, coalesce(s.absent_since::text, 'here') as absent
       from students s join org_units u on u.id = s.org_unit_id where s.source_id is not null order by 1`,
    ),
    staff: await select(
      `select external_id, name, coalesce(left_on::text, 'here') as gone from staff where source_id is not null order by 1`,
    ),
    roles: await select(
      `select r.external_id, r.role, u.external_id as unit, r.valid_from::text as f, coalesce(r.valid_until::text, '-') as u from staff_roles r
       join org_units u on u.id = r.org_unit_id where r.external_id is not null order by 1`,
    ),
    enrolments: await select(
      `select e.external_id, s.number, e.valid_from::text as f, coalesce(e.valid_until::text, '-') as u from enrolments e join students s on s.id = e.student_id order by 1`,
    ),
    assessments: await select(
      `select external_id, title, due_on::text as due, max_score::float8 as max, is_final from assessments order by 1`,
    ),
    results: await select(
      `select r.external_id, s.number, c.external_id as course, m.external_id as term, r.item, coalesce(r.score::text, '-') as score, r.outcome, r.recorded_on::text as day
       from results r join students s on s.id = r.student_id join courses c on c.id = r.course_id join terms m on m.id = r.term_id order by 1`,
    ),
  }
}

/** A school to import into. */
export const givenImports = async (t: Test): Promise<Service> => {
  const service = await givenService(t)
  await givenSchool(service)
  return service
}
