import type { Standing } from '../kernel/process.ts'
import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess } from '../people/guarded.ts'
import { type Replay, replayJson } from '../platform/command.ts'
import { type Statement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Caller, Idempotency } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import { type AlertFacts, type AlertStep, answersSince } from '../practice/alerts.ts'
import type { Exemption } from '../practice/crisis-codes.ts'
import { timesTried } from '../practice/dating.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import type { Severity, SignalKind } from '../practice/signals.ts'
import type { Rules } from '../practice/targets.ts'
import type { WarningSettings } from '../practice/warning-settings.ts'
import { oneAlertCtes } from './alert-access.ts'
import { rulesJson, rulesOf, type StoredRules } from './rules.ts'

const guardianNotice: Exemption = 'guardian_notice'

/** An alert as commands load it. */
export interface FoundAlert {
  readonly id: string
  readonly studentId: string
  /** Nobody notifies a student who died. */
  readonly studentDied: boolean
  readonly orgUnitId: string
  readonly ownerId: string | null
  readonly step: AlertStep
  readonly stepSince: number
  readonly version: number
  readonly writes: number
  readonly severity: Severity
  /** Version at which it last rose. */
  readonly risenVersion: number
  /** Whether somebody has seen it since it rose. */
  readonly isSeen: boolean
  /** Kinds of its open signals. */
  readonly kinds: readonly SignalKind[]
  readonly openedAt: string
  /** Day of its first signal, in the institution’s zone. */
  readonly firstDay: string
  readonly joinsUntil: string
  readonly acknowledgeBy: string | null
  readonly resolveBy: string | null
  readonly escalation: number
  readonly escalatesAt: string | null
  readonly dispositions: readonly { readonly kind: string; readonly version: number }[]
  readonly notices: readonly {
    readonly id: string
    readonly to: 'student' | 'family'
    readonly version: number
    readonly outcome: string
    readonly signed: boolean
    /** Day it was given or tried, and when that was filed. */
    readonly on: string
    readonly at: string
  }[]
  readonly objections: readonly { readonly id: string; readonly version: number; readonly answer: string | null }[]
  /** Whether a crisis opened from it does without notice to the guardian. */
  readonly familyIsExempt: boolean
}

const listOf = (columns: string, table: string, order: string) =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') from ${table} x where x.institution_id = $1::uuid and x.alert_id = al.id)`

/** Day of the first signal of alert `al`, or of its opening where that was before: clocks of senders may be ahead. */
const firstDay = `(select (least(al.opened_at, (select min(g.observed_at) from signals g
    where g.institution_id = $1::uuid and g.alert_id = al.id)) at time zone i.time_zone)::date from institutions i where i.id = $1::uuid)`

/** SQL of the newest signals `g` of an alert, at most `limit`; `alert` = the expression of its id. */
export const newestSignals = (alert: string, limit: number): string =>
  `(select * from signals g where g.institution_id = $1::uuid and g.alert_id = ${alert} order by g.observed_at desc, g.id desc limit ${limit}) g`

/** Whether a crisis opened from alert `al` has on file why the guardian is not notified. */
const familyIsExempt = `exists (select from alert_dispositions d
  join crisis_exemptions x on x.institution_id = $1::uuid and x.crisis_id = d.crisis_id and x.exempt_from = '${guardianNotice}'
  where d.institution_id = $1::uuid and d.alert_id = al.id)`

/** Everything that decides about alert `al`. */
const factsJson = (guard: string) => `(select json_build_object('id', al.id, 'studentId', al.student_id,
  'studentDied', (select s.enrolment_status = 'died' from students s where s.institution_id = $1::uuid and s.id = al.student_id), 'orgUnitId', al.org_unit_id,
  'ownerId', al.owner_id, 'step', al.step, 'stepSince', al.step_since, 'version', al.version, 'writes', al.writes, 'severity', al.severity,
  'risenVersion', al.risen_version, 'isSeen', al.acknowledged_at is not null,
  'kinds', (select coalesce(json_agg(distinct g.kind), '[]') from signals g where g.institution_id = $1::uuid and g.alert_id = al.id and g.status = 'open'),
  'openedAt', ${utc('al.opened_at')}, 'firstDay', ${firstDay}, 'joinsUntil', ${utc('al.joins_until')},
  'acknowledgeBy', ${utc('al.acknowledge_by')}, 'resolveBy', ${utc('al.resolve_by')},
  'escalation', al.escalation, 'escalatesAt', ${utc('al.escalates_at')},
  'dispositions', ${listOf("'kind', x.kind, 'version', x.version", 'alert_dispositions', 'x.version, x.id')},
  'notices', ${listOf(
    `'id', x.id, 'to', x.to_whom, 'version', x.version, 'outcome', x.outcome, 'signed', x.signed_at is not null, 'on', x.on_day, 'at', ${utc('x.at')}`,
    'alert_notices',
    'x.at, x.id',
  )},
  'objections', ${listOf("'id', x.id, 'version', x.version, 'answer', x.answer", 'alert_objections', 'x.at, x.id')},
  'familyIsExempt', ${familyIsExempt}) from al where ${guard})`

