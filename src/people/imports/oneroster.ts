import type { Tenant } from '../../platform/database.ts'
import type { Collection, RefKind } from '../collection.ts'
import { collections, sourced } from '../collections.ts'
import { assessments, courses, enrolmentsBy, resultsBy, sections, terms } from '../course-collections.ts'
import { staffRolesBy } from '../staff-role-collection.ts'
import type { Archive } from './archive.ts'
import type { CsvRow } from './csv.ts'
import { fileRefused } from './faults.ts'
import { type Feed, type FeedRow, oneRoster } from './feed.ts'
import { KeySet } from './key-set.ts'
import { type FileMode, readManifest, rowsIn } from './oneroster-manifest.ts'
import { staffOf, staffRoleIn, studentOf, told, type UserRoles, unitKindOf, withRole } from './oneroster-people.ts'
import { completeScores, courseOf, enrolmentOf, lineItemOf, resultOf, sectionOf, termOf } from './oneroster-study.ts'
import { knownSources } from './people-known.ts'
import { knownUnits, type Unit, upwards } from './units.ts'

/** What an import knows from the beginning. */
export interface ImportTime {
  /** Today at the institution when the import was asked for. */
  readonly today: string
  /** Score, of 100, from which a result is passed. */
  readonly passMark: number
}

/** The files of a package we read, in the order they refer to one another. */
const files = [
  'orgs',
  'academicSessions',
  'users',
  'roles',
  'courses',
  'classes',
  'lineItems',
  'enrollments',
  'results',
] as const
type FileName = (typeof files)[number]

const required: Readonly<Record<FileName, readonly string[]>> = {
  orgs: ['sourcedId', 'name', 'type'],
  academicSessions: ['sourcedId', 'title', 'startDate', 'endDate'],
  users: ['sourcedId', 'givenName', 'familyName'],
  roles: ['sourcedId', 'userSourcedId', 'role', 'orgSourcedId'],
  courses: ['sourcedId', 'title'],
  classes: ['sourcedId', 'title', 'courseSourcedId', 'termSourcedIds'],
  lineItems: ['sourcedId', 'title', 'classSourcedId'],
  enrollments: ['sourcedId', 'classSourcedId', 'userSourcedId', 'role'],
  results: ['sourcedId', 'lineItemSourcedId', 'studentSourcedId', 'scoreStatus'],
}

/** Given members of a row; null = nothing of ours; a string = code of a fault, its words after a colon. */
type Reading = Readonly<Record<string, unknown>> | null | string

const orgUnits = collections.find(collection => collection.name === 'org-units') as Collection
const maxUnits = 50_000

/** One package: its archive, modes and what users and units are, read before the feeds. */
interface Package extends ImportTime {
  readonly archive: Archive
  readonly modes: ReadonlyMap<string, FileMode>
  readonly users: ReadonlyMap<string, UserRoles>
  /** Whether it is told what a user is, even if nothing we keep; always so where roles.csv holds all there are. */
  readonly isTold: (id: string) => boolean
  readonly isKnown: (table: 'students' | 'staff', id: string) => boolean
  readonly units: Map<string, Unit>
  readonly scales: Map<string, number>
}

const readRow = ({ row, cell, misfit }: CsvRow, read: (cell: CsvRow['cell']) => Reading): FeedRow => {
  const key = cell('sourcedId')
  if (misfit) return { row, code: misfit, detail: 'the row does not fit the header', ...(key ? { key } : {}) }
  if (key === '') return { row, code: 'missing_value', detail: 'sourcedId' }
  // What is withdrawn need have no more than its id.
  if (cell('status') === 'tobedeleted') return { row, gone: key }
  const reading = read(cell)
  if (reading === null) return { row, skipped: true }
  if (typeof reading !== 'string') return { row, key, given: { ...reading } }
  const [code = '', detail = ''] = reading.split(':')
  return { row, key, code, detail }
}

const rowsOf = async function* (pack: Package, name: FileName, read: (cell: CsvRow['cell']) => Reading) {
  for await (const row of rowsIn(pack.archive, name, required[name])) yield readRow(row, read)
}

/** A unit as a row tells of it: one that names no parent stays under the one it is known under. */
const unitOf = (cell: CsvRow['cell'], known: ReadonlyMap<string, Unit>) => {
  const parent = cell('parentSourcedId') || known.get(cell('sourcedId'))?.parent || null
  return { name: cell('name'), kind: unitKindOf(cell('metadata.unitKind') || cell('type'), parent), parent }
}

/** Units parents first, so that a batch finds those above it; a circle is a fault of each row in it. */
const unitRows = async function* (pack: Package): AsyncGenerator<FeedRow> {
  const read = (cell: CsvRow['cell']): Reading => {
    const { name, kind, parent } = unitOf(cell, pack.units)
    if (kind === null) return 'invalid_value:type'
    const given = { externalId: cell('sourcedId'), kind, nameZh: name, nameEn: cell('metadata.nameEn') }
    return { ...told(given), parent }
  }
  const rows: { depth: number; row: FeedRow }[] = []
  for await (const row of rowsOf(pack, 'orgs', read)) {
    if (rows.length >= maxUnits) throw fileRefused('orgs.csv', row.row, 'too_many_rows', `more than ${maxUnits} units`)
    const path = 'given' in row ? upwards(pack.units, row.key) : []
    const circle = { row: row.row, code: 'unit_cycle', detail: 'the units above come back to this one' }
    rows.push({ depth: path?.length ?? 0, row: path ? row : circle })
  }
  yield* rows.sort((a, b) => a.depth - b.depth).map(({ row }) => row)
}

