import {
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { CaseFlag } from '../practice/codes.ts'
import { visibleCases } from './access.ts'
import type { CaseDeps, Request } from './change.ts'
import { flagged, flagNames, flagsJson } from './flags.ts'

interface Row {
  readonly caller: KnownCaller
  /** JSON array of case items. */
  readonly items: string
  readonly count: number
  readonly last: [string, string] | null
}

const item = `json_build_object('id', c.id, 'number', c.number, 'kind', c.kind, 'step', c.step, 'version', c.version,
  'student', json_build_object('id', s.id, 'number', s.number, 'name', s.name),
  'owner', json_build_object('id', w.id, 'name', w.name),
  'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'closeReason', c.close_reason, 'pausedOn', c.paused_on,
  'flags', case when (select staff_id from me) is null then '[]' else ${flagsJson} end)`

/**
 * One page of cases the caller may see, newest first.
 * Parameters: 1–4 caller, 5 limit, 6 and 7 cursor (opened_at, id), 8 step, 9 owner, 10 student, then the search's.
 */
const pageStatement = (name: string, status: string, found = ''): Statement<Row> =>
  tenantStatement(
    name,
    `with ${callerCtes},
v as materialized (${visibleCases(
      `${status} and ($6::timestamptz is null or (c.opened_at, c.id) < ($6::timestamptz, $7::uuid))
    and ($8::text is null or c.step = $8::text) and ($9::uuid is null or c.owner_id = $9::uuid)
    and ($10::uuid is null or c.student_id = $10::uuid)${found}`,
      '$5::int + 1',
    )}),
p as materialized (select id, opened_at from v order by opened_at desc, id desc limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(opened_at::text, id) from p order by opened_at, id limit 1) as last,
  (select coalesce(json_agg(${item} order by c.opened_at desc, c.id desc), '[]')::text
    from p join cases c on c.institution_id = $1::uuid and c.id = p.id
    join students s on s.institution_id = $1::uuid and s.id = c.student_id
    join staff w on w.institution_id = $1::uuid and w.id = c.owner_id) as items`,
  )

const byNumberOrName = ` and (c.number = $11::text or c.student_id in (
    select s.id from students s where s.institution_id = $1::uuid and (s.number = $11::text
      or (length($11::text) > 1 and bigrams(s.name || ' ' || coalesce(s.name_en, '')) @> bigrams($11::text)
        and strpos(lower(s.name || ' ' || coalesce(s.name_en, '')), lower($11::text)) > 0))))`

const filters = { open: 'c.closed_at is null', closed: 'c.closed_at is not null', all: 'true' } as const

const pages = {
  open: pageStatement('cases.list_open', filters.open),
  closed: pageStatement('cases.list_closed', filters.closed),
  all: pageStatement('cases.list_all', filters.all),
} as const

/** A page of flagged cases a status and flag: the condition stands in the text, so that an index can serve it. */
const flaggedPages = Object.fromEntries(
  flagNames.map(flag => [
    flag,
    {
      open: pageStatement(`cases.list_open_${flag}`, filters.open, flagged(flag)),
      closed: pageStatement(`cases.list_closed_${flag}`, filters.closed, flagged(flag)),
      all: pageStatement(`cases.list_all_${flag}`, filters.all, flagged(flag)),
    },
  ]),
) as Readonly<Record<CaseFlag, typeof pages>>

const searches = {
  open: pageStatement('cases.search_open', filters.open, byNumberOrName),
  closed: pageStatement('cases.search_closed', filters.closed, byNumberOrName),
  all: pageStatement('cases.search_all', filters.all, byNumberOrName),
} as const

/** What to list. */
export interface ListCases {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status: 'open' | 'closed' | 'all'
  readonly step?: string | undefined
  readonly ownerId?: string | undefined
  readonly studentId?: string | undefined
  /** Only cases with this flag. */
  readonly flag?: CaseFlag | undefined
  /** Case number, student number, or at least two characters of a name. */
  readonly text?: string | undefined
}

/** A page as JSON text `{items, next}` and its cursor. One round trip. @throws Problem bad_cursor */
export const listCases = async ({ db, ambient }: CaseDeps, request: Request, input: ListCases) => {
  const operation = input.text === undefined ? 'listCases' : 'searchCases'
  const list = listName(operation, { ...input })
  const after = input.cursor === undefined ? null : readCursor(ambient.keys.cursor, list, input.cursor)
  const params = [
    ...callerParams(request.caller, ambient.now()),
    input.limit,
    (after?.[0] as string | undefined) ?? null,
    (after?.[1] as string | undefined) ?? null,
    input.step ?? null,
    input.ownerId ?? null,
    input.studentId ?? null,
  ] as const
  const tenant = db.as(request.caller.institution)
  const rows =
    input.text === undefined
      ? await tenant.rows((input.flag ? flaggedPages[input.flag] : pages)[input.status], ...params)
      : await tenant.rows(searches[input.status], ...params, input.text)
  const row = rows[0] as Row
  requirePermission(request.caller, knownCaller(request.caller, row.caller), 'case:list')
  const next = row.count > input.limit && row.last ? signCursor(ambient.keys.cursor, list, row.last) : null
  return { body: `{"items":${row.items},"next":${JSON.stringify(next)}}`, next }
}
