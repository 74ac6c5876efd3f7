import { type Database, type Door, systemStatement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import { utc } from '../platform/sql.ts'
import type { Deps } from '../platform/subject.ts'
import { fuse, type OpenAlert, type PendingSignal } from '../practice/fusion.ts'
import { answersAt, type RoutingUnit } from '../practice/routing.ts'
import { holdingCtes, holdsRole, type Units, unitOf, unitsJson } from './holders.ts'
import { rulesJson, rulesOf, type StoredRules } from './rules.ts'
import { type CaseOwner, saveFusion } from './save-fusion.ts'

/** Students and signals a pass takes at most. */
const most = { students: 500, signals: 5000 }

const waiting = systemStatement<{ institution: string }>(
  'fusion.waiting',
  `select i.id as institution from institutions i
   where exists (select from signals s where s.institution_id = i.id and s.pending and s.student_id is not null) order by i.id`,
)

/**
 * Takes students, and locks them and their open alerts, in id order: who is taken by another process is left to it.
 * Parameters: 1 institution, 2 students at most, 3 what `due` asks for.
 * @param due SQL of the ids of students, `id`
 */
export const takeStatement = (name: string, due: string) =>
  tenantStatement<{ students: string; waiting: number; alerts: number }>(
    name,
    `with due as materialized (${due}),
st as materialized (select s.id from students s join due d on d.id = s.id
  where s.institution_id = $1::uuid order by s.id limit $2::int for no key update of s skip locked),
al as materialized (select a.id from alerts a join st on st.id = a.student_id
  where a.institution_id = $1::uuid and a.step <> 'resolved' order by a.id for no key update of a)
select (select coalesce(json_agg(id), '[]')::text from st) as students,
  (select count(*)::int from due) as waiting, (select count(*)::int from al) as alerts`,
  )

const take = takeStatement(
  'fusion.take',
  `select distinct student_id as id from signals
  where institution_id = $1::uuid and pending and student_id is not null order by 1 limit $2::int * 2`,
)

/**
 * Takes what waits of these students, after their alerts: in this order merging and splitting take them too. Signals being
 * written are left for the next pass, so that no sender waits for us while we wait for it.
 * Parameters: 1 institution, 2 students (JSON), 3 signals.
 */
const takeSignals = tenantStatement<{ signals: string }>(
  'fusion.take_signals',
  `with sg as materialized (select g.id from signals g where g.institution_id = $1::uuid and g.pending and g.student_id is not null
  and g.student_id in (select x::uuid from json_array_elements_text($2::json) x)
  order by g.student_id, g.observed_at, g.id limit $3::int for no key update of g skip locked)
select coalesce(json_agg(id), '[]')::text as signals from sg`,
)

interface FoundSignal extends Omit<PendingSignal, 'observedAt' | 'alert'> {
  readonly observedAt: string
  readonly alert: {
    readonly id: string
    readonly severity: PendingSignal['severity']
    readonly joinsUntil: string
    readonly isBack: boolean
    readonly isOther: boolean
    readonly isNews: boolean
  } | null
}

type Instants = 'joinsUntil' | 'escalatesAt' | 'acknowledgeBy' | 'resolveBy'
type FoundAlert = Omit<OpenAlert, Instants> & Readonly<Record<Instants, string | null>> & { readonly version: number }

interface FoundStudent {
  readonly id: string
  readonly unitId: string
  readonly died: boolean
  readonly cases: readonly CaseOwner[]
  readonly signals: readonly FoundSignal[]
  readonly alerts: readonly FoundAlert[]
}

interface Found {
  readonly rules: StoredRules
  readonly students: readonly FoundStudent[]
  readonly units: Units
}

/** Parameters: 1 institution, 2 students, 3 signals (JSON), 4 now. Runs after {@link take}: all it reads is held. */
const load = tenantStatement<{ found: Found }>(
  'fusion.load',
  `with t as materialized (select ($4::timestamptz at time zone time_zone)::date as day from institutions where id = $1::uuid),
st as materialized (select s.id, s.org_unit_id, s.enrolment_status from json_array_elements_text($2::json) x join students s on s.institution_id = $1::uuid and s.id = x::uuid),
sg as materialized (select g.student_id, json_agg(json_build_object('id', g.id, 'kind', g.kind, 'severity', g.severity, 'status', g.status,
    'observedAt', ${utc('g.observed_at')}, 'watcherId', (select d.by_id from alert_dispositions d where d.institution_id = $1::uuid
      and d.id = case when g.kind = 'watch_ended' and g.origin = 'service' then substr(g.external_id, length('watch:') + 1)::uuid end
      and ${holdsRole('d.by_id', '(select day from t)')}), 'alert', (select json_build_object('id', a.id, 'severity', a.severity, 'joinsUntil', ${utc('a.joins_until')},
      'isBack', coalesce(was.status = 'cleared', false), 'isOther', coalesce(was.kind <> g.kind, false),
      'isNews', coalesce((select h.observation->'figures' <> g.figures or h.observation->>'kind' <> g.kind from signal_history h
        where h.institution_id = $1::uuid and h.signal_id = g.id and h.received_at <= a.resolved_at order by h.observed_at desc limit 1), false))
      from alerts a where a.institution_id = $1::uuid and a.id = g.alert_id)) order by g.observed_at, g.id) as found
  from json_array_elements_text($3::json) x join signals g on g.institution_id = $1::uuid and g.id = x::uuid
  left join lateral (select h.status, h.observation->>'kind' as kind from signal_history h where h.institution_id = $1::uuid and h.signal_id = g.id
    and h.observed_at <= g.observed_at order by h.observed_at desc limit 1) was on true group by g.student_id),
${holdingCtes('select org_unit_id from st', '(select day from t)')}
select json_build_object('rules', ${rulesJson()}, 'units', ${unitsJson},
  'students', (select coalesce(json_agg(json_build_object('id', st.id, 'unitId', st.org_unit_id, 'died', st.enrolment_status = 'died', 'signals', coalesce(sg.found, '[]'),
    'cases', (select coalesce(json_agg(json_build_object('caseId', c.id, 'ownerId', c.owner_id) order by c.opened_at), '[]') from cases c
      where c.institution_id = $1::uuid and c.student_id = st.id and c.closed_at is null),
    'alerts', (select coalesce(json_agg(json_build_object('id', a.id, 'step', a.step, 'isSeen', a.acknowledged_at is not null, 'severity', a.severity, 'version', a.version,
        'joinsUntil', ${utc('a.joins_until')}, 'escalation', a.escalation, 'escalatesAt', ${utc('a.escalates_at')}, 'ownerId', a.owner_id,
        'isElsewhere', a.org_unit_id <> st.org_unit_id, 'ownerHolds', ${holdsRole('a.owner_id', '(select day from t)')},
        'acknowledgeBy', ${utc('a.acknowledge_by')}, 'resolveBy', ${utc('a.resolve_by')},
        'toldIds', (select coalesce(json_agg(w.staff_id), '[]') from alert_told w where w.institution_id = $1::uuid and w.alert_id = a.id),
        'kinds', (select coalesce(json_agg(distinct g.kind), '[]') from signals g where g.institution_id = $1::uuid and g.alert_id = a.id
          and g.status = 'open')) order by a.opened_at, a.id), '[]')
      from alerts a where a.institution_id = $1::uuid and a.student_id = st.id and a.step <> 'resolved')) order by st.id), '[]')
    from st left join sg on sg.student_id = st.id)) as found`,
)

const count = (ids: string): number => (JSON.parse(ids) as string[]).length

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

const alertOf = (found: FoundAlert, unit: RoutingUnit): OpenAlert => ({
  ...found,
  ownerHolds: found.ownerHolds && (!found.isElsewhere || answersAt(unit, found.ownerId)),
  joinsUntil: new Date(found.joinsUntil as string),
  escalatesAt: dateOf(found.escalatesAt),
  acknowledgeBy: dateOf(found.acknowledgeBy),
  resolveBy: dateOf(found.resolveBy),
})

const signalOf = (found: FoundSignal): PendingSignal => ({
  ...found,
  observedAt: new Date(found.observedAt),
  alert: found.alert && {
    id: found.alert.id,
    severity: found.alert.severity ?? 'blue',
    joinsUntil: new Date(found.alert.joinsUntil),
    isBack: found.alert.isBack,
    isOther: found.alert.isOther,
    isNews: found.alert.isNews,
  },
})

/** Fuses signals of students, both taken before (JSON), and routes their open alerts anew that need it. */
export const fuseTaken = async (
  { db: tx, ambient }: Deps,
  tenant: Tenant,
  held: string,
  signals: string,
): Promise<void> => {
  // load
  const now = ambient.now()
  const [row] = await tenant.rows(load, held, signals, now.toISOString())
  const { found } = row as { found: Found }
  // decide
  const students = found.students.map(student => {
    const unit = unitOf(found.units, student.unitId)
    const alerts = student.alerts.map(alert => alertOf(alert, unit))
    return { id: student.id, unit, died: student.died, signals: student.signals.map(signalOf), alerts }
  })
  const openAlerts = (id: string) => found.units.load[id] ?? 0
  const fusion = fuse(students, { ...rulesOf(found.rules), load: openAlerts, now, newId: ambient.newId })
  if (fusion.alerts.length === 0 && fusion.signals.length === 0) return
  // save, tell
  await saveFusion({ db: tx, ambient }, tenant.institution, fusion, {
    rulesVersion: found.rules.version,
    units: new Map(found.students.map(student => [student.id, student.unitId])),
    cases: new Map(found.students.map(student => [student.id, student.cases])),
    versions: new Map(found.students.flatMap(student => student.alerts.map(alert => [alert.id, alert.version]))),
  })
}

/** One transaction of fusion at one institution. @returns whether more is waiting that nobody has taken */
const fuseSome = async (tx: Door, ambient: Deps['ambient'], tenant: Tenant): Promise<boolean> => {
  const [taken] = await tenant.rows(take, most.students)
  const { students: held, waiting: due } = taken as { students: string; waiting: number }
  const [pending] = await tenant.rows(takeSignals, held, most.signals)
  const { signals } = pending as { signals: string }
  if (signals === '[]') return false
  await fuseTaken({ db: tx, ambient }, tenant, held, signals)
  return due > count(held) || count(signals) === most.signals
}

/** Fuses waiting signals into alerts: any number of processes may, no signal is fused twice. Domain §4. */
export const fusionWork = (db: Database, ambient: Deps['ambient']): Work =>
  institutionWork(db, {
    name: 'fuse-signals',
    idleMs: 500,
    waiting: () => db.system.rows(waiting),
    serve: ({ institution }) => db.transaction(tx => fuseSome(tx, ambient, tx.as(institution))),
  })
