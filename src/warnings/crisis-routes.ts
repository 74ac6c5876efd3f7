import { z } from 'zod'
import { moveRoutes } from '../platform/http/move-routes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Id } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf, statusMeant } from '../platform/lists.ts'
import type { Deps } from '../platform/subject.ts'
import { requestOf } from '../platform/subject.ts'
import { crisisProcess } from '../practice/crisis.ts'
import { crisisScopes } from './crisis-access.ts'
import {
  Crisis,
  CrisisItem,
  CrisisOpened,
  CrisisParams,
  CrisisStepName,
  changeProblems,
  crisisMoves,
  exampleCrisis,
  Kind,
  OpenCrisisBody,
} from './crisis-schemas.ts'
import { listCrises } from './list-crises.ts'
import { explainCrisis, moveCrisis } from './move-crisis.ts'
import { openCrisis } from './open-crisis.ts'
import { viewCrisis } from './view-crisis.ts'

const tag = 'Crises'

/** Opening, reading, listing and moving crises. */
export const crisisRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'openCrisis',
    method: 'POST',
    path: '/v1/crises',
    summary: 'Open a crisis for a student',
    description:
      'By casework staff of a unit above the student, or whoever works on the case named. A case of the student is held until the danger is over; the answer does not tell whether there is one. One open crisis a student and kind.',
    tag,
    permission: 'crisis:open',
    body: OpenCrisisBody,
    answers: { 201: CrisisOpened },
    problems: [
      'not_permitted',
      'not_found',
      'crisis_link_unfit',
      'crisis_kind_unfit',
      'crisis_is_open',
      'staff_unfit',
      'version_stale',
    ],
    idempotency: 'required',
    writes: ['crisis.opened', 'hold.opened'],
    handle: call => openCrisis(deps, requestOf(call), call.body),
  }),
  defineRoute({
    operationId: 'listCrises',
    method: 'GET',
    path: '/v1/crises',
    summary: 'List the crises the caller may see, newest first',
    tag,
    permission: 'crisis:list',
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      scope: z.enum(crisisScopes).default('all').describe('Led or responded to, of the units managed, or all'),
      status: z
        .enum(['open', 'closed', 'all'])
        .optional()
        .describe('Not closed, closed or all; by default open, or over where `step` is a last one'),
      step: CrisisStepName.optional(),
      kind: Kind.optional(),
      studentId: Id.optional().describe('Only of this student'),
      overdue: z.enum(['true', 'false']).default('false').describe('Only stages past their target'),
    }),
    answers: { 200: pageOf('CrisisPage', CrisisItem, exampleCrisis) },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    handle: async call => {
      const { overdue, ...query } = call.query
      const status = statusMeant(query, crisisProcess.final, 'closed')
      const asked = { ...query, status, overdue: overdue === 'true' }
      const page = await listCrises(deps, requestOf(call), asked)
      return pageAnswer('/v1/crises', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'getCrisis',
    method: 'GET',
    path: '/v1/crises/:crisisId',
    summary: 'Read a crisis with its words; the reading is journalled',
    tag,
    permission: 'crisis:read',
    params: CrisisParams,
    answers: { 200: Crisis },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => {
      const found = await viewCrisis(deps, requestOf(call), call.params.crisisId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  ...movingRoutes(deps),
]

const movingRoutes = (deps: Deps): Route[] =>
  moveRoutes({
    tag,
    path: '/v1/crises/:crisisId',
    params: CrisisParams,
    schemas: crisisMoves,
    explain: {
      operationId: 'listCrisisTransitions',
      permission: 'crisis:read',
      run: (call, id) => explainCrisis(deps, requestOf(call), id),
    },
    move: {
      operationId: 'moveCrisis',
      permission: 'crisis:move',
      description:
        'With `dryRun=true` it only decides. The clock of the next stage starts; holds are lifted once it is over.',
      problems: [
        ...changeProblems.filter(code => code !== 'crisis_is_over'),
        'step_not_reachable',
        'edge_not_yours',
        'reason_required',
        'reason_not_allowed',
        'note_required',
        'requirements_unmet',
      ],
      writes: ['crisis.moved', 'hold.lifted'],
      run: (call, { id: crisisId, ...move }) => moveCrisis(deps, requestOf(call), { ...move, crisisId }),
    },
  })
