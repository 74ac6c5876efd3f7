import { z } from 'zod'
import { relatedCases, tellsOfRelated } from '../cases/access.ts'
import { relatedGroups } from '../groups/access.ts'
import {
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import type { Ambient } from '../platform/ambient.ts'
import { type Database, tenantStatement } from '../platform/database.ts'
import { type Call, defineRoute, type Route } from '../platform/http/route.ts'
import { relatedAlerts } from '../warnings/alert-access.ts'
import { relatedCrises } from '../warnings/crisis-access.ts'

/** What the feed is given; `sealed` resolves after the next sealing, or when the signal aborts or the time is over. */
export interface FeedDeps {
  readonly db: Database
  readonly ambient: Ambient
  readonly sealed: (signal: AbortSignal, timeoutMs: number) => Promise<void>
}

interface Row {
  readonly caller: KnownCaller
  readonly items: string
  readonly examined: number | null
}

/** The group of entry `v` of one: itself, or that of a record. */
const groupOf = "coalesce((v.entry::jsonb #>> '{data,groupId}')::uuid, v.subject_id)"

/** Parameters: 1–4 caller, 5 after, 6 limit, 7 the machine client that asks, or null. */
const feed = tenantStatement<Row>(
  'journal.feed',
  `with ${callerCtes},
v as materialized (select j.position, j.type, j.at, j.subject_id, j.case_id, j.read_hour, j.entry from journal j
  where j.institution_id = $1::uuid and j.position > $5::bigint order by j.position limit $6::int),
granted as materialized (select jsonb_array_elements_text(k.types) as type from clients k
  where k.institution_id = $1::uuid and k.id = $7::uuid and k.revoked_at is null),
shown as (select v.* from v where v.read_hour is null and (v.type in (select type from granted) or exists (select from held where role = 'auditor')
  or v.case_id in (${relatedCases('select v.case_id from v where v.case_id is not null')}) or ${tellsOfRelated('v')}
  or v.subject_id in (${relatedCrises('select v.subject_id from v where v.case_id is null')})
  or (v.type like 'group.%' and ${groupOf} in (${relatedGroups(`select ${groupOf} from v where v.type like 'group.%'`)}))
  or (v.case_id is null and v.type like 'alert.%' and v.entry::jsonb #> '{data,crisisId}' is null
    and v.subject_id in (${relatedAlerts("select v.subject_id from v where v.type like 'alert.%'")}))))
select ${callerJson} as caller, (select max(position) from v) as examined,
  (select coalesce(json_agg(case when $7::uuid is not null
      then json_build_object('position', position, 'type', type, 'at', entry::jsonb->>'at', 'subjectId', subject_id)
      else json_build_object('position', position, 'type', type, 'at', entry::jsonb->>'at', 'subjectId', subject_id, 'entry', entry::json) end
    order by position), '[]')::text from shown) as items`,
)

const read = async (deps: FeedDeps, call: Call, after: number, limit: number): Promise<Row> => {
  const params = [...callerParams(call.caller, deps.ambient.now()), after, limit, call.caller.clientId] as const
  const [row] = await deps.db.as(call.caller.institution).rows(feed, ...params)
  const found = row as Row
  requirePermission(call.caller, knownCaller(call.caller, found.caller), 'journal:read')
  return found
}

const pollMs = 1_000

/**
 * Reads again until there is something or the time is over: woken when this process seals, and every second, because
 * another may have sealed.
 */
const readWithin = async (deps: FeedDeps, call: Call, after: number, limit: number, waitMs: number): Promise<Row> => {
  const signal = call.signal()
  const until = performance.now() + waitMs
  for (;;) {
    const rest = until - performance.now()
    const round = new AbortController()
    // Listening begins before reading: what is sealed in between is heard.
    const heard = deps.sealed(AbortSignal.any([signal, round.signal]), Math.min(pollMs, Math.max(rest, 0)))
    const found = await read(deps, call, after, limit).catch(error => {
      round.abort()
      throw error
    })
    if (found.examined !== null || rest <= 0 || signal.aborted) {
      round.abort()
      return found
    }
    await heard
  }
}

/** The journal feed: sealed entries in order of position, as far as the caller may know. */
export const feedRoutes = (deps: FeedDeps): Route[] => [
  defineRoute({
    operationId: 'readJournal',
    method: 'GET',
    path: '/v1/journal',
    summary: 'Read sealed journal entries in order, from a position on',
    description:
      'Machine clients see type, position, subject and time of the types they were granted; auditors whole entries; staff those of their cases, groups, alerts and crises and of the enrolment of students whose case is open. `next` is the last position looked at. With `wait` the answer comes as soon as something is sealed.',
    tag: 'Journal',
    permission: 'journal:read',
    query: z.strictObject({
      after: z.coerce.number().int().min(0).max(9_007_199_254_740_991).default(0).describe('Last position known'),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .default(50)
        .transform(limit => Math.min(limit, 200))
        .describe('Entries looked at, at most 200'),
      wait: z.coerce.number().int().min(0).max(25).default(0).describe('Seconds to wait for something new'),
    }),
    answers: {
      200: z
        .strictObject({
          items: z
            .array(
              z.strictObject({
                position: z.int().describe('Position, gapless per institution'),
                type: z.string().max(60).describe('`noun.past_tense`'),
                at: z.iso.datetime().describe('When'),
                subjectId: z.uuid().describe('What it is about'),
                entry: z.record(z.string().max(60), z.unknown()).optional().describe('The whole entry'),
              }),
            )
            .max(200)
            .describe('Entries'),
          next: z.int().describe('Last position looked at: the next `after`'),
        })
        .meta({
          id: 'JournalPage',
          examples: [
            {
              items: [
                {
                  position: 41,
                  type: 'case.moved',
                  at: '2026-11-02T08:30:00.000Z',
                  subjectId: '01936d3e-7c00-7000-8000-000000000001',
                },
              ],
              next: 41,
            },
          ],
        }),
    },
    problems: ['not_permitted'],
    handle: async call => {
      const { after, limit, wait } = call.query
      const found = await readWithin(deps, call, after, limit, wait * 1000)
      return { status: 200, body: `{"items":${found.items},"next":${found.examined ?? after}}` }
    },
  }),
]
