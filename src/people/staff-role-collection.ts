import type { z } from 'zod'
import { type Collection, defineCollection, one, refs, rows } from './collection.ts'
import { StaffRoleItem } from './roster-schemas.ts'

type StaffRef = { readonly column: 'external_id' | 'source_id'; readonly kind: 'staff' | 'staffSources' }

const staffRoles = (name: string, by: StaffRef): Collection =>
  defineCollection<z.output<typeof StaffRoleItem>>({
    name: 'staff-roles',
    statements: name,
    operationId: 'upsertStaffRoles',
    item: StaffRoleItem,
    example: { externalId: 'SR-1', staff: 'T9001', role: 'counsellor', orgUnit: 'CS', validFrom: '2026-09-01' },
    origins: true,
    keyOf: item => item.externalId,
    refsOf: item => refs([by.kind, item.staff, '/staff'], ['units', item.orgUnit, '/orgUnit']),
    known: `select t.external_id as key, t.staff_id as id, json_build_object('externalId', t.external_id, 'staff', s.${by.column}, 'role', t.role,
      'orgUnit', u.external_id, 'validFrom', t.valid_from, 'validUntil', t.valid_until, 'origin', t.origin) as item
    from keys ${one('staff_roles', 't', 'external_id = keys.key')} ${one('staff', 's', 'id = t.staff_id')}
    ${one('org_units', 'u', 'id = t.org_unit_id')} where t.institution_id = $1::uuid`,
    // An assignment that changed is another row: the old one goes first. One that another origin says, too, stays as that says.
    save: `moved as (delete from staff_roles r using given, free where free.ok and r.institution_id = $1::uuid and exists (
  select from jsonb_to_recordset(given.e->'rows') x("externalId" text, "staffId" uuid, role text, "unitId" uuid, "validFrom" date)
  where x."externalId" = r.external_id and (x."staffId", x.role, x."unitId", x."validFrom") is distinct from (r.staff_id, r.role, r.org_unit_id, r.valid_from))
  returning 1),
u as (insert into staff_roles (institution_id, staff_id, role, org_unit_id, valid_from, valid_until, external_id, origin)
  select $1::uuid, x."staffId", x.role, x."unitId", x."validFrom", x."validUntil", x."externalId", x.origin
  from ${rows('"externalId" text, "staffId" uuid, role text, "unitId" uuid, "validFrom" date, "validUntil" date, origin text')} and (select count(*) from moved) >= 0
  order by x."externalId"
  on conflict (institution_id, staff_id, role, org_unit_id, valid_from) do update set valid_until = excluded.valid_until, external_id = excluded.external_id, origin = excluded.origin
  where staff_roles.origin is null or staff_roles.origin = excluded.origin or staff_roles.valid_until is not null)`,
    rowOf: ({ staff, orgUnit, ...item }, _id, found) => ({
      ...item,
      staffId: found[by.kind][staff],
      unitId: found.units[orgUnit],
    }),
  })

/** Roles of staff one by one, by staff number or by the id in the system staff are imported from. */
export const staffRolesBy = {
  number: staffRoles('staff_roles', { column: 'external_id', kind: 'staff' }),
  source: staffRoles('staff_roles_by_source', { column: 'source_id', kind: 'staffSources' }),
}
