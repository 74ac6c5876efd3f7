import { rolesHeld } from './roles-today.ts'

/**
 * Whether the caller is the line manager who decides about subject `c`: of the nearest unit above it that has one, those
 * who stand aside not counted, for nobody decides about their own work. `standsAside` = whether the staff member of an
 * SQL expression does. SQL over `c` and the caller's CTEs. Domain §2, waive and defer.
 */
export const nearestDecides = (standsAside: (staffId: string) => string): string => `(exists (
  select from c cross join me cross join t
  join held r on r.role = 'line_manager'
  join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = r.org_unit_id
  where not ${standsAside('me.staff_id')} and a.depth = (
    select min(a2.depth) from ${rolesHeld()} r2
    join org_ancestors a2 on a2.institution_id = $1::uuid and a2.unit_id = c.org_unit_id and a2.ancestor_id = r2.org_unit_id
    where r2.role = 'line_manager' and not ${standsAside('r2.staff_id')})))`
