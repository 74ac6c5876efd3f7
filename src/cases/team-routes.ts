import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id } from '../platform/http/schemas.ts'
import { requestOf } from '../platform/subject.ts'
import type { CaseDeps } from './change.ts'
import { addCoWorker, endCoWorker, reassignCase } from './change-team.ts'
import { pauseReasons, reassignReasons } from './codes.ts'
import { pauseCase, resumeCase } from './pause-case.ts'
import { CaseParams, changeProblems, note, receipt, withCase } from './schemas.ts'

const tag = 'Team and measures'
const day = () => z.iso.date()

/** Pause and team. */
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
        expectedReturn: day().describe('Day ahead, within a year, on which the student is expected back'),
        note,
      })
      .meta({ id: 'Pause', examples: [{ reason: 'internship', expectedReturn: '2027-03-01' }] }),
    answers: {
      201: receipt('Paused', { pausedOn: day().nullable().describe('Day of the pause') }, { pausedOn: '2026-11-02' }),
    },
    problems: [...changeProblems, 'case_is_paused', 'case_is_closed', 'day_not_ahead', 'note_required'],
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
    description: 'Deferrals still owed are due as many days later as the case was paused.',
    tag,
    permission: 'case:pause',
    params: CaseParams,
    answers: { 201: receipt('Resumed', { pausedOn: z.null().describe('Running again') }, { pausedOn: null }) },
    problems: [...changeProblems, 'case_not_paused', 'case_is_closed'],
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
      .strictObject({ toId: Id.describe('New owner'), reason: z.enum(reassignReasons).describe('Reason'), note })
      .meta({ id: 'Reassign', examples: [{ toId: exampleId, reason: 'owner_left' }] }),
    answers: { 201: receipt('Reassigned', { ownerId: Id.describe('New owner') }, { ownerId: exampleId }) },
    problems: [...changeProblems, 'staff_unfit', 'already_owner', 'owner_still_serves', 'note_required'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['case.reassigned'],
    handle: call => reassignCase(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'addCoWorker',
    method: 'POST',
    path: '/v1/cases/:caseId/co-workers',
    summary: 'Add a co-worker, from today on or from a day to come',
    tag,
    permission: 'team:manage',
    params: CaseParams,
    body: z
      .strictObject({
        staffId: Id.describe('Staff member'),
        validFrom: day().nullable().default(null).describe('First day; null = today'),
        validUntil: day().nullable().default(null).describe('First day no longer on the team'),
      })
      .meta({ id: 'AddCoWorker', examples: [{ staffId: exampleId }] }),
    answers: {
      201: receipt(
        'CoWorkerAdded',
        {
          staffId: Id.describe('Staff member'),
          validFrom: day().describe('First day'),
          validUntil: day().nullable().describe('First day no longer on the team'),
        },
        { staffId: exampleId, validFrom: '2026-11-02', validUntil: null },
      ),
    },
    problems: [...changeProblems, 'case_is_closed', 'staff_unfit', 'already_owner', 'already_on_team', 'days_unfit'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['co_worker.added'],
    handle: call => addCoWorker(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'endCoWorker',
    method: 'DELETE',
    path: '/v1/cases/:caseId/co-workers/:staffId',
    summary: 'End a co-worker’s part today, one to come on its first day',
    tag,
    permission: 'team:manage',
    params: withCase({ staffId: Id.describe('Staff member') }),
    answers: {
      200: receipt(
        'CoWorkerEnded',
        { staffId: Id.describe('Staff member'), validUntil: day().describe('First day no longer on the team') },
        { staffId: exampleId, validUntil: '2026-11-02' },
      ),
    },
    problems: changeProblems,
    ifMatch: 'required',
    writes: ['co_worker.ended'],
    handle: call => endCoWorker(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
]
