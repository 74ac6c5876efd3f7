import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { isPassed, passMark, type Registration, type Work } from './data.ts'
import type { Days } from './days.ts'

/** A member of staff as the package brings it. */
export interface Member {
  readonly number: string
  readonly name: string
  readonly role: 'counselor' | 'principal'
  readonly unit: string
}

/** What a package is made of. */
export interface School {
  readonly registrations: readonly Registration[]
  readonly days: Days
  /** Unit of the institution below which the modules are placed, by its own id. */
  readonly above: string
  readonly staff: readonly Member[]
}

/** Unit of a module. */
export const unitOf = (module: string) => `OU-${module}`

type Cells = readonly (string | number)[]
interface File {
  readonly name: string
  readonly columns: string
  readonly rows: Iterable<Cells>
}

const lines = function* ({ columns, rows }: File): Generator<string> {
  yield `${columns}\n`
  let block = ''
  for (const cells of rows) {
    block += `${cells.join(',')}\n`
    if (block.length < 65_536) continue
    yield block
    block = ''
  }
  yield block
}

/** A OneRoster 1.2 zip, written while it is sent. Delta: it holds a part of the institution. */
const zipOf = (files: readonly File[]): Readable => {
  const zip = new ZipFile()
  const manifest = files.map(({ name }) => `file.${name},delta\n`).join('')
  zip.addBuffer(Buffer.from(`propertyName,value\noneroster.version,1.2\n${manifest}`), 'manifest.csv')
  for (const file of files) zip.addReadStream(Readable.from(lines(file)), `${file.name}.csv`)
  zip.end()
  return zip.outputStream as Readable
}

/** One registration for each distinct value. */
const oneFor = (registrations: readonly Registration[], of: (each: Registration) => string): Registration[] => [
  ...new Map(registrations.map(each => [of(each), each])).values(),
]

const finalOf = (days: Days, presentation: string) => `${days.term(presentation)} final`

/** The roster: units, terms, people, modules, presentations as classes, assessments, registrations as enrolments. */
export const rosterPackage = ({ registrations, days, above, staff }: School): Readable => {
  const modules = oneFor(registrations, each => each.module)
  const presentations = oneFor(registrations, each => each.presentation)
  const students = oneFor(registrations, each => each.student)
  const active = ['active', '']
  return zipOf([
    {
      name: 'orgs',
      columns: 'sourcedId,status,dateLastModified,name,type,parentSourcedId',
      rows: modules.map(({ module }) => [unitOf(module), ...active, `Module ${module}`, 'department', above]),
    },
    {
      name: 'academicSessions',
      columns: 'sourcedId,status,dateLastModified,title,type,startDate,endDate',
      rows: presentations.map(({ presentation, days: length }) => [
        days.term(presentation),
        ...active,
        presentation,
        'term',
        days.dateOf(presentation, 0),
        days.dateOf(presentation, length + 1),
      ]),
    },
    {
      name: 'users',
      columns:
        'sourcedId,status,dateLastModified,givenName,familyName,identifier,grades,primaryOrgSourcedId,metadata.major',
      rows: [
        ...staff.map(({ number, name, unit }) => [number, ...active, name, 'OU', number, '', unit, '']),
        ...students.map(({ student, presentation, module }) => [
          student,
          ...active,
          student,
          'OU',
          student,
          presentation.slice(-5),
          unitOf(module),
          `Module ${module}`,
        ]),
      ],
    },
    {
      name: 'roles',
      columns: 'sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,orgSourcedId',
      rows: [
        ...staff.map(({ number, role, unit }) => [
          `${number} ${role}`,
          ...active,
          number,
          'primary',
          role,
          '2010-01-01',
          unit,
        ]),
        ...students.map(({ student, module }) => [
          `${student} student`,
          ...active,
          student,
          'primary',
          'student',
          '',
          unitOf(module),
        ]),
      ],
    },
    {
      name: 'courses',
      columns: 'sourcedId,status,dateLastModified,title,metadata.credits',
      rows: modules.map(({ module }) => [module, ...active, `Module ${module}`, 60]),
    },
    {
      name: 'classes',
      columns: 'sourcedId,status,dateLastModified,title,courseSourcedId,classType,termSourcedIds',
      rows: presentations.map(({ presentation, module }) => [
        days.term(presentation),
        ...active,
        presentation,
        module,
        'scheduled',
        days.term(presentation),
      ]),
    },
    {
      name: 'lineItems',
      columns:
        'sourcedId,status,dateLastModified,title,classSourcedId,dueDate,resultValueMax,metadata.weight,metadata.final',
      rows: presentations.flatMap(({ presentation, work }) => [
        ...work.map(each => [
          days.assessment(presentation, each),
          ...active,
          `${each.type} ${each.assessment}`,
          days.term(presentation),
          days.dateOf(presentation, each.dueDay),
          100,
          each.weight,
          'false',
        ]),
        [finalOf(days, presentation), ...active, 'Final result', days.term(presentation), '', 100, '', 'true'],
      ]),
    },
    {
      name: 'enrollments',
      columns: 'sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role,beginDate',
      rows: registrations.map(({ student, presentation }) => [
        `${student} ${days.term(presentation)}`,
        ...active,
        days.term(presentation),
        student,
        'student',
        days.dateOf(presentation, 0),
      ]),
    },
  ])
}

/** The final results of a presentation that is over: passed or failed, without a score. */
export const finalsPackage = (registrations: readonly Registration[], days: Days): Readable =>
  zipOf([
    {
      name: 'results',
      columns:
        'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,metadata.outcome',
      rows: registrations.map(each => {
        const final = finalOf(days, each.presentation)
        const known = days.dateOf(each.presentation, each.days)
        const outcome = isPassed(each) ? 'passed' : 'failed'
        return [`${each.student} ${final}`, 'active', '', final, each.student, 'fully graded', '', known, outcome]
      }),
    },
  ])

/** A mark as the roster call for results takes it. */
export const markOf = (days: Days, { student, presentation }: Registration, work: Work) => ({
  externalId: `${student} ${days.assessment(presentation, work)}`,
  student,
  assessment: days.assessment(presentation, work),
  score: work.score,
  outcome: (work.score ?? 0) < passMark ? 'failed' : 'passed',
  recordedOn: days.dateOf(presentation, work.knownDay ?? work.dueDay),
})
