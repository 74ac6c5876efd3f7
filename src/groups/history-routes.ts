import { defineRoute, type Route } from '../platform/http/route.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { historyOf, wordsOf } from '../records/history.ts'
import { historyRoutes } from '../records/history-routes.ts'
import { eraseGroupKey } from './erase-key.ts'
import { groupSubject } from './facts.ts'
import { GroupParams, receipt } from './schemas.ts'

const tag = 'Groups'

/** What happened in a group, and the end of its words. */
export const groupHistoryRoutes = (deps: Deps): Route[] => [
  ...historyRoutes(deps, {
    tag,
    path: '/v1/groups/:groupId',
    params: GroupParams,
    logs: [
      {
        operationId: 'getGroupTimeline',
        at: 'timeline',
        summary: 'Read what happened in a group, oldest first',
        ...historyOf(groupSubject, 'group:timeline'),
      },
    ],
    words: { operationId: 'getGroupWords', ...wordsOf(groupSubject, 'group:timeline') },
  }),
  defineRoute({
    operationId: 'eraseGroupKey',
    method: 'DELETE',
    path: '/v1/groups/:groupId/key',
    summary: 'Erase the data key of a group that is over: its words are gone for ever',
    tag,
    permission: 'key:erase',
    params: GroupParams,
    answers: { 200: receipt('GroupKeyErased', {}, {}) },
    problems: ['not_permitted', 'not_found', 'group_not_over', 'key_is_erased'],
    ifMatch: 'required',
    writes: ['group.key_erased'],
    handle: call => eraseGroupKey(deps, requestOf(call), { groupId: call.params.groupId, ifMatch: call.ifMatch }),
  }),
]
