import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { waivable } from '../practice/records/waiver.ts'
import { breakGlass, reviewGlass } from './break-glass.ts'
import type { CaseDeps } from './change.ts'
import { addCoWorker, endCoWorker, reassignCase } from './change-team.ts'
import { breakGlassReasons, holdKinds, holdOutcomes, pauseReasons, reassignReasons, transferStatuses } from './codes.ts'
import { entrustHold, liftHold, openHold } from './hold-case.ts'
import { pauseCase, resumeCase } from './pause-case.ts'
import { makeReferral, settleReferral } from './refer-case.ts'
import { requestOf } from './routes.ts'
import { CaseParams, exampleId, Id, receipt, Words } from './schemas.ts'
import { answerTransfer, listTransfers, offerTransfer } from './transfer-case.ts'
import { waiveNeeds } from './waive-needs.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const tag = 'Team and measures'
const day = () => z.iso.date()
const id = Id
const note = Words(2000).nullable().default(null).describe('Words; confidential')
const words = Words(2000).describe('Words; confidential')
const common: readonly ProblemCode[] = [
  'not_permitted',
  'not_found',
  'version_stale',
  'key_is_erased',
  'idempotency_key_reused',
  'request_in_progress',
]
const withCase = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ caseId: Id.describe('Case'), ...shape })

