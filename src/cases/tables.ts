import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { moveConstraints, stepConstraint } from '../kernel/process-sql.ts'
import { staff, students } from '../people/tables.ts'
import { dayColumn, instant, oneOf } from '../platform/tables.ts'
import { casework, closureReasons } from '../practice/casework.ts'
import {
  caseKinds,
  caseSources,
  holdKinds,
  recordStatuses,
  referralStatuses,
  signingMethods,
  signingParties,
  transferStatuses,
} from './codes.ts'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const institutionId = () => uuid('institution_id').notNull()
const id = () => uuid('id').notNull()
const caseId = () => uuid('case_id').notNull()

/** Cases 个案. Step history is kept by trigger; version only rises. */
export const cases = pgTable(
  'cases',
  {
    institutionId: institutionId(),
    id: id(),
    /** 档案编号, per institution and year: `2026-0001`. */
    number: text('number').notNull(),
    kind: text('kind').notNull(),
    studentId: uuid('student_id').notNull(),
    /** Unit whose line manager and practice supervisors answer for the case. */
    orgUnitId: uuid('org_unit_id').notNull(),
    ownerId: uuid('owner_id').notNull(),
    /** Version at which the present owner took over; 0 = opened it. */
    ownerSince: integer('owner_since').notNull(),
    source: text('source').notNull(),
    step: text('step').notNull(),
    /** Version at which the step was entered by a forward move; kept by trigger. */
    stepSince: integer('step_since').notNull(),
    /** The step closure was entered from; kept by trigger. */
    cameFrom: text('came_from'),
    cameFromSince: integer('came_from_since'),
    /** Version at which tracking was first entered; kept by trigger. */
    trackingSince: integer('tracking_since'),
    version: integer('version').notNull(),
    /** Number of moves; kept by trigger. */
    moveCount: integer('move_count').notNull(),
    openedAt: instant('opened_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** Who moves, and why: read by the trigger. */
    movedBy: uuid('moved_by').notNull(),
    moveReason: text('move_reason'),
    closeReason: text('close_reason'),
    closedAt: instant('closed_at'),
    pausedOn: dayColumn('paused_on'),
    pauseReason: text('pause_reason'),
    expectedReturn: dayColumn('expected_return'),
    predecessorId: uuid('predecessor_id'),
    /** Rises with every write in the case: what commands compare, so that none overlooks another. */
    writes: integer('writes').notNull(),
    /** Every step the case has been in; kept by trigger. */
    reached: text('reached').array().notNull(),
    /** Counts as the open case of its student and kind: not ending, not beside another; kept by trigger. */
    countsAsOpen: boolean('counts_as_open').notNull(),
    /** Drafts not yet signed or discarded. */
    draftCount: integer('draft_count').notNull(),
    /** The open case this one may stand beside. */
    besideCaseId: uuid('beside_case_id'),
    /** Data key wrapped by the key-encryption key; null once erased. */
    dataKey: bytea('data_key'),
    keyErasedAt: instant('key_erased_at'),
  },
  table => [
    primaryKey({ name: 'cases_pk', columns: [table.institutionId, table.id] }),
    unique('cases_number').on(table.institutionId, table.number),
    uniqueIndex('cases_one_open').on(table.institutionId, table.studentId, table.kind).where(sql`counts_as_open`),
    foreignKey({
      name: 'cases_student',
      columns: [table.institutionId, table.studentId],
      foreignColumns: [students.institutionId, students.id],
    }),
    foreignKey({
      name: 'cases_owner',
      columns: [table.institutionId, table.ownerId],
      foreignColumns: [staff.institutionId, staff.id],
    }),
    foreignKey({
      name: 'cases_predecessor',
      columns: [table.institutionId, table.predecessorId],
      foreignColumns: [table.institutionId, table.id],
    }),
    index('cases_by_owner').on(table.institutionId, table.ownerId, table.openedAt.desc(), table.id.desc()),
    index('cases_open_by_owner')
      .on(table.institutionId, table.ownerId, table.openedAt.desc(), table.id.desc())
      .where(sql`closed_at is null`),
    index('cases_by_unit').on(table.institutionId, table.orgUnitId, table.openedAt.desc(), table.id.desc()),
    index('cases_open_by_unit')
      .on(table.institutionId, table.orgUnitId, table.openedAt.desc(), table.id.desc())
      .where(sql`closed_at is null`),
    index('cases_by_student').on(table.institutionId, table.studentId, table.openedAt.desc(), table.id.desc()),
    index('cases_by_predecessor').on(table.institutionId, table.predecessorId).where(sql`predecessor_id is not null`),
    check('cases_draft_count_not_negative', sql.raw('draft_count >= 0')),
    check('cases_step_known', sql.raw(stepConstraint(casework, 'step'))),
    check('cases_kind_known', oneOf('kind', caseKinds)),
    check('cases_source_known', oneOf('source', caseSources)),
    check(
      'cases_close_reason_while_ending',
      sql.raw(
        `(step in ('closure', 'closed')) = (close_reason is not null) and (close_reason is null or close_reason in (${closureReasons.map(reason => `'${reason}'`).join(', ')}))`,
      ),
    ),
    check('cases_closed_has_time', sql.raw("(step = 'closed') = (closed_at is not null)")),
  ],
)

/** Moves: written by trigger only. Row 0 is the opening. */
export const caseMoves = pgTable(
  'case_moves',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    n: integer('n').notNull(),
    fromStep: text('from_step'),
    toStep: text('to_step').notNull(),
    /** Where closure had been entered from, before this move. */
    cameFrom: text('came_from'),
    /** Case version after the move. */
    version: integer('version').notNull(),
    at: instant('at').notNull(),
    byId: uuid('by_id').notNull(),
    reason: text('reason'),
  },
  table => [
    primaryKey({ name: 'case_moves_pk', columns: [table.institutionId, table.caseId, table.n] }),
    foreignKey({
      name: 'case_moves_case',
      columns: [table.institutionId, table.caseId],
      foreignColumns: [cases.institutionId, cases.id],
    }),
    ...moveConstraints(casework, 'case_moves').map(rule => check(rule.name, sql.raw(rule.sql))),
  ],
)

