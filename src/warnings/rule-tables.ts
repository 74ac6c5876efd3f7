import { boolean, index, integer, jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { id, instant, institutionId, keyOf, refersTo } from '../platform/columns.ts'

/** Warning rules 预警规则 in their newest version. */
export const warningRules = pgTable(
  'warning_rules',
  {
    institutionId: institutionId(),
    id: id(),
    version: integer('version').notNull(),
    /** As `practice/warning-rules.ts` describes. */
    rule: jsonb('rule').notNull(),
    active: boolean('active').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  table => [
    keyOf('warning_rules', table),
    index('warning_rules_in_order').on(table.institutionId, table.createdAt, table.id),
  ],
)

/** Every version of every rule: what a flag of the past rested on. */
export const warningRuleVersions = pgTable(
  'warning_rule_versions',
  {
    institutionId: institutionId(),
    ruleId: uuid('rule_id').notNull(),
    version: integer('version').notNull(),
    rule: jsonb('rule').notNull(),
    byId: uuid('by_id').notNull(),
    at: instant('at').notNull(),
  },
  table => [
    primaryKey({ name: 'warning_rule_versions_pk', columns: [table.institutionId, table.ruleId, table.version] }),
    refersTo('warning_rule_versions_rule', table, table.ruleId, warningRules),
  ],
)
