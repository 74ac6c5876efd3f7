import type { CheckDefinition, Process } from '../kernel/process.ts'
import { callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from '../people/actor.ts'
import { type Replay, replayJson } from '../platform/command.ts'
import { type Statement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Caller, Idempotency } from '../platform/http/route.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { allowsRelation, type PermissionName, seeing } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { oneCaseCtes, relationsJson } from './access.ts'

/** Record kinds the guard of a process looks at. */
const kindsOf = (process: Process, checks: Readonly<Record<string, CheckDefinition<CaseFacts>>>): string[] => [
  ...new Set([
    ...process.edges.flatMap(edge => edge.needs.map(need => need.record)),
    ...Object.values(checks).flatMap(check => [...check.records]),
  ]),
]

const factKinds = kindsOf(casework, caseworkChecks)
  .map(kind => `'${kind}'`)
  .join(', ')

const confirmingKinds = caseworkChecks.helper_is_confirmed.records.map(kind => `'${kind}'`).join(', ')

const newest = (kinds: string) => `
  select r.kind, r.id, r.signed_version, r.content, case when r.kind in (${confirmingKinds}) then (
    select g.person_id from record_signatures g where g.institution_id = $1::uuid and g.record_id = r.id
      and g.party = 'worker' and g.record_version = r.version) end as signed_by
  from unnest(array[${kinds}]) k(kind)
  cross join lateral (select * from records r where r.institution_id = $1::uuid and r.case_id = c.id and r.kind = k.kind
    and r.status = 'signed' order by r.signed_version desc limit 1) r`

const listOf = (columns: string, from: string, order: string) =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') from ${from} and x.case_id = c.id)`

const own = (table: string) => `${table} x where x.institution_id = $1::uuid`

/** Everything that decides about case `c` as JSON: a {@link CaseFacts}. Bounded, whatever the length of the history. */
const factsJson = (guard: string) => `(select json_build_object(
  'id', c.id, 'number', c.number, 'kind', c.kind, 'studentId', c.student_id, 'orgUnitId', c.org_unit_id,
  'ownerId', c.owner_id, 'ownerSince', c.owner_since, 'version', c.version, 'writes', c.writes, 'pausedOn', c.paused_on,
  'openedOn', (c.opened_at at time zone i.time_zone)::date, 'birthDate', s.birth_date, 'enrolmentStatus', s.enrolment_status,
  'drafts', c.draft_count,
  'openDrafts', case when c.draft_count = 0 then '[]' else (select json_agg(json_build_object('id', x.id, 'kind', x.kind)) from (
    select id, kind from records where institution_id = $1::uuid and case_id = c.id and status = 'draft' order by id limit 50) x) end,
  'keyErased', c.data_key is null,
  'standing', json_build_object(
    'step', c.step, 'stepSince', c.step_since, 'cameFrom', c.came_from, 'baseline', coalesce(c.tracking_since, 0),
    'reason', c.close_reason,
    'signed', (select coalesce(json_object_agg(n.kind, json_build_object('id', n.id, 'version', n.signed_version, 'content', n.content, 'signedBy', n.signed_by)), '{}')
      from (${newest(factKinds)}) n),
    'waived', ${listOf(`'need', x.need, 'mode', x.mode, 'dueOn', x.due_on, 'version', x.version`, own('waivers'), 'x.version, x.need')},
    'reached', to_json(c.reached)),
  'contacts', (select json_build_object(
      'held', count(*) filter (where x.content->>'outcome' = 'held'),
      'attemptDays', count(distinct x.content->>'on') filter (where x.content->>'outcome' = 'attempted'))
    from ${own('records')} and x.case_id = c.id and x.kind in ('session', 'follow_up') and x.status = 'signed'
      and x.signed_version > coalesce((select max(v.signed_version) from records v where v.institution_id = $1::uuid
        and v.case_id = c.id and v.kind = 'evaluation' and v.status = 'signed'), c.tracking_since, 0)),
  'goals', ${listOf(
    `'id', x.id, 'status', x.status, 'horizon', x.horizon, 'difficulty', x.difficulty, 'progressVersion', x.progress_version,
     'attainment', x.attainment, 'attainmentVersion', x.attainment_version, 'attainmentFinal', x.attainment_final`,
    own('goals'),
    'x.place, x.id',
  )},
  'actions', ${listOf(`'id', x.id, 'goalId', x.goal_id, 'status', x.status`, own('actions'), 'x.place, x.id')},
  'consents', ${listOf(
    `'id', x.id, 'purpose', x.purpose, 'recipient', x.recipient, 'inForce', x.ended is null`,
    own('consents'),
    'x.given_version, x.id',
  )},
  'holds', ${listOf(
    `'id', x.id, 'kind', x.kind, 'openedVersion', x.opened_version, 'liftedVersion', x.lifted_version,
     'hasRecipient', x.recipient_id is not null, 'crisisId', x.crisis_id`,
    own('case_holds'),
    'x.opened_version',
  )},
  'openReferrals', (select coalesce(json_agg(x.id order by x.id), '[]') from ${own('referrals')} and x.case_id = c.id and x.status in ('offered', 'accepted')),
  'hasSuccessor', exists (select from cases x where x.institution_id = $1::uuid and x.predecessor_id = c.id))
from c join students s on s.institution_id = $1::uuid and s.id = c.student_id
join institutions i on i.id = $1::uuid
where ${guard})`

/** What every command on a case loads: who calls, how they stand to it, the facts, its key, the answer already given. */
export interface Found {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
  /** null when the case does not exist or is not the caller's to see. */
  readonly facts: CaseFacts | null
  /** Wrapped data key, base64; null once erased. */
  readonly dataKey: string | null
  readonly replay: Replay | null
}

/**
 * A load statement: the common part and `extras` (JSON member → SQL expression over `c`, `me`, `rel`).
 * Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 case, 6 idempotency key, further ones from 7.
 */
export const loadStatement = <X extends object = object>(
  name: string,
  extras: Readonly<Record<string, string>> = {},
  guard = 'exists (select from rel)',
): Statement<{ found: Found & X }> =>
  tenantStatement(
    name,
    `with ${oneCaseCtes}
select json_build_object(
  'caller', ${callerJson}, 'relations', ${relationsJson}, 'facts', ${factsJson(guard)},
  'dataKey', (select encode(c.data_key, 'base64') from c where ${guard}),
  'replay', ${replayJson('(select person_id from me)', '$6::text')}
  ${Object.entries(extras)
    .map(([member, expression]) => `, '${member}', ${expression}`)
    .join('\n')}) as found`,
  )

/** Which case, by whom, when. */
export interface About {
  readonly caller: Caller
  readonly caseId: string
  readonly now: Date
  readonly idempotency: Idempotency | null
}

/** {@link Found} after the permission was checked: the case is there and its facts are known. */
export type Loaded<X = object> = Found & X & { readonly facts: CaseFacts }

/**
 * Runs a load statement and decides on access before anything else is looked at.
 * @throws Problem not_permitted when the role can never, or the subject is visible but not for this; else not_found
 */
export const loadCase = async <X extends object>(
  tenant: Tenant,
  statement: Statement<{ found: Found & X }>,
  permission: PermissionName,
  about: About,
  ...params: (string | number | null)[]
): Promise<Loaded<X>> => {
  const [row] = await tenant.rows(
    statement,
    ...callerParams(about.caller, about.now),
    about.caseId,
    about.idempotency?.key ?? null,
    ...params,
  )
  const found = (row as { found: Found & X }).found
  const caller = knownCaller(about.caller, found.caller)
  requirePermission(about.caller, caller, permission)
  if (!found.facts || found.relations.length === 0) throw new Problem('not_found')
  if (!allowsRelation(permission, found.relations))
    throw new Problem(
      found.relations.some(relation => seeing.includes(relation as 'owner')) ? 'not_permitted' : 'not_found',
    )
  return { ...found, caller, facts: found.facts }
}

/** Facts of a case for one who stands in no relation to it. */
const outsideStatement = loadStatement('cases.load_outside', {}, 'true')

/** Loads a case for an operation that a role permits without any relation to it. @throws Problem not_permitted, not_found */
export const loadFromOutside = async (tenant: Tenant, permission: PermissionName, about: About): Promise<Loaded> => {
  const params = [...callerParams(about.caller, about.now), about.caseId, about.idempotency?.key ?? null] as const
  const [row] = await tenant.rows(outsideStatement, ...params)
  const { found } = row as { found: Found }
  const caller = knownCaller(about.caller, found.caller)
  requirePermission(about.caller, caller, permission)
  if (!found.facts) throw new Problem('not_found')
  return { ...found, caller, facts: found.facts }
}

/** Refuses a version other than the one the case has. @throws Problem version_stale with the present one */
export const requireVersion = (ifMatch: number | null, version: number): void => {
  if (ifMatch !== null && ifMatch !== version) throw new Problem('version_stale', { version })
}
