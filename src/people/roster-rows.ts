import type { FieldFault } from '../kernel/problem.ts'
import { canonicalJson } from '../kernel/signature.ts'
import { RequestInvalid } from '../platform/http/problems.ts'
import { Problem } from '../practice/problems.ts'
import type { Collection, Ref, Refs } from './collection.ts'
import type { Found, Identity } from './roster-queries.ts'

type Item = Readonly<Record<string, unknown>>

/** A row of a call or a batch beside what is known. */
export interface Row {
  /** As it was given, with what being given says. */
  readonly given: Item
  /** As it will be: what is not given stays as it was, or begins as the collection says. */
  readonly item: Item
  readonly key: string
  readonly id: string
  readonly before: Item | null
  readonly changed: boolean
}

/** An identity of a row, with where it stands. */
export interface GivenIdentity extends Identity {
  readonly row: number
  readonly pointer: string
}

const sorted = (list: unknown): unknown =>
  Array.isArray(list) ? [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : list

const isPlain = (value: unknown) => value === null || typeof value !== 'object'

const same = (a: unknown, b: unknown): boolean =>
  isPlain(a) && isPlain(b) ? a === b : canonicalJson(sorted(a)) === canonicalJson(sorted(b))

const withoutGaps = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined))

/** The entries of a list that only grows, each laid over the known one of its id. */
const laidOver = (given: readonly Item[], known: readonly Item[], key: string): Item[] =>
  given.map(entry => ({ ...known.find(each => each[key] === entry[key]), ...withoutGaps(entry) }))

const merged = (collection: Collection, given: Item, before: Item | null): Item => {
  const item: Record<string, unknown> = { ...(before ?? collection.fresh), ...withoutGaps(given) }
  for (const [member, key] of Object.entries(collection.growing ?? {}))
    if (item[member] !== undefined)
      item[member] = laidOver((given[member] ?? []) as Item[], (before?.[member] ?? []) as Item[], key)
  return item
}

/** Whether a row differs from the known one; members not given do not count, nor entries of growing lists not given. */
const differs = (collection: Collection, given: Item, item: Item, before: Item): boolean =>
  Object.keys(withoutGaps(given)).some(member => {
    const key = collection.growing?.[member]
    if (key === undefined) return !same(item[member], before[member])
    const known = (before[member] ?? []) as Item[]
    return (item[member] as Item[]).some(entry => !known.some(each => each[key] === entry[key] && same(each, entry)))
  })

/** Items as rows: with the id they have or get, and what is known of them. */
export const rowsOf = (
  collection: Collection,
  items: readonly Item[],
  { known }: Pick<Found, 'known'>,
  newId: () => string,
): Row[] =>
  items.map(item => {
    const key = collection.keyOf(item)
    const before = known[key]?.item ?? null
    const given = { ...item, ...(before ? collection.present : {}) }
    const laid = merged(collection, given, before)
    const changed = before === null || differs(collection, given, laid, before)
    return { given, item: laid, key, id: known[key]?.id ?? newId(), before, changed }
  })

/** What is written of a row: lists that are not given stay as they are. */
export const written = ({ given, item }: Row): Item =>
  Object.fromEntries(Object.entries(item).filter(([member, value]) => !Array.isArray(value) || given[member]))

/** References of rows, those to rows of the same call included. */
export const refsWithin = (collection: Collection, rows: readonly Row[], { refs }: Pick<Found, 'refs'>): Refs => {
  if (!collection.own) return refs
  const own = Object.fromEntries(rows.map(row => [row.key, row.id]))
  return { ...refs, [collection.own]: { ...refs[collection.own], ...own } }
}

/** References that lead nowhere. */
export const unresolved = (collection: Collection, item: Item, refs: Refs): Ref[] =>
  collection.refsOf(item).filter(ref => refs[ref.kind][ref.id] === undefined)

/** The identities a call gives, row by row. */
export const identitiesOf = (items: readonly Item[]): GivenIdentity[] =>
  (items as { identities?: readonly Identity[] }[]).flatMap((item, row) =>
    (item.identities ?? []).map((identity, index) => ({
      ...identity,
      row,
      pointer: `/items/${row}/identities/${index}`,
    })),
  )

/** @throws Problem duplicate_row when two rows of the call have one id */
export const refuseRepeated = (collection: Collection, items: readonly Item[]): void => {
  const seen = new Set<string>()
  const errors = items.flatMap((item, index): FieldFault[] => {
    const key = collection.keyOf(item)
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [{ pointer: `/items/${index}`, code: 'duplicate_row', detail: 'the id stands twice in this call' }]
  })
  if (errors.length > 0) throw new Problem('duplicate_row', { errors: errors.slice(0, 100) })
}

/** The member of an item whose day has not come though it should have. */
export const toCome = (collection: Collection, item: Item, today: string): string | undefined =>
  collection.happened?.find(member => String(item[member] ?? '') > today)

/** @throws RequestInvalid when a day that should have come has not */
export const refuseToCome = (collection: Collection, items: readonly Item[], today: string): void => {
  const faults = items.flatMap((item, index): FieldFault[] => {
    const member = toCome(collection, item, today)
    if (!member) return []
    return [{ pointer: `/items/${index}/${member}`, code: 'invalid_value', detail: 'lies after today' }]
  })
  if (faults.length > 0) throw new RequestInvalid(faults.slice(0, 100))
}

/** @throws Problem unknown_reference when a row refers to what is neither in the roster nor in the call */
export const refuseUnresolved = (collection: Collection, items: readonly Item[], refs: Refs): void => {
  const errors = items.flatMap((item, index) =>
    unresolved(collection, item, refs).map(({ pointer }) => ({
      pointer: `/items/${index}${pointer}`,
      code: 'unknown_reference',
      detail: 'not in the roster',
    })),
  )
  if (errors.length > 0) throw new Problem('unknown_reference', { errors: errors.slice(0, 100) })
}

/** @throws Problem identity_taken when an identity speaks for another person, of the roster or of the call */
export const refuseTaken = (rows: readonly Row[], given: readonly GivenIdentity[], linked: Found['linked']): void => {
  const nameOf = (identity: Identity) => JSON.stringify([identity.issuer, identity.subject])
  const owners = new Map(linked.map(identity => [nameOf(identity), identity.personId]))
  const errors = given.flatMap((identity): FieldFault[] => {
    const [name, id] = [nameOf(identity), rows[identity.row]?.id as string]
    if (!owners.has(name)) owners.set(name, id)
    if (owners.get(name) === id) return []
    return [{ pointer: identity.pointer, code: 'identity_taken', detail: 'it speaks for another person' }]
  })
  if (errors.length > 0) throw new Problem('identity_taken', { errors: errors.slice(0, 100) })
}

/** @throws Problem unit_cycle when following parents within one call comes back to where it began */
export const refuseCycle = (rows: readonly Row[]): void => {
  const parents = new Map(rows.map(row => [row.key, row.item.parent as string | null | undefined]))
  for (const row of rows) {
    let at = parents.get(row.key)
    for (let steps = 0; at && steps <= parents.size; steps++) {
      if (at === row.key) throw new Problem('unit_cycle')
      at = parents.get(at)
    }
  }
}
