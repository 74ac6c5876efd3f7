import { z } from 'zod'
import { exampleTimelineItem, TimelineItem, WordsRead } from '../cases/schemas.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Id } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { historyOf, wordsOf } from '../records/history.ts'
import { eraseGroupKey } from './erase-key.ts'
import { groupSubject } from './facts.ts'
import { GroupParams, receipt, withGroup } from './schemas.ts'

const tag = 'Groups'
const readHistory = historyOf(groupSubject, 'group:timeline')
const readWords = wordsOf(groupSubject, 'group:timeline')

/** What happened in a group, and the end of its words. */
export const groupHistoryRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'getGroupTimeline',
    method: 'GET',
    path: '/v1/groups/:groupId/timeline',
    summary: 'Read what happened in a group, oldest first',
    tag,
    permission: 'group:timeline',
    params: GroupParams,
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('TimelinePage', TimelineItem, exampleTimelineItem) },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    handle: async call => {
      const { groupId } = call.params
      const { limit, cursor } = call.query
      const key = deps.ambient.keys.cursor
      const list = listName('getGroupTimeline', { groupId })
      const after = cursor ? Number(readCursor(key, list, cursor)[0]) : 0
      const found = await readHistory(deps, requestOf(call), { id: groupId, after, limit })
      const next = found.more ? signCursor(key, list, [found.last]) : null
      const body = `{"items":${found.items},"next":${JSON.stringify(next)}}`
      return pageAnswer(`/v1/groups/${groupId}/timeline`, body, next, call.query)
    },
  }),
  defineRoute({
    operationId: 'getGroupWords',
    method: 'GET',
    path: '/v1/groups/:groupId/words/:wordsId',
    summary: 'Read words given with a command, named by a timeline entry',
    tag,
    permission: 'group:timeline',
    params: withGroup({ wordsId: Id.describe('`wordsId` of the entry') }),
    answers: { 200: WordsRead },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => ({
      status: 200,
      body: await readWords(deps, requestOf(call), call.params.groupId, call.params.wordsId),
    }),
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
    problems: ['not_permitted', 'not_found', 'group_not_over', 'key_is_erased', 'version_stale'],
    ifMatch: 'required',
    writes: ['group.key_erased'],
    handle: call => eraseGroupKey(deps, requestOf(call), { groupId: call.params.groupId, ifMatch: call.ifMatch }),
  }),
]
