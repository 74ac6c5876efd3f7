import {
  type About,
  type Found,
  findSubject,
  type Guarded,
  type Loaded as LoadedSubject,
  loadStatementOf,
  loadSubject,
} from '../people/guarded.ts'
import type { Statement, Tenant } from '../platform/database.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import type { CaseFacts } from '../practice/facts.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { kindsOf } from '../practice/record-kinds.ts'
import { draftCountJson, factKinds, openDraftsJson, signedJson } from '../records/facts-json.ts'
import { oneCaseCtes } from './access.ts'

const at = { kind: 'case', records: 'records', signatures: 'record_signatures' }
const kinds = kindsOf('case')
const signed = signedJson(
  at,
  factKinds(casework as never, caseworkChecks),
  caseworkChecks.helper_is_confirmed.records,
  'worker',
)

const listOf = (columns: string, from: string, order: string) =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') from ${from} and x.case_id = c.id)`

const own = (table: string) => `${table} x where x.institution_id = $1::uuid`

/** Everything that decides about case `c` as JSON: a {@link CaseFacts}. Bounded, whatever the length of the history. */
const factsJson = (guard: string) => `(select json_build_object(
  'id', c.id, 'number', c.number, 'kind', c.kind, 'studentId', c.student_id, 'orgUnitId', c.org_unit_id,
  'ownerId', c.owner_id, 'ownerSince', c.owner_since, 'version', c.version, 'writes', c.writes, 'pausedOn', c.paused_on,
  'openedOn', (c.opened_at at time zone i.time_zone)::date, 'birthDate', s.birth_date, 'enrolmentStatus', s.enrolment_status,
  'drafts', ${draftCountJson(at, kinds)},
  'openDrafts', ${openDraftsJson(at, kinds)},
  'keyErased', c.data_key is null,
  'standing', json_build_object(
    'step', c.step, 'stepSince', c.step_since, 'cameFrom', c.came_from, 'baseline', coalesce(c.tracking_since, 0),
    'reason', c.close_reason,
    'signed', ${signed},
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
  'hasSuccessor', exists (select from cases x where x.institution_id = $1::uuid and x.predecessor_id = c.id),
  'otherOpenCase', c.step = '${casework.remembers}' and exists (select from cases x where x.institution_id = $1::uuid
    and x.student_id = c.student_id and x.kind = c.kind and x.counts_as_open and x.id <> c.id))
from c join students s on s.institution_id = $1::uuid and s.id = c.student_id
join institutions i on i.id = $1::uuid
where ${guard})`

/** A case as a guarded subject. */
export const caseSubject: Guarded = {
  kind: 'case',
  table: 'cases',
  ctes: oneCaseCtes,
  factsJson,
  closed: { steps: casework.final, problem: 'case_is_closed' },
}

/** What a command on a case found. */
export type Loaded<X = object> = LoadedSubject<CaseFacts, X>

/** A load statement of a case: {@link loadStatementOf}. */
export const loadStatement = <X extends object = object>(
  name: string,
  extras: Readonly<Record<string, string>> = {},
  guard?: string,
): Statement<{ found: Found<CaseFacts> & X }> => loadStatementOf(caseSubject, name, extras, guard)

/** Which case, by whom, when. */
export type AboutCase = Omit<About, 'id'> & { readonly caseId: string }

/** Loads a case: {@link loadSubject}. */
export const loadCase = <X extends object>(
  tenant: Tenant,
  statement: Statement<{ found: Found<CaseFacts> & X }>,
  permission: PermissionName,
  { caseId, ...about }: AboutCase,
  ...params: (string | number | null)[]
): Promise<Loaded<X>> => loadSubject<CaseFacts, X>(tenant, statement, permission, { ...about, id: caseId }, params)

/** Facts of a case for one who stands in no relation to it. */
const outsideStatement = loadStatement('cases.load_outside', {}, 'true')

/** Loads a case for an operation that a role permits without any relation to it. @throws Problem not_permitted, not_found */
export const loadFromOutside = (
  tenant: Tenant,
  permission: PermissionName,
  { caseId, ...about }: AboutCase,
): Promise<Loaded> => findSubject(tenant, outsideStatement, permission, { ...about, id: caseId })
