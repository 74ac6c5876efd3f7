import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { staff } from '../people/tables.ts'
import { dayColumn, instant, institutionId, keyOf, refersTo } from '../platform/columns.ts'
import { movesTable, stepKnown, subjectColumns } from '../platform/subject-tables.ts'
import { groupWork } from '../practice/group-work.ts'

/** Groups 小组. Step history is kept by trigger; version only rises. */
export const groups = pgTable(
  'groups',
  {
    ...subjectColumns(),
    /** Per institution and year: `G2026-0001`. */
    number: text('number').notNull(),
    /** What it is called before others; no words about its members. */
    name: text('name').notNull(),
    /** Code of its type, whose rule and limits are kept here as they were taken. */
    type: text('type').notNull(),
    composition: jsonb('composition').notNull(),
    minMembers: integer('min_members').notNull(),
    maxMembers: integer('max_members').notNull(),
    /** Roles its members may have. */
    roles: text('roles').array().notNull(),
    /** Unit whose line manager and practice supervisors answer for it. */
    orgUnitId: uuid('org_unit_id').notNull(),
    leaderId: uuid('leader_id').notNull(),
    /** Members ever proposed: the next is `m<n+1>`. */
    memberCount: integer('member_count').notNull(),
    /** Open items ever raised: the next is `o<n+1>`. */
    itemCount: integer('item_count').notNull(),
    /** Held session at which the ending was announced first. */
    endingAnnouncedAt: text('ending_announced_at'),
    /** Why it ended early or was cancelled. */
    endReason: text('end_reason'),
    endedAt: instant('ended_at'),
    draftCount: integer('draft_count').notNull(),
  },
  table => [
    keyOf('groups', table),
    unique('groups_number').on(table.institutionId, table.number),
    refersTo('groups_leader', table, table.leaderId, staff),
    index('groups_by_leader').on(
      table.institutionId,
      table.leaderId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('groups_by_unit').on(
      table.institutionId,
      table.orgUnitId,
      table.openedAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    stepKnown(groupWork as never, 'groups'),
    check('groups_limits_in_order', sql.raw('min_members between 1 and max_members and max_members <= 100')),
    check('groups_draft_count_not_negative', sql.raw('draft_count >= 0')),
    check('groups_ended_has_time', sql.raw("(step in ('ended', 'cancelled')) = (ended_at is not null)")),
  ],
)

/** Moves of groups: written by trigger only. */
export const groupMoves = movesTable(groupWork as never, 'group_moves', () => [groups.institutionId, groups.id])

/** Last group number given, per institution and year. */
export const groupNumbers = pgTable(
  'group_numbers',
  { institutionId: institutionId(), year: integer('year').notNull(), last: integer('last').notNull() },
  table => [primaryKey({ name: 'group_numbers_pk', columns: [table.institutionId, table.year] })],
)

/** Types of groups an institution defines or changes beside those the profession knows. */
export const groupTypeTable = pgTable(
  'group_types',
  {
    institutionId: institutionId(),
    code: text('code').notNull(),
    titleEn: text('title_en').notNull(),
    titleZh: text('title_zh').notNull(),
    composition: jsonb('composition').notNull(),
    minMembers: integer('min_members').notNull(),
    maxMembers: integer('max_members').notNull(),
    roles: text('roles').array().notNull(),
    active: boolean('active').notNull(),
    version: integer('version').notNull(),
  },
  table => [
    primaryKey({ name: 'group_types_pk', columns: [table.institutionId, table.code] }),
    check('group_types_limits_in_order', sql.raw('min_members between 1 and max_members and max_members <= 100')),
  ],
)

/** Column of the group a row belongs to. */
export const groupId = () => uuid('group_id').notNull()

/** Foreign key to the group. */
export const ofGroup = (name: string, table: { institutionId: never; groupId: never }) =>
  foreignKey({ name, columns: [table.institutionId, table.groupId], foreignColumns: [groups.institutionId, groups.id] })

/** Co-leaders of a group, from a day until before another. */
export const groupCoLeaders = pgTable(
  'group_co_leaders',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    staffId: uuid('staff_id').notNull(),
    validFrom: dayColumn('valid_from').notNull(),
    validUntil: dayColumn('valid_until'),
  },
  table => [
    primaryKey({
      name: 'group_co_leaders_pk',
      columns: [table.institutionId, table.groupId, table.staffId, table.validFrom],
    }),
    ofGroup('group_co_leaders_group', table as never),
    refersTo('group_co_leaders_staff', table, table.staffId, staff),
    index('group_co_leaders_by_staff').on(table.institutionId, table.staffId),
    check('group_co_leaders_days_in_order', sql.raw('valid_until is null or valid_until >= valid_from')),
  ],
)
