import { z } from 'zod'
import { moveRoutes } from '../platform/http/move-routes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Cursor, Limit, pageAnswer, pageOf, statusMeant } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { groupWork } from '../practice/group-work.ts'
import { changeGroupData } from './change-group.ts'
import { groupHistoryRoutes } from './history-routes.ts'
import { listGroups } from './list-groups.ts'
import { openItems } from './member-schemas.ts'
import { explainGroup, moveGroup } from './move-group.ts'
import { openGroup } from './open-group.ts'
import {
  ChangeGroupBody,
  changeProblems,
  GroupOpened,
  GroupParams,
  GroupStep,
  groupMoves,
  MemberId,
  OpenGroupBody,
  receipt,
  TypeCode,
} from './schemas.ts'
import { viewGroup } from './view-group.ts'
import { exampleItem, Group, GroupItem } from './view-schemas.ts'

const tag = 'Groups'
const statuses = z.enum(['open', 'ended', 'all'])
const status = statuses.default('open').describe('Not over, over, or all groups')
const statusByStep = statuses
  .optional()
  .describe('Not over, over, or all groups; by default open, or over where `step` is a last one')

/** Opening, reading, listing, changing and moving groups. */
export const groupRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'openGroup',
    method: 'POST',
    path: '/v1/groups',
    summary: 'Open a group in preparation',
    description:
      'The caller becomes its leader. Rule, limits and roles are taken from the type as it is now; types in `/v1/group-types`.',
    tag,
    permission: 'group:open',
    body: OpenGroupBody,
    answers: { 201: GroupOpened },
    problems: ['not_permitted', 'not_found', 'group_type_unknown', 'limits_unfit', 'version_stale'],
    idempotency: 'required',
    writes: ['group.opened'],
    handle: call => openGroup(deps, requestOf(call), call.body),
  }),
  defineRoute({
    operationId: 'listGroups',
    method: 'GET',
    path: '/v1/groups',
    summary: 'List the groups the caller may see, newest first',
    description: 'Those led, of the units managed or supervised, and those the caller takes part in.',
    tag,
    permission: 'group:list',
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      status: statusByStep,
      step: GroupStep.optional(),
      type: TypeCode.optional(),
    }),
    answers: { 200: pageOf('GroupPage', GroupItem, exampleItem) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const asked = { ...call.query, status: statusMeant(call.query, groupWork.final, 'ended') }
      const page = await listGroups(deps, requestOf(call), asked)
      return pageAnswer('/v1/groups', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'searchGroups',
    method: 'POST',
    path: '/v1/groups/search',
    summary: 'Find groups by number or part of the name',
    tag,
    permission: 'group:list',
    body: z
      .strictObject({
        text: z.string().trim().min(2).max(100).describe('Number, or at least two characters of the name'),
        limit: Limit,
        cursor: Cursor,
        status,
      })
      .meta({ id: 'SearchGroups', examples: [{ text: '高数' }] }),
    answers: { 200: pageOf('GroupPage', GroupItem, exampleItem) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => ({ status: 200, body: (await listGroups(deps, requestOf(call), call.body)).body }),
  }),
  defineRoute({
    operationId: 'getGroup',
    method: 'GET',
    path: '/v1/groups/:groupId',
    summary: 'Read a group: phase, members, sessions, tasks, budget, open items',
    description: 'Who takes part sees the group, its sessions and what is their own; nothing of another member.',
    tag,
    permission: 'group:read',
    params: GroupParams,
    answers: { 200: Group },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const found = await viewGroup(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    operationId: 'changeGroup',
    method: 'PATCH',
    path: '/v1/groups/:groupId',
    summary: 'Change name, type or limits; in a group that runs, for a reason',
    tag,
    permission: 'group:lead',
    params: GroupParams,
    body: ChangeGroupBody,
    answers: {
      200: receipt(
        'GroupChanged',
        {
          type: TypeCode,
          minMembers: z.int().describe('At least'),
          maxMembers: z.int().describe('At most'),
          promoted: z.array(MemberId).max(100).describe('Who was waiting and has a place now'),
          openItems,
        },
        { type: 'growth', minMembers: 3, maxMembers: 12, promoted: ['m9'], openItems: [] },
      ),
    },
    problems: [...changeProblems, 'group_type_unknown', 'limits_unfit', 'member_role_unfit', 'note_required'],
    ifMatch: 'required',
    writes: ['group.changed'],
    handle: call => changeGroupData(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  ...movingRoutes(deps),
  ...groupHistoryRoutes(deps),
]

const movingRoutes = (deps: Deps): Route[] =>
  moveRoutes({
    tag,
    path: '/v1/groups/:groupId',
    params: GroupParams,
    schemas: groupMoves,
    explain: {
      operationId: 'listGroupTransitions',
      permission: 'group:explain',
      run: (call, id) => explainGroup(deps, requestOf(call), id),
    },
    move: {
      operationId: 'moveGroup',
      permission: 'group:move',
      description:
        'With `dryRun=true` it only decides. Consented members become active when the group begins, and have completed it when it ends.',
      problems: [
        ...changeProblems.filter(code => code !== 'group_is_over'),
        'step_not_reachable',
        'edge_not_yours',
        'reason_required',
        'reason_not_allowed',
        'note_required',
        'requirements_unmet',
      ],
      writes: ['group.moved'],
      run: (call, move) => moveGroup(deps, requestOf(call), move),
    },
  })
