import { tenantStatement } from '../platform/database.ts'
import { type Entry, entryRow, insertEntries } from '../platform/journal.ts'
import type { Deps } from '../platform/subject.ts'
import { newSubjectKey } from '../platform/words.ts'
import { alertProcess } from '../practice/alerts.ts'
import type { EventType } from '../practice/events.ts'
import type { FusedAlert, Fusion } from '../practice/fusion.ts'

/** Columns of an alert fusion writes, as a record definition. */
const alertColumns = `id uuid, "studentId" uuid, "unitId" uuid, "ownerId" uuid, severity text, "joinsUntil" timestamptz, joined int,
  "acknowledgeBy" timestamptz, "resolveBy" timestamptz, "beyondHorizon" boolean, "escalatesAt" timestamptz, "dataKey" text, rose boolean,
  "isSeen" boolean, escalation int, fused boolean`

/**
 * Saves a pass of fusion, all of it locked before. Parameters: 1 institution, 2 entries, 3 effects
 * `{at, rulesVersion, raised, joined, signals, told}`.
 */
const save = tenantStatement<{ raised: number; joined: number; signals: number }>(
  'fusion.save',
  `with given as materialized (select $3::jsonb e),
raised as (insert into alerts (institution_id, id, step, step_since, version, writes, move_count, opened_at, updated_at, data_key, student_id,
    org_unit_id, owner_id, severity, joins_until, signal_count, acknowledge_by, resolve_by, beyond_horizon, escalates_at, escalation, rules_version)
  select $1::uuid, x.id, '${alertProcess.initial}', 1, 1, 1, 0, (e->>'at')::timestamptz, (e->>'at')::timestamptz, decode(x."dataKey", 'base64'), x."studentId",
    x."unitId", x."ownerId", x.severity, x."joinsUntil", x.joined, x."acknowledgeBy", x."resolveBy", x."beyondHorizon", x."escalatesAt", 0, (e->>'rulesVersion')::int
  from given cross join jsonb_to_recordset(e->'raised') x(${alertColumns}) returning id),
joined as (update alerts a set version = a.version + 1, writes = a.writes + 1, updated_at = (e->>'at')::timestamptz, severity = x.severity,
    signal_count = a.signal_count + x.joined, acknowledge_by = x."acknowledgeBy", resolve_by = x."resolveBy", owner_id = x."ownerId", org_unit_id = x."unitId",
    beyond_horizon = x."beyondHorizon", escalates_at = x."escalatesAt", escalation = x.escalation,
    acknowledged_at = case when x."isSeen" then a.acknowledged_at end,
    risen_version = case when x.rose then a.version + 1 else a.risen_version end,
    risen_at = case when x.rose then (e->>'at')::timestamptz else a.risen_at end,
    rules_version = case when x.fused then (e->>'rulesVersion')::int else a.rules_version end
  from given cross join jsonb_to_recordset(e->'joined') x(${alertColumns})
  where a.institution_id = $1::uuid and a.id = x.id returning a.id),
fused as (update signals s set pending = false, alert_id = x."alertId", alert_version = coalesce(x."alertVersion", s.alert_version)
  from given cross join jsonb_to_recordset(e->'signals') x(id uuid, "alertId" uuid, "alertVersion" int)
  where s.institution_id = $1::uuid and s.id = x.id returning s.id),
told as (insert into alert_told (institution_id, alert_id, staff_id, why, at, opened_at, open)
  select $1::uuid, x."alertId", x."staffId", x.why, (e->>'at')::timestamptz,
    coalesce((select a.opened_at from alerts a where a.institution_id = $1::uuid and a.id = x."alertId"), (e->>'at')::timestamptz), true
  from given cross join jsonb_to_recordset(e->'told') x("alertId" uuid, "staffId" uuid, why text) on conflict do nothing),
j as (${insertEntries('$2::jsonb')})
select (select count(*)::int from raised) as raised, (select count(*)::int from joined) as joined, (select count(*)::int from fused) as signals`,
)

/** Owner of an open case of a student. */
export interface CaseOwner {
  readonly caseId: string
  readonly ownerId: string
}

/** What saving needs beside the fusion: by student, and by alert. */
export interface FusionPlaces {
  readonly units: ReadonlyMap<string, string>
  readonly cases: ReadonlyMap<string, readonly CaseOwner[]>
  readonly versions: ReadonlyMap<string, number>
  readonly rulesVersion: number
}

