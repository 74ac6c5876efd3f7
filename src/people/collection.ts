import type { z } from 'zod'

/** What rows refer to: by the institution's own ids, or (`…Sources`) by the id in the system people are imported from. */
export const refKinds = {
  units: { table: 'org_units', key: 'external_id' },
  students: { table: 'students', key: 'number' },
  studentSources: { table: 'students', key: 'source_id' },
  staff: { table: 'staff', key: 'external_id' },
  staffSources: { table: 'staff', key: 'source_id' },
  courses: { table: 'courses', key: 'external_id' },
  terms: { table: 'terms', key: 'external_id' },
  sections: { table: 'sections', key: 'external_id' },
  assessments: { table: 'assessments', key: 'external_id' },
} as const

export type RefKind = keyof typeof refKinds

/** Ids by kind and the institution's own id. */
export type Refs = Readonly<Record<RefKind, Readonly<Record<string, string>>>>

/** A reference of an item: kind, own id, and where it stands. */
export interface Ref {
  readonly kind: RefKind
  readonly id: string
  readonly pointer: string
}

/** One collection of the roster: its items, how known ones read, how changed ones are written. */
export interface Collection<T = unknown> {
  readonly name: string
  /** Names its statements; two ways of referring to people need two. */
  readonly statements: string
  readonly operationId: string
  readonly item: z.ZodType<T>
  readonly example: z.input<z.ZodType<T>>
  readonly keyOf: (item: T) => string
  readonly refsOf: (item: T) => Ref[]
  /** What a new row has where the item does not say. A known row keeps what it has. */
  readonly fresh?: Readonly<Partial<T>>
  /** Lists whose entries are added or changed and never dropped, with the member that names an entry. */
  readonly growing?: Readonly<Record<string, string>>
  /** Members whose day is not after today: what is recorded has happened. */
  readonly happened?: readonly string[]
  /** Rows may refer to rows of the same call. */
  readonly own?: RefKind
  /** Where `sourceId` of a person is looked up. */
  readonly sources?: RefKind
  /** Rows keep the origin of the import that can miss them. */
  readonly origins?: true
  /** What being in a call says about a known row beside the item. */
  readonly present?: Readonly<Record<string, unknown>>
  /** SQL: `key`, `id`, `item` (JSON in the shape of the input) of those whose key is in `keys(key)`. */
  readonly known: string
  /** SQL CTEs that write `rows` (JSON array `e->'rows'`); guarded by `free`. */
  readonly save: string
  /** Columns of one row, references resolved. */
  readonly rowOf: (item: T, id: string, refs: Refs) => Record<string, unknown>
}

/** Keeps the type of a collection's items for its functions. */
export const defineCollection = <T>(
  collection: Omit<Collection<T>, 'statements'> & { readonly statements?: string },
): Collection =>
  ({ ...collection, statements: collection.statements ?? collection.name.replace('-', '_') }) as unknown as Collection

/** `from …` of a CTE that reads the rows given as records. */
export const rows = (columns: string) =>
  `given cross join jsonb_to_recordset(given.e->'rows') x(${columns}) cross join free where free.ok`

const row = (table: string, condition: string) =>
  `lateral (select one.* from ${table} one where one.institution_id = $1::uuid and one.${condition} limit 1)`

/**
 * SQL join with the one row of a table that a unique key finds. Looked up a row at a time, whatever the planner believes:
 * plans are made while tables are empty, and an embedded database is never analysed.
 */
export const one = (table: string, alias: string, condition: string): string =>
  `cross join ${row(table, condition)} ${alias}`

/** As {@link one}, with nulls where there is no such row. */
export const maybe = (table: string, alias: string, condition: string): string =>
  `left join ${row(table, condition)} ${alias} on true`

/** The references an item gives, those not given left out. */
export const refs = (...given: readonly (readonly [RefKind, string | null | undefined, string])[]): Ref[] =>
  given.flatMap(([kind, id, pointer]) => (id === null || id === undefined ? [] : [{ kind, id, pointer }]))

/** The id a reference resolves to; null where none is given. */
export const resolved = (found: Refs, kind: RefKind, id: string | null | undefined): string | null =>
  id === null || id === undefined ? null : (found[kind][id] ?? null)
