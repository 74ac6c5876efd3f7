import { Problem } from '../practice/problems.ts'

/** JSON array of the roles a staff member (`$7`) holds today; none once they have left. */
export const rolesToday = `(select coalesce(json_agg(distinct r.role), '[]') from staff_roles r cross join t
  join staff w on w.institution_id = $1::uuid and w.id = r.staff_id
  where r.institution_id = $1::uuid and r.staff_id = $7::uuid and r.valid_from <= t.day and (r.valid_until is null or r.valid_until > t.day)
    and (w.left_on is null or w.left_on >= t.day))`

/** @throws Problem staff_unfit when none of the roles fits */
export const requireRole = (roles: readonly string[], fit: readonly string[]): void => {
  if (!roles.some(role => fit.includes(role))) throw new Problem('staff_unfit')
}
