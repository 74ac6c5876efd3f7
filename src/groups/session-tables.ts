import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, institutionId, oneOf, refersTo } from '../platform/columns.ts'
import { attendances, groupPhases, sessionKinds, sessionStatuses } from '../practice/group-codes.ts'
import { ofMember } from './member-tables.ts'
import { groupRecords } from './record-tables.ts'
import { groupId, ofGroup } from './tables.ts'

/** Sessions 小组活动 of a group, planned by signed session plans. */
export const groupSessions = pgTable(
  'group_sessions',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    /** Chosen by the writer of the plan: `s1`. */
    id: text('id').notNull(),
    /** The plan that put it. */
    planId: uuid('plan_id').notNull(),
    phase: text('phase').notNull(),
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    onDay: dayColumn('on_day').notNull(),
    /** HH:MM in the institution's zone. */
    startsAt: text('starts_at').notNull(),
    durationMinutes: integer('duration_minutes').notNull(),
    /** Group version at which it was held, 0 = not yet; and its record. */
    heldVersion: integer('held_version').notNull().default(0),
    recordId: uuid('record_id'),
  },
  table => [
    primaryKey({ name: 'group_sessions_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_sessions_group', table as never),
    refersTo('group_sessions_plan', table, table.planId, groupRecords),
    refersTo('group_sessions_record', table, table.recordId, groupRecords),
    index('group_sessions_by_day').on(table.institutionId, table.groupId, table.onDay),
    check('group_sessions_phase_known', oneOf('phase', Object.keys(groupPhases))),
    check('group_sessions_kind_known', oneOf('kind', Object.keys(sessionKinds))),
    check('group_sessions_status_known', oneOf('status', Object.keys(sessionStatuses))),
    check(
      'group_sessions_held_whole',
      sql.raw("(status = 'held') = (held_version > 0) and (status = 'held') = (record_id is not null)"),
    ),
  ],
)

const ofSession = (name: string, table: never) => {
  const { institutionId, groupId, sessionId } = table as Record<string, never>
  return foreignKey({
    name,
    columns: [institutionId as never, groupId as never, sessionId as never],
    foreignColumns: [groupSessions.institutionId, groupSessions.groupId, groupSessions.id],
  })
}

/** Attendance 出勤 at held sessions. */
export const groupAttendance = pgTable(
  'group_attendance',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    sessionId: text('session_id').notNull(),
    memberId: text('member_id').notNull(),
    status: text('status').notNull(),
  },
  table => [
    primaryKey({
      name: 'group_attendance_pk',
      columns: [table.institutionId, table.groupId, table.sessionId, table.memberId],
    }),
    ofSession('group_attendance_session', table as never),
    ofMember('group_attendance_member', 'memberId', table as never),
    check('group_attendance_status_known', oneOf('status', Object.keys(attendances))),
  ],
)

/** Interaction ratings: how much one member turned to another at a session; what a sociogram is drawn from. */
export const groupRatings = pgTable(
  'group_ratings',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    sessionId: text('session_id').notNull(),
    fromId: text('from_id').notNull(),
    toId: text('to_id').notNull(),
    rating: integer('rating').notNull(),
  },
  table => [
    primaryKey({
      name: 'group_ratings_pk',
      columns: [table.institutionId, table.groupId, table.sessionId, table.fromId, table.toId],
    }),
    ofSession('group_ratings_session', table as never),
    ofMember('group_ratings_from', 'fromId', table as never),
    ofMember('group_ratings_to', 'toId', table as never),
    check('group_ratings_of_another', sql.raw('from_id <> to_id and rating between -2 and 2')),
  ],
)
