import { z } from 'zod'
import { listName } from '../platform/cursor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id, text } from '../platform/http/schemas.ts'
import { answerPage, Cursor, Limit, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { historyRoutes } from '../records/history-routes.ts'
import { crisisMinutes, crisisTimeline, crisisWords } from './crisis-history.ts'
import { CrisisParams, changeProblems, exampleMinute, Minute, When } from './crisis-schemas.ts'
import { writeCrisisMinute } from './write-minute.ts'

const tag = 'Crises'

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
    handle: call => {
      const { crisisId } = call.params
      const { query } = call
      const list = listName('listCrisisMinutes', { crisisId })
      return answerPage(deps, { list, path: `/v1/crises/${crisisId}/minutes`, query }, after =>
        crisisMinutes(deps, requestOf(call), { crisisId, after, limit: query.limit }),
      )
    },
  }),
]

/** Timeline, words and minutes of a crisis. */
export const crisisHistoryRoutes = (deps: Deps): Route[] => [
  ...historyRoutes(deps, {
    tag,
    path: '/v1/crises/:crisisId',
    params: CrisisParams,
    logs: [
      {
        operationId: 'getCrisisTimeline',
        at: 'timeline',
        summary: 'Read what happened in a crisis, oldest first',
        ...crisisTimeline,
      },
    ],
    words: { operationId: 'getCrisisWords', ...crisisWords },
  }),
  ...minuteRoutes(deps),
]
