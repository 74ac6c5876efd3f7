import { Problem } from '../practice/problems.ts'
import { ConstraintRefused, type Statement, type Tenant, tenantStatement } from './database.ts'
import type { Answer, Idempotency } from './http/route.ts'
import { type Entry, entryRow, insertEntries } from './journal.ts'

/** An answer given before under the same key, as the load statement found it. */
export interface Replay {
  readonly status: number
  readonly receipt: Readonly<Record<string, unknown>>
  readonly fingerprint: string
  /** Where the answer said the new resource is. */
  readonly location: string | null
  /** RFC 3339; from then on the key is free again. */
  readonly expiresAt: string
}

/** SQL expression that looks up the {@link Replay} of an actor and a key. */
export const replayJson = (actorId: string, key: string): string => `
  (select json_build_object('status', status, 'receipt', receipt, 'fingerprint', fingerprint, 'location', location,
    'expiresAt', to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
   from idempotency_keys where institution_id = $1::uuid and actor_id = ${actorId} and key = ${key})`

interface Outcome {
  readonly got: boolean
  readonly done: boolean
}

/**
 * One data-modifying statement for save + tell: takes the idempotency key without waiting, applies `ctes`, and only if
 * `done` holds keeps the key and writes the journal. Inside `ctes`, `e.e` of CTE `given e` is the effects as jsonb, and
 * everything must be guarded by `(select ok from free)`.
 * Parameters: 1 institution, 2 actor, 3 key, 4 fingerprint, 5 now, 6 status, 7 receipt, 8 entries, 9 effects, 10 location.
 */
export const commandStatement = (name: string, ctes: string, done: string): Statement<Outcome> =>
  tenantStatement<Outcome>(
    name,
    `with given as materialized (select $9::jsonb e),
l as materialized (select $3::text is null or pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text || $3::text, 0)) got),
free as materialized (select l.got and ($3::text is null or not exists (
  select from idempotency_keys where institution_id = $1::uuid and actor_id = $2::uuid and key = $3::text
    and expires_at > $5::timestamptz)) ok from l),
${ctes},
done as materialized (select coalesce(${done}, false) ok),
past as (delete from idempotency_keys using done where done.ok and institution_id = $1::uuid and actor_id = $2::uuid
  and key = $3::text and expires_at <= $5::timestamptz returning 1),
k as (insert into idempotency_keys (institution_id, actor_id, key, fingerprint, status, receipt, location, expires_at)
  select $1::uuid, $2::uuid, $3::text, $4::text, $6::int, $7::jsonb, $10::text, $5::timestamptz + interval '24 hours'
  from done where done.ok and $3::text is not null and (select count(*) from past) >= 0),
j as (${insertEntries('$8::jsonb', '(select ok from done)')})
select (select got from l) got, (select ok from done) done`,
  )

/** What a command saves and tells. */
export interface Commit {
  /** null = the service itself, which has no idempotency key. */
  readonly actorId: string | null
  readonly idempotency: Idempotency | null
  readonly status: number
  /** Answer body, kept for replay: ids, versions, codes; never confidential. */
  readonly receipt: Readonly<Record<string, unknown>>
  readonly entries: readonly Entry[]
  readonly effects: Readonly<Record<string, unknown>>
  /** Where the answer says the new resource is; a replay says it again. */
  readonly location?: string | undefined
  readonly wallClock: Date
}

/**
 * Runs a command statement.
 * @returns whether it took effect; false = a compare was lost or the key is taken: load again
 * @throws Problem request_in_progress when the same key is running
 */
export const commit = async (tenant: Tenant, statement: Statement<Outcome>, what: Commit): Promise<boolean> => {
  try {
    const [outcome] = await tenant.rows(
      statement,
      what.actorId,
      what.idempotency?.key ?? null,
      what.idempotency?.fingerprint ?? null,
      what.wallClock.toISOString(),
      what.status,
      JSON.stringify(what.receipt),
      JSON.stringify(what.entries.map(entryRow)),
      JSON.stringify(what.effects),
      what.location ?? null,
    )
    if (!outcome?.got) throw new Problem('request_in_progress', {}, { 'Retry-After': '1' })
    return outcome.done
  } catch (error) {
    if (error instanceof ConstraintRefused && error.constraint === 'idempotency_keys_pk') return false
    throw error
  }
}

/** What was kept under the key, or null; after 24 hours it is forgotten. @throws Problem idempotency_key_reused for another request */
export const keptUnder = (idempotency: Idempotency | null, replay: Replay | null): Replay | null => {
  if (!replay || !idempotency || Date.parse(replay.expiresAt) <= idempotency.askedAt.getTime()) return null
  if (replay.fingerprint !== idempotency.fingerprint) throw new Problem('idempotency_key_reused')
  return replay
}

/**
 * The answer a receipt makes, the first time and replayed. Its ETag is the receipt's `version`: that of a part of a subject
 * which has its own (a record); else the version of the subject (`caseVersion`).
 */
export const answerOf = (
  status: number,
  receipt: Readonly<Record<string, unknown>>,
  location?: string | null,
): Answer => {
  const version = receipt.version ?? Object.entries(receipt).find(([name]) => name.endsWith('Version'))?.[1]
  return {
    status,
    body: receipt,
    ...(location ? { location } : {}),
    ...(typeof version === 'number' ? { etag: version } : {}),
  }
}

/** The answer given before: {@link keptUnder}. */
export const replayed = (found: Replay | null, idempotency: Idempotency | null): Answer | null => {
  const replay = keptUnder(idempotency, found)
  return replay && { ...answerOf(replay.status, replay.receipt, replay.location), replayed: true }
}

/**
 * Load → decide → save; again, three times at most, when the save lost its compare.
 * @param load one statement: facts and the answer already given
 * @param act decides and saves; null = the save lost
 * @throws Problem version_stale when it lost every time
 */
export const attempt = async <F extends { readonly replay: Replay | null }>(
  idempotency: Idempotency | null,
  load: () => Promise<F>,
  act: (found: F) => Promise<Answer | null>,
): Promise<Answer> => {
  for (let tries = 0; tries < 3; tries++) {
    const found = await load()
    const before = replayed(found.replay, idempotency)
    if (before) return before
    const answer = await act(found)
    if (answer) return answer
  }
  throw new Problem('version_stale')
}