interface Told {
  readonly alertId: string
  readonly staffId: string
  readonly why: 'routed' | 'case_owner'
  readonly caseId?: string
}

/** Staff to be told of an alert: as routed, and the owner of an open case, who is not named to the others. */
const toldOf = (alert: FusedAlert, cases: readonly CaseOwner[]): Told[] => {
  const routed = alert.newlyTold.map((staffId): Told => ({ alertId: alert.id, staffId, why: 'routed' }))
  const known = [alert.ownerId, ...alert.toldIds, ...alert.newlyTold]
  const owners = new Map(cases.map(each => [each.ownerId, each.caseId]))
  const others = [...owners].filter(([id]) => !known.includes(id))
  return [
    ...routed,
    ...others.map(([staffId, caseId]): Told => ({ alertId: alert.id, staffId, why: 'case_owner', caseId })),
  ]
}

const typeOf = (alert: FusedAlert): EventType => {
  if (alert.raised) return 'alert.raised'
  if (alert.signalIds.length === 0) return 'alert.routed'
  return alert.joined > 0 ? 'alert.joined' : 'alert.evidence_changed'
}

const rowOf = ({ ambient }: Deps, institution: string, alert: FusedAlert, places: FusionPlaces) => ({
  id: alert.id,
  studentId: alert.studentId,
  unitId: places.units.get(alert.studentId),
  ownerId: alert.ownerId,
  severity: alert.severity,
  joinsUntil: alert.joinsUntil,
  joined: alert.joined,
  acknowledgeBy: alert.acknowledgeBy,
  resolveBy: alert.resolveBy,
  beyondHorizon: alert.beyondHorizon,
  escalatesAt: alert.escalatesAt,
  rose: alert.rose,
  isSeen: alert.isSeen,
  escalation: alert.escalation,
  fused: alert.signalIds.length > 0,
  dataKey: alert.raised ? newSubjectKey(ambient, { institution, subject: alert.id }) : null,
})

/** Saves and tells a pass of fusion. @throws Error when something that was locked is not there: the transaction is undone */
export const saveFusion = async (
  deps: Deps,
  institution: string,
  fusion: Fusion,
  places: FusionPlaces,
): Promise<void> => {
  const { ambient } = deps
  const at = ambient.now().toISOString()
  const about = (type: EventType, id: string, version: number | null) => ({
    id: ambient.newId(),
    type,
    at,
    institution,
    actor: { kind: 'service', id: null } as const,
    subject: { kind: 'alert', id, version },
    caseId: null,
    request: 'fuse-signals',
  })
  const told = fusion.alerts.flatMap(alert => toldOf(alert, places.cases.get(alert.studentId) ?? []))
  const versionOf = (id: string) => (places.versions.get(id) ?? 0) + 1
  const changed = new Set(fusion.alerts.flatMap(alert => alert.signalIds))
  const signals = fusion.signals.map(each => ({
    ...each,
    alertVersion: each.alertId !== null && changed.has(each.id) ? versionOf(each.alertId) : null,
  }))
  const changes = fusion.alerts.map(
    (alert): Entry => ({
      ...about(typeOf(alert), alert.id, versionOf(alert.id)),
      data: {
        ...(alert.signalIds.length > 0 ? { signalIds: alert.signalIds, severity: alert.severity } : {}),
        ...(alert.rose ? { rose: true } : {}),
        ...(alert.raised || alert.newlyOwned || alert.signalIds.length === 0 ? { ownerId: alert.ownerId } : {}),
        ...(alert.isElsewhere ? { orgUnitId: places.units.get(alert.studentId) } : {}),
        ...(alert.newlyTold.length > 0 ? { toldIds: alert.newlyTold } : {}),
      },
    }),
  )
  const quietly = told.flatMap(({ alertId, staffId, caseId }): Entry[] =>
    caseId ? [{ ...about('alert.told', alertId, null), caseId, data: { staffId } }] : [],
  )
  const rows = (raised: boolean) =>
    fusion.alerts.filter(alert => alert.raised === raised).map(alert => rowOf(deps, institution, alert, places))
  const [raised, joined] = [rows(true), rows(false)]
  const effects = { at, rulesVersion: places.rulesVersion, raised, joined, signals, told }
  const entries = [...changes, ...quietly].map(entryRow)
  const [done] = await deps.db.as(institution).rows(save, JSON.stringify(entries), JSON.stringify(effects))
  if (done?.raised !== raised.length || done.joined !== joined.length || done.signals !== fusion.signals.length)
    throw new Error('fusion lost what it had locked')
}
