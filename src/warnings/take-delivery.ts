import { commit, keptUnder, type Replay } from '../platform/command.ts'
import { ConstraintRefused } from '../platform/database.ts'
import type { Idempotency } from '../platform/http/route.ts'
import type { Actor, Entry } from '../platform/journal.ts'
import type { Deps } from '../platform/subject.ts'
import { newSubjectKey, sealBytes } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { type Decision, decideSignals, type SignalFacts, type Stored, type Verdict } from './decide-signals.ts'
import { monthOf } from './load-signals.ts'
import type { ReadSignal } from './read-signals.ts'
import { saveSignals } from './save-signals.ts'
import type { Signal } from './signal-schemas.ts'

/** What a source, or a person, may send on a day. */
export interface Quota {
  readonly dailyQuota: number
  readonly taken: number
  /** `YYYY-MM-DD` in the institution's zone. */
  readonly day: string
  /** When the next day begins there, RFC 3339 UTC. */
  readonly until: string
}

/** The month's data key as found; null until the first words of the month. */
export type MonthKey = { readonly id: string; readonly dataKey: string | null } | null

/** What a door found: who sends, and all that decides. */
export interface Intake {
  readonly institution: string
  readonly origin: string
  /** Set before the sender's own ids, so that people cannot touch one another's signals. */
  readonly prefix: string
  readonly actor: Actor
  /** Person who raises by hand. */
  readonly raisedBy: string | null
  readonly quota: Quota | null
  readonly facts: SignalFacts & { readonly key: MonthKey }
  readonly replay: Replay | null
}

/** What a door brings in. */
export interface Delivery {
  readonly items: readonly ReadSignal[]
  readonly idempotency: Idempotency | null
  readonly requestId: string
  /** One statement: who sends, what is known of the signals, an answer already given. */
  readonly load: () => Promise<Intake>
}

/** What became of a delivery. `before` = the answer given under this key before. */
export interface Taken {
  readonly intake: Intake
  readonly verdicts: readonly Verdict[]
  readonly before: Replay | null
}

const letters: Readonly<Record<string, Verdict>> = {
  a: { result: 'accepted' },
  u: { result: 'updated' },
  o: { result: 'older' },
  d: { result: 'duplicate' },
  i: { result: 'refused', code: 'invalid_request' },
  p: { result: 'refused', code: 'not_permitted' },
  k: { result: 'refused', code: 'kind_not_permitted' },
  f: { result: 'refused', code: 'observed_in_future' },
  t: { result: 'refused', code: 'observed_too_long_ago' },
  s: { result: 'refused', code: 'signal_keeps_student' },
}

/** Results as one letter each: what an idempotency key keeps of 1,000 answers. */
const compact = (verdicts: readonly Verdict[]): string => {
  const known = Object.entries(letters)
  return verdicts
    .map(each => known.find(([, one]) => one.result === each.result && one.code === each.code)?.[0] ?? '')
    .join('')
}

/** {@link compact} read again, with the faults of what could not be read. */
const verdictsOf = (receipt: Replay['receipt'], items: readonly ReadSignal[]): Verdict[] =>
  [...String(receipt.results)].map((letter, at) => {
    const verdict = letters[letter] as Verdict
    return verdict.code === 'invalid_request' ? { ...verdict, errors: items[at]?.faults ?? [] } : verdict
  })

const stored = (verdicts: readonly Verdict[]): number =>
  verdicts.filter(each => ['accepted', 'updated', 'older'].includes(each.result)).length

/** @throws Problem quota_exhausted */
const requireQuota = (quota: Quota | null, more: number, wallClock: Date): void => {
  if (!quota || quota.taken + more <= quota.dailyQuota) return
  const seconds = Math.max(1, Math.ceil((Date.parse(quota.until) - wallClock.getTime()) / 1000))
  throw new Problem('quota_exhausted', { dailyQuota: quota.dailyQuota }, { 'Retry-After': String(seconds) })
}

