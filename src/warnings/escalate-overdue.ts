import { type Database, type Door, systemStatement, tenantStatement } from '../platform/database.ts'
import { type Entry, entryRow, insertEntries } from '../platform/journal.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import { utc } from '../platform/sql.ts'
import type { Deps } from '../platform/subject.ts'
import type { CrisisStep } from '../practice/crisis.ts'
import { escalatesNext } from '../practice/crisis-clock.ts'
import type { CrisisKind } from '../practice/crisis-codes.ts'
import type { EventType } from '../practice/events.ts'
import { nearest, type RoutingUnit } from '../practice/routing.ts'
import { escalationAfter } from '../practice/targets.ts'
import { holdingCtes, type Units, unitOf, unitsJson } from './holders.ts'
import { rulesJson, rulesOf, type StoredRules } from './rules.ts'

/** A guarded table whose overdue rows are told further up: it has `escalates_at`, `escalation`, `org_unit_id`. */
export interface Escalated<X> {
  readonly table: string
  /** Name of the subject in entries. */
  readonly kind: string
  readonly event: EventType
  /** SQL of who answers for row `x`: they know already. */
  readonly responsible: string
  /** SQL of the JSON `X` of row `x`: what is looked at beside the step. */
  readonly facts: string
  /** `insert … select …` of who is told, from `x(id, "staffId")` joined to the changed row `c`, at `e->>'at'`. */
  readonly tell: string
  /**
   * When the level after `level` comes, counted from when that one was due: an outage or a clock moved forward wins
   * nobody time. Null = there is none, or past the calendar's horizon. Pure.
   */
  readonly next: (stored: StoredRules, due: Due<X>, level: number) => Date | null
  /** What is overdue, for the entry. */
  readonly data: (due: Due<X>) => Readonly<Record<string, unknown>>
}

/** A row whose target is missed. */
export interface Due<X> {
  readonly id: string
  readonly step: string
  readonly version: number
  readonly escalation: number
  readonly unitId: string
  readonly responsibleId: string | null
  /** When the level now told was due. */
  readonly escalatesAt: string
  readonly facts: X
}

/** Institutions with overdue rows. Parameter: 1 now. */
const waitingStatement = ({ table }: Pick<Escalated<never>, 'table'>) =>
  systemStatement<{ institution: string }>(
    `${table}.overdue_somewhere`,
    `select distinct institution_id as institution from ${table} where escalates_at <= $1::timestamptz order by 1`,
  )

/**
 * Overdue rows, locked; those another process holds are left to it. The institution is compared as text: an index that
 * begins with it would be walked through all its rows. Parameters: 1 institution, 2 now, 3 limit.
 */
const takeStatement = <X>({ table, responsible, facts }: Escalated<X>) =>
  tenantStatement<Due<X>>(
    `${table}.take_overdue`,
    `select x.id, x.step, x.version, x.escalation, x.org_unit_id as "unitId",
    ${responsible} as "responsibleId", ${utc('x.escalates_at')} as "escalatesAt", ${facts} as facts from ${table} x
   where x.institution_id::text = $1::uuid::text and x.escalates_at <= $2::timestamptz order by x.escalates_at limit $3::int for no key update of x skip locked`,
  )

/** Parameters: 1 institution, 2 units (JSON), 3 now. */
const loadStatement = tenantStatement<{ found: { rules: StoredRules; units: Units } }>(
  'escalation.load',
  `with t as materialized (select ($3::timestamptz at time zone time_zone)::date as day from institutions where id = $1::uuid),
${holdingCtes('select x::uuid from json_array_elements_text($2::json) x', '(select day from t)')}
select json_build_object('rules', ${rulesJson()}, 'units', ${unitsJson}) as found`,
)

/** Parameters: 1 institution, 2 entries, 3 effects `{at, rows, told}`. */
const saveStatement = ({ table, tell }: Pick<Escalated<never>, 'table' | 'tell'>) =>
  tenantStatement<{ count: number }>(
    `${table}.escalate`,
    `with given as materialized (select $3::jsonb e),
c as (update ${table} s set version = s.version + x.rises, writes = s.writes + 1, updated_at = (e->>'at')::timestamptz,
    escalation = x.level, escalates_at = x.next
  from given cross join jsonb_to_recordset(e->'rows') x(id uuid, rises int, level int, next timestamptz)
  where s.institution_id = $1::uuid and s.id = x.id returning s.id, s.opened_at),
told as (${tell}),
j as (${insertEntries('$2::jsonb')})
select count(*)::int as count from c`,
  )

/** Most rows of an institution a pass takes. */
const most = 200

/** How long what reached nobody waits before it is tried again. */
const retryMs = 3_600_000

/** Who hold the roles of a level at the nearest unit that has one, whoever answers for it left out. Pure. */
const toldOf = (roles: readonly string[], { above, holders }: RoutingUnit, exceptId: string | null): string[] => {
  const unit = { above, holders: holders.filter(({ staffId }) => staffId !== exceptId) }
  return [...new Set(roles.flatMap(role => nearest(unit, role)))].sort()
}

/**
 * Tells the next level that reaches anybody, and whom: one that reaches nobody is passed over for those above it. Where
 * none does, no level is used up, and it is tried again. Pure.
 */