/** What every command on an alert loads. */
export interface Found extends Access {
  /** null when there is no such alert, or it is not the caller's to see. */
  readonly alert: FoundAlert | null
  readonly rules: StoredRules
  /** Wrapped data key, base64; null once erased. */
  readonly dataKey: string | null
  readonly replay: Replay | null
}

/**
 * A load statement: the common part and `extras` (JSON member → SQL expression over `al`, `me`, `rel`).
 * Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 alert, 6 idempotency key, further ones from 7.
 */
export const loadAlertStatement = <X extends object = object>(
  name: string,
  extras: Readonly<Record<string, string>> = {},
): Statement<{ found: Found & X }> =>
  tenantStatement(
    name,
    `with ${oneAlertCtes}
select json_build_object('caller', ${callerJson}, 'relations', ${relationsJson}, 'alert', ${factsJson('exists (select from rel)')},
  'rules', ${rulesJson()}, 'dataKey', (select encode(al.data_key, 'base64') from al where exists (select from rel)),
  'replay', ${replayJson('(select person_id from me)', '$6::text')}
  ${Object.entries(extras)
    .map(([member, expression]) => `, '${member}', ${expression}`)
    .join('\n')}) as found`,
  )

/** Which alert, by whom, when. */
export interface About {
  readonly caller: Caller
  readonly alertId: string
  readonly now: Date
  readonly idempotency: Idempotency | null
}

/** {@link Found} after access was decided. */
export type Loaded<X = object> = Omit<Found, 'rules' | 'alert'> &
  X & { readonly alert: FoundAlert; readonly rules: Rules; readonly facts: AlertFacts }

const noticesOf = (
  { notices, risenVersion }: FoundAlert,
  { attemptsThatCount }: WarningSettings,
): AlertFacts['notices'] =>
  (['student', 'family'] as const).map(to => {
    const sent = notices.filter(answersSince(risenVersion)).filter(notice => notice.to === to)
    const attempts = sent.filter(notice => notice.outcome === 'attempted')
    return { to, counts: attempts.length < sent.length || timesTried(attempts) >= attemptsThatCount }
  })

/** What the guard looks at. Pure. */
export const alertFacts = (alert: FoundAlert, { settings }: Rules): AlertFacts => ({
  severity: alert.severity,
  risenVersion: alert.risenVersion,
  dispositions: alert.dispositions,
  notices: noticesOf(alert, settings),
  openObjections: alert.objections.filter(objection => objection.answer === null).length,
  notifyStudent: !alert.studentDied && settings.notifyStudent.includes(alert.severity),
  notifyFamily: !alert.familyIsExempt && settings.notifyFamily.includes(alert.severity),
})

/** Where an alert stands in its process. Pure. */
export const standingOf = ({ step, stepSince }: FoundAlert): Standing<AlertStep, string> => ({
  step,
  stepSince,
  cameFrom: null,
  baseline: 0,
  reason: null,
  signed: {},
  waived: [],
})

/**
 * Runs a load statement and decides on access before anything else is looked at.
 * @throws Problem not_permitted when the role can never, or the alert is visible but not for this; else not_found
 */
export const loadAlert = async <X extends object>(
  tenant: Tenant,
  statement: Statement<{ found: Found & X }>,
  permission: PermissionName,
  about: About,
  ...params: (string | number | null)[]
): Promise<Loaded<X>> => {
  const key = about.idempotency?.key ?? null
  const [row] = await tenant.rows(statement, ...callerParams(about.caller, about.now), about.alertId, key, ...params)
  const { found } = row as { found: Found & X }
  const caller = requireAccess(about, found, permission)
  const { alert } = found
  if (!alert) throw new Problem('not_found')
  const rules = rulesOf(found.rules)
  return { ...found, caller, alert, rules, facts: alertFacts(alert, rules) }
}
