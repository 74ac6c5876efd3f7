import {
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { newestFirst, olderThanCursor, oneMore, type PageRow, readPage } from '../people/page.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type Scope, visibleAlerts } from './alert-access.ts'
import { holdsRole } from './holders.ts'
import { isNoStudent, severityShown, shownJson } from './shown-alert.ts'

/** Whether alert `a` has missed a target: to be seen, as grave as it is, or to be resolved. Parameter 4 is now. */
export const isOverdue = `(a.step <> 'resolved' and coalesce((a.acknowledged_at is null and a.acknowledge_by < $4::timestamptz)
  or (a.step = 'acknowledged' and a.resolve_by < $4::timestamptz), false))`

/** Members of JSON that say what alert `a` is made of, however many its signals are. */
export const madeOf = `'kinds', (select coalesce(json_agg(distinct g.kind), '[]') from signals g where g.institution_id = $1::uuid and g.alert_id = a.id),
  'signalCount', a.signal_count`

const staffItem = `json_build_object('id', a.id, 'step', a.step, 'severity', a.severity, 'version', a.version,
  'student', json_build_object('id', s.id, 'number', s.number, 'name', s.name),
  'owner', (select json_build_object('id', w.id, 'name', w.name) from staff w where w.institution_id = $1::uuid and w.id = a.owner_id),
  ${madeOf}, 'openedAt', ${utc('a.opened_at')},
  'ageMinutes', floor(extract(epoch from ($4::timestamptz - a.opened_at)) / 60)::int,
  'target', ${utc("case when a.step = 'resolved' then null when a.acknowledged_at is null then a.acknowledge_by else a.resolve_by end")},
  'acknowledgeBy', ${utc('a.acknowledge_by')}, 'acknowledgedAt', ${utc('a.acknowledged_at')},
  'resolveBy', ${utc('a.resolve_by')}, 'resolvedAt', ${utc('a.resolved_at')},
  'overdue', ${isOverdue}, 'beyondHorizon', a.beyond_horizon, 'escalation', a.escalation)`

const studentItem = shownJson(`'id', a.id, 'step', a.step, 'version', a.version, 'openedAt', ${utc('a.opened_at')}, `)

/** Which alerts by whether they are open. */
export type Status = 'open' | 'resolved' | 'all'

const statuses = { open: "a.step <> 'resolved'", resolved: "a.step = 'resolved'", all: 'true' } as const
const toldStatuses = { open: ' and w.open', resolved: ' and not w.open', all: '' } as const
const scopes = ['mine', 'unit', 'told', 'all'] as const

/** One page of alerts the caller may see. Parameters from 8: step, severity, overdue, student, text of a search. */
const pageStatement = (name: string, scope: Scope, status: Status, found = ''): Statement<PageRow> => {
  const wanted = `${statuses[status]} and ${olderThanCursor('a')} and ($8::text is null or a.step = $8::text)
    and ($11::uuid is null or a.student_id = $11::uuid)${found}`
  return newestFirst(name, {
    visible: visibleAlerts(
      scope,
      `${wanted} and ($9::text is null or a.severity = $9::text) and ($10::boolean is null or $10::boolean = ${isOverdue})`,
      toldStatuses[status],
      `limit ${oneMore}`,
      `${wanted} and ($9::text is null or ${severityShown} = $9::text) and not coalesce($10::boolean, false)`,
    ),
    joins: `join alerts a on a.institution_id = $1::uuid and a.id = p.id
    join students s on s.institution_id = $1::uuid and s.id = a.student_id`,
    item: `case when ${isNoStudent} then ${staffItem} else ${studentItem} end`,
  })
}

const byNumberOrName = ` and a.student_id in (
    select s.id from students s where s.institution_id = $1::uuid and (s.number = $12::text
      or (length($12::text) > 1 and bigrams(s.name || ' ' || coalesce(s.name_en, '')) @> bigrams($12::text)
        and strpos(lower(s.name || ' ' || coalesce(s.name_en, '')), lower($12::text)) > 0)))`

const each = <T>(make: (scope: Scope, status: Status) => T) =>
  Object.fromEntries(
    scopes.flatMap(scope =>
      (['open', 'resolved', 'all'] as const).map(status => [`${scope} ${status}`, make(scope, status)]),
    ),
  )

const pages = each((scope, status) => pageStatement(`alerts.list_${scope}_${status}`, scope, status))
const searches = each((scope, status) =>
  pageStatement(`alerts.search_${scope}_${status}`, scope, status, byNumberOrName),
)

/** What to list. */
export interface ListAlerts {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly scope: Scope
  readonly status: Status
  readonly step?: string | undefined
  readonly severity?: string | undefined
  readonly overdue?: boolean | undefined
  readonly studentId?: string | undefined
  /** Student number, or at least two characters of a name. */
  readonly text?: string | undefined
}

/** A page of alerts: {@link readPage}. */
export const listAlerts = (deps: Deps, { caller }: Request, input: ListAlerts) => {
  const { scope, status, step, severity, overdue, studentId, text } = input
  const operation = text === undefined ? 'listAlerts' : 'searchAlerts'
  const statement = (text === undefined ? pages : searches)[`${scope} ${status}`] as Statement<PageRow>
  const filters = [step ?? null, severity ?? null, overdue ?? null, studentId ?? null]
  const asked = { operation, input, permission: 'alert:list' } as const
  return readPage(deps, caller, statement, asked, ...filters, ...(text === undefined ? [] : [text]))
}

const counts = (scope: Scope) =>
  tenantStatement<{ caller: KnownCaller; counters: Record<string, unknown> }>(
    `alerts.count_${scope}`,
    `with ${callerCtes},
v as materialized (${visibleAlerts(scope, statuses.open, toldStatuses.open, '')}),
a as materialized (select a.*, case when ${isNoStudent} then a.severity else ${severityShown} end as seen from v join alerts a on a.institution_id = $1::uuid and a.id = v.id),
gone as materialized (select o.id from (select distinct owner_id as id from a where owner_id is not null) o
  where not ${holdsRole('o.id', '(select day from t)')})
select ${callerJson} as caller, (select json_build_object('open', count(*),
  'steps', json_build_object('raised', count(*) filter (where a.step = 'raised'), 'acknowledged', count(*) filter (where a.step = 'acknowledged')),
  'severities', json_build_object('blue', count(*) filter (where a.seen = 'blue'), 'yellow', count(*) filter (where a.seen = 'yellow'),
    'orange', count(*) filter (where a.seen = 'orange'), 'red', count(*) filter (where a.seen = 'red')),
  'overdue', count(*) filter (where ${isNoStudent} and ${isOverdue}), 'beyondHorizon', count(*) filter (where ${isNoStudent} and a.beyond_horizon),
  'unowned', count(*) filter (where ${isNoStudent} and (a.owner_id is null or a.owner_id in (select id from gone)))) from a) as counters`,
  )

const countStatements = {
  mine: counts('mine'),
  unit: counts('unit'),
  told: counts('told'),
  all: counts('all'),
} as const

/** Open alerts of the caller's, counted by step and severity. Counts what is open, never what is over. One round trip. */
export const countAlerts = async ({ db, ambient }: Deps, request: Request, scope: Scope) => {
  const params = callerParams(request.caller, ambient.now())
  const [row] = await db.as(request.caller.institution).rows(countStatements[scope], ...params)
  const found = row as { caller: KnownCaller; counters: Record<string, unknown> }
  requirePermission(request.caller, knownCaller(request.caller, found.caller), 'alert:list')
  return found.counters
}
