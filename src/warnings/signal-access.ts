import { inForce, rolesHeld } from '../people/roles-today.ts'
import { relatedAlerts } from './alert-access.ts'

/**
 * Whether the caller works with student `s`: owner or co-worker of an open case of theirs, or their counsellor, which is
 * whoever holds that role at the nearest unit above them that has one. For statements that begin with the caller's CTEs.
 */
export const standsClose = (s: string): string => `(
  exists (select from cases c where c.institution_id = $1::uuid and c.student_id = ${s}.id and c.closed_at is null
    and (c.owner_id = (select staff_id from me) or exists (select from case_workers w cross join t where w.institution_id = $1::uuid
      and w.case_id = c.id and w.staff_id = (select staff_id from me) and ${inForce('w', 't.day')})))
  or exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = ${s}.org_unit_id
    and a.ancestor_id = h.org_unit_id where h.role = 'counsellor' and a.depth = (
      select min(o.depth) from org_ancestors o
      join ${rolesHeld()} r on r.org_unit_id = o.ancestor_id and r.role = 'counsellor'
      where o.institution_id = $1::uuid and o.unit_id = ${s}.org_unit_id)))`

/**
 * Whether the caller may read the words of signal `g`: who works with the student (CTE `close` has a row then), who may
 * read the alert it is part of, and who raised it. Other casework staff above the student see kind and figures.
 */
export const readsWords = (g: string, close: string): string => `(exists (select from ${close})
  or ${g}.raised_by = (select person_id from me) or exists (${relatedAlerts(`${g}.alert_id`)}))`
