import { type Database, type Door, systemStatement } from './database.ts'
import type { Entry } from './journal.ts'
import type { Work } from './loop.ts'
import { institutionWork } from './serve-institutions.ts'

/** How a later slice learns what happened in an earlier one: sealed entries of some types, in order, each once. */
export interface Follower {
  readonly name: string
  readonly types: readonly string[]
  /** Deals with entries of one institution; what it writes through `tx` counts only together with the new position. */
  readonly handle: (tx: Door, institution: string, entries: readonly Entry[]) => Promise<void>
}

const behind = systemStatement<{ institution: string }>(
  'followers.behind',
  `select h.institution_id as institution from journal_heads h
   left join journal_followers f on f.name = $1::text and f.institution_id = h.institution_id
   where h.position > coalesce(f.position, 0) order by h.institution_id`,
)

const begin = systemStatement(
  'followers.begin',
  `insert into journal_followers (name, institution_id, position) values ($1::text, $2::uuid, 0) on conflict do nothing`,
)

const claim = systemStatement<{ position: number }>(
  'followers.claim',
  `select position from journal_followers where name = $1::text and institution_id = $2::uuid for update skip locked`,
)

const next = systemStatement<{ last: number | null; entries: Entry[] }>(
  'followers.next',
  `with v as materialized (select position, type, entry from journal
     where institution_id = $1::uuid and position > $2::bigint order by position limit 1000)
   select max(position) as last, coalesce(json_agg(entry::json order by position)
     filter (where type in (select jsonb_array_elements_text($3::jsonb))), '[]') as entries from v`,
)

const advance = systemStatement(
  'followers.advance',
  `update journal_followers set position = $3::bigint where name = $1::text and institution_id = $2::uuid`,
)

/** Background work that follows the journal; any process may run it, each entry takes effect once. */
export const following = (db: Database, follower: Follower, idleMs = 1_000): Work => {
  const step = (institution: string): Promise<boolean> =>
    db.transaction(async tx => {
      await tx.system.rows(begin, follower.name, institution)
      const [held] = await tx.system.rows(claim, follower.name, institution)
      if (!held) return false
      const [found] = await tx.system.rows(next, institution, held.position, JSON.stringify(follower.types))
      if (!found?.last) return false
      if (found.entries.length > 0) await follower.handle(tx, institution, found.entries)
      await tx.system.rows(advance, follower.name, institution, found.last)
      return true
    })
  return institutionWork(db, {
    name: follower.name,
    idleMs,
    waiting: () => db.system.rows(behind, follower.name),
    serve: ({ institution }) => step(institution),
  })
}
