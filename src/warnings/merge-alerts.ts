import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { rises } from '../practice/alerts.ts'
import { Problem } from '../practice/problems.ts'
import { graver } from '../practice/signals.ts'
import {
  escalationAfter,
  isBeyondHorizon,
  type Rules,
  soonerTargets,
  targetIn,
  targetsAfter,
  targetsOf,
} from '../practice/targets.ts'
import { type FoundAlert, type Loaded, loadAlert, loadAlertStatement } from './alert-facts.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { alertStatement, changeAlert, loadPlain, requireOpen } from './change-alert.ts'
import type { AlertDeps } from './dispose-alert.ts'
import { requireMove, saveAlertMove } from './move-alert.ts'

const lock = tenantStatement(
  'alerts.lock_two',
  'select id from alerts where institution_id = $1::uuid and id in ($2::uuid, $3::uuid) order by id for no key update',
)

const loadWithSignals = loadAlertStatement<{ signalIds: readonly string[] }>('alerts.load_with_signals', {
  signalIds: `(select coalesce(json_agg(g.id order by g.observed_at, g.id), '[]') from signals g
    where g.institution_id = $1::uuid and g.alert_id = (select id from al))`,
})

const saveMerged = alertStatement(
  'alerts.merge',
  `step = 'resolved', moved_by = $2::uuid, move_reason = 'merged', merged_into = (given.e->>'intoId')::uuid,
  resolved_at = (given.e->>'at')::timestamptz, seen_version = alerts.version + 1,
  acknowledged_at = coalesce(alerts.acknowledged_at, (given.e->>'at')::timestamptz), escalates_at = null, signal_count = 0, beyond_horizon = false`,
  `d as (insert into alert_dispositions (institution_id, id, alert_id, kind, on_day, version, by_id, at)
  select $1::uuid, (e->>'dispositionId')::uuid, c.id, 'merged', (e->>'today')::date, c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c),
g as (update signals g set alert_id = (given.e->>'intoId')::uuid, alert_version = (given.e->>'intoVersion')::int from given, c where g.institution_id = $1::uuid and g.alert_id = c.id),
told as (update alert_told w set open = false from c where w.institution_id = $1::uuid and w.alert_id = c.id and w.open)`,
)

const saveGrown = alertStatement(
  'alerts.take_over',
  `severity = given.e->>'severity', seen_version = case when alerts.acknowledged_at is null then alerts.seen_version else alerts.version + 1 end,
  risen_version = case when (given.e->>'rose')::boolean then alerts.version + 1 else alerts.risen_version end,
  risen_at = case when (given.e->>'rose')::boolean then (given.e->>'at')::timestamptz else alerts.risen_at end, signal_count = alerts.signal_count + (given.e->>'joined')::int,
  joins_until = greatest(alerts.joins_until, (given.e->>'joinsUntil')::timestamptz), acknowledge_by = (given.e->>'acknowledgeBy')::timestamptz,
  resolve_by = (given.e->>'resolveBy')::timestamptz, beyond_horizon = (given.e->>'beyondHorizon')::boolean,
  escalates_at = (given.e->>'escalatesAt')::timestamptz, rules_version = (given.e->>'rulesVersion')::int`,
  `told as (insert into alert_told (institution_id, alert_id, staff_id, why, at, opened_at, open)
  select $1::uuid, c.id, x.staff_id, x.why, (given.e->>'at')::timestamptz, c.opened_at, true from given cross join c cross join (
    select w.staff_id, w.why from alert_told w cross join given where w.institution_id = $1::uuid and w.alert_id = (given.e->>'fromId')::uuid
    union all select (given.e->>'fromOwnerId')::uuid, 'merged' from given where given.e->>'fromOwnerId' is not null) x
  where x.staff_id is distinct from c.owner_id on conflict do nothing)`,
)

const dateOf = (text: string | null) => (text === null ? null : new Date(text))

const targets = ({ acknowledgeBy, resolveBy }: FoundAlert) => ({
  acknowledgeBy: dateOf(acknowledgeBy),
  resolveBy: dateOf(resolveBy),
})

/**
 * Severity, targets and escalation of an alert that takes over another's signals: never later, never milder. Who merges
 * has seen both, so that it need not be seen again; what was filed before it rose does not count. A first target that
 * was met is not taken over: it was another alert's. Pure.
 */
