import { z } from 'zod'
import { note, words } from '../cases/schemas.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, otherId, Words } from '../platform/http/schemas.ts'
import { requestOf } from '../platform/subject.ts'
import { AlertParams, alertChangeProblems, alertReceipt } from './alert-schemas.ts'
import type { AlertDeps } from './dispose-alert.ts'
import { disposeAlert } from './dispose-alert.ts'
import { DispositionBody, DispositionKind, dispositionExample } from './disposition-schemas.ts'
import { mergeAlerts } from './merge-alerts.ts'
import { noticeMethods, noticeOutcomes, notifyOfAlert, receiveNotice } from './notify-of-alert.ts'
import { answerObjection, objectToAlert } from './object-to-alert.ts'
import { reassignAlert } from './reassign-alert.ts'
import { splitAlert } from './split-alert.ts'

const tag = 'Alerts'
const on = z.iso.date().nullable().default(null).describe('Day it happened, null = today')

const disposingRoutes = (deps: AlertDeps): Route[] => [
  defineRoute({
    operationId: 'disposeAlert',
    method: 'POST',
    path: '/v1/alerts/:alertId/dispositions',
    summary: 'File what became of an alert: a talk, a case, a crisis, no action with reason …',
    description:
      'One or more. `case_opened` opens a case at step investigation and carries the evidence over; `case_joined` puts it into an open case the caller works on; both happen whole or not at all.',
    tag,
    permission: 'alert:dispose',
    params: AlertParams,
    body: DispositionBody,
    answers: {
      201: alertReceipt(
        'AlertDisposed',
        {
          id: Id.describe('Disposition'),
          kind: DispositionKind,
          caseId: Id.optional().describe('Case opened or joined'),
          crisisId: Id.optional().describe('Crisis opened'),
        },
        dispositionExample,
      ),
    },
    problems: [
      ...alertChangeProblems,
      'alert_is_resolved',
      'day_unfit',
      'crisis_is_open',
      'crisis_kind_unfit',
      'no_objection_upheld',
      'open_case_exists',
      'student_has_died',
      'student_out_of_scope',
      'case_unfit',
      'case_is_closed',
    ],
    ifMatch: 'required',
    idempotency: 'required',
    writes: ['alert.disposed', 'case.opened', 'case.alert_joined'],
    handle: call =>
      disposeAlert(deps, requestOf(call), { ...call.body, alertId: call.params.alertId, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'notifyOfAlert',
    method: 'POST',
    path: '/v1/alerts/:alertId/notices',
    summary: 'File that the student or the family was told of an alert, or that it was tried',
    description:
      'From then on the student sees the alert, with the signals of that moment: what joins later is shown by the next notice.',
    tag,
    permission: 'alert:notify',
    params: AlertParams,
    body: z
      .strictObject({
        to: z.enum(['student', 'family']).describe('To whom'),
        method: z.enum(noticeMethods).describe('How'),
        outcome: z.enum(noticeOutcomes).describe('Given, signed for on paper, or only attempted'),
        on,
        namesSafety: z
          .boolean()
          .default(false)
          .describe('Whether the student is told of concerns for their safety too: only then are they shown to them'),
        words: note,
      })
      .meta({ id: 'NotifyOfAlert', examples: [{ to: 'student', method: 'in_person', outcome: 'given' }] }),
    answers: {
      201: alertReceipt(
        'AlertNotified',
        {
          id: Id.describe('Notice'),
          to: z.enum(['student', 'family']).describe('To whom'),
          outcome: z.enum(noticeOutcomes).describe('Outcome'),
        },
        { id: otherId, to: 'student', outcome: 'given' },
      ),
    },
    problems: [...alertChangeProblems, 'alert_is_resolved', 'day_unfit'],
    idempotency: 'required',
    writes: ['alert.notified'],
    handle: call => notifyOfAlert(deps, requestOf(call), { ...call.body, ...call.params }),
  }),
]

const studentRoutes = (deps: AlertDeps): Route[] => [
  defineRoute({
    operationId: 'receiveAlertNotice',
    method: 'POST',
    path: '/v1/alerts/:alertId/receipt',
    summary: 'Sign, as the student, that the notice of an alert was received',
    tag,
    permission: 'alert:receive',
    params: AlertParams,
    answers: { 201: alertReceipt('AlertReceived', { id: Id.describe('Notice') }, { id: otherId }) },
    problems: [...alertChangeProblems, 'already_signed'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['alert.received'],
    handle: call => receiveNotice(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'objectToAlert',
    method: 'POST',
    path: '/v1/alerts/:alertId/objections',
    summary: 'Say, as the student, why an alert is wrong',
    tag,
    permission: 'alert:object',
    params: AlertParams,
    body: z.strictObject({ words }).meta({ id: 'ObjectToAlert', examples: [{ words: '成绩录入有误,已申请复核。' }] }),
    answers: { 201: alertReceipt('AlertObjected', { id: Id.describe('Objection') }, { id: otherId }) },
    problems: [...alertChangeProblems, 'alert_is_resolved'],
    idempotency: 'required',
    writes: ['alert.objected'],
    handle: call => objectToAlert(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'answerObjection',
    method: 'POST',
    path: '/v1/alerts/:alertId/objections/:objectionId/answer',
    summary: 'Uphold or reject a student’s objection, with reasons the student reads',
    tag,
    permission: 'alert:answer',
    params: z.strictObject({ alertId: Id.describe('Alert'), objectionId: Id.describe('Objection') }),
    body: z
      .strictObject({
        answer: z.enum(['upheld', 'rejected']).describe('Answer'),
        words: Words(2000).describe('Reasons; confidential, read by the student'),
      })
      .meta({ id: 'AnswerObjection', examples: [{ answer: 'upheld', words: '经复核,成绩已更正。' }] }),
    answers: {
      201: alertReceipt(
        'ObjectionAnswered',
        { id: Id.describe('Objection'), answer: z.enum(['upheld', 'rejected']).describe('Answer') },
        { id: otherId, answer: 'upheld' },
      ),
    },
    problems: [...alertChangeProblems, 'objection_answered'],
    idempotency: 'accepted',
    writes: ['alert.objection_answered'],
    handle: call => answerObjection(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]

const combiningRoutes = (deps: AlertDeps): Route[] => [
  defineRoute({
    operationId: 'mergeAlerts',
    method: 'POST',
    path: '/v1/alerts/:alertId/merging',
    summary: 'Merge an open alert into another of the same student',
    tag,
    permission: 'alert:combine',
    params: AlertParams,
    body: z
      .strictObject({ into: Id.describe('Alert that takes over the signals') })
      .meta({ id: 'MergeAlerts', examples: [{ into: exampleId }] }),
    answers: { 201: alertReceipt('AlertMerged', { intoId: Id.describe('Alert merged into') }, { intoId: otherId }) },
    problems: [...alertChangeProblems, 'alert_is_resolved', 'alerts_unfit', 'requirements_unmet'],
    ifMatch: 'required',
    idempotency: 'required',
    writes: ['alert.merged', 'alert.joined'],
    handle: call => mergeAlerts(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'splitAlert',
    method: 'POST',
    path: '/v1/alerts/:alertId/splitting',
    summary: 'Make some signals of an alert an alert of their own',
    tag,
    permission: 'alert:combine',
    params: AlertParams,
    body: z
      .strictObject({ signalIds: z.array(Id).min(1).max(200).describe('Signals that leave') })
      .meta({ id: 'SplitAlert', examples: [{ signalIds: [exampleId] }] }),
    answers: { 201: alertReceipt('AlertSplit', { newAlertId: Id.describe('New alert') }, { newAlertId: otherId }) },
    problems: [...alertChangeProblems, 'alert_is_resolved', 'signals_unfit'],
    ifMatch: 'required',
    idempotency: 'required',
    writes: ['alert.split', 'alert.raised'],
    handle: call => splitAlert(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'reassignAlert',
    method: 'POST',
    path: '/v1/alerts/:alertId/owner',
    summary: 'Give an alert to somebody else, as line manager',
    tag,
    permission: 'alert:reassign',
    params: AlertParams,
    body: z
      .strictObject({ toId: Id.describe('New owner'), note })
      .meta({ id: 'ReassignAlert', examples: [{ toId: exampleId }] }),
    answers: { 201: alertReceipt('AlertReassigned', { ownerId: Id.describe('New owner') }, { ownerId: otherId }) },
    problems: [...alertChangeProblems, 'alert_is_resolved', 'already_owner', 'staff_unfit'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['alert.reassigned'],
    handle: call => reassignAlert(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
]

/** Answering alerts: dispositions, notices, objections, merging and splitting. */
export const alertWorkRoutes = (deps: AlertDeps): Route[] => [
  ...disposingRoutes(deps),
  ...studentRoutes(deps),
  ...combiningRoutes(deps),
]
