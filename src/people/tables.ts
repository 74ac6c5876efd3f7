import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, id, instant, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'

import { contactKinds, enrolmentStatuses, staffRoles, unitKinds } from './codes.ts'

/** The institution's own id; upserts find rows by it. */
export const externalId = () => text('external_id').notNull()

/** `sourcedId` of a person in OneRoster; null for those no package has named. */
const sourceId = () => text('source_id')

/** What import can miss the row: `oneroster`, or `csv:` and a mapping's name; null = none, as no import has brought it. */
export const origin = () => text('origin')

/** Org units 组织单元, a tree. */
export const orgUnits = pgTable(
  'org_units',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    parentId: uuid('parent_id'),
    kind: text('kind').notNull(),
    nameZh: text('name_zh').notNull(),
    nameEn: text('name_en'),
  },
  table => [
    keyOf('org_units', table),
    unique('org_units_external_id').on(table.institutionId, table.externalId),
    refersTo('org_units_parent', table, table.parentId, table),
    check('org_units_kind_known', oneOf('kind', unitKinds)),
  ],
)

/** Every unit with itself and all above it: the closure of the tree. */
export const orgAncestors = pgTable(
  'org_ancestors',
  {
    institutionId: institutionId(),
    unitId: uuid('unit_id').notNull(),
    ancestorId: uuid('ancestor_id').notNull(),
    /** 0 = the unit itself. */
    depth: integer('depth').notNull(),
  },
  table => [
    primaryKey({ name: 'org_ancestors_pk', columns: [table.institutionId, table.unitId, table.ancestorId] }),
    index('org_ancestors_below').on(table.institutionId, table.ancestorId, table.unitId),
  ],
)

/** Staff 工作者. */
export const staff = pgTable(
  'staff',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    name: text('name').notNull(),
    nameEn: text('name_en'),
    /** Last day of employment, null while employed. */
    leftOn: dayColumn('left_on'),
    sourceId: sourceId(),
    origin: origin(),
  },
  table => [
    keyOf('staff', table),
    unique('staff_external_id').on(table.institutionId, table.externalId),
    uniqueIndex('staff_source_id').on(table.institutionId, table.sourceId).where(sql`source_id is not null`),
  ],
)

/** A role held in an org unit from a day until before another. */
export const staffRolesHeld = pgTable(
  'staff_roles',
  {
    institutionId: institutionId(),
    staffId: uuid('staff_id').notNull(),
    role: text('role').notNull(),
    orgUnitId: uuid('org_unit_id').notNull(),
    validFrom: dayColumn('valid_from').notNull(),
    /** First day the role is no longer held. */
    validUntil: dayColumn('valid_until'),
    /** Id of the assignment in the system it is imported from. */
    externalId: text('external_id'),
    origin: origin(),
  },
  table => [
    uniqueIndex('staff_roles_external_id')
      .on(table.institutionId, table.externalId)
      .where(sql`external_id is not null`),
    primaryKey({
      name: 'staff_roles_pk',
      columns: [table.institutionId, table.staffId, table.role, table.orgUnitId, table.validFrom],
    }),
    refersTo('staff_roles_staff', table, table.staffId, staff),
    refersTo('staff_roles_unit', table, table.orgUnitId, orgUnits),
    index('staff_roles_by_unit').on(table.institutionId, table.orgUnitId, table.role),
    check('staff_roles_role_known', oneOf('role', Object.keys(staffRoles))),
  ],
)

/** Students 学生. */
export const students = pgTable(
  'students',
  {
    institutionId: institutionId(),
    id: id(),
    /** 学号, the institution's own id. */
    number: text('number').notNull(),
    name: text('name').notNull(),
    nameEn: text('name_en'),
    birthDate: dayColumn('birth_date'),
    /** 专业; with the grade it makes the cohort 同期学生. */
    major: text('major').notNull(),
    grade: text('grade').notNull(),
    /** The unit that answers for the student: usually the class. */
    orgUnitId: uuid('org_unit_id').notNull(),
    enrolmentStatus: text('enrolment_status').notNull(),
    sourceId: sourceId(),
    /** Day from which full imports have missed the student; null while they bring them. Nobody is deleted. */
    absentSince: dayColumn('absent_since'),
    origin: origin(),
  },
  table => [
    keyOf('students', table),
    unique('students_number').on(table.institutionId, table.number),
    uniqueIndex('students_source_id').on(table.institutionId, table.sourceId).where(sql`source_id is not null`),
    refersTo('students_unit', table, table.orgUnitId, orgUnits),
    index('students_by_unit').on(table.institutionId, table.orgUnitId, table.number),
    index('students_by_cohort').on(table.institutionId, table.major, table.grade),
    check('students_enrolment_status_known', oneOf('enrolment_status', enrolmentStatuses)),
  ],
)

/** Contacts 联系人 of a student. */
export const contacts = pgTable(
  'contacts',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    studentId: uuid('student_id').notNull(),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    phone: text('phone'),
  },
  table => [
    keyOf('contacts', table),
    unique('contacts_external_id').on(table.institutionId, table.studentId, table.externalId),
    refersTo('contacts_student', table, table.studentId, students),
    check('contacts_kind_known', oneOf('kind', contactKinds)),
  ],
)

/** Who a token speaks for: issuer and subject, linked to one staff member or one student. */
export const identities = pgTable(
  'identities',
  {
    institutionId: institutionId(),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    staffId: uuid('staff_id'),
    studentId: uuid('student_id'),
    createdAt: instant('created_at').notNull(),
  },
  table => [
    primaryKey({ name: 'identities_pk', columns: [table.institutionId, table.issuer, table.subject] }),
    refersTo('identities_staff', table, table.staffId, staff),
    refersTo('identities_student', table, table.studentId, students),
    index('identities_by_staff').on(table.institutionId, table.staffId).where(sql`staff_id is not null`),
    index('identities_by_student').on(table.institutionId, table.studentId).where(sql`student_id is not null`),
    check('identities_one_person', sql.raw('(staff_id is null) <> (student_id is null)')),
  ],
)
