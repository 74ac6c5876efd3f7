import { hmacHex, sha256Hex } from '../kernel/signature.ts'
import { verifyWebhook } from '../kernel/webhook-signature.ts'
import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { type Replay, replayJson } from '../platform/command.ts'
import { systemStatement, tenantStatement } from '../platform/database.ts'
import { RequestInvalid } from '../platform/http/problems.ts'
import type { Call, Idempotency } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import type { Deps } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { raisedADay } from '../practice/signals.ts'
import type { SignalFacts } from './decide-signals.ts'
import { factsJson, keysOf, monthOf } from './load-signals.ts'
import { type Defaults, type RawBody, type ReadSignal, readSignals } from './read-signals.ts'
import { type Intake, type MonthKey, type Quota, type Taken, takeDelivery } from './take-delivery.ts'

interface Source extends Quota {
  readonly institution: string
  readonly id: string
  readonly kinds: readonly string[]
  readonly disabled: boolean
  /** Wrapped secrets, base64. */
  readonly secret: string
  readonly previous: string | null
}

type Found = Pick<SignalFacts, 'known' | 'students'> & { readonly key: MonthKey }

/** Members of JSON that say the day of `clock` at institution `i`, when it ends, and what `sender` sent on it. */
const dayJson = (sender: string) => `'day', d.day::text,
  'until', ${utc('((d.day + 1)::timestamp at time zone i.time_zone)')},
  'taken', (select coalesce(sum(u.taken), 0)::int from signal_usage u
    where u.institution_id = i.id and u.source_id = ${sender} and u.day = d.day::text)`

const dayAt = (clock: string) => `cross join lateral (select (${clock} at time zone i.time_zone)::date as day) d`

/** JSON of source `src` with what it sent today; `clock` is the wall clock. */
const sourceJson = (
  clock: string,
) => `(select json_build_object('institution', src.institution_id, 'id', src.id, 'kinds', src.kinds,
  'disabled', src.disabled_at is not null, 'dailyQuota', src.daily_quota, 'secret', encode(src.secret, 'base64'),
  'previous', case when src.previous_until > ${clock} then encode(src.previous_secret, 'base64') end, ${dayJson('src.id')})
  from src join institutions i on i.id = src.institution_id ${dayAt(clock)})`

/** JSON of what person `me` raised today; `clock` is the wall clock. */
const raisedJson = (clock: string) => `(select json_build_object(${dayJson('me.person_id')})
  from me join institutions i on i.id = $1::uuid ${dayAt(clock)})`

/** Parameters: 1–4 caller, 5 idempotency key, 6 ids and numbers, 7 month, 8 machine client, 9 wall clock. */
const bearerStatement = tenantStatement<{
  caller: KnownCaller
  source: Source | null
  raised: Omit<Quota, 'dailyQuota'> | null
  facts: Found
  replay: Replay | null
}>(
  'signals.load_bearer',
  `with ${callerCtes},
src as materialized (select s.* from signal_sources s join clients c on c.institution_id = $1::uuid and c.id = s.client_id and c.revoked_at is null
  where s.institution_id = $1::uuid and s.client_id = $8::uuid)
select ${callerJson} as caller, ${sourceJson('$9::timestamptz')} as source, ${raisedJson('$9::timestamptz')} as raised,
  ${replayJson('coalesce((select person_id from me), $8::uuid)', '$5::text')} as replay,
  ${factsJson({
    origin: "coalesce((select id::text from src), 'people')",
    keys: '$6::jsonb',
    month: '$7::text',
    prefix: "coalesce((select '' from src), (select person_id::text || ':' from me))",
    self: '(select student_id from me)',
  })} as facts`,
)

const ofSource = '(select institution_id from src)'

/** Parameters: 1 source, 2 webhook id, 3 ids and numbers, 4 month, 5 wall clock. */
const signedStatement = systemStatement<{ source: Source | null; facts: Found; replay: Replay | null }>(
  'signals.load_signed',
  `with src as materialized (select * from signal_sources where id = $1::uuid)
select ${sourceJson('$5::timestamptz')} as source,
  ${replayJson('(select id from src)', '$2::text').replaceAll('$1::uuid', ofSource)} as replay,
  ${factsJson({ origin: '(select id::text from src)', keys: '$3::jsonb', month: '$4::text' }).replaceAll('$1::uuid', ofSource)} as facts`,
)

const rawBody = (call: Call): RawBody => ({
  contentType: call.contentType,
  body: Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0),
  header: call.header,
})

const fromSource = (source: Source, found: Found, replay: Replay | null, actor: Intake['actor']): Intake => ({
  institution: source.institution,
  origin: source.id,
  prefix: '',
  actor,
  raisedBy: null,
  quota: source,
  facts: { ...found, kinds: source.kinds, onlyAbout: null, byHand: false },
  replay,
})

type Bearer = NonNullable<(typeof bearerStatement)['row']>

const fromPerson = (institution: string, known: KnownCaller, { facts, replay, raised }: Bearer): Intake => {
  const own = Object.entries(facts.students).find(([, id]) => id === known.id)?.[0] ?? null
  const isStudent = known.kind === 'student'
  return {
    institution,
    origin: 'people',
    prefix: `${known.id}:`,
    actor: actorOf(known),
    raisedBy: known.id,
    quota: raised && { ...raised, dailyQuota: raisedADay[isStudent ? 'student' : 'staff'] },
    facts: { ...facts, kinds: null, onlyAbout: isStudent ? own : null, byHand: true },
    replay,
  }
}

