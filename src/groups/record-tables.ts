import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { institutionId, oneOf } from '../platform/columns.ts'
import { attachmentsTable, recordSignaturesTable, recordsTable } from '../records/tables.ts'
import { signingParties } from './codes.ts'
import { groupId, groups, ofGroup } from './tables.ts'

const ofGroups = {
  kind: 'group',
  key: () => [groups.institutionId, groups.id] as [typeof groups.institutionId, typeof groups.id],
}

/** Records of groups, their signatures, and files as evidence. */
export const groupRecords = recordsTable('group_records', ofGroups)
export const groupAttachments = attachmentsTable('group_attachments', ofGroups)
export const groupSignatures = recordSignaturesTable(
  'group_record_signatures',
  ofGroups,
  signingParties,
  groupRecords,
  groupAttachments,
)

/** Needs and checks waived by the line manager. */
export const groupWaivers = pgTable(
  'group_waivers',
  {
    institutionId: institutionId(),
    groupId: groupId(),
    recordId: uuid('record_id').notNull(),
    need: text('need').notNull(),
    mode: text('mode').notNull(),
    version: integer('version').notNull(),
  },
  table => [
    primaryKey({ name: 'group_waivers_pk', columns: [table.institutionId, table.recordId, table.need] }),
    ofGroup('group_waivers_group', table as never),
    index('group_waivers_by_group').on(table.institutionId, table.groupId),
    check('group_waivers_mode_known', oneOf('mode', ['waived'])),
  ],
)
