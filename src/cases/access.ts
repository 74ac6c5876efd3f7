import { callerCtes } from '../people/actor.ts'
import { nearestDecides } from '../people/nearest.ts'
import { literals } from '../platform/sql.ts'

/** Whether a staff member is on the team of a case on day `t`, as owner or co-worker. `k` is the case row. */
export const onTeamOf = (k: string, staffId: string): string =>
  `(${k}.owner_id = ${staffId} or ${coWorksOn(k, staffId)})`

const coWorksOn = (k: string, staffId: string) =>
  `exists (select from case_workers w cross join t where w.institution_id = $1::uuid and w.case_id = ${k}.id and w.staff_id = ${staffId}
    and w.valid_from <= t.day and (w.valid_until is null or w.valid_until > t.day))`

/** Roles that look into every case at or below their unit. */
const above = `('line_manager', 'practice_supervisor')`

/**
 * How the caller stands to case `c`, relation by relation. CTE `rel(relation)`.
 * Parameters as {@link callerCtes}; `c` is the case row.
 */
const relationCtes = `
rel as materialized (
  select 'owner' as relation from c join me on c.owner_id = me.staff_id
  union all
  select 'co_worker' from c cross join me where ${coWorksOn('c', 'me.staff_id')}
  union all
  select distinct h.role from c cross join held h
    join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = h.org_unit_id
    where h.role in ${above}
  union all
  select 'break_glass' from c cross join me where exists (
    select from access_grants g where g.institution_id = $1::uuid and g.case_id = c.id and g.staff_id = me.staff_id
      and g.granted_at <= $4::timestamptz and g.until > $4::timestamptz)
  union all
  select 'transfer_recipient' from c cross join me where exists (
    select from transfers f where f.institution_id = $1::uuid and f.case_id = c.id and f.to_id = me.staff_id and f.status = 'offered')
  union all
  select 'student' from c join me on c.student_id = me.student_id)`

/** CTEs `t`, `me`, `held`, `c`, `rel` for one case: parameter 5 is its id. */
export const oneCaseCtes = `${callerCtes},
c as materialized (select * from cases where institution_id = $1::uuid and id = $5::uuid),
${relationCtes}`

/** Relations of those a case is about or is offered to, as against those who work on it or look into it for work. */
export const outsiders = ['student', 'transfer_recipient'] as const

/** Whether the caller works on case `c` or looks into it for work. */
export const worksOnCase = `exists (select from rel where relation not in (${literals(outsiders)}))`

/**
 * Whether the caller is the line manager who decides about `c`, owner and co-workers not counted: never for a case of
 * their own.
 */
export const decidesJson = `(select ${nearestDecides(staffId => onTeamOf('c', staffId))})`

/**
 * The cases (id, opened_at) a caller may list: branches by owner, by team, by unit and as the student, each walking one index from
 * the cursor on: the same relations, found from the caller instead of the case. `filter` is ANDed into every branch, `limit` is an expression.
 */
export const visibleCases = (filter: string, limit: string): string => {
  const page = `${filter} order by c.opened_at desc, c.id desc limit ${limit}`
  const all = 'select c.id, c.opened_at from cases c'
  return `(${all} where c.institution_id = $1::uuid and c.owner_id = (select staff_id from me) and ${page})
  union
  (${all} join case_workers w on w.institution_id = c.institution_id and w.case_id = c.id cross join t
    where c.institution_id = $1::uuid and w.staff_id = (select staff_id from me)
      and w.valid_from <= t.day and (w.valid_until is null or w.valid_until > t.day) and ${page})
  union
  (select b.* from (select distinct a.unit_id from held h
      join org_ancestors a on a.institution_id = $1::uuid and a.ancestor_id = h.org_unit_id
      where h.role in ${above}) u
    cross join lateral (${all} where c.institution_id = $1::uuid and c.org_unit_id = u.unit_id and ${page}) b)
  union
  (${all} where c.institution_id = $1::uuid and c.student_id = (select student_id from me) and ${page})`
}

/** Whether the caller, of the staff, is on the team of a case or looks into it from above. `k` is the case row. */
const related = (k: string) => `(${onTeamOf(k, '(select staff_id from me)')}
    or exists (select from held h join org_ancestors o on o.institution_id = $1::uuid and o.unit_id = ${k}.org_unit_id
      and o.ancestor_id = h.org_unit_id where h.role in ${above}))`

/**
 * Whether the caller may know of case `id`: owner, co-worker, line manager or practice supervisor of it. Being told of
 * an alert never shows a case.
 */
export const knowsCase = (id: string): string =>
  `exists (select from cases k where k.institution_id = $1::uuid and k.id = ${id} and ${related('k')})`

/** Ids of those of the given cases the caller stands in a reading relation to: for the feed. */
export const relatedCases = (ids: string): string => `
  select c.id from cases c where c.institution_id = $1::uuid and c.id in (${ids}) and ${related('c')}`

/**
 * Whether journal entry `j` tells that the enrolment of case `c`'s student changed while the case was open. Such entries
 * are about no case; those who work on one learn of them all the same. Domain §2: leaving the school tells the owner.
 */
export const tellsOfStudent = (j: string): string =>
  `${j}.type = 'student.enrolment_changed' and ${j}.subject_id = c.student_id and ${j}.at >= c.opened_at and (c.closed_at is null or ${j}.at <= c.closed_at)`

/** Whether journal entry `j` tells of the student of a case the caller stands in a reading relation to: for the feed. */
export const tellsOfRelated = (j: string): string =>
  `exists (select from cases c where c.institution_id = $1::uuid and ${tellsOfStudent(j)} and ${related('c')})`
