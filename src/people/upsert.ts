import type { Ambient } from '../platform/ambient.ts'
import { attempt, replayed } from '../platform/command.ts'
import type { Database, Door } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import { actorOf, authorise } from './actor.ts'
import type { Collection, Refs } from './collection.ts'
import { type Found, loadRows, lockRoster } from './roster-queries.ts'
import {
  type GivenIdentity,
  identitiesOf,
  type Row,
  refsWithin,
  refuseCycle,
  refuseRepeated,
  refuseTaken,
  refuseToCome,
  refuseUnresolved,
  rowsOf,
} from './roster-rows.ts'
import { saveRows } from './roster-save.ts'

/** What the commands of this slice are given. */
export interface PeopleDeps {
  readonly db: Database
  readonly ambient: Ambient
}

interface Request {
  readonly caller: Caller
  readonly idempotency: Idempotency | null
  readonly requestId: string
}

type Item = Readonly<Record<string, unknown>>

/**
 * Brings up to 1,000 rows of a collection into the roster, found by the institution's own ids: all or nothing,
 * repeatable. Answers how many were new, changed and as they were. Calls of one institution wait for one another, and for
 * the batches of its imports.
 * @throws Problem not_permitted, duplicate_row, unknown_reference, identity_taken, unit_cycle; RequestInvalid
 */
export const upsert = async (
  deps: PeopleDeps,
  { caller, idempotency, requestId }: Request,
  collection: Collection,
  items: readonly Item[],
): Promise<Answer> => {
  const { db, ambient } = deps
  const { institution } = caller
  const known = await authorise(db.as(institution), caller, 'roster:write', ambient.now())
  refuseRepeated(collection, items)
  refuseToCome(collection, items, known.today)
  const identities = identitiesOf(items)
  const asking = { actorId: known.id, key: idempotency?.key ?? null, identities }
  const saving = { institution, actor: actorOf(known), requestId, idempotency }
  const once = async (door: Door): Promise<Answer | null> => {
    const tenant = door.as(institution)
    await tenant.rows(lockRoster)
    // load
    const found = await loadRows(tenant, collection, items, asking)
    const before = replayed(found.replay, idempotency)
    if (before) return before
    // decide
    const { rows, refs } = decide(deps, collection, items, found, identities)
    // save, tell
    const counts = await saveRows(door, ambient, saving, collection, rows, refs)
    return counts ? { status: 200, body: counts } : null
  }
  return attempt(
    idempotency,
    async () => ({ replay: null }),
    () => db.transaction(once),
  )
}

const decide = (
  { ambient }: PeopleDeps,
  collection: Collection,
  items: readonly Item[],
  found: Found,
  identities: readonly GivenIdentity[],
): { rows: Row[]; refs: Refs } => {
  const rows = rowsOf(collection, items, found, ambient.newId)
  const refs = refsWithin(collection, rows, found)
  refuseUnresolved(collection, items, refs)
  refuseTaken(rows, identities, found.linked)
  if (collection.own) refuseCycle(rows)
  return { rows, refs }
}
