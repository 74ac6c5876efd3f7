/** An instant as RFC 3339 UTC text, made by the database. */
export const utc = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Rows given as a member of the effects of a command statement. `columns` as in a record definition. */
export const rowsOf = (member: string, columns: string, alias = 'x') =>
  `jsonb_to_recordset(coalesce(given.e->'${member}', '[]')) ${alias}(${columns})`

/** A list of names as SQL text literals. */
export const literals = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ')
