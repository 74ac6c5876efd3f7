import {
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { readCursor, signCursor } from '../platform/cursor.ts'
import { systemStatement, tenantStatement } from '../platform/database.ts'
import type { Call } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import type { Deps } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { probe } from './load-signals.ts'
import { requireSignature, webhookHeaders } from './signal-doors.ts'

interface Receipts {
  readonly source: {
    readonly institution: string
    readonly id: string
    readonly secret: string
    readonly previous: string | null
    readonly disabled: boolean
  } | null
  readonly items: string
  readonly last: string | null
}

/**
 * Where signal `p` of alert `a`, merged into `m` or not, stands: what came after the alert was seen last, and made it
 * graver, is only received until somebody looks again.
 */
const state = `case coalesce(m.step, a.step) when 'resolved' then 'resolved'
  when 'acknowledged' then case when (case when m.id is null then a.acknowledged_at else m.acknowledged_at end) is null
    and p.alert_version > coalesce(m.seen_version, a.seen_version) then 'received' else 'acknowledged' end
  else 'received' end`

/** Columns of {@link Receipts} of source `src`; parameters by expression. */
const receipts = (clock: string) => `
  (select json_build_object('institution', src.institution_id, 'id', src.id, 'secret', encode(src.secret, 'base64'), 'disabled', src.disabled_at is not null,
    'previous', case when src.previous_until > ${clock} then encode(src.previous_secret, 'base64') end) from src) as source,
  (select id from p order by id desc limit 1) as last,
  (select coalesce(json_agg(json_build_object('externalId', p.external_id, 'receivedAt', ${utc('p.received_at')},
    'state', ${state}) order by p.id), '[]')::text
   from p left join lateral (select * from alerts a where a.institution_id = p.institution_id and ${probe('a.id', 'p.alert_id')}) a on true
   left join lateral (select * from alerts m where m.institution_id = p.institution_id and ${probe('m.id', 'a.merged_into')}) m on true) as items`

const page = (
  limit: string,
  after: string,
) => `p as materialized (select g.* from src cross join lateral (select * from signals x
  where x.institution_id = src.institution_id and x.origin >= src.id::text and x.origin <= src.id::text and x.origin not in ('people', 'rules', 'service')
    and (${after} is null or x.id > ${after}) order by x.origin, x.id limit ${limit}) g)`

/** Parameters: 1–4 caller, 5 machine client, 6 limit, 7 after, 8 wall clock. */
const byToken = tenantStatement<Receipts & { caller: KnownCaller }>(
  'signals.receipts_by_token',
  `with ${callerCtes},
src as materialized (select s.* from signal_sources s join clients c on c.institution_id = $1::uuid and c.id = s.client_id and c.revoked_at is null
  where s.institution_id = $1::uuid and s.client_id = $5::uuid),
${page('$6::int', '$7::uuid')}
select ${callerJson} as caller, ${receipts('$8::timestamptz')}`,
)

/** Parameters: 1 source, 2 limit, 3 after, 4 wall clock. */
const bySignature = systemStatement<Receipts>(
  'signals.receipts_by_signature',
  `with src as materialized (select * from signal_sources where id = $1::uuid),
${page('$2::int', '$3::uuid')}
select ${receipts('$4::timestamptz')}`,
)

/** What a source asks for. */
export interface AskedReceipts {
  readonly limit: number
  readonly after?: string | undefined
}

const operation = 'listReceipts'

const afterOf = ({ ambient }: Deps, { after }: AskedReceipts): string | null =>
  after === undefined ? null : (readCursor(ambient.keys.cursor, operation, after)[0] as string)

const answer = ({ ambient }: Deps, found: Receipts, asked: AskedReceipts): string => {
  const next = found.last ? signCursor(ambient.keys.cursor, operation, [found.last]) : (asked.after ?? null)
  return `{"items":${found.items},"next":${JSON.stringify(next)}}`
}

/**
 * Receipts of the source a machine client is linked to, in the order its signals first came, as JSON text.
 * @throws Problem not_permitted, no_source_linked, source_disabled, bad_cursor
 */
export const receiptsByToken = async (deps: Deps, call: Call, asked: AskedReceipts): Promise<string> => {
  const { caller } = call
  const { ambient } = deps
  const [row] = await deps.db
    .as(caller.institution)
    .rows(
      byToken,
      ...callerParams(caller, ambient.now()),
      caller.clientId,
      asked.limit,
      afterOf(deps, asked),
      ambient.wallClock().toISOString(),
    )
  const found = row as Receipts & { caller: KnownCaller }
  requirePermission(caller, knownCaller(caller, found.caller), 'signals:receipts')
  if (!found.source) throw new Problem('no_source_linked')
  if (found.source.disabled) throw new Problem('source_disabled')
  return answer(deps, found, asked)
}

/**
 * The same for a source that signs: over an empty body.
 * @throws Problem signature_invalid, signature_expired, source_disabled, bad_cursor
 */
export const receiptsBySignature = async (
  deps: Deps,
  call: Call,
  sourceId: string,
  asked: AskedReceipts,
): Promise<string> => {
  const headers = webhookHeaders(call)
  const [found] = await deps.db.system.rows(
    bySignature,
    sourceId,
    asked.limit,
    afterOf(deps, asked),
    deps.ambient.wallClock().toISOString(),
  )
  requireSignature(deps, (found as Receipts).source, headers, Buffer.alloc(0))
  return answer(deps, found as Receipts, asked)
}
