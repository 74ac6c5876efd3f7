import { callerCtes } from '../people/actor.ts'

/**
 * How the caller stands to crisis `c`: the one definition of every relation. CTE `rel(relation)`. Psychological
 * counsellors and practice supervisors stand in none unless they respond or are told: need to know.
 */
const relationCtes = `
rel as materialized (
  select 'lead' as relation from c join me on c.lead_id = me.staff_id
  union all
  select 'responder' from c cross join me where exists (
    select from crisis_responders r where r.institution_id = $1::uuid and r.crisis_id = c.id and r.staff_id = me.staff_id
      and r.released_at is null)
  union all
  select 'told' from c cross join me where exists (
    select from crisis_told x where x.institution_id = $1::uuid and x.crisis_id = c.id and x.staff_id = me.staff_id)
  union all
  select distinct h.role from c cross join held h
    join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = h.org_unit_id
    where h.role = 'line_manager')`

/** CTEs `t`, `me`, `held`, `c`, `rel` for one crisis: parameter 5 is its id. */
export const oneCrisisCtes = `${callerCtes},
c as materialized (select * from crises where institution_id = $1::uuid and id = $5::uuid),
${relationCtes}`

const branches = (filter: string, limit: string) => {
  const page = `${filter} order by c.opened_at desc, c.id desc limit ${limit}`
  const all = 'select c.id, c.opened_at from crises c'
  const mine = 'c.institution_id = $1::uuid'
  return {
    lead: `(${all} where ${mine} and c.lead_id = (select staff_id from me) and ${page})`,
    responder: `(${all} join crisis_responders r on r.institution_id = c.institution_id and r.crisis_id = c.id
      where ${mine} and r.staff_id = (select staff_id from me) and r.released_at is null and ${page})`,
    told: `(${all} join crisis_told x on x.institution_id = c.institution_id and x.crisis_id = c.id
      where ${mine} and x.staff_id = (select staff_id from me) and ${page})`,
    unit: `(select b.* from (select distinct a.unit_id from held h
        join org_ancestors a on a.institution_id = $1::uuid and a.ancestor_id = h.org_unit_id where h.role = 'line_manager') u
      cross join lateral (${all} where ${mine} and c.org_unit_id = u.unit_id and ${page}) b)`,
  }
}

/** What a list shows: crises the caller leads or responds to, those of the units above which they manage, or all. */
export const crisisScopes = ['all', 'mine', 'unit'] as const

/** The crises (id, opened_at) of a scope a caller may list, each branch walking one index from the cursor on. */
export const visibleCrises = (scope: (typeof crisisScopes)[number], filter: string, limit: string): string => {
  const { lead, responder, told, unit } = branches(filter, limit)
  if (scope === 'unit') return unit
  return (scope === 'mine' ? [lead, responder] : [lead, responder, told, unit]).join('\n  union\n  ')
}

/** Ids of those of the given crises the caller stands in a relation to: for the feed. */
export const relatedCrises = (ids: string): string => `
  select c.id from crises c where c.institution_id = $1::uuid and c.id in (${ids}) and (
    c.lead_id = (select staff_id from me)
    or exists (select from crisis_responders r where r.institution_id = $1::uuid and r.crisis_id = c.id
      and r.staff_id = (select staff_id from me) and r.released_at is null)
    or exists (select from crisis_told x where x.institution_id = $1::uuid and x.crisis_id = c.id and x.staff_id = (select staff_id from me))
    or exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id
      and a.ancestor_id = h.org_unit_id where h.role = 'line_manager'))`
