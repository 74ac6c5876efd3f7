import { sql } from 'drizzle-orm'
import { type AnyPgColumn, customType, date, foreignKey, primaryKey, timestamp, uuid } from 'drizzle-orm/pg-core'

/** Instants are stored with zone and read as UTC text. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** A calendar date as `YYYY-MM-DD`. */
export const dayColumn = (name: string) => date(name, { mode: 'string' })

/** `column IN ('a', 'b')` as literal SQL, null refused by the column itself. */
export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map(value => `'${value}'`).join(', ')})`)

/** As {@link oneOf}, or null. */
export const maybeOneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} is null or ${column} in (${values.map(value => `'${value}'`).join(', ')})`)

/** The tenant: first column of every key. */
export const institutionId = () => uuid('institution_id').notNull()

/** An id made by the service, UUIDv7. */
export const id = () => uuid('id').notNull()

/** Bytes: keys and encrypted content. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** Rows of an institution, named by an id. */
interface Rows {
  readonly institutionId: AnyPgColumn
  readonly id: AnyPgColumn
}

/** The primary key of {@link Rows}. */
export const keyOf = (name: string, table: Rows) =>
  primaryKey({ name: `${name}_pk`, columns: [table.institutionId, table.id] })

/** A column that names a row of another table of the same institution. */
export const refersTo = (name: string, table: Pick<Rows, 'institutionId'>, column: AnyPgColumn, to: Rows) =>
  foreignKey({ name, columns: [table.institutionId, column], foreignColumns: [to.institutionId, to.id] })
