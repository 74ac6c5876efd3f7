import { z } from 'zod'
import { moveRoutes } from '../platform/http/move-routes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Id } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf, statusMeant } from '../platform/lists.ts'
import { requestOf } from '../platform/subject.ts'
import { casework } from '../practice/casework.ts'
import { historyRoutes } from '../records/history-routes.ts'
import type { CaseDeps } from './change.ts'
import { eraseKey } from './erase-key.ts'
import { flagNames } from './flags.ts'
import { listCases } from './list-cases.ts'
import { explainCase, moveCase } from './move-case.ts'
import { caseMoves } from './move-schemas.ts'
import { openCase } from './open-case.ts'
import { Case, CaseItem, CaseOpened, CaseParams, exampleItem, OpenCaseBody, receipt, Step } from './schemas.ts'
import { caseAccessLog, caseTimeline, caseWords } from './timeline.ts'
import { viewCase } from './view-case.ts'

const tag = 'Cases'
const statuses = z.enum(['open', 'closed', 'all'])
const status = statuses.default('open').describe('Open, closed or all cases')
const statusByStep = statuses
  .optional()
  .describe('Open, closed or all cases; by default open, or over where `step` is a last one')

/** Opening, reading, listing and moving cases; what happened in one, and the end of its words. */
export const caseRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'openCase',
    method: 'POST',
    path: '/v1/cases',
    summary: 'Open a case for a student',
    description:
      'The caller becomes its owner. One open case a student and kind; one in closure does not count, so a successor may stand beside it.',
    tag,
    permission: 'case:open',
    body: OpenCaseBody,
    answers: { 201: CaseOpened },
    problems: [
      'not_permitted',
      'not_found',
      'student_has_died',
      'student_out_of_scope',
      'predecessor_unfit',
      'open_case_exists',
      'version_stale',
    ],
    idempotency: 'required',
    writes: ['case.opened'],
    handle: call => openCase(deps, requestOf(call), call.body),
  }),
  defineRoute({
    operationId: 'listCases',
    method: 'GET',
    path: '/v1/cases',
    summary: 'List the cases the caller may see, newest first',
    tag,
    permission: 'case:list',
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      status: statusByStep,
      step: Step.optional(),
      ownerId: Id.optional().describe('Only of this owner'),
      studentId: Id.optional().describe('Only of this student'),
      flag: z.enum(flagNames).optional().describe('Only cases with this flag; titles in /v1/codes'),
    }),
    answers: { 200: pageOf('CasePage', CaseItem, exampleItem) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const asked = { ...call.query, status: statusMeant(call.query, casework.final, 'closed') }
      const page = await listCases(deps, requestOf(call), asked)
      return pageAnswer('/v1/cases', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'searchCases',
    method: 'POST',
    path: '/v1/cases/search',
    summary: 'Find cases by case number, student number or part of a name',
    tag,
    permission: 'case:list',
    body: z
      .strictObject({
        text: z.string().trim().min(2).max(100).describe('Number, or at least two characters of a name'),
        limit: Limit,
        cursor: Cursor,
        status,
      })
      .meta({ id: 'SearchCases', examples: [{ text: '晓明' }] }),
    answers: { 200: pageOf('CasePage', CaseItem, exampleItem) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => ({ status: 200, body: (await listCases(deps, requestOf(call), call.body)).body }),
  }),
  defineRoute({
    operationId: 'getCase',
    method: 'GET',
    path: '/v1/cases/:caseId',
    summary: 'Read a case: where it stands, team, goals, consents, flags',
    tag,
    permission: 'case:read',
    params: CaseParams,
    answers: { 200: Case },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const found = await viewCase(deps, requestOf(call), call.params.caseId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  ...moveRoutes({
    tag,
    path: '/v1/cases/:caseId',
    params: CaseParams,
    schemas: caseMoves,
    explain: {
      operationId: 'listTransitions',
      permission: 'case:explain',
      run: (call, id) => explainCase(deps, requestOf(call), id),
    },
    move: {
      operationId: 'moveCase',
      permission: 'case:move',
      description: 'With `dryRun=true` it only decides. Early ending and closing reasons are given as `reason`.',
      problems: [
        'not_permitted',
        'not_found',
        'step_not_reachable',
        'edge_not_yours',
        'reason_required',
        'reason_not_allowed',
        'note_required',
        'requirements_unmet',
        'open_case_exists',
        'key_is_erased',
      ],
      writes: ['case.moved'],
      run: (call, move) => moveCase(deps, requestOf(call), move),
    },
  }),
  ...historyRoutes(deps, {
    tag,
    path: '/v1/cases/:caseId',
    params: CaseParams,
    logs: [
      {
        operationId: 'getTimeline',
        at: 'timeline',
        summary: 'Read what happened in a case, oldest first',
        ...caseTimeline,
      },
      {
        operationId: 'getAccessLog',
        at: 'access-log',
        summary: 'Read who looked at confidential content, oldest first',
        ...caseAccessLog,
      },
    ],
    words: { operationId: 'getWords', ...caseWords },
  }),
  defineRoute({
    operationId: 'eraseCaseKey',
    method: 'DELETE',
    path: '/v1/cases/:caseId/key',
    summary: 'Erase the data key of a closed case: its words are gone for ever',
    tag,
    permission: 'key:erase',
    params: CaseParams,
    answers: { 200: receipt('KeyErased', {}, {}) },
    problems: ['not_permitted', 'not_found', 'case_not_closed', 'key_is_erased'],
    ifMatch: 'required',
    writes: ['case.key_erased'],
    handle: call => eraseKey(deps, requestOf(call), { caseId: call.params.caseId, ifMatch: call.ifMatch }),
  }),
]
