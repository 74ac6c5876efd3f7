import { sha256Hex } from '../../kernel/signature.ts'
import type { Collection } from '../collection.ts'
import { collections, sourced } from '../collections.ts'
import { assessments, courses, enrolmentsBy, resultsBy, sections, terms } from '../course-collections.ts'
import { staffRolesBy } from '../staff-role-collection.ts'
import { type CsvRow, type Dialect, readCsv } from './csv.ts'
import type { Feed, FeedRow } from './feed.ts'
import type { CsvKind, Mapping } from './import-schemas.ts'
import { cellValue } from './plain-members.ts'
import { type Unit, upwards } from './units.ts'

/** Name the one file of a plain import has in faults. */
export const plainFile = 'file.csv'

/** The file, how it is read, and when. */
export interface PlainFile {
  readonly bytes: () => AsyncIterable<Uint8Array>
  readonly dialect: Dialect
  readonly mapping: Mapping
  /** Units the roster knows by id, where the file may make more. */
  readonly units: ReadonlyMap<string, Unit>
  /** Who brings it. */
  readonly origin: string
  readonly full: boolean
  readonly today: string
  readonly passMark: number
}

type Given = Record<string, unknown>

const orgUnits = collections.find(collection => collection.name === 'org-units') as Collection

const collectionOf: Readonly<Record<CsvKind, Collection>> = {
  students: sourced.students,
  staff: sourced.staff,
  courses,
  terms,
  sections,
  enrolments: enrolmentsBy.number,
  assessments,
  results: resultsBy.number,
}

/** The members of a row; what is empty is not given. */
const membersOf = ({ columns, constants, words }: Mapping, cell: CsvRow['cell']): Given => {
  const given: Given = {}
  for (const member of new Set([...Object.keys(constants), ...Object.keys(columns)])) {
    const text = (columns[member] ? cell(columns[member]) : '') || (constants[member] ?? '')
    const word = words[member]?.[text] ?? text
    if (word !== '') given[member] = cellValue(member, word)
  }
  return given
}

interface PlainRow {
  readonly row: number
  readonly misfit: CsvRow['misfit'] | 'ambiguous_unit'
  readonly given: Given
}

/** Says of a row whether its class is one of another college: a class made by its name is that of one. */
const strayFinder = ({ mapping, units }: PlainFile): ((given: Given) => boolean) => {
  const colleges = new Map<unknown, unknown>()
  return ({ college, orgUnit }) => {
    if (!mapping.createUnits || !college || !orgUnit) return false
    if (units.has(String(orgUnit)))
      return !(upwards(units, String(orgUnit)) ?? []).some(id => id === college || units.get(id)?.name === college)
    if (!colleges.has(orgUnit)) colleges.set(orgUnit, college)
    return colleges.get(orgUnit) !== college
  }
}

const readRows = async function* (plain: PlainFile): AsyncGenerator<PlainRow> {
  const required = Object.values(plain.mapping.columns)
  const isStray = strayFinder(plain)
  for await (const { row, misfit, cell } of readCsv(plainFile, plain.bytes(), plain.dialect, required)) {
    const given = membersOf(plain.mapping, cell)
    yield { row, misfit: misfit ?? (isStray(given) ? 'ambiguous_unit' : null), given }
  }
}

const misfitWords = (misfit: NonNullable<PlainRow['misfit']>): string =>
  misfit === 'ambiguous_unit' ? 'a class of this name is one of another college' : 'the row does not fit the header'

/** Ids a file need not have: rows that say the same are the same. */
const composed = (given: Given, members: readonly string[]): string =>
  shortened(members.map(member => String(given[member] ?? '')).join('|'))

const maxId = 100
const shortened = (id: string): string => (id.length > maxId ? sha256Hex(id) : id)

/** What the schema wants beside the members given, by kind. */
const shaped = (kind: CsvKind, given: Given, passMark: number): Given => {
  if (kind === 'students') {
    const { college: _college, counsellor: _counsellor, ...student } = given
    return student
  }
  if (kind === 'staff') {
    const { role: _role, orgUnit: _unit, validFrom: _from, ...member } = given
    return { leftOn: null, ...member }
  }
  if (kind === 'enrolments') return { until: null, externalId: composed(given, ['student', 'section']), ...given }
  if (kind !== 'results') return given
  const score = typeof given.score === 'number' ? given.score : null
  const outcome = score === null ? 'missing' : score >= passMark ? 'passed' : 'failed'
  return { externalId: composed(given, ['student', 'assessment', 'course', 'term', 'item']), outcome, ...given, score }
}

