import { type Tenant, tenantStatement } from '../../platform/database.ts'

/** A unit as far as imports look at it. */
export interface Unit {
  readonly name: string
  readonly kind: string
  readonly parent: string | null
}

const known = tenantStatement<{ key: string; name: string; kind: string; parent: string | null }>(
  'imports.units',
  `select u.external_id as key, u.name_zh as name, u.kind, p.external_id as parent from org_units u
   left join org_units p on p.institution_id = $1::uuid and p.id = u.parent_id where u.institution_id = $1::uuid
   order by u.external_id limit 50000`,
)

/** Units of the roster by the institution's own id. */
export const knownUnits = async (tenant: Tenant): Promise<Map<string, Unit>> =>
  new Map((await tenant.rows(known)).map(({ key, ...unit }) => [key, unit]))

/** The unit and those above it, nearest first; null when they run in a circle or deeper than a tree of people does. */
export const upwards = (units: ReadonlyMap<string, Unit>, id: string): string[] | null => {
  const path: string[] = []
  for (let at: string | null = id; at !== null; at = units.get(at)?.parent ?? null) {
    if (path.includes(at) || path.length > 40) return null
    path.push(at)
  }
  return path
}
