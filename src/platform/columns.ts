import { sql } from 'drizzle-orm'
import { customType, date, timestamp, uuid } from 'drizzle-orm/pg-core'

/** Instants are stored with zone and read as UTC text. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** A calendar date as `YYYY-MM-DD`. */
export const dayColumn = (name: string) => date(name, { mode: 'string' })

/** `column IN ('a', 'b')` as literal SQL, null refused by the column itself. */
export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map(value => `'${value}'`).join(', ')})`)

/** The tenant: first column of every key. */
export const institutionId = () => uuid('institution_id').notNull()

/** An id made by the service, UUIDv7. */
export const id = () => uuid('id').notNull()

/** Bytes: keys and encrypted content. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
