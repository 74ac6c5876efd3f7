import { actorOf } from '../people/actor.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Entry, entryRow, insertEntries } from '../platform/journal.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { newSubjectKey } from '../platform/words.ts'
import { alertProcess } from '../practice/alerts.ts'
import { Problem } from '../practice/problems.ts'
import { graver, type Severity, type SignalKind, severities } from '../practice/signals.ts'
import { escalationAfter, isBeyondHorizon, targetsOf } from '../practice/targets.ts'
import { type Loaded, loadAlert, loadAlertStatement } from './alert-facts.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { alertStatement, changeAlert, requireOpen } from './change-alert.ts'
import type { AlertDeps } from './dispose-alert.ts'

interface Signal {
  readonly id: string
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly status: string
  readonly observedAt: string
}

const load = loadAlertStatement<{ signals: readonly Signal[] }>('alerts.load_for_splitting', {
  signals: `(select coalesce(json_agg(json_build_object('id', g.id, 'kind', g.kind, 'severity', g.severity, 'status', g.status,
    'observedAt', ${utc('g.observed_at')}) order by g.observed_at, g.id), '[]') from signals g where g.institution_id = $1::uuid and g.alert_id = (select id from al))`,
})

const saveRest = alertStatement(
  'alerts.split',
  "severity = given.e->>'severity', signal_count = alerts.signal_count - (given.e->>'left')::int",
  `g as (update signals g set alert_id = (given.e->>'intoId')::uuid, alert_version = 1 from given, c where g.institution_id = $1::uuid and g.alert_id = c.id
  and g.id in (select x::uuid from jsonb_array_elements_text(given.e->'signalIds') x))`,
)

/** Raises the alert split off, in the transaction of the split. Parameters: 1 institution, 2 entries, 3 effects. */
const raise = tenantStatement(
  'alerts.raise_split',
  `with given as materialized (select $3::jsonb e),
a as (insert into alerts (institution_id, id, step, step_since, version, writes, move_count, moved_by, opened_at, updated_at, data_key, student_id,
    org_unit_id, owner_id, severity, joins_until, signal_count, acknowledge_by, resolve_by, beyond_horizon, escalates_at, escalation, rules_version)
  select $1::uuid, (e->>'id')::uuid, '${alertProcess.initial}', 1, 1, 1, 0, (e->>'byId')::uuid, (e->>'at')::timestamptz, (e->>'at')::timestamptz,
    decode(e->>'dataKey', 'base64'), p.student_id, p.org_unit_id, p.owner_id, e->>'severity', (e->>'joinsUntil')::timestamptz, (e->>'count')::int,
    (e->>'acknowledgeBy')::timestamptz, (e->>'resolveBy')::timestamptz, (e->>'beyondHorizon')::boolean, (e->>'escalatesAt')::timestamptz, 0, (e->>'rulesVersion')::int
  from given join alerts p on p.institution_id = $1::uuid and p.id = (e->>'fromId')::uuid returning id, opened_at),
told as (insert into alert_told (institution_id, alert_id, staff_id, why, at, opened_at, open)
  select $1::uuid, a.id, w.staff_id, w.why, a.opened_at, a.opened_at, true
  from a cross join given join alert_told w on w.institution_id = $1::uuid and w.alert_id = (given.e->>'fromId')::uuid),
j as (${insertEntries('$2::jsonb')})
select id from a`,
)

/** Which signals of an alert become one of their own. */
export interface SplitAlert {
  readonly alertId: string
  readonly ifMatch: number | null
  readonly signalIds: readonly string[]
}

type Found = Loaded<{ signals: readonly Signal[] }>

const mildest = Object.keys(severities)[0] as Severity
const gravest = (signals: readonly Signal[]): Severity | null => {
  const open = signals.filter(signal => signal.status === 'open')
  return open.length === 0 ? null : open.map(signal => signal.severity ?? mildest).reduce(graver)
}

/**
 * The alert split off: graded by its own signals, the first target from now; splitting wins no time to resolve. Pure.
 * @throws Problem alert_is_resolved, signals_unfit
 */
const decide = ({ alert, signals, rules }: Found, input: SplitAlert, now: Date) => {
  requireOpen(alert)
  const leaving = signals.filter(signal => input.signalIds.includes(signal.id))
  const staying = signals.filter(signal => !input.signalIds.includes(signal.id))
  if (leaving.length !== new Set(input.signalIds).size || staying.length === 0) throw new Problem('signals_unfit')
  const severity = gravest(leaving) ?? alert.severity
  const kinds = leaving.filter(signal => signal.status === 'open').map(signal => signal.kind)
  const { acknowledgeBy } = targetsOf(rules, severity, kinds, now)
  const { resolveBy } = targetsOf(rules, severity, kinds, new Date(alert.openedAt))
  const first = Math.min(...leaving.map(signal => Date.parse(signal.observedAt)))
  return {
    rest: gravest(staying) ?? alert.severity,
    count: leaving.length,
    severity,
    rulesVersion: rules.version,
    acknowledgeBy,
    resolveBy,
    beyondHorizon: isBeyondHorizon({ step: 'raised', isSeen: false }, { acknowledgeBy, resolveBy }),
    escalatesAt: escalationAfter(rules, 0, acknowledgeBy),
    joinsUntil: new Date(first + rules.settings.windowDays * 86_400_000),
  }
}

const raiseSplit = async (deps: Deps, request: Request, found: Found, id: string, input: SplitAlert) => {
  const { ambient } = deps
  const { institution } = request.caller
  const now = ambient.now()
  const { rest, ...split } = decide(found, input, now)
  const { alertId, signalIds } = input
  const actor = actorOf(found.caller)
  const answer = await changeAlert(deps, saveRest, request, found, {
    type: 'alert.split',
    data: { intoId: id, signalIds, severity: rest },
    effects: { severity: rest, left: split.count, intoId: id, signalIds },
    status: 201,
    receipt: { newAlertId: id },
    location: `/v1/alerts/${id}`,
  })
  if (!answer) return null
  const entry: Entry = {
    id: ambient.newId(),
    type: 'alert.raised',
    at: now.toISOString(),
    institution,
    actor,
    subject: { kind: 'alert', id, version: 1 },
    caseId: null,
    request: request.requestId,
    data: { signalIds, severity: split.severity, ownerId: found.alert.ownerId, fromId: alertId },
  }
  const dataKey = newSubjectKey(ambient, { institution, subject: id })
  const effects = { ...split, id, fromId: alertId, byId: actor.id, at: now, dataKey }
  await deps.db.as(institution).rows(raise, JSON.stringify([entryRow(entry)]), JSON.stringify(effects))
  return answer
}

/**
 * Makes some signals of an alert an alert of their own, with the same owner and the same people told. Domain §4.
 * @throws Problem alert_is_resolved, signals_unfit, version_stale
 */
export const splitAlert = (deps: AlertDeps, request: Request, input: SplitAlert): Promise<Answer> => {
  const { caller, idempotency } = request
  const about = { caller, alertId: input.alertId, now: deps.ambient.now(), idempotency }
  const id = deps.ambient.newId()
  return attempt(
    idempotency,
    // load
    () => loadAlert(deps.db.as(caller.institution), load, 'alert:combine', about),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.alert.version)
      decide(found, input, deps.ambient.now())
      // save, tell
      return allOrNothing(deps.db, tx => raiseSplit({ db: tx, ambient: deps.ambient }, request, found, id, input))
    },
  )
}
