import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { staff, students } from '../people/tables.ts'
import { bytea, dayColumn, institutionId, oneOf, refersTo } from '../platform/columns.ts'
import {
  leavingReasons,
  memberRoles,
  memberStatuses,
  openItemKinds,
  openItemResolutions,
} from '../practice/group-codes.ts'
import { groupId, ofGroup } from './tables.ts'

const version = (name: string) => integer(name).notNull().default(0)

/** Members 成员 of a group: students, staff, and supporters from outside, whose name is sealed. Versions: 0 = not yet. */
export const groupMembers = pgTable(
  'group_members',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    /** `m1`, in the order of proposal. */
    id: text('id').notNull(),
    place: integer('place').notNull(),
    studentId: uuid('student_id'),
    staffId: uuid('staff_id'),
    /** Name of a supporter from outside, encrypted. */
    sealedName: bytea('sealed_name'),
    role: text('role').notNull(),
    status: text('status').notNull(),
    /** Of the newest profile. */
    strengths: text('strengths').array().notNull().default([]),
    needs: text('needs').array().notNull().default([]),
    profileVersion: version('profile_version'),
    baselineVersion: version('baseline_version'),
    /** Of the newest acceptance of the norms. */
    acceptedVersion: version('accepted_version'),
    toldVersion: version('told_version'),
    attainment: integer('attainment'),
    outcomeVersion: version('outcome_version'),
    onwardPath: text('onward_path'),
    onwardVersion: version('onward_version'),
    consentedOn: dayColumn('consented_on'),
    /** Day on which the consent of a minor's guardian was filed last. */
    guardianConsentedOn: dayColumn('guardian_consented_on'),
    leftOn: dayColumn('left_on'),
    leftReason: text('left_reason'),
    leftVersion: version('left_version'),
  },
  table => [
    primaryKey({ name: 'group_members_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_members_group', table as never),
    refersTo('group_members_student', table, table.studentId, students),
    refersTo('group_members_staff', table, table.staffId, staff),
    uniqueIndex('group_members_one_student')
      .on(table.institutionId, table.groupId, table.studentId)
      .where(sql`status <> 'left'`),
    uniqueIndex('group_members_one_staff')
      .on(table.institutionId, table.groupId, table.staffId)
      .where(sql`status <> 'left'`),
    index('group_members_by_student').on(table.institutionId, table.studentId, table.groupId),
    index('group_members_by_staff').on(table.institutionId, table.staffId, table.groupId),
    check('group_members_one_person', sql.raw('num_nonnulls(student_id, staff_id) <= 1')),
    check('group_members_guardian_of_student', sql.raw('guardian_consented_on is null or student_id is not null')),
    check('group_members_role_known', oneOf('role', Object.keys(memberRoles))),
    check('group_members_status_known', oneOf('status', Object.keys(memberStatuses))),
    check(
      'group_members_left_whole',
      sql.raw(
        `(status = 'left') = (left_on is not null and left_reason is not null) and (left_reason is null or left_reason in (${Object.keys(
          leavingReasons,
        )
          .map(reason => `'${reason}'`)
          .join(', ')}))`,
      ),
    ),
  ],
)

const member = (name: string, column: 'volunteerId' | 'studentId' | 'memberId' | 'fromId' | 'toId', table: never) => {
  const { institutionId, groupId, [column]: id } = table as Record<string, never>
  return foreignKey({
    name,
    columns: [institutionId as never, groupId as never, id as never],
    foreignColumns: [groupMembers.institutionId, groupMembers.groupId, groupMembers.id],
  })
}

/** Foreign key to a member of the same group. */
export const ofMember = member

/** Pairs 结对 of a volunteer and a student, from one version of the group until another. */
export const groupPairs = pgTable(
  'group_pairs',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    volunteerId: text('volunteer_id').notNull(),
    studentId: text('student_id').notNull(),
    fromVersion: integer('from_version').notNull(),
    untilVersion: integer('until_version'),
  },
  table => [
    primaryKey({
      name: 'group_pairs_pk',
      columns: [table.institutionId, table.groupId, table.volunteerId, table.studentId, table.fromVersion],
    }),
    member('group_pairs_volunteer', 'volunteerId', table as never),
    member('group_pairs_student', 'studentId', table as never),
    uniqueIndex('group_pairs_one')
      .on(table.institutionId, table.groupId, table.volunteerId, table.studentId)
      .where(sql`until_version is null`),
  ],
)

/** Open items: what puts a running group in question, due on a day. */
export const groupOpenItems = pgTable(
  'group_open_items',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    /** `o1`, in the order they arose. */
    id: text('id').notNull(),
    place: integer('place').notNull(),
    kind: text('kind').notNull(),
    dueOn: dayColumn('due_on').notNull(),
    openedVersion: integer('opened_version').notNull(),
    resolution: text('resolution'),
    resolvedVersion: integer('resolved_version'),
  },
  table => [
    primaryKey({ name: 'group_open_items_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_open_items_group', table as never),
    uniqueIndex('group_open_items_one')
      .on(table.institutionId, table.groupId, table.kind)
      .where(sql`resolution is null`),
    check('group_open_items_kind_known', oneOf('kind', Object.keys(openItemKinds))),
    check(
      'group_open_items_resolution_known',
      sql.raw(
        `resolution is null or resolution in (${Object.keys(openItemResolutions)
          .map(each => `'${each}'`)
          .join(', ')})`,
      ),
    ),
    check('group_open_items_resolved_whole', sql.raw('(resolution is null) = (resolved_version is null)')),
  ],
)