const mainRows = async function* (plain: PlainFile): AsyncGenerator<FeedRow> {
  const { kind } = plain.mapping
  const seenStaff = new Set<string>()
  for await (const { row, misfit, given } of readRows(plain)) {
    const item = shaped(kind, given, plain.passMark)
    const key = String((kind === 'students' ? item.number : item.externalId) ?? '')
    // A member of staff with several roles has several rows.
    const again = kind === 'staff' && plain.mapping.columns.role !== undefined && seenStaff.has(key)
    if (kind === 'staff') seenStaff.add(key)
    if (misfit) yield { row, code: misfit, detail: misfitWords(misfit), ...(key ? { key } : {}) }
    else if (key === '') yield { row, code: 'missing_value', detail: kind === 'students' ? 'number' : 'externalId' }
    else if (again) yield { row, skipped: true }
    else yield { row, key, given: item }
  }
}

/** A unit by its name: a known one stays as it is. */
const unitRow = (row: number, name: string, kind: string, parent: string | null): FeedRow => ({
  row,
  key: name,
  given: { externalId: name },
  lends: { kind, parent, nameZh: name },
})

/** Colleges, then classes, each once, as the rows of students name them. */
const unitRows = async function* (plain: PlainFile): AsyncGenerator<FeedRow> {
  const units = new Map<string, FeedRow>()
  const classes = new Map<string, FeedRow>()
  for await (const { row, misfit, given } of readRows(plain)) {
    const [college, unit] = [given.college as string | undefined, given.orgUnit as string | undefined]
    if (misfit) continue
    if (college && !units.has(college)) units.set(college, unitRow(row, college, 'college', plain.mapping.unitsBelow))
    if (unit && !classes.has(unit)) classes.set(unit, unitRow(row, unit, 'class', college ?? plain.mapping.unitsBelow))
  }
  yield* units.values()
  yield* classes.values()
}

/** Roles that rows name: of the member of staff, or of the counsellor of a student's unit. */
const roleRows = async function* (plain: PlainFile): AsyncGenerator<FeedRow> {
  const seen = new Set<string>()
  for await (const { row, misfit, given } of readRows(plain)) {
    const students = plain.mapping.kind === 'students'
    const staff = students ? given.counsellor : given.externalId
    const role = students ? 'counsellor' : given.role
    if (misfit || !staff || !role || !given.orgUnit) continue
    const key = composed({ ...given, role, staff }, ['role', 'staff', 'orgUnit'])
    if (seen.has(key)) continue
    seen.add(key)
    const validFrom = given.validFrom && !students ? { validFrom: given.validFrom } : {}
    yield { row, key, given: { externalId: key, staff, role, orgUnit: given.orgUnit, validUntil: null, ...validFrom } }
  }
}

const lendsOf = (kind: CsvKind, today: string): Feed['lends'] => {
  if (kind === 'students') return { major: undefined, grade: undefined }
  if (kind === 'courses') return { credits: 0 }
  return kind === 'results' ? { recordedOn: today } : {}
}

/** The feeds of a plain CSV file: its rows, before them units to be made, after them roles it names. */
export const plainFeeds = (plain: PlainFile): Feed[] => {
  const { kind, columns, constants, createUnits } = plain.mapping
  const named = (member: string) => member in columns || member in constants
  const rolesFull = plain.full && kind === 'staff'
  const { origin, dialect, today } = plain
  const read = { file: plainFile, origin, encoding: dialect.encoding, today }
  const main: Feed = {
    ...read,
    collection: collectionOf[kind],
    full: plain.full,
    provides: kind === 'staff' ? 'staff' : null,
    lends: lendsOf(kind, today),
    rows: () => mainRows(plain),
  }
  const roles: Feed = {
    ...read,
    collection: staffRolesBy.number,
    full: rolesFull,
    provides: null,
    lends: { validFrom: today },
    rows: () => roleRows(plain),
  }
  const units: Feed = {
    ...roles,
    collection: orgUnits,
    full: false,
    provides: 'units',
    lends: {},
    rows: () => unitRows(plain),
  }
  const hasRoles = kind === 'students' ? named('counsellor') : kind === 'staff' && named('role')
  return [...(kind === 'students' && createUnits ? [units] : []), main, ...(hasRoles ? [roles] : [])]
}
