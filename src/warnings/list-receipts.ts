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

type Asker = { readonly caller: KnownCaller }

/**
 * Where signal `p` of alert `a`, merged into `m` or not, stands: what came after the alert was seen last is only received
 * until somebody looks again.
 */
const state = `case coalesce(m.step, a.step) when 'resolved' then 'resolved'
  when 'acknowledged' then case when p.alert_version > coalesce(m.seen_version, a.seen_version) then 'received' else 'acknowledged' end
  else 'received' end`

/** Columns `last` and `items` of {@link Receipts} of signals `p`; `externalId` = SQL of the id the sender gave. */
const items = (externalId: string) => `
  (select id from p order by id desc limit 1) as last,
  (select coalesce(json_agg(json_build_object('externalId', ${externalId}, 'receivedAt', ${utc('p.received_at')},
    'state', ${state}) order by p.id), '[]')::text
   from p left join lateral (select * from alerts a where a.institution_id = p.institution_id and ${probe('a.id', 'p.alert_id')}) a on true
   left join lateral (select * from alerts m where m.institution_id = p.institution_id and ${probe('m.id', 'a.merged_into')}) m on true) as items`

/** Columns of {@link Receipts} of source `src`; parameters by expression. */
const receipts = (clock: string) => `
  (select json_build_object('institution', src.institution_id, 'id', src.id, 'secret', encode(src.secret, 'base64'), 'disabled', src.disabled_at is not null,
    'previous', case when src.previous_until > ${clock} then encode(src.previous_secret, 'base64') end) from src) as source,
${items('p.external_id')}`

const page = (
  limit: string,
  after: string,
) => `p as materialized (select g.* from src cross join lateral (select * from signals x
  where x.institution_id = src.institution_id and x.origin >= src.id::text and x.origin <= src.id::text and x.origin not in ('people', 'rules', 'service')
    and (${after} is null or x.id > ${after}) order by x.origin, x.id limit ${limit}) g)`

/** Parameters: 1–4 caller, 5 machine client, 6 limit, 7 after, 8 wall clock. */
const byToken = tenantStatement<Receipts & Asker>(
  'signals.receipts_by_token',
  `with ${callerCtes},
src as materialized (select s.* from signal_sources s join clients c on c.institution_id = $1::uuid and c.id = s.client_id and c.revoked_at is null
  where s.institution_id = $1::uuid and s.client_id = $5::uuid),
${page('$6::int', '$7::uuid')}
select ${callerJson} as caller, ${receipts('$8::timestamptz')}`,
)

/** Parameters: 1–4 caller, 5 limit, 6 after. Ids of people are kept behind the id of who gave them. */
const byPerson = tenantStatement<Receipts & Asker>(
  'signals.receipts_by_person',
  `with ${callerCtes},
p as materialized (select g.* from me cross join lateral (select * from signals x where x.institution_id = $1::uuid
  and x.raised_by >= me.person_id and x.raised_by <= me.person_id and ($6::uuid is null or x.id > $6::uuid)
  order by x.raised_by, x.id limit $5::int) g)
select ${callerJson} as caller, null as source, ${items('substr(p.external_id, length(p.raised_by::text) + 2)')}`,
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

/** Of a machine client: the source it is linked to. @throws Problem not_permitted, no_source_linked, source_disabled */
const ofClient = async ({ db, ambient }: Deps, { caller }: Call, limit: number, after: string | null) => {
  const about = [...callerParams(caller, ambient.now()), caller.clientId]
  const wallClock = ambient.wallClock().toISOString()
  const [row] = await db.as(caller.institution).rows(byToken, ...about, limit, after, wallClock)
  const found = row as Receipts & Asker
  requirePermission(caller, knownCaller(caller, found.caller), 'signals:receipts')
  if (!found.source) throw new Problem('no_source_linked')
  if (found.source.disabled) throw new Problem('source_disabled')
  return found
}

/** Of a person: what they raised by hand. @throws Problem not_permitted */
const ofPerson = async ({ db, ambient }: Deps, { caller }: Call, limit: number, after: string | null) => {
  const about = callerParams(caller, ambient.now())
  const [row] = await db.as(caller.institution).rows(byPerson, ...about, limit, after)
  const found = row as Receipts & Asker
  requirePermission(caller, knownCaller(caller, found.caller), 'signals:receipts')
  return found
}

/**
 * Receipts of the caller's own signals, in the order they first came, as JSON text: of the source a machine client is
 * linked to, or of what a person raised. Raisers hear back without content. Domain §4.
 * @throws Problem not_permitted, no_source_linked, source_disabled, bad_cursor
 */
export const receiptsByToken = async (deps: Deps, call: Call, asked: AskedReceipts): Promise<string> => {
  const load = call.caller.clientId ? ofClient : ofPerson
  return answer(deps, await load(deps, call, asked.limit, afterOf(deps, asked)), asked)
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