const rowsOf = ({ ambient }: Deps, intake: Intake, decision: Decision, key: NonNullable<MonthKey> | null) => {
  const { institution } = intake
  const sealed = (id: string, signal: Signal): string | null => {
    if (signal.note === null || !key) return null
    const field = noteField(signal.observedAt, signal.status)
    return sealBytes(
      ambient,
      { institution, subject: key.id, table: 'signals', row: id, field },
      key.dataKey,
      signal.note,
    )
  }
  return {
    states: decision.states.map(({ signal: { note: _, ...signal }, ...state }: Stored, at) => ({
      ...signal,
      ...state,
      sealed: sealed(state.id, (decision.states[at] as Stored).signal),
    })),
    late: decision.late.map(({ id, signal }) => ({
      id,
      observedAt: signal.observedAt,
      status: signal.status,
      observation: { kind: signal.kind, severity: signal.severity, figures: signal.figures },
      sealed: sealed(id, signal),
    })),
  }
}

/** Name of the place a signal's words are sealed for: they open beside no other observation. */
export const noteField = (observedAt: string, status: string): string => `note ${observedAt} ${status}`

const entryOf = ({ ambient }: Deps, intake: Intake, delivery: Delivery, verdicts: readonly Verdict[]): Entry => {
  const counts: Record<string, number> = {}
  for (const { result } of verdicts) counts[result] = (counts[result] ?? 0) + 1
  return {
    id: ambient.newId(),
    type: 'signals.received',
    at: ambient.now().toISOString(),
    institution: intake.institution,
    actor: intake.actor,
    subject: { kind: 'institution', id: intake.institution, version: null },
    caseId: null,
    request: delivery.requestId,
    data: { origin: intake.origin, counts },
  }
}

/** Senders that do not wait for one another: the counter of a day lies in so many rows. */
const shards = 8

const save = async (deps: Deps, delivery: Delivery, intake: Intake, decision: Decision): Promise<boolean> => {
  const { ambient } = deps
  const { institution, facts, quota } = intake
  const hasWords = [...decision.states, ...decision.late].some(each => each.signal.note !== null)
  const newKeyId = hasWords && !facts.key ? ambient.newId() : null
  const newKey = newKeyId ? { id: newKeyId, dataKey: newSubjectKey(ambient, { institution, subject: newKeyId }) } : null
  const key = newKey ?? facts.key
  return commit(deps.db.as(institution), saveSignals, {
    actorId: intake.actor.id,
    idempotency: delivery.idempotency,
    status: 202,
    receipt: {
      results: compact(decision.verdicts),
      ids: intake.raisedBy ? delivery.items.map(each => each.externalId) : null,
    },
    entries: [entryOf(deps, intake, delivery, decision.verdicts)],
    effects: {
      origin: intake.origin,
      prefix: intake.prefix,
      at: ambient.now().toISOString(),
      raisedBy: intake.raisedBy,
      keyId: key?.id ?? null,
      newKey: newKey ? { ...newKey, month: monthOf(ambient.now()) } : {},
      usage: quota
        ? {
            sourceId: intake.raisedBy ?? intake.origin,
            day: quota.day,
            shard: Number.parseInt(ambient.newId().slice(-2), 16) % shards,
            taken: stored(decision.verdicts),
          }
        : {},
      ...rowsOf(deps, intake, decision, key),
    },
    wallClock: ambient.wallClock(),
  })
}

/** Constraints by which one of two writers learns that the other was first. */
const lost = ['signals_once', 'signal_history_pk', 'signal_keys_month']

const tries = 8

/**
 * Takes what a door brings: load → decide → save → tell, at most two round trips, again when another was first.
 * @throws Problem idempotency_key_reused, request_in_progress, quota_exhausted, key_is_erased, service_unavailable
 */
export const takeDelivery = async (deps: Deps, delivery: Delivery): Promise<Taken> => {
  for (let at = 0; at < tries; at++) {
    // load
    const intake = await delivery.load()
    const before = keptUnder(delivery.idempotency, intake.replay)
    if (before) return { intake, verdicts: verdictsOf(before.receipt, delivery.items), before }
    // decide
    const decision = decideSignals(delivery.items, intake.facts, deps.ambient.now(), deps.ambient.newId)
    const { verdicts } = decision
    if (stored(verdicts) === 0) return { intake, verdicts, before: null }
    requireQuota(intake.quota, stored(verdicts), deps.ambient.wallClock())
    // save, tell
    const done = await save(deps, delivery, intake, decision).catch(error => {
      if (error instanceof ConstraintRefused && lost.includes(error.constraint)) return false
      throw error
    })
    if (done) return { intake, verdicts, before: null }
  }
  throw new Problem('service_unavailable', {}, { 'Retry-After': '1' })
}
