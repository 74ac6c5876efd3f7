import { type Database, systemStatement } from './database.ts'
import type { Vault } from './vault.ts'

interface Wrapped {
  readonly institution: string
  readonly id: string
  readonly wrapped: Uint8Array
}

const zero = '00000000-0000-0000-0000-000000000000'

/** SQL: the id of the key that wrapped `column`, as bytes; see the format in the vault. */
const keyIdOf = (column: string) => `substring(${column} from 3 for get_byte(${column}, 1))`

/** How many data keys of one column are wrapped by another key than `current`. */
export const foreignKeys = async (
  db: Database,
  current: string,
  table: string,
  column = 'data_key',
): Promise<number> => {
  const count = systemStatement<{ count: number }>(
    `keys.foreign_${table}_${column}`,
    `select count(*)::int as count from ${table} where ${column} is not null and ${keyIdOf(column)} <> convert_to($1::text, 'UTF8')`,
  )
  const [row] = await db.system.rows(count, current)
  return row?.count ?? 0
}

const rewrapPass = async (
  db: Database,
  vault: Vault,
  current: string,
  table: string,
  column: string,
): Promise<number> => {
  const page = systemStatement<Wrapped>(
    `keys.page_${table}_${column}`,
    `select institution_id as institution, id, ${column} as wrapped from ${table}
     where ${column} is not null and ${keyIdOf(column)} <> convert_to($3::text, 'UTF8')
       and (institution_id, id) > ($1::uuid, $2::uuid) order by institution_id, id limit 500`,
  )
  const rewrap = systemStatement(
    `keys.rewrap_${table}_${column}`,
    `update ${table} c set ${column} = decode(x.wrapped, 'base64') from jsonb_to_recordset($1::jsonb) x(institution uuid, id uuid, wrapped text, before text)
     where c.institution_id = x.institution and c.id = x.id and c.${column} = decode(x.before, 'base64')`,
  )
  let [institution, id, count] = [zero, zero, 0]
  for (;;) {
    const found = await db.system.rows(page, institution, id, current)
    const rows = found.map(row => ({
      institution: row.institution,
      id: row.id,
      before: Buffer.from(row.wrapped).toString('base64'),
      wrapped: vault.rewrap(`${row.institution}|${row.id}`, Buffer.from(row.wrapped)).toString('base64'),
    }))
    await db.system.rows(rewrap, JSON.stringify(rows))
    count += rows.length
    const last = found.at(-1)
    if (!last) return count
    institution = last.institution
    id = last.id
  }
}

/**
 * Wraps anew what another key than `current` wrapped in one column, again and again until a pass finds nothing: a
 * service that runs meanwhile may have added some. @returns how many
 */
export const rewrapTable = async (
  db: Database,
  vault: Vault,
  current: string,
  table: string,
  column = 'data_key',
): Promise<number> => {
  for (let count = 0; ; ) {
    const done = await rewrapPass(db, vault, current, table, column)
    if (done === 0) return count
    count += done
  }
}