/** What was read of a request and what became of it. */
export interface Received extends Taken {
  readonly items: readonly ReadSignal[]
}

/**
 * Signals by bearer token: of a machine client as the source it is linked to, of staff, or of a student about themselves.
 * @throws Problem not_permitted, no_source_linked, source_disabled and those of reading and taking
 */
export const receiveByToken = async (deps: Deps, call: Call, batch: boolean): Promise<Received> => {
  const { caller, idempotency, requestId } = call
  const { ambient } = deps
  const defaults: Defaults = { externalId: ambient.newId, observedAt: ambient.now().toISOString() }
  const items = readSignals(rawBody(call), batch, caller.clientId ? null : defaults)
  const load = async (): Promise<Intake> => {
    const [row] = await deps.db
      .as(caller.institution)
      .rows(
        bearerStatement,
        ...callerParams(caller, ambient.now()),
        idempotency?.key ?? null,
        keysOf(items),
        monthOf(ambient.now()),
        caller.clientId,
        ambient.wallClock().toISOString(),
      )
    const { source, facts, replay, caller: found } = row as Bearer
    const known = knownCaller(caller, found)
    requirePermission(caller, known, 'signals:write')
    if (known.kind !== 'client') return fromPerson(caller.institution, known, row as Bearer)
    if (!source) throw new Problem('no_source_linked')
    if (source.disabled) throw new Problem('source_disabled')
    return fromSource(source, facts, replay, actorOf(known))
  }
  return { ...(await takeDelivery(deps, { items, idempotency, requestId, load })), items }
}

/** How far `webhook-timestamp` may be from our clock, in seconds. Standard Webhooks. */
const windowSeconds = 300

/** Compared with where there is no source, so that the answer takes as long. */
const nobodysSecret = Buffer.alloc(32)

interface Headers {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
}

/** The webhook headers of a request. @throws Problem signature_invalid where one is missing or malformed */
export const webhookHeaders = (call: Call): Headers => {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(call.header)
  const fits =
    /^[\x21-\x7e]{1,200}$/.test(id ?? '') && /^\d{1,12}$/.test(timestamp ?? '') && (signature ?? '').length <= 4000
  if (!id || !timestamp || !signature || !fits) throw unsigned()
  return { id, timestamp, signature }
}

const unsigned = () => new Problem('signature_invalid', {}, { 'WWW-Authenticate': 'StandardWebhooks' })

/** @throws Problem signature_invalid, signature_expired, source_disabled */
export const requireSignature = (
  { ambient }: Deps,
  source: Pick<Source, 'institution' | 'id' | 'secret' | 'previous' | 'disabled'> | null,
  headers: Headers,
  body: Buffer,
): void => {
  const unwrap = (wrapped: string) =>
    ambient.vault.unwrap(`${source?.institution}|${source?.id}`, Buffer.from(wrapped, 'base64'))
  const secrets = source ? [source.secret, ...(source.previous ? [source.previous] : [])].map(unwrap) : [nobodysSecret]
  const fits = verifyWebhook(secrets, { id: headers.id, timestamp: headers.timestamp, body }, headers.signature)
  if (!source || !fits) throw unsigned()
  const now = Math.floor(ambient.wallClock().getTime() / 1000)
  if (Math.abs(now - Number(headers.timestamp)) > windowSeconds)
    throw new Problem('signature_expired', { now }, { 'WWW-Authenticate': 'StandardWebhooks' })
  if (source.disabled) throw new Problem('source_disabled')
}

/** Reads without being heard yet: what is wrong with the body is told only to whom it was signed by. */
const readQuietly = (call: Call, batch: boolean): { items: readonly ReadSignal[]; fault: unknown } => {
  try {
    return { items: readSignals(rawBody(call), batch, null), fault: null }
  } catch (fault) {
    if (fault instanceof Problem || fault instanceof RequestInvalid) return { items: [], fault }
    throw fault
  }
}

const webhookKey = ({ ambient }: Deps, call: Call, headers: Headers, what: string): Idempotency => ({
  key: headers.id,
  askedAt: ambient.wallClock(),
  fingerprint: hmacHex(
    ambient.keys.idempotency,
    JSON.stringify(['webhook', what, call.contentType, sha256Hex(rawBody(call).body)]),
  ),
})

/**
 * Signals signed by a source, Standard Webhooks. A `webhook-id` seen before gets the same answer.
 * @throws Problem signature_invalid, signature_expired, source_disabled and those of reading and taking
 */
export const receiveSigned = async (deps: Deps, call: Call, sourceId: string, batch: boolean): Promise<Received> => {
  const { ambient } = deps
  const headers = webhookHeaders(call)
  const { items, fault } = readQuietly(call, batch)
  const idempotency = webhookKey(deps, call, headers, batch ? 'batch' : 'one')
  const load = async (): Promise<Intake> => {
    const [row] = await deps.db.system.rows(
      signedStatement,
      sourceId,
      headers.id,
      keysOf(items),
      monthOf(ambient.now()),
      ambient.wallClock().toISOString(),
    )
    const { source, facts, replay } = row as NonNullable<(typeof signedStatement)['row']>
    requireSignature(deps, source, headers, rawBody(call).body)
    if (fault) throw fault
    return fromSource(source as Source, facts, replay, { kind: 'source', id: sourceId })
  }
  return { ...(await takeDelivery(deps, { items, idempotency, requestId: call.requestId, load })), items }
}