/** Pause, team, transfers and referrals. */
export const teamRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'pauseCase',
    method: 'POST',
    path: '/v1/cases/:caseId/pause',
    summary: 'Pause a case: its clocks stop',
    tag,
    permission: 'case:pause',
    params: CaseParams,
    body: z
      .strictObject({
        reason: z.enum(pauseReasons).describe('Reason'),
        expectedReturn: day().describe('Day the student is expected back'),
        note,
      })
      .meta({ id: 'Pause', examples: [{ reason: 'internship', expectedReturn: '2027-03-01' }] }),
    answers: {
      201: receipt('Paused', { pausedOn: day().nullable().describe('Day of the pause') }, { pausedOn: '2026-11-02' }),
    },
    problems: [...common, 'case_is_paused', 'case_is_closed'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['case.paused'],
    handle: call => pauseCase(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'resumeCase',
    method: 'POST',
    path: '/v1/cases/:caseId/resumption',
    summary: 'Resume a paused case',
    tag,
    permission: 'case:pause',
    params: CaseParams,
    answers: { 201: receipt('Resumed', { pausedOn: z.null().describe('Running again') }, { pausedOn: null }) },
    problems: [...common, 'case_not_paused'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['case.resumed'],
    handle: call => resumeCase(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'reassignCase',
    method: 'POST',
    path: '/v1/cases/:caseId/reassignments',
    summary: 'Give the case to another owner, as line manager',
    tag,
    permission: 'case:reassign',
    params: CaseParams,
    body: z
      .strictObject({ toId: id.describe('New owner'), reason: z.enum(reassignReasons).describe('Reason'), note })
      .meta({ id: 'Reassign', examples: [{ toId: exampleId, reason: 'owner_left' }] }),
    answers: { 201: receipt('Reassigned', { ownerId: id.describe('New owner') }, { ownerId: exampleId }) },
    problems: [...common, 'staff_unfit', 'already_owner'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['case.reassigned'],
    handle: call => reassignCase(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'addCoWorker',
    method: 'POST',
    path: '/v1/cases/:caseId/co-workers',
    summary: 'Add a co-worker from today on',
    tag,
    permission: 'team:manage',
    params: CaseParams,
    body: z
      .strictObject({
        staffId: id.describe('Staff member'),
        validUntil: day().nullable().default(null).describe('First day no longer on the team'),
      })
      .meta({ id: 'AddCoWorker', examples: [{ staffId: exampleId }] }),
    answers: {
      201: receipt(
        'CoWorkerAdded',
        {
          staffId: id.describe('Staff member'),
          validFrom: day().describe('First day'),
          validUntil: day().nullable().describe('First day no longer on the team'),
        },
        { staffId: exampleId, validFrom: '2026-11-02', validUntil: null },
      ),
    },
    problems: [...common, 'staff_unfit', 'already_owner', 'already_on_team'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['co_worker.added'],
    handle: call => addCoWorker(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'endCoWorker',
    method: 'DELETE',
    path: '/v1/cases/:caseId/co-workers/:staffId',
    summary: 'End a co-worker’s part today',
    tag,
    permission: 'team:manage',
    params: withCase({ staffId: id.describe('Staff member') }),
    answers: {
      200: receipt(
        'CoWorkerEnded',
        { staffId: id.describe('Staff member'), validUntil: day().describe('First day no longer on the team') },
        { staffId: exampleId, validUntil: '2026-11-02' },
      ),
    },
    problems: common,
    ifMatch: 'required',
    writes: ['co_worker.ended'],
    handle: call => endCoWorker(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
  ...handoverRoutes(deps),
  ...measureRoutes(deps),
]

const transfer = (name: string) =>
  receipt(
    name,
    {
      id: id.describe('Transfer'),
      status: z.enum(transferStatuses).describe('Status'),
      toId: id.describe('Recipient'),
    },
    { id: exampleId, status: 'offered', toId: exampleId },
  )

const referral = (name: string) =>
  receipt(
    name,
    { id: id.describe('Referral'), status: z.string().max(20).describe('Status') },
    { id: exampleId, status: 'offered' },
  )

const handoverRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'offerTransfer',
    method: 'POST',
    path: '/v1/cases/:caseId/transfers',
    summary: 'Offer the case to a colleague',
    tag,
    permission: 'transfer:offer',
    params: CaseParams,
    body: z
      .strictObject({ toId: id.describe('Colleague'), note: words })
      .meta({ id: 'OfferTransfer', examples: [{ toId: exampleId, note: '学生转专业至贵院。' }] }),
    answers: { 201: transfer('TransferOffered') },
    problems: [...common, 'staff_unfit', 'already_owner', 'transfer_open'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['transfer.offered'],
    handle: call => offerTransfer(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'listTransfers',
    method: 'GET',
    path: '/v1/transfers',
    summary: 'List the transfers that wait for my answer',
    tag,
    permission: 'transfer:list',
    answers: {
      200: z
        .strictObject({
          items: z
            .array(z.record(z.string().max(40), z.unknown()))
            .max(200)
            .describe('Offers: id, caseId, caseNumber, fromId, fromName, offeredAt'),
          next: z.null().describe('There is one page'),
        })
        .meta({
          id: 'TransferPage',
          examples: [{ items: [{ id: exampleId, caseNumber: '2026-0001', status: 'offered' }], next: null }],
        }),
    },
    problems: ['not_permitted'],
    handle: async call => ({ status: 200, body: await listTransfers(deps, requestOf(call)) }),
  }),
  ...(['accepted', 'rejected'] as const).map(answer => transferAnswer(deps, answer, 'transfer:answer')),
  transferAnswer(deps, 'withdrawn', 'transfer:offer'),
  defineRoute({
    operationId: 'makeReferral',
    method: 'POST',
    path: '/v1/cases/:caseId/referrals',
    summary: 'Refer the student to a service or office',
    tag,
    permission: 'referral:write',
    params: CaseParams,
    body: z
      .strictObject({ to: Words(300).describe('To whom; confidential'), purpose: words })
      .meta({ id: 'MakeReferral', examples: [{ to: '心理健康教育中心', purpose: '睡眠与情绪评估。' }] }),
    answers: { 201: referral('ReferralMade') },
    problems: [...common, 'case_is_closed'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['referral.made'],
    handle: call => makeReferral(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'settleReferral',
    method: 'POST',
    path: '/v1/cases/:caseId/referrals/:referralId/result',
    summary: 'Record what came back of a referral',
    tag,
    permission: 'referral:write',
    params: withCase({ referralId: id.describe('Referral') }),
    body: z
      .strictObject({
        status: z.enum(['accepted', 'declined', 'done', 'passed_on']).describe('What came of it'),
        result: words,
      })
      .meta({ id: 'SettleReferral', examples: [{ status: 'done', result: '评估完成,建议规律作息。' }] }),
    answers: { 201: referral('ReferralSettled') },
    problems: [...common, 'referral_settled'],
    idempotency: 'accepted',
    writes: ['referral.settled'],
    handle: call => settleReferral(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]

const answerNames = { accepted: 'acceptTransfer', rejected: 'rejectTransfer', withdrawn: 'withdrawTransfer' } as const
const answerPaths = { accepted: 'acceptance', rejected: 'rejection', withdrawn: 'withdrawal' } as const

const transferAnswer = (
  deps: CaseDeps,
  answer: 'accepted' | 'rejected' | 'withdrawn',
  permission: 'transfer:answer' | 'transfer:offer',
): Route =>
  defineRoute({
    operationId: answerNames[answer],
    method: 'POST',
    path: `/v1/cases/:caseId/transfers/:transferId/${answerPaths[answer]}`,
    summary: `Answer a transfer: ${answer}`,
    tag,
    permission,
    params: withCase({ transferId: id.describe('Transfer') }),
    body: z.strictObject({ note }).meta({ id: 'AnswerTransfer', examples: [{ note: '可以接手。' }] }),
    answers: { 201: transfer('TransferAnswered') },
    problems: [...common, 'transfer_answered'],
    idempotency: 'accepted',
    writes: ['transfer.answered'],
    handle: call => answerTransfer(deps, requestOf(call), { ...call.params, answer, note: call.body.note }),
  })

const hold = (name: string) =>
  receipt(
    name,
    {
      id: id.describe('Hold'),
      kind: z.enum(holdKinds).optional().describe('Kind of crisis'),
      outcome: z.enum(holdOutcomes).optional().describe('How it ended'),
      recipientId: id.optional().describe('Who carries it on'),
    },
    { id: exampleId },
  )

const waiving = {
  needs: z.array(z.string().max(60)).max(10).describe('Needs and checks'),
  mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
  dueOn: day().nullable().describe('Owed by'),
}
const waived = (name: string) =>
  receipt(
    name,
    { id: id.describe('Record'), ...waiving },
    { id: exampleId, needs: ['environment'], mode: 'deferred', dueOn: '2026-12-01' },
  )
const waiveProblems: readonly ProblemCode[] = [
  ...common,
  'not_nearest_line_manager',
  'need_not_waivable',
  'signing_refused',
  'case_is_closed',
]

const measureRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'waiveNeeds',
    method: 'POST',
    path: '/v1/cases/:caseId/waivers',
    summary: 'Waive or defer needs, as deciding line manager',
    description: `Waivable: ${waivable.join(', ')}.`,
    tag,
    permission: 'need:waive',
    params: CaseParams,
    body: z
      .strictObject({
        needs: z.array(z.string().max(60)).min(1).max(10).describe('Needs and checks'),
        mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
        dueOn: day().nullable().default(null).describe('Day a deferred need is owed by'),
        reason: words,
      })
      .meta({
        id: 'WaiveNeeds',
        examples: [{ needs: ['environment'], mode: 'deferred', dueOn: '2026-12-01', reason: '学生住院。' }],
      }),
    answers: { 201: waived('NeedsWaived') },
    problems: waiveProblems,
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['waiver', 'need.waived'],
    handle: call =>
      waiveNeeds(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch, urgent: false }),
  }),
  defineRoute({
    operationId: 'startUrgently',
    method: 'POST',
    path: '/v1/cases/:caseId/urgent-start',
    summary: 'Defer what an urgent start may, in one act, while a crisis is open',
    tag,
    permission: 'need:waive',
    params: CaseParams,
    body: z
      .strictObject({ dueOn: day().describe('Day the rest is owed by'), reason: words })
      .meta({ id: 'StartUrgently', examples: [{ dueOn: '2026-12-01', reason: '安全危机,先行介入。' }] }),
    answers: { 201: waived('UrgentlyStarted') },
    problems: [...waiveProblems, 'no_open_crisis'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['waiver', 'case.urgent_started'],
    handle: call =>
      waiveNeeds(deps, requestOf(call), {
        ...call.params,
        ...call.body,
        needs: [],
        mode: 'deferred',
        ifMatch: call.ifMatch,
        urgent: true,
      }),
  }),
  defineRoute({
    operationId: 'withdrawConsent',
    method: 'POST',
    path: '/v1/cases/:caseId/consents/:consentId/withdrawal',
    summary: 'Withdraw a consent, as the student or recorded for them',
    tag,
    permission: 'consent:withdraw',
    params: withCase({ consentId: id.describe('Consent') }),
    body: z.strictObject({ words: note }).meta({ id: 'WithdrawConsent', examples: [{ words: '不希望再继续。' }] }),
    answers: {
      201: receipt(
        'ConsentWithdrawn',
        {
          id: id.describe('Consent'),
          purpose: z.string().max(20).describe('Purpose'),
          inForce: z.literal(false).describe('No longer'),
        },
        { id: exampleId, purpose: 'service', inForce: false },
      ),
    },
    problems: [...common, 'consent_ended', 'evidence_required'],
    idempotency: 'accepted',
    writes: ['consent.withdrawn'],
    handle: call => withdrawConsent(deps, requestOf(call), { ...call.params, words: call.body.words }),
  }),
  defineRoute({
    operationId: 'openHold',
    method: 'POST',
    path: '/v1/cases/:caseId/holds',
    summary: 'Open a crisis on a case',
    tag,
    permission: 'hold:write',
    params: CaseParams,
    body: z
      .strictObject({ kind: z.enum(holdKinds).describe('Kind of crisis'), note: words })
      .meta({ id: 'OpenHold', examples: [{ kind: 'safety_crisis', note: '学生夜间失联。' }] }),
    answers: { 201: hold('HoldOpened') },
    problems: [...common, 'case_is_closed'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['hold.opened'],
    handle: call => openHold(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'liftHold',
    method: 'POST',
    path: '/v1/cases/:caseId/holds/:holdId/lifting',
    summary: 'End a crisis',
    tag,
    permission: 'hold:write',
    params: withCase({ holdId: id.describe('Hold') }),
    body: z
      .strictObject({ outcome: z.enum(holdOutcomes).describe('How it ended'), note: words })
      .meta({ id: 'LiftHold', examples: [{ outcome: 'stabilised', note: '已返校,情绪平稳。' }] }),
    answers: { 201: hold('HoldLifted') },
    problems: [...common, 'hold_not_open'],
    idempotency: 'accepted',
    writes: ['hold.lifted'],
    handle: call => liftHold(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'entrustHold',
    method: 'POST',
    path: '/v1/cases/:caseId/holds/:holdId/recipient',
    summary: 'Name who carries an open crisis on after the case',
    tag,
    permission: 'hold:write',
    params: withCase({ holdId: id.describe('Hold') }),
    body: z
      .strictObject({ recipientId: id.describe('Staff member'), note })
      .meta({ id: 'EntrustHold', examples: [{ recipientId: exampleId, note: '心理中心继续跟进。' }] }),
    answers: { 201: hold('HoldEntrusted') },
    problems: [...common, 'hold_not_open', 'staff_unfit'],
    idempotency: 'accepted',
    writes: ['hold.entrusted'],
    handle: call => entrustHold(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'breakGlass',
    method: 'POST',
    path: '/v1/cases/:caseId/break-glass',
    summary: 'Take time-boxed reading access in an emergency; it is told at once and reviewed',
    tag,
    permission: 'glass:break',
    params: CaseParams,
    body: z
      .strictObject({
        reason: z.enum(breakGlassReasons).describe('Reason'),
        justification: z.string().trim().min(20).max(2000).describe('Why, in at least 20 characters; confidential'),
        hours: z.int().min(1).max(24).default(4).describe('Hours of access'),
      })
      .meta({
        id: 'BreakGlass',
        examples: [
          { reason: 'danger_to_life', justification: '学生失联超过十二小时,负责人出差无法联系,需要查看近期记录。' },
        ],
      }),
    answers: {
      201: receipt(
        'GlassBroken',
        { id: id.describe('Access'), until: z.iso.datetime().describe('When it ends') },
        { id: exampleId, until: '2026-11-02T12:00:00.000Z' },
      ),
    },
    problems: common,
    idempotency: 'required',
    writes: ['glass.broken'],
    handle: call => breakGlass(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'reviewGlass',
    method: 'POST',
    path: '/v1/cases/:caseId/break-glass/:grantId/review',
    summary: 'Review a break-glass access and end it',
    tag,
    permission: 'glass:review',
    params: withCase({ grantId: id.describe('Access') }),
    body: z
      .strictObject({ justified: z.boolean().describe('Whether it was justified'), note: words })
      .meta({ id: 'ReviewGlass', examples: [{ justified: true, note: '情况属实。' }] }),
    answers: {
      201: receipt(
        'GlassReviewed',
        { id: id.describe('Access'), justified: z.boolean().describe('Whether it was justified') },
        { id: exampleId, justified: true },
      ),
    },
    problems: [...common, 'grant_reviewed'],
    idempotency: 'accepted',
    writes: ['glass.reviewed'],
    handle: call => reviewGlass(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]