/** Last case number given, per institution and year. */
export const caseNumbers = pgTable(
  'case_numbers',
  { institutionId: institutionId(), year: integer('year').notNull(), last: integer('last').notNull() },
  table => [primaryKey({ name: 'case_numbers_pk', columns: [table.institutionId, table.year] })],
)

const ofCase = (name: string, table: { institutionId: never; caseId: never }) =>
  foreignKey({ name, columns: [table.institutionId, table.caseId], foreignColumns: [cases.institutionId, cases.id] })

/** Records 记录 of a case. Confidential fields lie in `sealed`, under the case's key. */
export const records = pgTable(
  'records',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    kind: text('kind').notNull(),
    status: text('status').notNull(),
    version: integer('version').notNull(),
    /** Public part of the content. */
    content: jsonb('content').notNull(),
    /** Confidential part, encrypted; null once there is none. */
    sealed: bytea('sealed'),
    authorId: uuid('author_id').notNull(),
    writtenAt: instant('written_at').notNull(),
    /** Step of the case when it was written. */
    step: text('step').notNull(),
    /** The record this one corrects by addendum. */
    amendsId: uuid('amends_id'),
    /** The record of the predecessor case it was adopted from. */
    adoptedFromId: uuid('adopted_from_id'),
    signedAt: instant('signed_at'),
    /** Case version of the last signature. */
    signedVersion: integer('signed_version'),
  },
  table => [
    primaryKey({ name: 'records_pk', columns: [table.institutionId, table.id] }),
    foreignKey({
      name: 'records_case',
      columns: [table.institutionId, table.caseId],
      foreignColumns: [cases.institutionId, cases.id],
    }),
    index('records_signed')
      .on(table.institutionId, table.caseId, table.kind, table.signedVersion)
      .where(sql`status = 'signed'`),
    index('records_by_case').on(table.institutionId, table.caseId, table.writtenAt.desc(), table.id.desc()),
    index('records_drafts').on(table.institutionId, table.caseId).where(sql`status = 'draft'`),
    check('records_status_known', oneOf('status', recordStatuses)),
    check(
      'records_signed_whole',
      sql.raw("(status in ('signed', 'superseded')) = (signed_at is not null and signed_version is not null)"),
    ),
  ],
)

/** Signatures: one per party and record version, never changed; those of an older version are void. */
export const recordSignatures = pgTable(
  'record_signatures',
  {
    institutionId: institutionId(),
    recordId: uuid('record_id').notNull(),
    caseId: caseId(),
    party: text('party').notNull(),
    method: text('method').notNull(),
    /** Who signed by own token; null for a guardian and for what staff recorded. */
    personId: uuid('person_id'),
    /** Staff member who recorded another's signature. */
    recordedBy: uuid('recorded_by'),
    attachmentId: uuid('attachment_id'),
    /** Words of evidence, encrypted. */
    sealed: bytea('sealed'),
    at: instant('at').notNull(),
    /** Record version that was signed. */
    recordVersion: integer('record_version').notNull(),
  },
  table => [
    primaryKey({
      name: 'record_signatures_pk',
      columns: [table.institutionId, table.recordId, table.party, table.recordVersion],
    }),
    foreignKey({
      name: 'record_signatures_record',
      columns: [table.institutionId, table.recordId],
      foreignColumns: [records.institutionId, records.id],
    }),
    check('record_signatures_party_known', oneOf('party', signingParties)),
    check('record_signatures_method_known', oneOf('method', signingMethods)),
    check(
      'record_signatures_evidence',
      sql.raw("(method = 'own_token' and recorded_by is null) or (method <> 'own_token' and recorded_by is not null)"),
    ),
  ],
)

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
    check('goals_status_known', oneOf('status', ['open', 'settled'])),
  ],
)

