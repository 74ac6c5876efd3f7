import { type Database, systemStatement, tenantStatement } from '../platform/database.ts'
import { type Entry, entryRow, insertEntries } from '../platform/journal.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import type { Deps } from '../platform/subject.ts'
import { graver, type Severity } from '../practice/signals.ts'

interface Due {
  readonly id: string
  readonly alertId: string
  readonly severity: Severity
}

/** SQL of whether the day of watch `d` has come somewhere; `now` = the expression of the instant. */
const isNear = (now: string) =>
  `d.until_day is not null and d.flagged_at is null and d.until_day <= (${now} + interval '14 hours')::date`

/** Institutions with a watch whose day has come somewhere: where they are is looked at when they are served. */
const waiting = systemStatement<{ institution: string }>(
  'watches.waiting',
  `select distinct d.institution_id as institution from alert_dispositions d where ${isNear('$1::timestamptz')} order by 1`,
)

/** Watches whose day has come where the institution is, locked; those another process holds are left to it. */
const take = tenantStatement<Due>(
  'watches.take_due',
  `select d.id, d.alert_id as "alertId", a.severity from alert_dispositions d
   join alerts a on a.institution_id = d.institution_id and a.id = d.alert_id join institutions i on i.id = d.institution_id
   where d.institution_id = $1::uuid and ${isNear('$2::timestamptz')} and d.until_day <= ($2::timestamptz at time zone i.time_zone)::date
   order by d.until_day limit $3::int for update of d skip locked`,
)

/** Parameters: 1 institution, 2 entries, 3 effects `{at, watches}`. */
const save = tenantStatement<{ count: number }>(
  'watches.flag',
  `with given as materialized (select $3::jsonb e),
d as (update alert_dispositions d set flagged_at = (e->>'at')::timestamptz
  from given cross join jsonb_to_recordset(e->'watches') x(id uuid, "signalId" uuid, severity text)
  where d.institution_id = $1::uuid and d.id = x.id and d.flagged_at is null returning d.id, d.alert_id, d.until_day, x."signalId", x.severity),
g as (insert into signals (institution_id, id, origin, external_id, student_number, student_id, kind, severity, status, observed_at, received_at,
    revision, figures, pending)
  select $1::uuid, d."signalId", 'service', 'watch:' || d.id, s.number, s.id, 'watch_ended', d.severity, 'open', (e->>'at')::timestamptz,
    (e->>'at')::timestamptz, 1, jsonb_build_object('dueOn', d.until_day), true
  from d cross join given join alerts a on a.institution_id = $1::uuid and a.id = d.alert_id
  join students s on s.institution_id = $1::uuid and s.id = a.student_id),
j as (${insertEntries('$2::jsonb')})
select count(*)::int as count from d`,
)

/** Most watches of an institution a pass takes. */
const most = 200

/** A watch that ends is a reminder: never graver than this, however grave the alert was. */
const reminder: Severity = 'yellow'

/** Flags students at one institution. @returns whether more watches may be due */
const flagSome = async ({ db, ambient }: Deps, institution: string): Promise<boolean> => {
  const tenant = db.as(institution)
  const at = ambient.now().toISOString()
  const due = await tenant.rows(take, at, most)
  if (due.length === 0) return false
  const watches = due.map(({ id, severity }) => ({
    id,
    signalId: ambient.newId(),
    severity: graver(severity, reminder) === severity ? reminder : severity,
  }))
  const entries = due.map(
    (each, index): Entry => ({
      id: ambient.newId(),
      type: 'alert.watch_ended',
      at,
      institution,
      actor: { kind: 'service', id: null },
      subject: { kind: 'alert', id: each.alertId, version: null },
      caseId: null,
      request: 'end-watches',
      data: { dispositionId: each.id, signalId: watches[index]?.signalId },
    }),
  )
  const effects = JSON.stringify({ at, watches })
  const [done] = await tenant.rows(save, JSON.stringify(entries.map(entryRow)), effects)
  if (done?.count !== due.length) throw new Error('a watch was lost though it was locked')
  return due.length === most
}

/**
 * Flags students anew whose watch came to its day: a signal of the service that joins an open alert or raises one. Any
 * number of processes may, no watch ends twice. Domain §4.
 */
export const watchWork = (db: Database, ambient: Deps['ambient']): Work =>
  institutionWork(db, {
    name: 'end-watches',
    idleMs: 10_000,
    waiting: () => db.system.rows(waiting, ambient.now().toISOString()),
    serve: ({ institution }) => db.transaction(tx => flagSome({ db: tx, ambient }, institution)),
  })
