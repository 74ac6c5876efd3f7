import type { Ambient } from './ambient.ts'
import { type Door, systemStatement } from './database.ts'
import type { Work } from './loop.ts'

const dayMs = 86_400_000

const sweep = systemStatement<{ swept: number }>(
  'operations.sweep',
  `with old as (select institution_id, id from operations where finished_at < $1::timestamptz order by finished_at limit 500),
  gone as (delete from operations o using old where o.institution_id = old.institution_id and o.id = old.id returning 1),
  stale as (select u.institution_id, u.id from uploads u where u.created_at < $2::timestamptz
    and not exists (select from operations o where o.institution_id = u.institution_id and o.upload_id = u.id and o.finished_at is null)
    order by u.created_at limit 20),
  pieces as (delete from upload_chunks c using stale where c.institution_id = stale.institution_id and c.upload_id = stale.id),
  emptied as (delete from uploads u using stale where u.institution_id = stale.institution_id and u.id = stale.id returning 1)
  select ((select count(*) from gone) + (select count(*) from emptied))::int as swept`,
)

/** Forgets operations 30 days after their end, and uploads nobody asked to be read within a day. */
export const operationSweep = ({ db, ambient }: { readonly db: Door; readonly ambient: Ambient }): Work => ({
  name: 'operations.sweep',
  idleMs: 3_600_000,
  pass: async () => {
    const now = ambient.wallClock().getTime()
    const before = (ms: number) => new Date(now - ms).toISOString()
    const [row] = await db.system.rows(sweep, before(30 * dayMs), before(dayMs))
    return (row?.swept ?? 0) > 0
  },
})
