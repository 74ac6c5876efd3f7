import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, id, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'
import { records } from './record-tables.ts'
import { caseId, ofCase } from './tables.ts'

/** Goals of the plan in force, with what signed records said of them since. */
export const goals = pgTable(
  'goals',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    id: text('id').notNull(),
    planId: uuid('plan_id').notNull(),
    /** Place in the plan, from 0. */
    place: integer('place').notNull(),
    status: text('status').notNull(),
    aim: text('aim').notNull(),
    horizon: text('horizon').notNull(),
    difficulty: integer('difficulty').notNull(),
    weight: integer('weight').notNull(),
    dueOn: dayColumn('due_on').notNull(),
    progress: text('progress'),
    progressVersion: integer('progress_version').notNull(),
    attainment: integer('attainment'),
    attainmentVersion: integer('attainment_version').notNull(),
    attainmentFinal: boolean('attainment_final').notNull(),
  },
  table => [
    primaryKey({ name: 'goals_pk', columns: [table.institutionId, table.caseId, table.id] }),
    ofCase('goals_case', table as never),
    refersTo('goals_plan', table, table.planId, records),
    check('goals_status_known', oneOf('status', ['open', 'settled'])),
  ],
)

/** Actions agreed in a plan, and provisional ones that serve no goal yet. */
export const actions = pgTable(
  'actions',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    id: text('id').notNull(),
    /** Null: provisional. */
    goalId: text('goal_id'),
    /** The plan, or the record of provisional actions, that put it in force. */
    planId: uuid('plan_id').notNull(),
    place: integer('place').notNull(),
    status: text('status').notNull(),
    by: text('by').notNull(),
    strategy: text('strategy'),
    dueOn: dayColumn('due_on').notNull(),
    settledVersion: integer('settled_version'),
  },
  table => [
    primaryKey({ name: 'actions_pk', columns: [table.institutionId, table.caseId, table.id] }),
    ofCase('actions_case', table as never),
    refersTo('actions_plan', table, table.planId, records),
    foreignKey({
      name: 'actions_goal',
      columns: [table.institutionId, table.caseId, table.goalId],
      foreignColumns: [goals.institutionId, goals.caseId, goals.id],
    }),
    check('actions_status_known', oneOf('status', ['open', 'done', 'dropped'])),
  ],
)

/** Consents 同意 given with an agreement. */
export const consents = pgTable(
  'consents',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    recordId: uuid('record_id').notNull(),
    purpose: text('purpose').notNull(),
    recipient: text('recipient'),
    givenVersion: integer('given_version').notNull(),
    endedVersion: integer('ended_version'),
    /** `withdrawn` by the student, or `renewed` by a newer agreement. */
    ended: text('ended'),
  },
  table => [
    keyOf('consents', table),
    ofCase('consents_case', table as never),
    refersTo('consents_record', table, table.recordId, records),
    index('consents_by_case').on(table.institutionId, table.caseId),
    index('consents_to_service')
      .on(table.institutionId, table.caseId)
      .where(sql`purpose = 'service' and ended is null`),
    check('consents_purpose_known', oneOf('purpose', ['service', 'sharing', 'reporting'])),
    check('consents_ended_whole', sql.raw('(ended is null) = (ended_version is null)')),
  ],
)

/** Needs and checks waived or deferred by the line manager. */
export const waivers = pgTable(
  'waivers',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    recordId: uuid('record_id').notNull(),
    need: text('need').notNull(),
    mode: text('mode').notNull(),
    /** Day a deferral is owed by; a pause moves it on by its days, while the record keeps the day that was given. */
    dueOn: dayColumn('due_on'),
    version: integer('version').notNull(),
  },
  table => [
    primaryKey({ name: 'waivers_pk', columns: [table.institutionId, table.recordId, table.need] }),
    ofCase('waivers_case', table as never),
    refersTo('waivers_record', table, table.recordId, records),
    index('waivers_by_case').on(table.institutionId, table.caseId),
    check('waivers_mode_known', oneOf('mode', ['waived', 'deferred'])),
    check('waivers_deferral_has_date', sql.raw("(mode = 'deferred') = (due_on is not null)")),
  ],
)
