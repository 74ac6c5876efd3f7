import { type Database, systemStatement } from './database.ts'
import type { Vault } from './vault.ts'

interface Wrapped {
  readonly institution: string
  readonly id: string
  readonly wrapped: Uint8Array
}

const zero = '00000000-0000-0000-0000-000000000000'

/** Wraps the data keys of one table anew, page by page. @returns how many */
export const rewrapTable = async (db: Database, vault: Vault, table: string, column = 'data_key'): Promise<number> => {
  const page = systemStatement<Wrapped>(
    `keys.page_${table}_${column}`,
    `select institution_id as institution, id, ${column} as wrapped from ${table}
     where ${column} is not null and (institution_id, id) > ($1::uuid, $2::uuid) order by institution_id, id limit 500`,
  )
  const rewrap = systemStatement(
    `keys.rewrap_${table}_${column}`,
    `update ${table} c set ${column} = decode(x.wrapped, 'base64') from jsonb_to_recordset($1::jsonb) x(institution uuid, id uuid, wrapped text, before text)
     where c.institution_id = x.institution and c.id = x.id and c.${column} = decode(x.before, 'base64')`,
  )
  let [institution, id, count] = [zero, zero, 0]
  for (;;) {
    const found = await db.system.rows(page, institution, id)
    const rows = found.map(row => ({
      institution: row.institution,
      id: row.id,
      before: Buffer.from(row.wrapped).toString('base64'),
      wrapped: vault.rewrap(`${row.institution}|${row.id}`, Buffer.from(row.wrapped)).toString('base64'),
    }))
    await db.system.rows(rewrap, JSON.stringify(rows))
    count += rows.length
    const last = found.at(-1)
    if (!last || found.length < 500) return count
    institution = last.institution
    id = last.id
  }
}
