import { rolesHeld } from '../people/roles-today.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import type { Holder, RoutingUnit } from '../practice/routing.ts'

/** Units by id as routing sees them, and how many open alerts their holders own. */
export interface Units {
  readonly above: Readonly<Record<string, readonly string[]>>
  readonly holders: Readonly<Record<string, readonly Holder[]>>
  readonly load: Readonly<Record<string, number>>
}

const roles = caseworkRoles.map(role => `'${role}'`).join(', ')

/** Whether a staff member may answer for anything on a day: not who left, nor who holds no role of casework any more. */
export const holdsRole = (id: string, day: string): string => `exists (select from ${rolesHeld(day)} r
  where r.staff_id = ${id} and r.role in (${roles}))`

/**
 * CTEs `units(id)`, `holding(unit_id, role, staff_id, depth, beside)`: who holds roles today at and above units, and at
 * offices beside that line. `$1` is the institution unless told.
 * @param ids SQL that selects the ids of units
 * @param day SQL of the day today
 */
export const holdingCtes = (ids: string, day: string): string => `
units as materialized (select distinct x.id from (${ids}) x(id)),
line as materialized (select u.id as unit_id, o.ancestor_id, o.depth from units u
  join org_ancestors o on o.institution_id = $1::uuid and o.unit_id = u.id),
places as materialized (select unit_id, ancestor_id as place_id, depth, false as beside from line
  union all
  select l.unit_id, f.id, l.depth, true from line l
  join org_units f on f.institution_id = $1::uuid and f.parent_id = l.ancestor_id and f.kind = 'office'
  where not exists (select from line x where x.unit_id = l.unit_id and x.ancestor_id = f.id)),
holding as materialized (select p.unit_id, r.role, r.staff_id, p.depth, p.beside from places p
  join ${rolesHeld(day)} r on r.org_unit_id = p.place_id)`

/** JSON of {@link Units} over {@link holdingCtes}. */
export const unitsJson = `json_build_object(
  'above', (select coalesce(json_object_agg(x.id, x.above), '{}') from (select u.id, json_agg(o.ancestor_id) as above from units u
    join org_ancestors o on o.institution_id = $1::uuid and o.unit_id = u.id group by u.id) x),
  'holders', (select coalesce(json_object_agg(x.unit_id, x.holders), '{}') from (select unit_id,
    json_agg(json_build_object('role', role, 'staffId', staff_id, 'depth', depth, 'isBeside', beside)) as holders from holding group by unit_id) x),
  'load', (select coalesce(json_object_agg(x.owner_id, x.open), '{}') from (select a.owner_id, count(*)::int as open from alerts a
    where a.institution_id = $1::uuid and a.step <> 'resolved' and a.owner_id in (select staff_id from holding) group by a.owner_id) x))`

/** One unit of {@link Units}. Pure. */
export const unitOf = (units: Units, id: string): RoutingUnit => ({
  above: units.above[id] ?? [],
  holders: units.holders[id] ?? [],
})
