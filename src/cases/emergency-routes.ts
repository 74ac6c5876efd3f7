import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id } from '../platform/http/schemas.ts'
import { requestOf } from '../platform/subject.ts'
import { justification } from '../practice/permissions.ts'
import { breakGlass, reviewGlass } from './break-glass.ts'
import type { CaseDeps } from './change.ts'
import { breakGlassReasons, holdKinds, holdOutcomes } from './codes.ts'
import { entrustHold, liftHold, openHold } from './hold-case.ts'
import { CaseParams, changeProblems, note, receipt, withCase, words } from './schemas.ts'

const tag = 'Team and measures'

const hold = (name: string) =>
  receipt(
    name,
    {
      id: Id.describe('Hold'),
      kind: z.enum(holdKinds).optional().describe('Kind of crisis'),
      outcome: z.enum(holdOutcomes).optional().describe('How it ended'),
      recipientId: Id.optional().describe('Who carries it on'),
    },
    { id: exampleId },
  )

/** Crises held on a case, and break-glass access. */
export const emergencyRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'openHold',
    method: 'POST',
    path: '/v1/cases/:caseId/holds',
    summary: 'Hold a case by hand; only a crisis covers a risk or opens an urgent start: see openCrisis',
    tag,
    permission: 'hold:write',
    params: CaseParams,
    body: z
      .strictObject({ kind: z.enum(holdKinds).describe('Kind of crisis'), note: words })
      .meta({ id: 'OpenHold', examples: [{ kind: 'safety_crisis', note: '学生夜间失联。' }] }),
    answers: { 201: hold('HoldOpened') },
    problems: [...changeProblems, 'case_is_closed'],
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
    params: withCase({ holdId: Id.describe('Hold') }),
    body: z
      .strictObject({ outcome: z.enum(holdOutcomes).describe('How it ended'), note: words })
      .meta({ id: 'LiftHold', examples: [{ outcome: 'stabilised', note: '已返校,情绪平稳。' }] }),
    answers: { 201: hold('HoldLifted') },
    problems: [...changeProblems, 'hold_not_open', 'hold_of_crisis'],
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
    params: withCase({ holdId: Id.describe('Hold') }),
    body: z
      .strictObject({ recipientId: Id.describe('Staff member'), note })
      .meta({ id: 'EntrustHold', examples: [{ recipientId: exampleId, note: '心理中心继续跟进。' }] }),
    answers: { 201: hold('HoldEntrusted') },
    problems: [...changeProblems, 'hold_not_open', 'staff_unfit'],
    idempotency: 'accepted',
    writes: ['hold.entrusted'],
    handle: call => entrustHold(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'breakGlass',
    method: 'POST',
    path: '/v1/cases/:caseId/break-glass',
    summary: 'Take time-boxed reading access in an emergency; it is told at once and reviewed',
    description:
      'For who stands outside the case, not in advance. It ends early with its review, and when its holder gives up or loses a part in the case.',
    tag,
    permission: 'glass:break',
    params: CaseParams,
    body: z
      .strictObject({
        reason: z.enum(breakGlassReasons).describe('Reason'),
        justification: z
          .string()
          .trim()
          .max(2000)
          .regex(justification.pattern, `at least ${justification.characters} characters that are seen`)
          .describe(`Why, in at least ${justification.characters} characters, spaces not counted; confidential`),
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
        { id: Id.describe('Access'), until: z.iso.datetime().describe('When it ends') },
        { id: exampleId, until: '2026-11-02T12:00:00.000Z' },
      ),
    },
    problems: [...changeProblems, 'reads_already'],
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
    params: withCase({ grantId: Id.describe('Access') }),
    body: z
      .strictObject({ justified: z.boolean().describe('Whether it was justified'), note: words })
      .meta({ id: 'ReviewGlass', examples: [{ justified: true, note: '情况属实。' }] }),
    answers: {
      201: receipt(
        'GlassReviewed',
        { id: Id.describe('Access'), justified: z.boolean().describe('Whether it was justified') },
        { id: exampleId, justified: true },
      ),
    },
    problems: [...changeProblems, 'grant_reviewed'],
    idempotency: 'accepted',
    writes: ['glass.reviewed'],
    handle: call => reviewGlass(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]
