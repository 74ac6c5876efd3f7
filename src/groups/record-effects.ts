import { rowsOf } from '../platform/sql.ts'
import type { GroupEffects } from '../practice/group-effects.ts'
import { arisingItems } from '../practice/membership.ts'
import type { SignatureEffects } from '../records/house.ts'
import type { LoadedFacts } from './facts.ts'
import { itemRows, itemsCount, itemsPut } from './open-items.ts'

const goals = `goals_put as (insert into group_goals (institution_id, group_id, id, record_id, place, status, weight, due_on)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.place, 'open', x.weight, x."dueOn"
  from given cross join c cross join ${rowsOf('goals', 'id text, place int, weight int, "dueOn" date')}
  on conflict (institution_id, group_id, id) do update set record_id = excluded.record_id, place = excluded.place, status = 'open',
    weight = excluded.weight, due_on = excluded.due_on),
goals_left as (update group_goals g set status = 'settled' from given, c
  where g.institution_id = $1::uuid and g.group_id = c.id and given.e ? 'goals'
    and not exists (select from ${rowsOf('goals', 'id text')} where x.id = g.id)),
goals_told as (update group_goals g set attainment = x.level, attainment_version = c.version, attainment_final = x.final
  from given cross join c cross join ${rowsOf('attainment', '"goalId" text, level int, final boolean')}
  where g.institution_id = $1::uuid and g.group_id = c.id and g.id = x."goalId")`

const sessions = `sessions_put as (insert into group_sessions (institution_id, group_id, id, plan_id, phase, kind, status, on_day, starts_at, duration_minutes)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.phase, x.kind, 'planned', x."on", x."startsAt", x."durationMinutes"
  from given cross join c cross join ${rowsOf('sessions', 'id text, phase text, kind text, "on" date, "startsAt" text, "durationMinutes" int')}
  on conflict (institution_id, group_id, id) do update set plan_id = excluded.plan_id, phase = excluded.phase, kind = excluded.kind,
    status = 'planned', on_day = excluded.on_day, starts_at = excluded.starts_at, duration_minutes = excluded.duration_minutes
    where group_sessions.status <> 'held'),
sessions_left as (update group_sessions s set status = 'dropped' from given, c
  where s.institution_id = $1::uuid and s.group_id = c.id and s.status = 'planned' and given.e ? 'sessions'
    and not exists (select from ${rowsOf('sessions', 'id text')} where x.id = s.id)),
sessions_moved as (update group_sessions s set status = case when x.dropped then 'dropped' else s.status end,
    on_day = coalesce(x."on", s.on_day), starts_at = coalesce(x."startsAt", s.starts_at)
  from given cross join c cross join ${rowsOf('replanned', '"sessionId" text, dropped boolean, "on" date, "startsAt" text')}
  where s.institution_id = $1::uuid and s.group_id = c.id and s.id = x."sessionId" and s.status = 'planned')`

/** One row a member, whatever was told of them: null keeps what stands. */
const members = `members_told as (update group_members m set strengths = coalesce(x.strengths, m.strengths), needs = coalesce(x.needs, m.needs),
    profile_version = case when x.strengths is null then m.profile_version else c.version end,
    baseline_version = case when x.baseline then c.version else m.baseline_version end,
    accepted_version = case when x.accepted then c.version else m.accepted_version end,
    status = case when x.activated and m.status = 'consented' then 'active' else m.status end,
    told_version = case when x.told then c.version else m.told_version end,
    attainment = coalesce(x.attainment, m.attainment),
    outcome_version = case when x.attainment is null then m.outcome_version else c.version end,
    onward_path = coalesce(x.path, m.onward_path),
    onward_version = case when x.path is null then m.onward_version else c.version end
  from given cross join c cross join ${rowsOf(
    'members',
    '"memberId" text, strengths text[], needs text[], baseline boolean, accepted boolean, activated boolean, told boolean, attainment int, path text',
  )}
  where m.institution_id = $1::uuid and m.group_id = c.id and m.id = x."memberId")`

/**
 * A line keeps what was approved of it, up to its new amount, while it pays for the same category; what nobody decided
 * stays undecided, and spent money stays approved. A line taken away has nothing spent.
 */
