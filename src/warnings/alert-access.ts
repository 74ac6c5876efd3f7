import { callerCtes } from '../people/actor.ts'
import { ownerRoles } from '../practice/permissions.ts'

/** Whether the student was notified of alert `a`: from then on it is theirs to see. */
const wasNotified = (alert: string) => `exists (select from alert_notices n where n.institution_id = $1::uuid
  and n.alert_id = ${alert} and n.to_whom = 'student' and n.outcome <> 'attempted')`

/** Units at or below which the caller holds a role that may own what concerns a student. */
const servedUnits = `(select o.unit_id from held h join org_ancestors o on o.institution_id = $1::uuid and o.ancestor_id = h.org_unit_id
  where h.role in (${ownerRoles.map(role => `'${role}'`).join(', ')}))`

/** Whether open alert `a` has no owner and the caller could be: as if told of it. */
const waitsForOwner = (a: string) =>
  `(${a}.owner_id is null and ${a}.step <> 'resolved' and ${a}.org_unit_id in ${servedUnits})`

/**
 * CTEs `t`, `me`, `held`, `al`, `rel(relation)` for one alert: parameters as {@link callerCtes}, 5 is its id. The one
 * definition of every relation to an alert. Practice supervisors have none.
 */
export const oneAlertCtes = `${callerCtes},
al as materialized (select * from alerts where institution_id = $1::uuid and id = $5::uuid),
rel as materialized (
  select 'owner' as relation from al join me on al.owner_id = me.staff_id
  union all
  select 'told' from al cross join me where ${waitsForOwner('al')} or exists (
    select from alert_told w where w.institution_id = $1::uuid and w.alert_id = al.id and w.staff_id = me.staff_id)
  union all
  select distinct h.role from al cross join held h
    join org_ancestors o on o.institution_id = $1::uuid and o.unit_id = al.org_unit_id and o.ancestor_id = h.org_unit_id
    where h.role = 'line_manager'
  union all
  select 'student' from al join me on al.student_id = me.student_id where ${wasNotified('al.id')})`

/** Which of the caller's alerts: those owned, those of units managed, those told of, or all, with those that wait for an owner. */
export type Scope = 'mine' | 'unit' | 'told' | 'all'

const branches = (filter: string, toldFilter: string, limit: string, studentFilter: string) => {
  const order = `order by a.opened_at desc nulls last, a.id desc nulls last ${limit}`
  const page = `${filter} ${order}`
  const all = 'select a.id, a.opened_at from alerts a'
  return {
    mine: `(${all} where a.institution_id = $1::uuid and a.owner_id = (select staff_id from me) and ${page})`,
    told: `(select a.id, a.opened_at from alert_told w join alerts a on a.institution_id = $1::uuid and a.id = w.alert_id
      where w.institution_id = $1::uuid and w.staff_id = (select staff_id from me)${toldFilter} and ${filter}
      order by w.opened_at desc nulls last, w.alert_id desc nulls last ${limit})`,
    unit: `(select b.* from (select distinct o.unit_id from held h
        join org_ancestors o on o.institution_id = $1::uuid and o.ancestor_id = h.org_unit_id where h.role = 'line_manager') u
      cross join lateral (${all} where a.institution_id = $1::uuid and a.org_unit_id = u.unit_id and ${page}) b)`,
    unowned: `(${all} where a.institution_id = $1::uuid and ${waitsForOwner('a')} and ${page})`,
    student: `(${all} where a.institution_id = $1::uuid and a.student_id = (select student_id from me) and ${wasNotified('a.id')} and ${studentFilter} ${order})`,
  }
}

/**
 * The alerts (id, opened_at) a caller may list in a scope; each branch walks one index from the cursor on.
 * @param filter ANDed into every branch, over `a`
 * @param toldFilter further condition on `w`, the row of those told
 * @param limit SQL `limit …`, or nothing
 * @param studentFilter stands for `filter` where the caller is the student: filters must tell them no more than the list
 */
export const visibleAlerts = (
  scope: Scope,
  filter: string,
  toldFilter: string,
  limit: string,
  studentFilter = filter,
): string => {
  const each = branches(filter, toldFilter, limit, studentFilter)
  if (scope !== 'all') return each[scope]
  return [each.mine, each.told, each.unit, each.unowned, each.student].join('\n  union\n  ')
}

/** Ids of those of the given alerts the caller, as staff, may know of: for the feed. */
export const relatedAlerts = (ids: string): string => `
  select a.id from alerts a where a.institution_id = $1::uuid and a.id in (${ids}) and (
    a.owner_id = (select staff_id from me) or ${waitsForOwner('a')}
    or exists (select from alert_told w where w.institution_id = $1::uuid and w.alert_id = a.id and w.staff_id = (select staff_id from me))
    or exists (select from held h join org_ancestors o on o.institution_id = $1::uuid and o.unit_id = a.org_unit_id
      and o.ancestor_id = h.org_unit_id where h.role = 'line_manager'))`