/** Actions agreed in a plan. */
export const actions = pgTable(
  'actions',
  {
    institutionId: institutionId(),
    caseId: caseId(),
    id: text('id').notNull(),
    goalId: text('goal_id').notNull(),
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
    primaryKey({ name: 'consents_pk', columns: [table.institutionId, table.id] }),
    ofCase('consents_case', table as never),
    index('consents_by_case').on(table.institutionId, table.caseId),
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
    dueOn: dayColumn('due_on'),
    version: integer('version').notNull(),
  },
  table => [
    primaryKey({ name: 'waivers_pk', columns: [table.institutionId, table.recordId, table.need] }),
    ofCase('waivers_case', table as never),
    index('waivers_by_case').on(table.institutionId, table.caseId),
    check('waivers_mode_known', oneOf('mode', ['waived', 'deferred'])),
    check('waivers_deferral_has_date', sql.raw("(mode = 'deferred') = (due_on is not null)")),
  ],
)

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
    openedBy: uuid('opened_by').notNull(),
    liftedVersion: integer('lifted_version'),
    liftedAt: instant('lifted_at'),
    outcome: text('outcome'),
    /** Staff member who carries an open crisis on after the case is closed. */
    recipientId: uuid('recipient_id'),
  },
  table => [
    primaryKey({ name: 'case_holds_pk', columns: [table.institutionId, table.id] }),
    ofCase('case_holds_case', table as never),
    index('case_holds_by_case').on(table.institutionId, table.caseId),
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
    foreignKey({
      name: 'case_workers_staff',
      columns: [table.institutionId, table.staffId],
      foreignColumns: [staff.institutionId, staff.id],
    }),
    index('case_workers_by_staff').on(table.institutionId, table.staffId),
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
    primaryKey({ name: 'transfers_pk', columns: [table.institutionId, table.id] }),
    ofCase('transfers_case', table as never),
    uniqueIndex('transfers_one_open').on(table.institutionId, table.caseId).where(sql`status = 'offered'`),
    index('transfers_by_recipient').on(table.institutionId, table.toId, table.offeredAt.desc(), table.id.desc()),
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
    /** To whom and what for, and what came back; encrypted. */
    sealed: bytea('sealed'),
    sealedResult: bytea('sealed_result'),
    offeredAt: instant('offered_at').notNull(),
    settledAt: instant('settled_at'),
  },
  table => [
    primaryKey({ name: 'referrals_pk', columns: [table.institutionId, table.id] }),
    ofCase('referrals_case', table as never),
    index('referrals_by_case').on(table.institutionId, table.caseId),
    check('referrals_status_known', oneOf('status', referralStatuses)),
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
    primaryKey({ name: 'access_grants_pk', columns: [table.institutionId, table.id] }),
    ofCase('access_grants_case', table as never),
    index('access_grants_by_case').on(table.institutionId, table.caseId, table.staffId),
  ],
)

/** Attachments: encrypted blobs under the case's key. */
export const attachments = pgTable(
  'attachments',
  {
    institutionId: institutionId(),
    id: id(),
    caseId: caseId(),
    mediaType: text('media_type').notNull(),
    /** Size of the plain file in bytes. */
    size: integer('size').notNull(),
    sealedName: bytea('sealed_name'),
    sealed: bytea('sealed'),
    uploadedBy: uuid('uploaded_by').notNull(),
    uploadedAt: instant('uploaded_at').notNull(),
  },
  table => [
    primaryKey({ name: 'attachments_pk', columns: [table.institutionId, table.id] }),
    ofCase('attachments_case', table as never),
    index('attachments_by_case').on(table.institutionId, table.caseId),
    check('attachments_size', sql.raw('size between 1 and 10485760')),
  ],
)

/** Words given with a command (why, to whom): encrypted, named by the journal entry that tells of the command. */
export const vault = pgTable(
  'vault',
  { institutionId: institutionId(), id: id(), caseId: caseId(), sealed: bytea('sealed') },
  table => [
    primaryKey({ name: 'vault_pk', columns: [table.institutionId, table.id] }),
    ofCase('vault_case', table as never),
  ],
)
