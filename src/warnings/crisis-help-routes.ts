import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, Words } from '../platform/http/schemas.ts'
import type { Deps } from '../platform/subject.ts'
import { requestOf } from '../platform/subject.ts'
import { codesOf } from '../practice/codes.ts'
import { exemptions, measureBases, measureKinds, responderAnswers, responderKinds } from '../practice/crisis-codes.ts'
import { exemptCrisis, notifyGuardian } from './crisis-duties.ts'
import { decideCrisisMeasure, endCrisisMeasure } from './crisis-measures.ts'
import {
  addCrisisResponder,
  answerCrisisResponder,
  contactCrisisResponder,
  releaseCrisisResponder,
} from './crisis-responders.ts'
import { CrisisParams, changeProblems, note, receipt, When, withCrisis, words } from './crisis-schemas.ts'

const tag = 'Crises'
const moment = '2026-09-14T01:45:00Z'
const id = Id.describe('Of what was filed')
const ResponderKind = z.enum(codesOf(responderKinds)).describe('Who is called in')
const Answer = z.enum(codesOf(responderAnswers)).describe('What they answer')
const MeasureKind = z.enum(codesOf(measureKinds)).describe('Measure')
const ResponderParams = withCrisis({ responderId: Id.describe('Responder') })

const responderRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'addCrisisResponder',
    method: 'POST',
    path: '/v1/crises/:crisisId/responders',
    summary: 'Call a responder in: staff or somebody outside; contact and answer may be told at once',
    description:
      'A staff member reads the crisis from then on, until released. Names and numbers of others are sealed.',
    tag,
    permission: 'crisis:respond',
    params: CrisisParams,
    body: z
      .strictObject({
        kind: ResponderKind,
        staffId: Id.nullable().default(null).describe('Staff member; required for staff'),
        name: Words(200).nullable().default(null).describe('Name of somebody outside; confidential'),
        phone: Words(60).nullable().default(null).describe('Number; confidential'),
        note,
        contactedAt: When.nullable().default(null).describe('When they were contacted'),
        answer: z
          .strictObject({ answeredAt: When.describe('When they answered'), answer: Answer, note })
          .nullable()
          .default(null)
          .describe('What they answered'),
      })
      .meta({
        id: 'AddCrisisResponder',
        examples: [
          {
            kind: 'psychological_centre',
            name: '心理中心值班员',
            contactedAt: moment,
            answer: { answeredAt: moment, answer: 'on_the_way', note: '半小时内到。' },
          },
        ],
      }),
    answers: { 201: receipt('CrisisResponderAdded', { id, kind: ResponderKind }, { id: exampleId, kind: 'family' }) },
    problems: [...changeProblems, 'staff_unfit', 'already_responder', 'responder_not_contacted', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.responder_added'],
    handle: call => addCrisisResponder(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'contactCrisisResponder',
    method: 'POST',
    path: '/v1/crises/:crisisId/responders/:responderId/contact',
    summary: 'Record when a responder was contacted',
    tag,
    permission: 'crisis:respond',
    params: ResponderParams,
    body: z
      .strictObject({ contactedAt: When.describe('When') })
      .meta({ id: 'ContactCrisisResponder', examples: [{ contactedAt: moment }] }),
    answers: { 201: receipt('CrisisResponderContacted', { id }, { id: exampleId }) },
    problems: [...changeProblems, 'responder_settled', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.responder_contacted'],
    handle: call => contactCrisisResponder(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'answerCrisisResponder',
    method: 'POST',
    path: '/v1/crises/:crisisId/responders/:responderId/answers',
    summary: 'Record what a responder answered; the last answer counts',
    tag,
    permission: 'crisis:respond',
    params: ResponderParams,
    body: z
      .strictObject({ answeredAt: When.describe('When'), answer: Answer, note })
      .meta({ id: 'AnswerCrisisResponder', examples: [{ answeredAt: moment, answer: 'on_site' }] }),
    answers: { 201: receipt('CrisisResponderAnswered', { id, answer: Answer }, { id: exampleId, answer: 'on_site' }) },
    problems: [...changeProblems, 'responder_settled', 'responder_not_contacted', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.responder_answered'],
    handle: call => answerCrisisResponder(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'releaseCrisisResponder',
    method: 'POST',
    path: '/v1/crises/:crisisId/responders/:responderId/release',
    summary: 'Release a responder: a staff member reads the crisis no longer',
    tag,
    permission: 'crisis:decide',
    params: ResponderParams,
    answers: { 201: receipt('CrisisResponderReleased', { id }, { id: exampleId }) },
    problems: [...changeProblems, 'responder_settled'],
    idempotency: 'accepted',
    writes: ['crisis.responder_released'],
    handle: call => releaseCrisisResponder(deps, requestOf(call), call.params),
  }),
]

const NoticeOutcome = z.enum(['given', 'attempted']).describe('Given, or tried in vain')
const ExemptFrom = z.enum(codesOf(exemptions)).describe('What the crisis does without')
const End = z.enum(['ended', 'handed_over']).describe('Ended, or handed over to others')

const dutyRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'notifyGuardian',
    method: 'POST',
    path: '/v1/crises/:crisisId/guardian-notices',
    summary: 'Record a notice to the guardian, given or attempted',
    tag,
    permission: 'crisis:respond',
    params: CrisisParams,
    body: z
      .strictObject({
        method: z.enum(['phone', 'in_person', 'message', 'letter']).describe('How'),
        outcome: NoticeOutcome,
        at: When.describe('When'),
        note,
      })
      .meta({ id: 'NotifyGuardian', examples: [{ method: 'phone', outcome: 'given', at: moment }] }),
    answers: { 201: receipt('GuardianNotified', { id, outcome: NoticeOutcome }, { id: exampleId, outcome: 'given' }) },
    problems: [...changeProblems, 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.guardian_notified'],
    handle: call => notifyGuardian(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'exemptCrisis',
    method: 'POST',
    path: '/v1/crises/:crisisId/exemptions',
    summary: 'Record why the guardian is not notified, no specialist involved, or nothing monitored',
    description: Object.entries(exemptions)
      .map(([from, { reasons }]) => `${from}: ${Object.keys(reasons).join(', ')}`)
      .join('. '),
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({
        from: ExemptFrom,
        reason: z.string().max(40).describe('Reason code that justifies it'),
        note: words,
      })
      .meta({
        id: 'ExemptCrisis',
        examples: [{ from: 'monitoring', reason: 'no_danger', note: '经心理中心评估,无现实危险。' }],
      }),
    answers: {
      201: receipt(
        'CrisisExempted',
        { id, from: ExemptFrom, reason: z.string().max(40).describe('Reason code') },
        { id: exampleId, from: 'monitoring', reason: 'no_danger' },
      ),
    },
    problems: [...changeProblems, 'exemption_unfit'],
    idempotency: 'accepted',
    writes: ['crisis.exempted'],
    handle: call => exemptCrisis(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'decideCrisisMeasure',
    method: 'POST',
    path: '/v1/crises/:crisisId/measures',
    summary: 'Decide a monitoring measure and the consent or law it rests on',
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({
        kind: MeasureKind,
        basis: z.enum(codesOf(measureBases)).describe('What it rests on'),
        from: When.describe('From'),
        until: When.nullable().default(null).describe('Until; null = until further notice'),
        note: words,
      })
      .meta({
        id: 'DecideCrisisMeasure',
        examples: [{ kind: 'companion', basis: 'student_consent', from: moment, note: '由室友与辅导员轮流陪护。' }],
      }),
    answers: { 201: receipt('CrisisMeasureDecided', { id, kind: MeasureKind }, { id: exampleId, kind: 'companion' }) },
    problems: [...changeProblems, 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.measure_decided'],
    handle: call => decideCrisisMeasure(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'endCrisisMeasure',
    method: 'POST',
    path: '/v1/crises/:crisisId/measures/:measureId/end',
    summary: 'End a measure, or hand it over to others',
    tag,
    permission: 'crisis:decide',
    params: withCrisis({ measureId: Id.describe('Measure') }),
    body: z
      .strictObject({ how: End, endedAt: When.describe('When'), note })
      .meta({ id: 'EndCrisisMeasure', examples: [{ how: 'ended', endedAt: moment }] }),
    answers: { 201: receipt('CrisisMeasureEnded', { id, how: End }, { id: exampleId, how: 'ended' }) },
    problems: [...changeProblems, 'measure_ended', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.measure_ended'],
    handle: call => endCrisisMeasure(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]

/** Responders, notices, exemptions and monitoring of a crisis. */
export const crisisHelpRoutes = (deps: Deps): Route[] => [...responderRoutes(deps), ...dutyRoutes(deps)]
