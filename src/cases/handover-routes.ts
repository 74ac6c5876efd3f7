import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, Words } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { requestOf } from '../platform/subject.ts'
import { codesOf, informationBases } from '../practice/codes.ts'
import type { CaseDeps } from './change.ts'
import { transferStatuses } from './codes.ts'
import { listReferrals, readReferral } from './read-referrals.ts'
import { makeReferral, settleReferral } from './refer-case.ts'
import { exampleReferral, ReferralItem, WholeReferral } from './referral-schemas.ts'
import { CaseParams, changeProblems, note, receipt, withCase, words } from './schemas.ts'
import { answerTransfer, listTransfers, offerTransfer } from './transfer-case.ts'

const tag = 'Team and measures'

const transfer = (name: string) =>
  receipt(
    name,
    {
      id: Id.describe('Transfer'),
      status: z.enum(transferStatuses).describe('Status'),
      toId: Id.describe('Recipient'),
    },
    { id: exampleId, status: 'offered', toId: exampleId },
  )

const TransferItem = z.strictObject({
  id: Id.describe('Transfer'),
  caseId: Id.describe('Case'),
  caseNumber: z.string().max(20).describe('Number of the case'),
  fromId: Id.describe('Who offers it'),
  fromName: z.string().max(200).describe('Their name'),
  toId: Id.describe('Recipient: the caller'),
  status: z.literal('offered').describe('It waits'),
  offeredAt: z.iso.datetime().describe('When it was offered'),
})
const exampleTransfer = {
  id: exampleId,
  caseId: exampleId,
  caseNumber: '2026-0001',
  fromId: exampleId,
  fromName: '李老师',
  toId: exampleId,
  status: 'offered' as const,
  offeredAt: '2026-09-14T01:00:00.000Z',
}

const referral = (name: string) =>
  receipt(
    name,
    { id: Id.describe('Referral'), status: z.string().max(20).describe('Status') },
    { id: exampleId, status: 'offered' },
  )

/** Transfers and referrals. */
export const handoverRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'offerTransfer',
    method: 'POST',
    path: '/v1/cases/:caseId/transfers',
    summary: 'Offer the case to a colleague',
    tag,
    permission: 'transfer:offer',
    params: CaseParams,
    body: z
      .strictObject({ toId: Id.describe('Colleague'), note: words })
      .meta({ id: 'OfferTransfer', examples: [{ toId: exampleId, note: '学生转专业至贵院。' }] }),
    answers: { 201: transfer('TransferOffered') },
    problems: [...changeProblems, 'case_is_closed', 'staff_unfit', 'already_owner', 'transfer_open'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['transfer.offered'],
    handle: call => offerTransfer(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'listTransfers',
    method: 'GET',
    path: '/v1/transfers',
    summary: 'List the transfers that wait for my answer, newest first',
    tag,
    permission: 'transfer:list',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('TransferPage', TransferItem, exampleTransfer) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const page = await listTransfers(deps, requestOf(call), call.query)
      return pageAnswer('/v1/transfers', page.body, page.next, call.query)
    },
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
      .strictObject({
        to: Words(300).describe('To whom, as the consent to sharing names it where that is the basis; confidential'),
        purpose: words,
        basis: z.enum(codesOf(informationBases)).describe('On what basis information passes on'),
      })
      .meta({
        id: 'MakeReferral',
        examples: [{ to: '心理健康教育中心', purpose: '睡眠与情绪评估。', basis: 'student_consent' }],
      }),
    answers: { 201: referral('ReferralMade') },
    problems: [...changeProblems, 'case_is_closed', 'sharing_not_consented'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['referral.made'],
    handle: call => makeReferral(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'listReferrals',
    method: 'GET',
    path: '/v1/cases/:caseId/referrals',
    summary: 'List the referrals of a case, newest first, without words',
    tag,
    permission: 'referral:read',
    params: CaseParams,
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('ReferralPage', ReferralItem, exampleReferral) },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    handle: call => listReferrals(deps, requestOf(call), { ...call.params, ...call.query }),
  }),
  defineRoute({
    operationId: 'getReferral',
    method: 'GET',
    path: '/v1/cases/:caseId/referrals/:referralId',
    summary: 'Read a referral with the words of every step; the reading is journalled',
    tag,
    permission: 'referral:read',
    params: withCase({ referralId: Id.describe('Referral') }),
    answers: { 200: WholeReferral },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => {
      const { caseId, referralId } = call.params
      return { status: 200, body: await readReferral(deps, requestOf(call), caseId, referralId) }
    },
  }),
  defineRoute({
    operationId: 'settleReferral',
    method: 'POST',
    path: '/v1/cases/:caseId/referrals/:referralId/result',
    summary: 'Record what came back of a referral',
    tag,
    permission: 'referral:write',
    params: withCase({ referralId: Id.describe('Referral') }),
    body: z
      .strictObject({
        status: z.enum(['accepted', 'declined', 'done', 'passed_on']).describe('What came of it'),
        result: words,
      })
      .meta({ id: 'SettleReferral', examples: [{ status: 'done', result: '评估完成,建议规律作息。' }] }),
    answers: { 201: referral('ReferralSettled') },
    problems: [...changeProblems, 'case_is_closed', 'referral_settled'],
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
    params: withCase({ transferId: Id.describe('Transfer') }),
    body: z.strictObject({ note }).meta({ id: 'AnswerTransfer', examples: [{ note: '可以接手。' }] }),
    answers: { 201: transfer('TransferAnswered') },
    problems: [...changeProblems, 'case_is_closed', 'transfer_answered'],
    idempotency: 'accepted',
    writes: ['transfer.answered'],
    handle: call => answerTransfer(deps, requestOf(call), { ...call.params, answer, note: call.body.note }),
  })
