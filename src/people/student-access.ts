import { caseworkRoles } from '../practice/permissions.ts'

const roles = caseworkRoles.map(role => `'${role}'`).join(', ')

/**
 * Whether the caller, of the staff, may see student `s`: casework staff of a unit above the student, owner or co-worker of
 * a case of theirs. For statements that begin with the caller's CTEs.
 */
export const studentVisible = `(
  exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.ancestor_id = h.org_unit_id
    and a.unit_id = s.org_unit_id where h.role in (${roles}))
  or exists (select from cases c where c.institution_id = $1::uuid and c.student_id = s.id and (c.owner_id = (select staff_id from me)
    or exists (select from case_workers w cross join t where w.institution_id = $1::uuid and w.case_id = c.id
      and w.staff_id = (select staff_id from me) and w.valid_from <= t.day and (w.valid_until is null or w.valid_until > t.day)))))`
