import { z } from 'zod'
import { reassignReasons } from '../cases/codes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, Words } from '../platform/http/schemas.ts'
import type { Deps } from '../platform/subject.ts'
import { requestOf } from '../platform/subject.ts'
import { codesOf } from '../practice/codes.ts'
import { appealResults } from '../practice/crisis-codes.ts'
import { appealCrisisDecision, recordCrisisDecision, settleCrisisAppeal } from './crisis-decisions.ts'
import { debriefCrisis, reassignCrisis, recordCrisisOutcome } from './crisis-endings.ts'
import { CrisisParams, changeProblems, Day, note, Outcome, receipt, withCrisis, words } from './crisis-schemas.ts'

const tag = 'Crises'
const today = '2026-09-14'
const id = Id.describe('Of what was filed')
const on = Day.describe('Day')
const DecisionParams = withCrisis({ decisionId: Id.describe('Decision') })
const Result = z.enum(codesOf(appealResults)).describe('What became of the appeal')

/** Appeals come when they come: no crisis is too far over for them. */
const appealProblems = changeProblems.filter(code => code !== 'crisis_is_over')

const decisionRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'recordCrisisDecision',
    method: 'POST',
    path: '/v1/crises/:crisisId/decisions',
    summary: 'Record a decision of the institution on the student’s standing',
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({ decision: Outcome, decidedOn: on, note })
      .meta({ id: 'RecordCrisisDecision', examples: [{ decision: 'moved_down', decidedOn: today }] }),
    answers: {
      201: receipt('CrisisDecisionRecorded', { id, decision: Outcome }, { id: exampleId, decision: 'moved_down' }),
    },
    problems: [...changeProblems, 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.decision_recorded'],
    handle: call => recordCrisisDecision(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'appealCrisisDecision',
    method: 'POST',
    path: '/v1/crises/:crisisId/decisions/:decisionId/appeal',
    summary: 'Record an appeal against a decision, also after the crisis was closed',
    tag,
    permission: 'crisis:decide',
    params: DecisionParams,
    body: z
      .strictObject({ on, note: words })
      .meta({ id: 'AppealCrisisDecision', examples: [{ on: today, note: '学生对降级决定提出申诉。' }] }),
    answers: { 201: receipt('CrisisAppealed', { id, on }, { id: exampleId, on: today }) },
    problems: [...appealProblems, 'appeal_unfit', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.appealed'],
    handle: call => appealCrisisDecision(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'settleCrisisAppeal',
    method: 'POST',
    path: '/v1/crises/:crisisId/decisions/:decisionId/settlement',
    summary: 'Record what became of an appeal, also after the crisis was closed',
    tag,
    permission: 'crisis:decide',
    params: DecisionParams,
    body: z
      .strictObject({ on, result: Result, note })
      .meta({ id: 'SettleCrisisAppeal', examples: [{ on: today, result: 'rejected' }] }),
    answers: { 201: receipt('CrisisAppealSettled', { id, result: Result }, { id: exampleId, result: 'rejected' }) },
    problems: [...appealProblems, 'appeal_unfit', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.appeal_settled'],
    handle: call => settleCrisisAppeal(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
]

/** Outcome, decision and appeal, debrief and change of lead of a crisis. */
export const crisisEndingRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'recordCrisisOutcome',
    method: 'POST',
    path: '/v1/crises/:crisisId/outcome',
    summary: 'Record how the crisis came out; the last one counts',
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({ outcome: Outcome, on, note })
      .meta({ id: 'RecordCrisisOutcome', examples: [{ outcome: 'continued', on: today }] }),
    answers: { 201: receipt('CrisisOutcomeRecorded', { outcome: Outcome }, { outcome: 'continued' }) },
    problems: [...changeProblems, 'time_out_of_order'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['crisis.outcome_recorded'],
    handle: call => recordCrisisOutcome(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  ...decisionRoutes(deps),
  defineRoute({
    operationId: 'debriefCrisis',
    method: 'POST',
    path: '/v1/crises/:crisisId/debriefs',
    summary: 'File the debrief: what happened, what is learnt, what follows',
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({
        on,
        summary: Words(4000).describe('What happened; confidential'),
        lessons: Words(4000).describe('What is learnt; confidential'),
        followUp: Words(2000).nullable().default(null).describe('What follows; confidential'),
      })
      .meta({
        id: 'DebriefCrisis',
        examples: [{ on: today, summary: '两小时内找到学生。', lessons: '宿舍查寝信息须当晚上报。' }],
      }),
    answers: { 201: receipt('CrisisDebriefed', { id, on }, { id: exampleId, on: today }) },
    problems: [...changeProblems, 'crisis_not_stabilised', 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.debriefed'],
    handle: call => debriefCrisis(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'reassignCrisis',
    method: 'POST',
    path: '/v1/crises/:crisisId/reassignments',
    summary: 'Give the crisis to another lead',
    tag,
    permission: 'crisis:decide',
    params: CrisisParams,
    body: z
      .strictObject({ toId: Id.describe('New lead'), reason: z.enum(reassignReasons).describe('Reason'), note })
      .meta({ id: 'ReassignCrisis', examples: [{ toId: exampleId, reason: 'workload' }] }),
    answers: { 201: receipt('CrisisReassigned', { leadId: Id.describe('New lead') }, { leadId: exampleId }) },
    problems: [...changeProblems, 'staff_unfit', 'already_lead'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['crisis.reassigned'],
    handle: call => reassignCrisis(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
]
