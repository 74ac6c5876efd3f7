import { type Statement, type Tenant, tenantStatement } from './database.ts'

/** A counter of numbers per institution and year. `table` has columns institution_id, year, last. */
export const numbering = (name: string, table: string): Statement<{ last: number }> =>
  tenantStatement(
    name,
    `insert into ${table} (institution_id, year, last) values ($1::uuid, $2::int, 1)
   on conflict (institution_id, year) do update set last = ${table}.last + 1 returning last`,
  )

/** The last number of the year of `today`, plus one, `2026-0001`: a gap is possible, a number is never given twice. */
export const nextNumber = async (
  tenant: Tenant,
  counter: Statement<{ last: number }>,
  today: string,
): Promise<string> => {
  const year = today.slice(0, 4)
  const [row] = await tenant.rows(counter, Number(year))
  return `${year}-${String(row?.last).padStart(4, '0')}`
}
