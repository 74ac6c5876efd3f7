import { localDay } from '../kernel/working-time.ts'
import { actorOf, callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess, requireVersion } from '../people/guarded.ts'
import { rolesToday } from '../people/roles-today.ts'
import { attempt, type Replay, replayJson } from '../platform/command.ts'
import { type Statement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import { type Change, changeSubject, type Deps, type Request, type subjectStatement } from '../platform/subject.ts'
import { type CrisisFacts, lastingSteps } from '../practice/crisis.ts'
import type { ClockSource } from '../practice/crisis-clock.ts'
import { beginningOfCrisis } from '../practice/dating.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { oneCrisisCtes } from './crisis-access.ts'

/** What the institution set for its clocks: a {@link ClockSource}. */
export const clockJson = `(select json_build_object('timeZone', i.time_zone, 'settings', w.settings, 'calendar', w.calendar)
  from institutions i left join warning_settings w on w.institution_id = i.id where i.id = $1::uuid)`

const of = (table: string) => `from ${table} x where x.institution_id = $1::uuid and x.crisis_id = c.id`

const list = (columns: string, table: string, order = 'x.version, x.id') =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') ${of(table)})`

/** Everything that decides about crisis `c` as JSON: a {@link CrisisFacts}. */
const factsJson = `(select json_build_object(
  'id', c.id, 'studentId', c.student_id, 'orgUnitId', c.org_unit_id, 'leadId', c.lead_id, 'kind', c.kind,
  'version', c.version, 'writes', c.writes, 'outcome', c.outcome, 'openedAt', ${utc('c.opened_at')},
  'standing', json_build_object('step', c.step, 'stepSince', c.step_since, 'cameFrom', null, 'baseline', 0,
    'reason', c.end_reason, 'signed', json_build_object(), 'waived', json_build_array()),
  'relapsedVersion', coalesce((select max(m.version) from crisis_moves m where m.institution_id = $1::uuid and m.subject_id = c.id
    and m.from_step = 'stabilised' and m.to_step = 'mobilised'), 0),
  'responders', ${list(
    `'id', x.id, 'kind', x.kind, 'staffId', x.staff_id, 'contactedAt', ${utc('x.contacted_at')}, 'answer', x.answer,
     'released', x.released_at is not null`,
    'crisis_responders',
  )},
  'measures', ${list(`'id', x.id, 'version', x.version, 'from', ${utc('x.from_at')}, 'ended', x.ended_at is not null`, 'crisis_measures')},
  'notices', (select json_build_object('given', count(*) filter (where x.outcome = 'given'),
    'attempted', count(*) filter (where x.outcome = 'attempted')) ${of('crisis_notices')}),
  'exemptions', ${list(`'from', x.exempt_from, 'version', x.version`, 'crisis_exemptions')},
  'minutesInStep', (select count(*)::int ${of('crisis_minutes')} and x.version >= c.step_since),
  'decisions', ${list(
    `'id', x.id, 'decision', x.decision, 'decidedOn', x.decided_on, 'appealedOn', x.appealed_on,
     'appealed', x.appealed_on is not null, 'settled', x.settled_on is not null`,
    'crisis_decisions',
  )},
  'debriefs', (select count(*)::int ${of('crisis_debriefs')}))
  from c where exists (select from rel))`

/** {@link CrisisFacts} with the dates commands compare. */
export interface LoadedFacts extends CrisisFacts {
  readonly openedAt: string
  readonly measures: readonly {
    readonly id: string
    readonly version: number
    readonly ended: boolean
    readonly from: string
  }[]
  readonly decisions: readonly {
    readonly id: string
    readonly decision: string
    readonly decidedOn: string
    readonly appealedOn: string | null
    readonly appealed: boolean
    readonly settled: boolean
  }[]
}

interface Found extends Access {
  readonly facts: LoadedFacts | null
  readonly dataKey: string | null
  readonly clock: ClockSource
  readonly replay: Replay | null
  /** Roles today of the staff member named (parameter 7); empty when nobody is named. */
  readonly roles: readonly string[]
}

/** Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 crisis, 6 idempotency key, 7 staff member named. */
const load: Statement<{ found: Found }> = tenantStatement(
  'crises.load',
  `with ${oneCrisisCtes}
select json_build_object('caller', ${callerJson}, 'relations', ${relationsJson}, 'facts', ${factsJson},
  'dataKey', (select encode(data_key, 'base64') from c), 'clock', ${clockJson}, 'roles', ${rolesToday('$7::uuid')},
  'replay', ${replayJson('(select person_id from me)', '$6::text')}) as found`,
)

/** A crisis found, the caller permitted. */
export type LoadedCrisis = Found & { readonly facts: LoadedFacts }

/** Which crisis, by whom, when. */
export interface AboutCrisis {
  readonly caller: Caller
  readonly crisisId: string
  readonly now: Date
  readonly idempotency: Idempotency | null
  readonly staffId?: string | null
}

/** Loads a crisis and decides on access before anything else. @throws Problem not_permitted, not_found */
export const loadCrisis = async (
  tenant: Tenant,
  permission: PermissionName,
  about: AboutCrisis,
): Promise<LoadedCrisis> => {
  const [row] = await tenant.rows(
    load,
    ...callerParams(about.caller, about.now),
    about.crisisId,
    about.idempotency?.key ?? null,
    about.staffId ?? null,
  )
  const { found } = row as { found: Found }
  const caller = requireAccess(about, found, permission)
  if (!found.facts) throw new Problem('not_found')
  return { ...found, caller, facts: found.facts }
}

/** Saves and tells one change of a crisis. No entry names a case: who reads a case need not know the crisis. */
export const changeCrisis = (
  deps: Deps,
  statement: ReturnType<typeof subjectStatement>,
  request: Request,
  { facts, caller, dataKey }: LoadedCrisis,
  change: Change,
): Promise<Answer | null> => {
  const { id, version, writes } = facts
  const subject = { kind: 'crisis', id, version, writes, dataKey, caseId: null }
  return changeSubject(deps, statement, request, actorOf(caller), subject, change)
}

/** While the danger lasts, until the crisis is closed, or after it too: what others do is not bound to our closing. */
export type Writable = 'lasting' | 'unclosed' | 'always'

const requireWritable = (facts: CrisisFacts, writable: Writable): void => {
  const { step } = facts.standing
  const may = {
    lasting: lastingSteps.includes(step as 'open'),
    unclosed: step !== 'closed',
    always: true,
  }
  if (!may[writable]) throw new Problem('crisis_is_over', { step })
}

/** A command that loads a crisis, decides and changes it. @throws Problem version_stale, crisis_is_over */
export const onCrisis = (
  deps: Deps,
  request: Request,
  about: {
    readonly crisisId: string
    readonly permission: PermissionName
    readonly writable: Writable
    readonly ifMatch?: number | null
    readonly staffId?: string | null
  },
  save: ReturnType<typeof subjectStatement>,
  decide: (found: LoadedCrisis, now: Date) => Change,
): Promise<Answer> => {
  const now = deps.ambient.now()
  const { caller, idempotency } = request
  const subject = { caller, crisisId: about.crisisId, now, idempotency, staffId: about.staffId ?? null }
  return attempt(
    idempotency,
    () => loadCrisis(deps.db.as(caller.institution), about.permission, subject),
    async found => {
      requireVersion(about.ifMatch ?? null, found.facts.version)
      requireWritable(found.facts, about.writable)
      return changeCrisis(deps, save, request, found, decide(found, now))
    },
  )
}

/** First instant of what belongs to a crisis. */
export const beganAt = ({ facts }: LoadedCrisis): string => beginningOfCrisis(facts.kind, facts.openedAt)

/** First day of what belongs to a crisis, in the institution's zone. */
export const beganOn = (found: LoadedCrisis): string => localDay(found.clock.timeZone, new Date(beganAt(found)))

const toleranceMs = 60_000

/** Refuses a time that lies ahead, or before another. @throws Problem time_out_of_order */
export const requirePast = (now: Date, at: string, after: string | null = null): void => {
  const time = Date.parse(at)
  if (time > now.getTime() + toleranceMs || (after !== null && time < Date.parse(after)))
    throw new Problem('time_out_of_order')
}

/** Refuses a day that lies ahead, or before another. @throws Problem time_out_of_order */
export const requirePastDay = (today: string, day: string, after: string | null = null): void => {
  if (day > today || (after !== null && day < after)) throw new Problem('time_out_of_order')
}
