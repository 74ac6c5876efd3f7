import type { Ambient } from '../../platform/ambient.ts'
import type { Door, Tenant } from '../../platform/database.ts'
import type { Ref, Refs } from '../collection.ts'
import { loadRows } from '../roster-queries.ts'
import { type Row, refsWithin, rowsOf, toCome, unresolved } from '../roster-rows.ts'
import { type Counts, type Saving, saveRows } from '../roster-save.ts'
import type { ImportFault } from './faults.ts'
import type { Feed, Given } from './feed.ts'
import { ownerOf, strangerIn, withRenumbered } from './whose.ts'

/** One row that was read: its members and where it stands. */
export interface Candidate extends Given {
  readonly row: number
}

/** Rows of a batch that can be written, and why the others cannot. */
export interface Prepared {
  readonly rows: readonly Row[]
  readonly candidates: readonly Candidate[]
  readonly refs: Refs
  readonly faults: readonly ImportFault[]
}

type Item = Record<string, unknown>
interface Parsed {
  readonly candidate: Candidate
  readonly item: Item
}

const nobody = { actorId: null, key: null, identities: [] }
/** Stands in for a member a row lacks until it is known whether the roster has it. */
const lacking = '—'

const lentTo = (feed: Feed, { lends }: Candidate): Readonly<Record<string, unknown>> => ({ ...feed.lends, ...lends })

const parse = (feed: Feed, candidate: Candidate, fault: (code: string, detail: string) => void): Parsed[] => {
  const lends = lentTo(feed, candidate)
  const lent = Object.fromEntries(
    Object.entries(lends).map(([member, value]) => [member, value === undefined ? lacking : value]),
  )
  const result = feed.collection.item.safeParse({ ...lent, ...candidate.given })
  if (result.success) {
    const item = result.data as Item
    const ahead = toCome(feed.collection, item, feed.today)
    if (!ahead) return [{ candidate, item }]
    fault('invalid_value', `${ahead}: lies after today`)
    return []
  }
  const issue = result.error.issues[0]
  const member = issue?.path.join('/') ?? ''
  const missing = candidate.given[String(issue?.path[0])] === undefined
  if (missing && member !== '') fault('missing_value', member)
  else fault('invalid_value', member === '' ? String(issue?.message) : `${member}: ${issue?.message}`)
  return []
}

/** The item with what is known of members lent to it; names those it lacks altogether. */
const completed = (feed: Feed, { candidate, item }: Parsed, before: Item | null): { item: Item; lacks: string[] } => {
  const lends = lentTo(feed, candidate)
  const lent = Object.keys(lends).filter(member => candidate.given[member] === undefined)
  const kept = lent.filter(member => before?.[member] !== undefined)
  const lacks = lent.filter(member => lends[member] === undefined && !kept.includes(member))
  return { item: { ...item, ...Object.fromEntries(kept.map(member => [member, before?.[member]])) }, lacks }
}

/**
 * Checks a batch against its schema and the roster.
 * @param inPackage whether something not yet in the roster comes with the package
 */
export const prepare = async (
  tenant: Tenant,
  ambient: Ambient,
  feed: Feed,
  candidates: readonly Candidate[],
  inPackage: (ref: Ref) => boolean,
): Promise<Prepared> => {
  const { collection } = feed
  const faults: ImportFault[] = []
  const faultOf =
    ({ row }: Candidate) =>
    (code: string, detail: string) => {
      faults.push({ file: feed.file, row, code, detail })
    }
  await feed.complete?.(tenant, candidates)
  const parsed = candidates.flatMap(candidate => parse(feed, candidate, faultOf(candidate)))
  const load = async (items: readonly Item[]) =>
    withRenumbered(tenant, collection, items, await loadRows(tenant, collection, items, nobody))
  let found = await load(parsed.map(({ item }) => item))
  const merged = parsed.map(each => {
    const before = found.known[collection.keyOf(each.item)]?.item ?? null
    const { item, lacks } = completed(feed, each, before)
    return { ...each, lacks, item: collection.origins ? { ...item, origin: ownerOf(feed, before) } : item }
  })
  const items = merged.map(({ item }) => item)
  // Members kept may refer to what was not asked for.
  const unasked = (item: Item) => collection.refsOf(item).some(ref => found.refs[ref.kind][ref.id] === undefined)
  if (merged.some(({ item, lacks }, at) => lacks.length === 0 && unasked(item) && parsed[at]?.item !== item))
    found = await load(items)
  const all = rowsOf(collection, items, found, ambient.newId)
  const refs = refsWithin(collection, all, found)
  const fine = all.flatMap((row, at) => {
    const { candidate, lacks } = merged[at] as (typeof merged)[number]
    const fault = faultOf(candidate)
    const twofold = strangerIn(collection, row.given, found)
    if (lacks.length > 0) fault('missing_value', lacks.join(', '))
    else if (twofold) fault('number_changed', twofold)
    else {
      const nowhere = unresolved(collection, row.given, refs).filter(ref => !inPackage(ref))
      if (nowhere.length === 0) return [{ row, candidate }]
      fault('unknown_reference', nowhere.map(ref => ref.pointer.slice(1)).join(', '))
    }
    return []
  })
  return { rows: fine.map(each => each.row), candidates: fine.map(each => each.candidate), refs, faults }
}

/** Writes what {@link prepare} found fine, in the caller's transaction. */
export const bring = async (tx: Door, ambient: Ambient, saving: Saving, feed: Feed, prepared: Prepared) =>
  (await saveRows(tx, ambient, saving, feed.collection, prepared.rows, prepared.refs)) as Counts
