import { type Asked, changeGuarded, type Guarded, type Loaded, loadStatementOf, onSubject } from '../people/guarded.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Change, type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import { groupChecks } from '../practice/group-checks.ts'
import type { GroupFacts } from '../practice/group-facts.ts'
import { groupWork } from '../practice/group-work.ts'
import { factKinds, openDraftsJson, signedJson } from '../records/facts-json.ts'
import { oneGroupCtes } from './access.ts'

const at = { kind: 'group', records: 'group_records', signatures: 'group_record_signatures' }

const list = (columns: string, table: string, order: string, where = '') =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') from ${table} x
    where x.institution_id = $1::uuid and x.group_id = c.id${where})`

/** Everything that decides about group `c` as JSON: a {@link GroupFacts}. Bounded, without names, without words. */
const factsJson = (guard: string) => `(select json_build_object(
  'id', c.id, 'number', c.number, 'type', c.type, 'composition', c.composition, 'roles', to_json(c.roles),
  'minMembers', c.min_members, 'maxMembers', c.max_members, 'orgUnitId', c.org_unit_id, 'leaderId', c.leader_id,
  'version', c.version, 'writes', c.writes, 'openedOn', (c.opened_at at time zone i.time_zone)::date,
  'memberCount', c.member_count, 'itemCount', c.item_count, 'endingAnnouncedAt', c.ending_announced_at,
  'mine', (select coalesce(json_agg(id), '[]') from mine), 'ownDrafts', (select coalesce(json_agg(distinct r.kind), '[]')
    from group_records r cross join me where exists (select from mine) and r.institution_id = $1::uuid and r.group_id = c.id and r.status = 'draft'
    and r.author_id = me.person_id), 'drafts', c.draft_count, 'openDrafts', ${openDraftsJson(at)}, 'keyErased', c.data_key is null,
  'standing', json_build_object('step', c.step, 'stepSince', c.step_since, 'cameFrom', null, 'baseline', 0, 'reason', c.end_reason,
    'signed', ${signedJson(at, factKinds(groupWork as never, groupChecks))},
    'waived', ${list(`'need', x.need, 'mode', x.mode, 'dueOn', null, 'version', x.version`, 'group_waivers', 'x.version, x.need')}),
  'members', ${list(
    `'id', x.id, 'personId', coalesce(x.student_id, x.staff_id), 'role', x.role, 'status', x.status, 'strengths', to_json(x.strengths),
     'needs', to_json(x.needs), 'profileVersion', x.profile_version, 'baselineVersion', x.baseline_version,
     'acceptedVersion', x.accepted_version, 'outcomeVersion', x.outcome_version, 'onwardVersion', x.onward_version,
     'toldVersion', x.told_version, 'consentedOn', x.consented_on, 'leftOn', x.left_on`,
    'group_members',
    'x.place',
  )},
  'pairs', ${list(`'volunteerId', x.volunteer_id, 'studentId', x.student_id`, 'group_pairs', 'x.from_version, x.volunteer_id, x.student_id', ' and x.until_version is null')},
  'sessions', ${list(
    `'id', x.id, 'phase', x.phase, 'kind', x.kind, 'status', x.status, 'on', x.on_day, 'heldVersion', x.held_version,
     'attendance', (select count(*)::int from group_attendance g where g.institution_id = $1::uuid and g.group_id = c.id and g.session_id = x.id)`,
    'group_sessions',
    'x.on_day, x.starts_at, x.id',
  )},
  'goals', ${list(`'id', x.id, 'status', x.status, 'attainment', x.attainment, 'attainmentFinal', x.attainment_final`, 'group_goals', 'x.place, x.id')},
  'tasks', ${list(`'id', x.id, 'memberId', x.member_id, 'status', x.status, 'dueOn', x.due_on`, 'group_tasks', 'x.due_on, x.id')},
  'budgetLines', ${list(
    `'id', x.id, 'plannedFen', x.planned_fen, 'approvedFen', x.approved_fen, 'spentFen', x.spent_fen, 'settled', x.settled`,
    'group_budget_lines',
    'x.place, x.id',
  )},
  'openItems', ${list(`'id', x.id, 'kind', x.kind, 'dueOn', x.due_on, 'resolution', x.resolution`, 'group_open_items', 'x.place')})
from c join institutions i on i.id = $1::uuid
where ${guard})`

/** A group as a guarded subject. */
export const groupSubject: Guarded = {
  kind: 'group',
  table: 'groups',
  ctes: oneGroupCtes,
  factsJson,
  closed: { steps: groupWork.final, problem: 'group_is_over' },
}

/** {@link GroupFacts} with what commands count on. */
export interface LoadedFacts extends GroupFacts {
  readonly roles: readonly string[]
  readonly memberCount: number
  readonly itemCount: number
  /** Memberships of the caller. */
  readonly mine: readonly string[]
  /** Kinds of which a caller who takes part has a draft open. */
  readonly ownDrafts: readonly string[]
}

/** What a command on a group found. */
export type LoadedGroup<X = object> = Loaded<LoadedFacts, X>

/** A load statement of a group: {@link loadStatementOf}. */
export const loadGroupStatement = <X extends object = object>(
  name: string,
  extras: Readonly<Record<string, string>> = {},
) => loadStatementOf<LoadedFacts, X>(groupSubject, name, extras)

/** A statement that changes one group: {@link subjectStatement}. */
export const groupStatement = (
  name: string,
  set = '',
  effects = '',
  first?: { readonly ctes: string; readonly holds: string },
) => subjectStatement('groups', name, set, effects, first)

/** Facts of a group, nothing else. */
export const loadGroup = loadGroupStatement('groups.load')

/** Saves and tells one change of a group. @returns the answer, or null when the version compare was lost */
export const changeGroup = (
  deps: Deps,
  statement: ReturnType<typeof groupStatement>,
  request: Request,
  found: LoadedGroup,
  change: Change,
): Promise<Answer | null> => changeGuarded(deps, groupSubject, statement, request, found, change)

/** A command on a group: {@link onSubject}. @throws Problem group_is_over unless it is one of the few that go on after */
export const onGroup = <X extends object = object>(
  deps: Deps,
  request: Request,
  {
    groupId,
    ...about
  }: Omit<Asked<LoadedFacts, X>, 'id' | 'load'> & {
    readonly groupId: string
    readonly load?: Asked<LoadedFacts, X>['load']
  },
  save: ReturnType<typeof groupStatement>,
  decide: (found: LoadedGroup<X>) => Change,
): Promise<Answer> => {
  const load = about.load ?? (loadGroup as unknown as Asked<LoadedFacts, X>['load'])
  return onSubject<LoadedFacts, X>(deps, groupSubject, request, { ...about, id: groupId, load }, save, decide)
}
