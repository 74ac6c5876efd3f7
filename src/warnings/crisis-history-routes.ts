import { z } from 'zod'
import { exampleTimelineItem, TimelineItem, WordsRead } from '../cases/schemas.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, text } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import type { Deps } from '../platform/subject.ts'
import { requestOf } from '../platform/subject.ts'
import { crisisMinutes, crisisTimeline, crisisWords } from './crisis-history.ts'
import { CrisisParams, changeProblems, exampleMinute, Minute, When, withCrisis } from './crisis-schemas.ts'
import { writeCrisisMinute } from './write-minute.ts'

const tag = 'Crises'

const timelineRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'getCrisisTimeline',
    method: 'GET',
    path: '/v1/crises/:crisisId/timeline',
    summary: 'Read what happened in a crisis, oldest first',
    tag,
    permission: 'crisis:read',
    params: CrisisParams,
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('TimelinePage', TimelineItem, exampleTimelineItem) },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    handle: async call => {
      const { crisisId } = call.params
      const key = deps.ambient.keys.cursor
      const after = call.query.cursor
        ? Number(readCursor(key, listName('getCrisisTimeline', { crisisId }), call.query.cursor)[0])
        : 0
      const found = await crisisTimeline(deps, requestOf(call), { crisisId, after, limit: call.query.limit })
      const next = found.more ? signCursor(key, listName('getCrisisTimeline', { crisisId }), [found.last]) : null
      const body = `{"items":${found.items},"next":${JSON.stringify(next)}}`
      return pageAnswer(`/v1/crises/${crisisId}/timeline`, body, next, call.query)
    },
  }),
  defineRoute({
    operationId: 'getCrisisWords',
    method: 'GET',
    path: '/v1/crises/:crisisId/words/:wordsId',
    summary: 'Read words given with a command, named by a timeline entry',
    tag,
    permission: 'crisis:read',
    params: withCrisis({ wordsId: Id.describe('`wordsId` of the entry') }),
    answers: { 200: WordsRead },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => ({
      status: 200,
      body: await crisisWords(deps, requestOf(call), call.params.crisisId, call.params.wordsId),
    }),
  }),
]

const minuteRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'writeCrisisMinute',
    method: 'POST',
    path: '/v1/crises/:crisisId/minutes',
    summary: 'Write a minute: what happened when',
    description: 'Never changed; written long after it happened, it is marked late. The version of the crisis stays.',
    tag,
    permission: 'crisis:respond',
    params: CrisisParams,
    body: z
      .strictObject({
        happenedAt: When.describe('When it happened'),
        text: text(4000).trim().min(1).describe('What happened; confidential'),
      })
      .meta({
        id: 'WriteCrisisMinute',
        examples: [{ happenedAt: '2026-09-14T01:30:00Z', text: '已与室友到操场寻找。' }],
      }),
    answers: {
      201: z
        .strictObject({
          crisisId: Id.describe('Crisis'),
          id: Id.describe('Minute'),
          late: z.boolean().describe('Written long after it happened'),
        })
        .meta({ id: 'CrisisMinuteWritten', examples: [{ crisisId: exampleId, id: exampleId, late: false }] }),
    },
    problems: [...changeProblems, 'time_out_of_order'],
    idempotency: 'accepted',
    writes: ['crisis.minuted'],
    handle: call => writeCrisisMinute(deps, requestOf(call), { ...call.params, ...call.body }),
  }),
  defineRoute({
    operationId: 'listCrisisMinutes',
    method: 'GET',
    path: '/v1/crises/:crisisId/minutes',
    summary: 'Read the minutes in the order things happened; the reading is journalled',
    tag,
    permission: 'crisis:read',
    params: CrisisParams,
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('CrisisMinutePage', Minute, exampleMinute) },
    problems: ['not_permitted', 'not_found', 'bad_cursor', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => {
      const { crisisId } = call.params
      const key = deps.ambient.keys.cursor
      const after = call.query.cursor
        ? readCursor(key, listName('listCrisisMinutes', { crisisId }), call.query.cursor)
        : null
      const found = await crisisMinutes(deps, requestOf(call), { crisisId, after, limit: call.query.limit })
      const next = found.last ? signCursor(key, listName('listCrisisMinutes', { crisisId }), found.last) : null
      const path = `/v1/crises/${crisisId}/minutes`
      return pageAnswer(path, JSON.stringify({ items: found.items, next }), next, call.query)
    },
  }),
]

/** Timeline, words and minutes of a crisis. */
export const crisisHistoryRoutes = (deps: Deps): Route[] => [...timelineRoutes(deps), ...minuteRoutes(deps)]
