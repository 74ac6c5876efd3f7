import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { staff } from '../people/tables.ts'
import { bytea, dayColumn, id, instant, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'
import { vault } from '../platform/tables.ts'
import { codesOf, informationBases } from '../practice/codes.ts'
import { holdKinds, referralStatuses, transferStatuses } from './codes.ts'
import { caseId, ofCase } from './tables.ts'

/** Holds: what can keep a case from moving on, opened and lifted by others (a crisis). */
export const caseHolds = pgTable(
  'case_holds',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    kind: text('kind').notNull(),
    openedVersion: integer('opened_version').notNull(),
    openedAt: instant('opened_at').notNull(),
    /** null = the service itself. */
    openedBy: uuid('opened_by'),
    liftedVersion: integer('lifted_version'),
    liftedAt: instant('lifted_at'),
    outcome: text('outcome'),
    /** Staff member who carries an open crisis on after the case is closed. */
    recipientId: uuid('recipient_id'),
    /** Crisis it belongs to and ends with; null = opened on the case itself. */
    crisisId: uuid('crisis_id'),
  },
  table => [
    keyOf('case_holds', table),
    ofCase('case_holds_case', table as never),
    refersTo('case_holds_recipient', table, table.recipientId, staff),
    index('case_holds_by_case').on(table.institutionId, table.caseId),
    index('case_holds_open').on(table.institutionId, table.caseId).where(sql`lifted_version is null`),
    uniqueIndex('case_holds_one_a_crisis')
      .on(table.institutionId, table.crisisId, table.caseId)
      .where(sql`crisis_id is not null`),
    index('case_holds_open_of_crises')
      .on(table.institutionId, table.crisisId)
      .where(sql`crisis_id is not null and lifted_version is null`),
    check('case_holds_kind_known', oneOf('kind', holdKinds)),
  ],
)

/** Co-workers of a case, from a day until before another. */
export const caseWorkers = pgTable(
  'case_workers',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    staffId: uuid('staff_id').notNull(),
    validFrom: dayColumn('valid_from').notNull(),
    validUntil: dayColumn('valid_until'),
  },
  table => [
    primaryKey({
      name: 'case_workers_pk',
      columns: [table.institutionId, table.caseId, table.staffId, table.validFrom],
    }),
    ofCase('case_workers_case', table as never),
    refersTo('case_workers_staff', table, table.staffId, staff),
    index('case_workers_by_staff').on(table.institutionId, table.staffId),
    check('case_workers_days_in_order', sql.raw('valid_until is null or valid_until >= valid_from')),
  ],
)

/** Transfers 移交: offered to a colleague, accepted or rejected. */
export const transfers = pgTable(
  'transfers',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    fromId: uuid('from_id').notNull(),
    toId: uuid('to_id').notNull(),
    status: text('status').notNull(),
    offeredAt: instant('offered_at').notNull(),
    answeredAt: instant('answered_at'),
  },
  table => [
    keyOf('transfers', table),
    ofCase('transfers_case', table as never),
    refersTo('transfers_from', table, table.fromId, staff),
    refersTo('transfers_to', table, table.toId, staff),
    uniqueIndex('transfers_one_open').on(table.institutionId, table.caseId).where(sql`status = 'offered'`),
    index('transfers_by_recipient').on(
      table.institutionId,
      table.toId,
      table.offeredAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    check('transfers_status_known', oneOf('status', transferStatuses)),
  ],
)

/** Referrals 转介 to a service or office; the result comes back. */
export const referrals = pgTable(
  'referrals',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    status: text('status').notNull(),
    /** On what basis information passes on; null = offered before it was asked. */
    basis: text('basis'),
    /** To whom and what for; encrypted. */
    sealed: bytea('sealed'),
    offeredAt: instant('offered_at').notNull(),
    settledAt: instant('settled_at'),
  },
  table => [
    keyOf('referrals', table),
    ofCase('referrals_case', table as never),
    index('referrals_by_case').on(table.institutionId, table.caseId),
    check('referrals_status_known', oneOf('status', referralStatuses)),
    check(
      'referrals_basis_known',
      sql.raw(
        `basis is null or basis in (${codesOf(informationBases)
          .map(basis => `'${basis}'`)
          .join(', ')})`,
      ),
    ),
  ],
)

/** What came back of a referral, step by step: never changed. */
export const referralAnswers = pgTable(
  'referral_answers',
  {
    institutionId: institutionId(),
    referralId: uuid('referral_id').notNull(),
    caseId: caseId(),
    /** Case version of the answer. */
    version: integer('version').notNull(),
    status: text('status').notNull(),
    at: instant('at').notNull(),
    byId: uuid('by_id').notNull(),
    /** Words in the vault. */
    wordsId: uuid('words_id').notNull(),
  },
  table => [
    primaryKey({ name: 'referral_answers_pk', columns: [table.institutionId, table.referralId, table.version] }),
    ofCase('referral_answers_case', table as never),
    refersTo('referral_answers_referral', table, table.referralId, referrals),
    refersTo('referral_answers_words', table, table.wordsId, vault),
    check('referral_answers_status_known', oneOf('status', referralStatuses)),
  ],
)

/** Break-glass: time-boxed reading by somebody outside the case, to be reviewed. */
export const accessGrants = pgTable(
  'access_grants',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    staffId: uuid('staff_id').notNull(),
    reason: text('reason').notNull(),
    grantedAt: instant('granted_at').notNull(),
    until: instant('until').notNull(),
    reviewedAt: instant('reviewed_at'),
    reviewedBy: uuid('reviewed_by'),
  },
  table => [
    keyOf('access_grants', table),
    ofCase('access_grants_case', table as never),
    refersTo('access_grants_staff', table, table.staffId, staff),
    index('access_grants_by_case').on(table.institutionId, table.caseId, table.staffId),
    index('access_grants_to_review').on(table.institutionId, table.caseId).where(sql`reviewed_at is null`),
  ],
)