interface FeedPlan {
  readonly file: FileName
  readonly collection: Collection
  readonly provides: RefKind | null
  readonly lends?: Readonly<Record<string, unknown>>
  readonly read?: (cell: CsvRow['cell']) => Reading
}

const plansOf = (pack: Package): readonly FeedPlan[] => {
  const isA = (what: 'student' | 'staff', id: string) =>
    pack.users.get(id)?.[what] ?? pack.isKnown(what === 'student' ? 'students' : 'staff', id)
  return [
    { file: 'orgs', collection: orgUnits, provides: 'units' },
    { file: 'academicSessions', collection: terms, provides: 'terms', read: termOf },
    {
      file: 'users',
      collection: sourced.students,
      provides: 'studentSources',
      lends: { major: undefined, grade: undefined, orgUnit: undefined },
      read: cell => {
        const id = cell('sourcedId')
        if (isA('student', id)) return studentOf(cell, pack.users.get(id), pack.units)
        return isA('staff', id) || pack.isTold(id) ? null : 'unknown_role:no row of roles.csv names the user'
      },
    },
    {
      file: 'users',
      collection: sourced.staff,
      provides: 'staffSources',
      read: cell => (isA('staff', cell('sourcedId')) ? staffOf(cell) : null),
    },
    {
      file: 'roles',
      collection: staffRolesBy.source,
      provides: null,
      lends: { validFrom: pack.today },
      read: cell => {
        const role = staffRoleIn(cell)
        if (!role) return role === null ? null : 'invalid_value:role'
        const [externalId, staff, orgUnit] = [cell('sourcedId'), cell('userSourcedId'), cell('orgSourcedId')]
        return {
          ...told({ externalId, staff, role, orgUnit, validFrom: cell('beginDate') }),
          validUntil: cell('endDate') || null,
        }
      },
    },
    { file: 'courses', collection: courses, provides: 'courses', lends: { credits: 0 }, read: courseOf },
    { file: 'classes', collection: sections, provides: 'sections', read: sectionOf },
    {
      file: 'lineItems',
      collection: assessments,
      provides: 'assessments',
      read: cell => lineItemOf(cell, pack.scales),
    },
    { file: 'enrollments', collection: enrolmentsBy.source, provides: null, read: enrolmentOf },
    {
      file: 'results',
      collection: resultsBy.source,
      provides: null,
      lends: { recordedOn: pack.today },
      read: resultOf,
    },
  ]
}

const readUsers = async (archive: Archive, modes: ReadonlyMap<string, FileMode>) => {
  const users = new Map<string, UserRoles>()
  const orgs = new Map<string, string>()
  const others = new KeySet()
  if (!modes.has('roles') || !modes.has('users')) return { users, others }
  for await (const { cell } of rowsIn(archive, 'roles', required.roles)) {
    if (cell('status') === 'tobedeleted') continue
    const id = cell('userSourcedId')
    const roles = withRole(users.get(id), cell, orgs)
    if (roles) users.set(id, roles)
    else if (modes.get('roles') !== 'bulk') others.add(id)
  }
  return { users, others }
}

const readUnits = async (tenant: Tenant, archive: Archive, modes: ReadonlyMap<string, FileMode>) => {
  const units = await knownUnits(tenant)
  if (!modes.has('orgs')) return units
  for await (const { cell } of rowsIn(archive, 'orgs', required.orgs)) {
    const { kind, ...unit } = unitOf(cell, units)
    if (kind && cell('status') !== 'tobedeleted') units.set(cell('sourcedId'), { ...unit, kind })
  }
  return units
}

/**
 * The feeds of a OneRoster 1.2 package. Who is a student and who is staff is told by roles.csv, else by the roster.
 * @throws Problem import_file_refused, archive_refused
 */
export const oneRosterFeeds = async (tenant: Tenant, archive: Archive, time: ImportTime): Promise<Feed[]> => {
  const modes = await readManifest(archive, files)
  const { users, others } = await readUsers(archive, modes)
  const units = await readUnits(tenant, archive, modes)
  const complete = modes.get('roles') === 'bulk'
  const known =
    complete || !modes.has('users')
      ? null
      : { students: await knownSources(tenant, 'students'), staff: await knownSources(tenant, 'staff') }
  const isKnown: Package['isKnown'] = (table, id) => known?.[table].has(id) ?? false
  const isTold: Package['isTold'] = id => complete || others.has(id)
  const pack: Package = { ...time, archive, modes, users, isTold, isKnown, units, scales: new Map() }
  return plansOf(pack)
    .filter(plan => modes.has(plan.file))
    .map(({ file, collection, provides, lends = {}, read }) => ({
      file: `${file}.csv`,
      collection,
      origin: oneRoster,
      encoding: 'utf-8' as const,
      full: modes.get(file) === 'bulk',
      provides,
      lends,
      rows: () => (read ? rowsOf(pack, file, read) : unitRows(pack)),
      today: time.today,
      ...(file === 'results' ? { complete: completeScores(pack.scales, time.passMark) } : {}),
    }))
}