const budget = `lines_put as (insert into group_budget_lines (institution_id, group_id, id, record_id, place, category, planned_fen)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.place, x.category, x."plannedFen"
  from given cross join c cross join ${rowsOf('budgetLines', 'id text, place int, category text, "plannedFen" int')}
  on conflict (institution_id, group_id, id) do update set record_id = excluded.record_id, place = excluded.place, category = excluded.category,
    planned_fen = excluded.planned_fen, approved_fen = case
      when group_budget_lines.approved_fen is null then null
      when group_budget_lines.category <> excluded.category then nullif(group_budget_lines.spent_fen, 0)
      else least(group_budget_lines.approved_fen, excluded.planned_fen) end),
lines_left as (delete from group_budget_lines b using given, c
  where b.institution_id = $1::uuid and b.group_id = c.id and b.spent_fen = 0 and given.e ? 'budgetLines'
    and not exists (select from ${rowsOf('budgetLines', 'id text')} where x.id = b.id))`

const tasks = `tasks_put as (insert into group_tasks (institution_id, group_id, id, record_id, place, member_id, status, due_on)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.place, x."memberId", 'open', x."dueOn"
  from given cross join c cross join ${rowsOf('tasks', 'id text, place int, "memberId" text, "dueOn" date')}
  on conflict (institution_id, group_id, id) do update set record_id = excluded.record_id, place = excluded.place,
    member_id = excluded.member_id, due_on = excluded.due_on where group_tasks.status = 'open')`

const waivers = `waived as (insert into group_waivers (institution_id, group_id, record_id, need, mode, version)
  select $1::uuid, c.id, (given.e->>'recordId')::uuid, x.need, x.mode, c.version
  from given cross join c cross join ${rowsOf('waivers', 'need text, mode text')})`

const placed = <T extends object>(rows: readonly T[]) => rows.map((row, place) => ({ ...row, place }))

/** What is told of members, one row each. Pure. */
const memberRows = (effects: GroupEffects, facts: LoadedFacts) => {
  const rows = new Map<string, Record<string, unknown>>()
  const tell = (memberId: string, what: Record<string, unknown>) =>
    rows.set(memberId, { memberId, ...rows.get(memberId), ...what })
  if (effects.profile) tell(effects.profile.memberId, effects.profile)
  if (effects.accepted) tell(effects.accepted, { accepted: true, activated: facts.standing.step !== 'preparation' })
  for (const id of effects.told ?? []) tell(id, { told: true })
  for (const { memberId, attainment } of effects.outcomes ?? []) tell(memberId, { attainment })
  if (effects.onward) tell(effects.onward.memberId, { path: effects.onward.path })
  return [...rows.values()]
}

/** What a profile puts in question of a group that runs. Pure. */
const itemsOfProfile = ({ profile }: GroupEffects, facts: LoadedFacts, today: string) => {
  if (!profile) return []
  const { memberId, strengths, needs } = profile
  const members = facts.members.map(each => (each.id === memberId ? { ...each, strengths, needs } : each))
  return itemRows(facts, arisingItems(facts, { ...facts, members }), today)
}

/** Effects of a record in force as rows of the statement. Pure. */
export const effectRows = (effects: GroupEffects, facts: LoadedFacts, today: string) => ({
  ...(effects.goals ? { goals: placed(effects.goals) } : {}),
  attainment: effects.attainment ?? [],
  ...(effects.sessions ? { sessions: effects.sessions } : {}),
  replanned: effects.replanned ?? [],
  members: memberRows(effects, facts),
  ...(effects.budgetLines ? { budgetLines: placed(effects.budgetLines) } : {}),
  tasks: placed(effects.tasks ?? []),
  waivers: effects.waivers ?? [],
  items: itemsOfProfile(effects, facts, today),
})

/** What a record in force says takes effect with its last signature. */
export const groupSignature: SignatureEffects<LoadedFacts, GroupEffects> = {
  set: itemsCount,
  ctes: [goals, sessions, members, budget, tasks, waivers, itemsPut].join(',\n'),
  rows: (_newId, facts, _record, complete, today) => (complete ? effectRows(complete, facts, today) : {}),
}
