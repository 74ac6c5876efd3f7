import { type Database, systemStatement, tenantStatement } from '../platform/database.ts'
import { type Entry, entryRow, insertEntries } from '../platform/journal.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import type { Deps } from '../platform/subject.ts'
import type { Severity, SignalKind } from '../practice/signals.ts'
import {
  escalationAfter,
  isBeyondHorizon,
  type Rules,
  soonerTargets,
  type Targets,
  targetIn,
  targetsOf,
} from '../practice/targets.ts'
import { rulesJson, rulesOf, type StoredRules } from './rules.ts'

interface Due {
  readonly id: string
  readonly step: string
  readonly version: number
  readonly severity: Severity
  readonly kinds: readonly SignalKind[]
  readonly openedAt: string
  readonly risenAt: string | null
  readonly isSeen: boolean
  readonly acknowledgeBy: string | null
  readonly resolveBy: string | null
  readonly rules: StoredRules
}

const waiting = systemStatement<{ institution: string }>(
  'targets.waiting',
  `select w.institution_id as institution from warning_settings w where exists (select from alerts a
   where a.institution_id = w.institution_id and a.rules_version < w.version and a.beyond_horizon and a.step <> 'resolved') order by 1`,
)

/** Alerts without a target whose institution changed its settings since; those another process holds are left to it. */
const take = tenantStatement<Due>(
  'targets.take',
  `with a as materialized (select a.* from alerts a where a.institution_id = $1::uuid and a.beyond_horizon and a.step <> 'resolved'
  and a.rules_version < (select version from warning_settings where institution_id = $1::uuid) order by a.rules_version limit $2::int for no key update of a skip locked)
select a.id, a.step, a.version, a.severity, a.opened_at::text as "openedAt",
  a.risen_at::text as "risenAt", a.acknowledged_at is not null as "isSeen",
  a.acknowledge_by::text as "acknowledgeBy", a.resolve_by::text as "resolveBy", ${rulesJson('a.institution_id')} as rules,
  (select coalesce(json_agg(distinct g.kind), '[]') from signals g where g.institution_id = a.institution_id and g.alert_id = a.id and g.status = 'open') as kinds
from a`,
)

/** Parameters: 1 institution, 2 entries, 3 effects `{at, rows}`. */
const save = tenantStatement<{ count: number }>(
  'targets.save',
  `with given as materialized (select $3::jsonb e),
c as (update alerts s set rules_version = x."rulesVersion", version = s.version + x.rises, writes = s.writes + 1,
    updated_at = (e->>'at')::timestamptz, acknowledge_by = x."acknowledgeBy", resolve_by = x."resolveBy", beyond_horizon = x."beyondHorizon",
    escalates_at = coalesce(x."escalatesAt", s.escalates_at)
  from given cross join jsonb_to_recordset(e->'rows') x(id uuid, rises int, "rulesVersion" int, "acknowledgeBy" timestamptz,
    "resolveBy" timestamptz, "beyondHorizon" boolean, "escalatesAt" timestamptz)
  where s.institution_id = $1::uuid and s.id = x.id returning s.id),
j as (${insertEntries('$2::jsonb')})
select count(*)::int as count from c`,
)

/** Most alerts of an institution a pass takes. */
const most = 200

const dateOf = (text: string | null) => (text === null ? null : new Date(text))

/** Targets by the settings of now, from when it was raised; the first, where it is to be seen again, from when it rose. Pure. */
const freshTargets = (due: Due, rules: Rules): Targets => {
  const from = (text: string) => targetsOf(rules, due.severity, due.kinds, new Date(text))
  const since = due.step === 'raised' ? due.openedAt : (due.risenAt ?? due.openedAt)
  return { resolveBy: from(due.openedAt).resolveBy, acknowledgeBy: from(since).acknowledgeBy }
}

/** What becomes of an alert that lacked a target. Pure. */
const targeted = (due: Due) => {
  const rules = rulesOf(due.rules)
  const known = { acknowledgeBy: dateOf(due.acknowledgeBy), resolveBy: dateOf(due.resolveBy) }
  const targets = soonerTargets(known, freshTargets(due, rules))
  const gained = targets.acknowledgeBy !== known.acknowledgeBy || targets.resolveBy !== known.resolveBy
  return {
    id: due.id,
    rises: gained ? 1 : 0,
    rulesVersion: rules.version,
    ...targets,
    beyondHorizon: isBeyondHorizon(due, targets),
    escalatesAt: targetIn(due, known) === null ? escalationAfter(rules, 0, targetIn(due, targets)) : null,
  }
}

/** Sets targets at one institution. @returns whether more may be waiting */
const targetSome = async ({ db, ambient }: Deps, institution: string): Promise<boolean> => {
  const tenant = db.as(institution)
  const due = await tenant.rows(take, most)
  if (due.length === 0) return false
  const at = ambient.now().toISOString()
  const rows = due.map(targeted)
  const entries = rows.flatMap((row, index): Entry[] => {
    if (row.rises === 0) return []
    const version = (due[index] as Due).version + 1
    return [
      {
        id: ambient.newId(),
        type: 'alert.targeted',
        at,
        institution,
        actor: { kind: 'service', id: null },
        subject: { kind: 'alert', id: row.id, version },
        caseId: null,
        request: 'set-targets',
        data: {
          acknowledgeBy: row.acknowledgeBy?.toISOString() ?? null,
          resolveBy: row.resolveBy?.toISOString() ?? null,
        },
      },
    ]
  })
  const effects = JSON.stringify({ at, rows })
  const [done] = await tenant.rows(save, JSON.stringify(entries.map(entryRow)), effects)
  if (done?.count !== due.length) throw new Error('an alert was lost though it was locked')
  return due.length === most
}

/** Sets targets that lay past the horizon, once the institution's calendar reaches them. Domain §4: never guessed. */
export const targetWork = (db: Database, ambient: Deps['ambient']): Work =>
  institutionWork(db, {
    name: 'set-targets',
    idleMs: 10_000,
    waiting: () => db.system.rows(waiting),
    serve: ({ institution }) => db.transaction(tx => targetSome({ db: tx, ambient }, institution)),
  })
