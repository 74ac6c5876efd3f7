import { type Database, systemStatement } from './database.ts'
import type { Work } from './loop.ts'

const batch = 1_000

const expire = systemStatement<{ count: number }>(
  'idempotency.expire',
  `with alone as materialized (select pg_try_advisory_xact_lock(hashtextextended('bangfu idempotency', 0)) as got),
  past as (select institution_id, actor_id, key from idempotency_keys
    where (select got from alone) and expires_at <= $1::timestamptz order by expires_at limit $2::int),
  gone as (delete from idempotency_keys k using past
    where k.institution_id = past.institution_id and k.actor_id = past.actor_id and k.key = past.key returning 1)
  select count(*)::int as count from gone`,
)

/** Background work that deletes idempotency keys whose 24 hours are over, 1,000 at a time; one process does it at a time. */
export const expireKeys = (db: Database, wallClock: () => Date): Work => ({
  name: 'idempotency',
  idleMs: 60_000,
  pass: async () => {
    const [row] = await db.system.rows(expire, wallClock().toISOString(), batch)
    return row?.count === batch
  },
})
