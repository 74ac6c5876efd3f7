import type { Tenant } from '../../platform/database.ts'
import { type Collection, refKinds } from '../collection.ts'
import { type Found, type Known, loadRows } from '../roster-queries.ts'
import { type Feed, oneRoster } from './feed.ts'
import { numbersOf } from './people-known.ts'

type Item = Readonly<Record<string, unknown>>

/**
 * Who can miss a row from now on. OneRoster owns whom it names; a full CSV all others it names; a partial one whom nobody
 * owns, or whom their owner has missed.
 */
export const ownerOf = ({ origin, full }: Pick<Feed, 'origin' | 'full'>, before: Item | null): string => {
  const owner = before?.origin as string | null | undefined
  if (!owner || before?.absentSince || before?.leftOn || origin === oneRoster) return origin
  return full && owner !== oneRoster ? origin : owner
}

/** Before origins were kept, plain CSV brought people with their number as source id: it says nothing. */
const isNumberOnly = ({ item }: Known, number: string): boolean => !item.origin && item.sourceId === number

/** Whom the source id of an item names in the roster. */
const sourcedId = ({ sources }: Collection, item: Item, { refs }: Found): string | undefined =>
  sources && typeof item.sourceId === 'string' ? refs[sources][item.sourceId] : undefined

/**
 * What is known of a batch, with those whose number was corrected under their new one: their source id is known, and nobody
 * has the number.
 */
export const withRenumbered = async (
  tenant: Tenant,
  collection: Collection,
  items: readonly Item[],
  found: Found,
): Promise<Found> => {
  const renumbered = items.flatMap(item => {
    const id = sourcedId(collection, item, found)
    return id !== undefined && !found.known[collection.keyOf(item)] ? [{ item, id }] : []
  })
  if (!collection.sources || renumbered.length === 0) return found
  const { table } = refKinds[collection.sources]
  const isStudent = table === 'students'
  const numbers = await numbersOf(
    tenant,
    isStudent ? 'students' : 'staff',
    renumbered.map(({ id }) => id),
  )
  const member = isStudent ? 'number' : 'externalId'
  const before = renumbered.map(({ item, id }) => ({ ...item, [member]: numbers.get(id) }))
  const { known } = await loadRows(tenant, collection, before, { actorId: null, key: null, identities: [] })
  const moved = renumbered.flatMap(({ item, id }) => {
    const number = numbers.get(id) ?? ''
    const person = known[number]
    return person && !isNumberOnly(person, number) ? [[collection.keyOf(item), person] as const] : []
  })
  return { ...found, known: { ...found.known, ...Object.fromEntries(moved) } }
}

/** Why the id and the number of a row cannot be one person's; null when they can. */
export const strangerIn = (collection: Collection, item: Item, found: Found): string | null => {
  if (!collection.sources || typeof item.sourceId !== 'string') return null
  const number = collection.keyOf(item)
  const [known, sourced] = [found.known[number], sourcedId(collection, item, found)]
  if (sourced !== undefined && !known) return 'the id was brought as the number of a person, maybe another one'
  if (sourced !== undefined && sourced !== known?.id) return 'the id is that of one person, the number that of another'
  const source = known?.item.sourceId ?? null
  if (!known || source === null || source === item.sourceId || isNumberOnly(known, number)) return null
  return 'the number is that of a person who has another id'
}
