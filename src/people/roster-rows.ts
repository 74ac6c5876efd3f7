import type { FieldFault } from '../kernel/problem.ts'
import { canonicalJson } from '../kernel/signature.ts'
import { commandStatement, type Replay, replayJson } from '../platform/command.ts'
import { type Tenant, tenantStatement } from '../platform/database.ts'
import { callerCtes, callerJson, type KnownCaller } from './actor.ts'
import { type Collection, one, type Ref, type RefKind, type Refs, refKinds } from './collection.ts'
import { collections } from './collections.ts'
import { enrolmentsBy, resultsBy } from './course-collections.ts'
import { staffRolesBy } from './staff-role-collection.ts'

type Item = Readonly<Record<string, unknown>>

/** What one load tells about rows of a collection. */
export interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly refs: Refs
  readonly known: Readonly<Record<string, { readonly id: string; readonly item: Item }>>
}

/** One row: the item given, and what is known under its key. */
export interface Row {
  readonly item: Item
  readonly key: string
  readonly id: string
  readonly before: Item | null
}

const kinds = Object.entries(refKinds) as [RefKind, { table: string; key: string }][]

const refMap = ([kind, { table, key }]: (typeof kinds)[number]) =>
  `'${kind}', (select coalesce(json_object_agg(w.key, r.id), '{}') from (select jsonb_array_elements_text($7::jsonb->'${kind}') as key) w
    ${one(table, 'r', `${key} = w.key`)})`

/** Parameters: 1–4 caller, 5 idempotency key, 6 keys, 7 references by kind, 8 actor id of a machine client. */
const loadOf = (collection: Collection) =>
  tenantStatement<{ found: Found }>(
    `roster.load_${collection.statements}`,
    `with ${callerCtes},
keys as materialized (select jsonb_array_elements_text($6::jsonb) as key)
select json_build_object('caller', ${callerJson},
  'replay', ${replayJson('coalesce((select person_id from me), $8::uuid)', '$5::text')},
  'refs', json_build_object(${kinds.map(refMap).join(', ')}),
  'known', (select coalesce(json_object_agg(k.key, json_build_object('id', k.id, 'item', k.item)), '{}') from (${collection.known}) k)) as found`,
  )

const statements = new Map(
  [...collections, enrolmentsBy.source, resultsBy.source, staffRolesBy.number, staffRolesBy.source].map(collection => [
    collection.statements,
    {
      load: loadOf(collection),
      save: commandStatement(`roster.save_${collection.statements}`, collection.save, '(select ok from free)'),
    },
  ]),
)

/** The statements of a collection. */
export const statementsOf = (collection: Collection) =>
  statements.get(collection.statements) as {
    load: ReturnType<typeof loadOf>
    save: ReturnType<typeof commandStatement>
  }

/** Who asks for a load: issuer, subject and time as `callerParams` gives them; nobody for work already authorised. */
export interface Asking {
  readonly caller: readonly [string, string, string]
  readonly key: string | null
  readonly clientId: string | null
}

/** What is known of rows and of what they refer to. One round trip. */
export const loadRows = async (
  tenant: Tenant,
  collection: Collection,
  items: readonly Item[],
  asking: Asking,
): Promise<Found> => {
  const wanted = Object.fromEntries(kinds.map(([kind]) => [kind, new Set<string>()])) as Record<RefKind, Set<string>>
  for (const item of items) {
    for (const ref of collection.refsOf(item)) wanted[ref.kind].add(ref.id)
    if (collection.sources && typeof item.sourceId === 'string') wanted[collection.sources].add(item.sourceId)
  }
  const [row] = await tenant.rows(
    statementsOf(collection).load,
    ...asking.caller,
    asking.key,
    JSON.stringify(items.map(item => collection.keyOf(item))),
    JSON.stringify(Object.fromEntries(kinds.map(([kind]) => [kind, [...wanted[kind]]]))),
    asking.clientId,
  )
  return (row as { found: Found }).found
}

/** Items as rows: with the id they have or get, and what is known of them. */
export const rowsOf = (collection: Collection, items: readonly Item[], found: Found, newId: () => string): Row[] =>
  items.map(item => {
    const key = collection.keyOf(item)
    const before = found.known[key]
    return { item, key, id: before?.id ?? newId(), before: before?.item ?? null }
  })

/** References of rows, those to rows of the same call included. */
export const refsWithin = (collection: Collection, rows: readonly Row[], found: Found): Refs => {
  if (!collection.own) return found.refs
  const own = Object.fromEntries(rows.map(row => [row.key, row.id]))
  return { ...found.refs, [collection.own]: { ...found.refs[collection.own], ...own } }
}

/** References that lead nowhere. */
export const unresolved = (collection: Collection, item: Item, refs: Refs): Ref[] =>
  collection.refsOf(item).filter(ref => refs[ref.kind][ref.id] === undefined)

/** Keys that stand twice, as faults. */
export const repeatedKeys = (collection: Collection, items: readonly Item[]): FieldFault[] => {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const key = collection.keyOf(item)
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [{ pointer: `/items/${index}`, code: 'duplicate_row', detail: 'the id stands twice in this call' }]
  })
}

const sorted = (list: unknown): unknown =>
  Array.isArray(list) ? [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : list

const isPlain = (value: unknown) => value === null || typeof value !== 'object'

const same = (a: unknown, b: unknown): boolean =>
  isPlain(a) && isPlain(b) ? a === (b ?? null) : canonicalJson(sorted(a)) === canonicalJson(sorted(b ?? null))

/** Whether a row is new or differs from what is known; members not given do not count. */
export const changes = (collection: Collection, { before, item }: Row): boolean =>
  before === null ||
  Object.entries({ ...item, ...collection.present }).some(
    ([member, value]) => value !== undefined && !same(value, before[member]),
  )

/** Whether following parents within one call comes back to where it began. */
export const hasCycle = (rows: readonly Row[]): boolean => {
  const parents = new Map(rows.map(row => [row.key, row.item.parent as string | null | undefined]))
  return rows.some(row => {
    let at = parents.get(row.key)
    for (let steps = 0; at && steps <= parents.size; steps++) {
      if (at === row.key) return true
      at = parents.get(at)
    }
    return false
  })
}
