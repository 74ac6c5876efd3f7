import { Problem } from '../practice/problems.ts'

/** Whether row `row`, with `valid_from` and `valid_until`, is in force on a day. SQL. */
export const inForce = (row: string, day: string): string =>
  `${row}.valid_from <= ${day} and (${row}.valid_until is null or ${row}.valid_until > ${day})`

/**
 * The roles held on a day, as a table `(staff_id, role, org_unit_id)`: in force, and of nobody who has left. `$1` is the
 * institution.
 * @param day SQL of the day, today unless told
 */
export const rolesHeld = (day = '(select day from t)'): string =>
  `(select x.staff_id, x.role, x.org_unit_id from staff_roles x join staff w on w.institution_id = $1::uuid and w.id = x.staff_id
    where x.institution_id = $1::uuid and ${inForce('x', day)} and (w.left_on is null or w.left_on >= ${day}))`

/** JSON array of the roles a staff member holds today; none once they have left. SQL over `t`. */
export const rolesToday = (staffId: string): string =>
  `(select coalesce(json_agg(distinct r.role), '[]') from ${rolesHeld()} r where r.staff_id = ${staffId})`

/** @throws Problem staff_unfit when none of the roles fits */
export const requireRole = (roles: readonly string[], fit: readonly string[]): void => {
  if (!roles.some(role => fit.includes(role))) throw new Problem('staff_unfit')
}
