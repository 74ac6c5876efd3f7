import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, id, institutionId, keyOf, oneOf } from '../platform/columns.ts'
import { budgetCategories, taskStatuses } from '../practice/group-codes.ts'
import { ofMember } from './member-tables.ts'
import { groupAttachments, groupRecords } from './record-tables.ts'
import { groupId, ofGroup } from './tables.ts'

const byRecord = (name: string, table: never) => {
  const { institutionId, recordId } = table as Record<string, never>
  return foreignKey({
    name,
    columns: [institutionId as never, recordId as never],
    foreignColumns: [groupRecords.institutionId, groupRecords.id],
  })
}

const recordId = () => uuid('record_id').notNull()

/** Goals of the group plan in force, with what signed records said of them since. */
export const groupGoals = pgTable(
  'group_goals',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    id: text('id').notNull(),
    recordId: recordId(),
    place: integer('place').notNull(),
    status: text('status').notNull(),
    weight: integer('weight').notNull(),
    dueOn: dayColumn('due_on').notNull(),
    attainment: integer('attainment'),
    attainmentVersion: integer('attainment_version').notNull().default(0),
    attainmentFinal: boolean('attainment_final').notNull().default(false),
  },
  table => [
    primaryKey({ name: 'group_goals_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_goals_group', table as never),
    byRecord('group_goals_record', table as never),
    check('group_goals_status_known', oneOf('status', ['open', 'settled'])),
  ],
)

/** Tasks 任务 of members, or of the leaders where they name no member. */
export const groupTasks = pgTable(
  'group_tasks',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    id: text('id').notNull(),
    recordId: recordId(),
    place: integer('place').notNull(),
    memberId: text('member_id'),
    status: text('status').notNull(),
    dueOn: dayColumn('due_on').notNull(),
    settledVersion: integer('settled_version'),
  },
  table => [
    primaryKey({ name: 'group_tasks_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_tasks_group', table as never),
    byRecord('group_tasks_record', table as never),
    ofMember('group_tasks_member', 'memberId', table as never),
    check('group_tasks_status_known', oneOf('status', Object.keys(taskStatuses))),
    check('group_tasks_settled_whole', sql.raw("(status = 'open') = (settled_version is null)")),
  ],
)

/** Lines of the budget 预算 in force, in fen. Never more is spent than was approved. */
export const groupBudgetLines = pgTable(
  'group_budget_lines',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    id: text('id').notNull(),
    recordId: recordId(),
    place: integer('place').notNull(),
    category: text('category').notNull(),
    plannedFen: integer('planned_fen').notNull(),
    approvedFen: integer('approved_fen'),
    approvedBy: uuid('approved_by'),
    spentFen: integer('spent_fen').notNull().default(0),
    settled: boolean('settled').notNull().default(false),
  },
  table => [
    primaryKey({ name: 'group_budget_lines_pk', columns: [table.institutionId, table.groupId, table.id] }),
    ofGroup('group_budget_lines_group', table as never),
    byRecord('group_budget_lines_record', table as never),
    check('group_budget_lines_category_known', oneOf('category', Object.keys(budgetCategories))),
    check(
      'group_budget_lines_within',
      sql.raw(
        'planned_fen >= 0 and spent_fen >= 0 and spent_fen <= coalesce(approved_fen, 0) and coalesce(approved_fen, 0) <= planned_fen',
      ),
    ),
  ],
)

/** What was spent on a line, with its receipt. */
export const groupExpenses = pgTable(
  'group_expenses',
  {
    institutionId: institutionId(),
    id: id(),
    groupId: groupId(),
    lineId: text('line_id').notNull(),
    amountFen: integer('amount_fen').notNull(),
    onDay: dayColumn('on_day').notNull(),
    receiptId: uuid('receipt_id').notNull(),
    version: integer('version').notNull(),
    byId: uuid('by_id').notNull(),
  },
  table => [
    keyOf('group_expenses', table),
    foreignKey({
      name: 'group_expenses_line',
      columns: [table.institutionId, table.groupId, table.lineId],
      foreignColumns: [groupBudgetLines.institutionId, groupBudgetLines.groupId, groupBudgetLines.id],
    }),
    foreignKey({
      name: 'group_expenses_receipt',
      columns: [table.institutionId, table.groupId, table.receiptId],
      foreignColumns: [groupAttachments.institutionId, groupAttachments.subjectId, groupAttachments.id],
    }),
    index('group_expenses_by_line').on(table.institutionId, table.groupId, table.lineId),
    check('group_expenses_positive', sql.raw('amount_fen > 0')),
  ],
)
