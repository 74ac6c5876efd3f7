import type { Ambient } from '../platform/ambient.ts'
import { attempt } from '../platform/command.ts'
import type { Database, Door } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import { Problem } from '../practice/problems.ts'
import { actorOf, callerParams, knownCaller, requirePermission } from './actor.ts'
import type { Collection } from './collection.ts'
import { hasCycle, loadRows, refsWithin, repeatedKeys, rowsOf, unresolved } from './roster-rows.ts'
import { saveRows } from './roster-save.ts'

/** What the commands of this slice are given. */
export interface PeopleDeps {
  readonly db: Database
  readonly ambient: Ambient
}

const maxFaults = 100

/**
 * Brings up to 1,000 rows of a collection into the roster, found by the institution's own ids: all or nothing,
 * repeatable. Answers how many were new, changed and as they were.
 * @throws Problem not_permitted, duplicate_row, unknown_reference, unit_cycle
 */
export const upsert = (
  { db, ambient }: PeopleDeps,
  request: { readonly caller: Caller; readonly idempotency: Idempotency | null; readonly requestId: string },
  collection: Collection,
  items: readonly Record<string, unknown>[],
): Promise<Answer> => {
  const { caller, idempotency, requestId } = request
  const { institution } = caller
  return attempt(
    idempotency,
    // load
    async () => {
      const asking = {
        caller: callerParams(caller, ambient.now()),
        key: idempotency?.key ?? null,
        clientId: caller.clientId,
      }
      const found = await loadRows(db.as(institution), collection, items, asking)
      const known = knownCaller(caller, found.caller)
      requirePermission(caller, known, 'roster:write')
      return { ...found, caller: known }
    },
    async found => {
      // decide
      const repeated = repeatedKeys(collection, items)
      if (repeated.length > 0) throw new Problem('duplicate_row', { errors: repeated.slice(0, maxFaults) })
      const rows = rowsOf(collection, items, found, ambient.newId)
      const refs = refsWithin(collection, rows, found)
      const faults = items.flatMap((item, index) =>
        unresolved(collection, item, refs).map(({ pointer }) => ({
          pointer: `/items/${index}${pointer}`,
          code: 'unknown_reference',
          detail: 'not in the roster',
        })),
      )
      if (faults.length > 0) throw new Problem('unknown_reference', { errors: faults.slice(0, maxFaults) })
      if (collection.own && hasCycle(rows)) throw new Problem('unit_cycle')
      // save, tell
      const saving = { institution, actor: actorOf(found.caller), requestId, idempotency }
      const write = (door: Door) => saveRows(door, ambient, saving, collection, rows, refs)
      const counts = collection.own ? await db.transaction(write) : await write(db)
      return counts ? { status: 200, body: counts } : null
    },
  )
}
