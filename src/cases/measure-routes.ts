import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id } from '../platform/http/schemas.ts'
import { requestOf } from '../platform/subject.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { urgentNeeds, waivable } from '../practice/records/waiver.ts'
import type { CaseDeps } from './change.ts'
import { CaseParams, changeProblems, note, receipt, withCase, words } from './schemas.ts'
import { waiveNeeds } from './waive-needs.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const tag = 'Team and measures'
const day = () => z.iso.date()

const waiving = {
  needs: z.array(z.string().max(60)).max(10).describe('Needs and checks'),
  mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
  dueOn: day().nullable().describe('Owed by'),
}
const waived = (name: string) =>
  receipt(
    name,
    { id: Id.describe('Record'), ...waiving },
    { id: exampleId, needs: ['environment'], mode: 'deferred', dueOn: '2026-12-01' },
  )
const waiveProblems: readonly ProblemCode[] = [
  ...changeProblems,
  'not_nearest_line_manager',
  'need_not_waivable',
  'signing_refused',
  'case_is_closed',
]

/** Waivers, urgent start and withdrawn consent. */
export const measureRoutes = (deps: CaseDeps): Route[] => [
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
    description: `Defers what is not on file of ${urgentNeeds.join(', ')}. A crisis as openCrisis opens it; a hold set on the case by hand is none.`,
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
    params: withCase({ consentId: Id.describe('Consent') }),
    body: z.strictObject({ words: note }).meta({ id: 'WithdrawConsent', examples: [{ words: '不希望再继续。' }] }),
    answers: {
      201: receipt(
        'ConsentWithdrawn',
        {
          id: Id.describe('Consent'),
          purpose: z.string().max(20).describe('Purpose'),
          inForce: z.literal(false).describe('No longer'),
        },
        { id: exampleId, purpose: 'service', inForce: false },
      ),
    },
    problems: [...changeProblems, 'consent_ended', 'evidence_required'],
    idempotency: 'accepted',
    writes: ['consent.withdrawn'],
    handle: call => withdrawConsent(deps, requestOf(call), { ...call.params, words: call.body.words }),
  }),
]
