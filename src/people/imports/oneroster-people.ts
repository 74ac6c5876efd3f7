import { staffRoles, unitKinds } from '../codes.ts'
import type { CsvRow } from './csv.ts'
import { type Unit, upwards } from './units.ts'

type Cell = CsvRow['cell']

/**
 * OneRoster roles as roles of ours. `metadata.staffRole` in roles.csv says it more exactly. Parents, guardians,
 * relatives, aides and proctors are not kept.
 */
export const staffRoleOf: Readonly<Record<string, string>> = {
  teacher: 'subject_teacher',
  counselor: 'counsellor',
  principal: 'line_manager',
  siteAdministrator: 'administrator',
  districtAdministrator: 'administrator',
  systemAdministrator: 'administrator',
}

/** The staff role of a row of roles.csv; null = none of ours, undefined = a word nobody knows. */
export const staffRoleIn = (cell: Cell): string | null | undefined => {
  const own = cell('metadata.staffRole')
  if (own !== '') return own in staffRoles ? own : undefined
  const role = cell('role')
  if (role in staffRoleOf) return staffRoleOf[role]
  return ['student', 'parent', 'guardian', 'relative', 'aide', 'proctor'].includes(role) ? null : undefined
}

/** What roles.csv says a user is. */
export interface UserRoles {
  readonly staff: boolean
  readonly student: boolean
  /** Org of the student role. */
  readonly org: string | null
}

/** Adds a row of roles.csv to what is known of its user. Equal org ids share one string. */
export const withRole = (
  known: UserRoles | undefined,
  cell: Cell,
  orgs: Map<string, string>,
): UserRoles | undefined => {
  if (cell('role') !== 'student')
    return staffRoleIn(cell) ? { student: false, org: null, ...known, staff: true } : known
  const id = cell('orgSourcedId')
  const org = orgs.get(id) ?? id
  orgs.set(org, org)
  const primary = cell('roleType') === 'primary' || !known?.org
  return { staff: known?.staff ?? false, student: true, org: primary ? org : (known?.org ?? org) }
}

const east = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u

/** Family name first and without a space where it is written in Han characters. */
const nameOf = (cell: Cell): string => {
  const [family, given, middle] = [cell('familyName'), cell('givenName'), cell('middleName')]
  if (east.test(`${family}${given}`)) return `${family}${given}`
  return [given, middle, family].filter(Boolean).join(' ')
}

/** Only the members that have a value: what is empty says nothing. */
export const told = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== '' && value !== undefined))

/** Name of the nearest unit of a kind, from a unit upwards. */
const nearest = (units: ReadonlyMap<string, Unit>, org: string, kind: string): string =>
  (upwards(units, org) ?? []).map(id => units.get(id)).find(unit => unit?.kind === kind)?.name ?? ''

/**
 * A row of users.csv as a student: number from `identifier`, else the sourcedId; unit from `primaryOrgSourcedId`, else
 * the student role; grade from `metadata.grade`, `grades` or a unit of kind grade; major from `metadata.major` or the
 * department.
 */
export const studentOf = (cell: Cell, roles: UserRoles | undefined, units: ReadonlyMap<string, Unit>) => {
  const orgUnit = cell('primaryOrgSourcedId') || (roles?.org ?? '')
  return told({
    number: cell('identifier') || cell('sourcedId'),
    sourceId: cell('sourcedId'),
    name: nameOf(cell),
    nameEn: cell('metadata.nameEn'),
    birthDate: cell('metadata.birthDate'),
    orgUnit,
    grade: cell('metadata.grade') || (cell('grades').split(',')[0]?.trim() ?? '') || nearest(units, orgUnit, 'grade'),
    major: cell('metadata.major') || nearest(units, orgUnit, 'department'),
    enrolmentStatus: cell('metadata.enrolmentStatus'),
  })
}

/** A row of users.csv as a staff member; being listed again ends a leaving. */
export const staffOf = (cell: Cell) => ({
  ...told({
    externalId: cell('identifier') || cell('sourcedId'),
    sourceId: cell('sourcedId'),
    name: nameOf(cell),
    nameEn: cell('metadata.nameEn'),
  }),
  leftOn: null,
})

/** Kind of a unit: ours as it is (also as `ext:class`), department as it is, whatever is above it a school or college. */
export const unitKindOf = (type: string, parent: string | null): string | null => {
  const kind = type.replace(/^ext:/, '')
  if (['district', 'local', 'state', 'national'].includes(kind)) return 'school'
  if (kind === 'school') return parent === null ? 'school' : 'college'
  return (unitKinds as readonly string[]).includes(kind) ? kind : null
}