const decide = <X>(subject: Escalated<X>, stored: StoredRules, unit: RoutingUnit, due: Due<X>, now: Date) => {
  const above = rulesOf(stored).settings.escalation.slice(due.escalation)
  const told = above.map(({ tell }) => toldOf(tell, unit, due.responsibleId))
  const at = told.findIndex(ids => ids.length > 0)
  const level = due.escalation + at + 1
  if (at >= 0) return { ...due, rises: 1, level, toldIds: told[at] ?? [], next: subject.next(stored, due, level) }
  const next = above.length > 0 ? new Date(now.getTime() + retryMs) : null
  return { ...due, rises: 0, toldIds: [], level: due.escalation, next }
}

const escalateSome = async <X>(
  subject: Escalated<X>,
  save: ReturnType<typeof saveStatement>,
  deps: Deps,
  institution: string,
  due: readonly Due<X>[],
): Promise<void> => {
  const { ambient } = deps
  const tenant = deps.db.as(institution)
  const at = ambient.now().toISOString()
  // load
  const [row] = await tenant.rows(loadStatement, JSON.stringify([...new Set(due.map(each => each.unitId))]), at)
  const { rules: stored, units } = (row as { found: { rules: StoredRules; units: Units } }).found
  // decide
  const decided = due.map(each => decide(subject, stored, unitOf(units, each.unitId), each, new Date(at)))
  // save, tell
  const reached = decided.filter(each => each.rises > 0)
  const entries = reached.map(
    (each): Entry => ({
      id: ambient.newId(),
      type: subject.event,
      at,
      institution,
      actor: { kind: 'service', id: null },
      subject: { kind: subject.kind, id: each.id, version: each.version + 1 },
      caseId: null,
      request: 'escalate-overdue',
      data: { level: each.level, ...subject.data(each), toldIds: each.toldIds },
    }),
  )
  const told = decided.flatMap(({ id, toldIds }) => toldIds.map(staffId => ({ id, staffId })))
  const effects = { at, rows: decided.map(({ id, rises, level, next }) => ({ id, rises, level, next })), told }
  const [done] = await tenant.rows(save, JSON.stringify(entries.map(entryRow)), JSON.stringify(effects))
  if (done?.count !== due.length) throw new Error('escalation lost what it had locked')
}

/** A sweep over one kind of subject: where something is overdue, and telling it at one institution. */
const sweepOf = <X>(subject: Escalated<X>) => {
  const take = takeStatement(subject)
  const save = saveStatement(subject)
  return {
    waiting: waitingStatement(subject),
    /** To be run in a transaction. @returns whether more may be overdue */
    tell: async (tx: Door, ambient: Deps['ambient'], institution: string): Promise<boolean> => {
      const due = await tx.as(institution).rows(take, ambient.now().toISOString(), most)
      if (due.length > 0) await escalateSome(subject, save, { db: tx, ambient }, institution, due)
      // The next level of what was told just now may be due as well: after the clock was moved, or after an outage.
      return due.length > 0
    },
  }
}

/** Alerts, as they escalate. Domain §4. */
const sweepAlerts = sweepOf<{ isSeen: boolean }>({
  table: 'alerts',
  kind: 'alert',
  event: 'alert.escalated',
  responsible: 'x.owner_id',
  facts: `json_build_object('isSeen', x.acknowledged_at is not null)`,
  tell: `insert into alert_told (institution_id, alert_id, staff_id, why, at, opened_at, open)
  select $1::uuid, c.id, x."staffId", 'escalated', (e->>'at')::timestamptz, c.opened_at, true
  from given cross join jsonb_to_recordset(e->'told') x(id uuid, "staffId" uuid) join c on c.id = x.id on conflict do nothing`,
  next: (stored, { escalatesAt }, level) => escalationAfter(rulesOf(stored), level, new Date(escalatesAt)),
  data: ({ facts: { isSeen } }) => ({ target: isSeen ? 'resolve' : 'acknowledge' }),
})

interface OverdueCrisis {
  readonly kind: CrisisKind
  readonly dueAt: string
}

/** Crises, stage by stage. Decision 012. */
const sweepCrises = sweepOf<OverdueCrisis>({
  table: 'crises',
  kind: 'crisis',
  event: 'crisis.escalated',
  responsible: 'x.lead_id',
  facts: `json_build_object('kind', x.kind, 'dueAt', ${utc('x.due_at')})`,
  tell: `insert into crisis_told (institution_id, crisis_id, staff_id, why, at)
  select $1::uuid, c.id, x."staffId", 'escalated', (e->>'at')::timestamptz
  from given cross join jsonb_to_recordset(e->'told') x(id uuid, "staffId" uuid) join c on c.id = x.id on conflict do nothing`,
  next: (stored, { step, escalatesAt, facts: { kind } }, level) =>
    escalatesNext(stored, { kind, step: step as CrisisStep, level, from: new Date(escalatesAt) }),
  data: ({ step, facts: { dueAt } }) => ({ step, dueAt }),
})

/**
 * Tells overdue subjects further up, once a level: any number of processes may sweep, no level is told twice. Each kind of
 * subject is swept in a transaction of its own at each institution.
 */
export const escalationWork = ({ db, ambient }: { readonly db: Database; readonly ambient: Deps['ambient'] }): Work =>
  institutionWork(db, {
    name: 'escalate-overdue',
    idleMs: 5000,
    waiting: async () => {
      const now = ambient.now().toISOString()
      const overdue = async (sweep: typeof sweepAlerts | typeof sweepCrises) =>
        (await db.system.rows(sweep.waiting, now)).map(({ institution }) => ({ institution, sweep }))
      return [...(await overdue(sweepAlerts)), ...(await overdue(sweepCrises))]
    },
    serve: ({ institution, sweep }) => db.transaction(tx => sweep.tell(tx, ambient, institution)),
  })
