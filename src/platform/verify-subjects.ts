import { type Database, systemStatement } from './database.ts'

/**
 * Guarded subjects of a table whose step or version does not follow from their moves and journal entries; at most 20.
 * @param table a table with `subjectColumns`
 * @param moves its table of moves
 */
export const verifySubjects = (
  db: Database,
  table: string,
  moves: string,
): Promise<{ id: string; detail: string }[]> => {
  const disagreeing = systemStatement<{ id: string; detail: string }>(
    `verify.${table}`,
    `select s.id, concat_ws(', ',
      case when s.step is distinct from m.to_step then 'step is not that of the last move' end,
      case when s.move_count <> m.n then 'move count is not the number of moves' end,
      case when s.version is distinct from j.version then 'version is not that of the last journal entry' end,
      case when m.moves <> m.n + 1 then 'a move is missing' end) as detail
   from ${table} s
   cross join lateral (select count(*)::int as moves, max(n) as n, (array_agg(to_step order by n desc))[1] as to_step
     from ${moves} x where x.institution_id = s.institution_id and x.subject_id = s.id) m
   cross join lateral (select max(subject_version) as version from journal x where x.institution_id = s.institution_id and x.subject_id = s.id) j
   where s.step is distinct from m.to_step or s.move_count <> m.n or s.version is distinct from j.version or m.moves <> m.n + 1
   order by s.id limit 20`,
  )
  return db.system.rows(disagreeing)
}