const grown = (into: FoundAlert, from: FoundAlert, rules: Rules) => {
  const severity = graver(into.severity, from.severity)
  const kinds = [...new Set([...into.kinds, ...from.kinds])]
  const fresh = targetsOf(rules, severity, kinds, new Date(into.openedAt))
  const known = from.isSeen ? { ...targets(from), acknowledgeBy: null } : targets(from)
  const due = targetsAfter({ ...into, ...targets(into) }, soonerTargets(known, fresh), false)
  const first = escalationAfter(rules, 0, targetIn(into, due))
  return {
    severity,
    rose: rises(into, severity, from.kinds),
    ...due,
    beyondHorizon: isBeyondHorizon(into, due),
    escalatesAt: into.escalation === 0 ? first : into.escalatesAt,
    joinsUntil: from.joinsUntil,
    rulesVersion: rules.version,
  }
}

/** Which alert becomes part of which. */
export interface MergeAlerts {
  readonly alertId: string
  readonly into: string
  readonly ifMatch: number | null
}

type From = Loaded<{ signalIds: readonly string[] }>

const decide = (from: From, into: Loaded): void => {
  requireOpen(from.alert)
  if (into.alert.step === 'resolved' || into.alert.studentId !== from.alert.studentId) throw new Problem('alerts_unfit')
  const dispositions = [...from.facts.dispositions, { kind: 'merged', version: from.alert.version }]
  const standing = { ...from, alert: { ...from.alert, step: 'acknowledged' as const } }
  requireMove(standing, { ...from.facts, dispositions }, { to: 'resolved', reason: null, note: null })
}

const mergeWithin = async (deps: Deps, request: Request, input: MergeAlerts): Promise<Answer | null> => {
  const { ambient } = deps
  const tenant = deps.db.as(request.caller.institution)
  const quietly = { ...request, idempotency: null }
  const about = { caller: request.caller, now: ambient.now(), idempotency: null }
  // load
  await tenant.rows(lock, input.alertId, input.into)
  const from = await loadAlert(tenant, loadWithSignals, 'alert:combine', { ...about, alertId: input.alertId })
  const into = await loadAlert(tenant, loadPlain, 'alert:combine', { ...about, alertId: input.into })
  // decide
  requireVersion(input.ifMatch, from.alert.version)
  decide(from, into)
  const { signalIds } = from
  const growth = grown(into.alert, from.alert, from.rules)
  // save, tell
  let { alert } = from
  if (alert.step === 'raised') {
    if (!(await saveAlertMove(deps, quietly, from, 'acknowledged'))) return null
    alert = { ...alert, version: alert.version + 1, writes: alert.writes + 1 }
  }
  const taken = await changeAlert(deps, saveGrown, quietly, into, {
    type: 'alert.joined',
    data: { signalIds, severity: growth.severity, fromId: alert.id },
    effects: { ...growth, joined: signalIds.length, fromId: alert.id, fromOwnerId: alert.ownerId },
    status: 201,
  })
  if (!taken) return null
  return changeAlert(
    deps,
    saveMerged,
    request,
    { ...from, alert },
    {
      type: 'alert.merged',
      data: { intoId: input.into, signalIds },
      effects: {
        intoId: input.into,
        intoVersion: into.alert.version + 1,
        dispositionId: ambient.newId(),
        today: from.caller.today,
      },
      status: 201,
      receipt: { intoId: input.into },
    },
  )
}

/**
 * Makes an open alert part of another of the same student: signals and who is told go over, the first is resolved as
 * merged. Both are locked in id order. Domain §4.
 * @throws Problem not_found, alert_is_resolved, alerts_unfit, requirements_unmet for an unanswered objection, version_stale
 */
export const mergeAlerts = (deps: AlertDeps, request: Request, input: MergeAlerts): Promise<Answer> => {
  const { caller, idempotency } = request
  const about = { caller, alertId: input.alertId, now: deps.ambient.now(), idempotency }
  return attempt(
    idempotency,
    () => loadAlert(deps.db.as(caller.institution), loadPlain, 'alert:combine', about),
    async found => {
      requireVersion(input.ifMatch, found.alert.version)
      if (input.into === input.alertId) throw new Problem('alerts_unfit')
      return allOrNothing(deps.db, tx => mergeWithin({ db: tx, ambient: deps.ambient }, request, input))
    },
  )
}
