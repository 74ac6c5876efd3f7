import { type Tenant, tenantStatement } from '../../platform/database.ts'
import { one } from '../collection.ts'
import { KeySet } from './key-set.ts'

const page = (table: 'students' | 'staff') =>
  tenantStatement<{ key: string }>(
    `imports.sources_${table}`,
    `select source_id as key from ${table} where institution_id = $1::uuid and source_id > $2::text order by source_id limit 5000`,
  )
const pages = { students: page('students'), staff: page('staff') }

/** Ids, in the system they come from, of the students or staff that imports have brought. */
export const knownSources = async (tenant: Tenant, table: 'students' | 'staff'): Promise<KeySet> => {
  const keys = new KeySet()
  for (let after = ''; ; ) {
    const rows = await tenant.rows(pages[table], after)
    for (const { key } of rows) keys.add(key)
    const last = rows.at(-1)
    if (!last) return keys
    after = last.key
  }
}

const numbers = (table: 'students' | 'staff', column: string) =>
  tenantStatement<{ id: string; number: string }>(
    `imports.numbers_${table}`,
    `select r.id, r.${column} as number from (select jsonb_array_elements_text($2::jsonb)::uuid as id) w ${one(table, 'r', 'id = w.id')}`,
  )
const numbersIn = { students: numbers('students', 'number'), staff: numbers('staff', 'external_id') }

/** Numbers of students or staff by our ids. */
export const numbersOf = async (
  tenant: Tenant,
  table: 'students' | 'staff',
  ids: readonly string[],
): Promise<Map<string, string>> =>
  new Map((await tenant.rows(numbersIn[table], JSON.stringify(ids))).map(({ id, number }) => [id, number]))

const scales = tenantStatement<{ key: string; max: number }>(
  'imports.scales',
  `select external_id as key, max_score::float8 as max from assessments
   where institution_id = $1::uuid and external_id in (select jsonb_array_elements_text($2::jsonb))`,
)

/** Points that are 100 % of assessments the roster knows. */
export const knownScales = async (tenant: Tenant, ids: readonly string[]): Promise<Map<string, number>> =>
  new Map((await tenant.rows(scales, JSON.stringify(ids))).map(({ key, max }) => [key, max]))
