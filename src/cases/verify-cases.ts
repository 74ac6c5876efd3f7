import { type Database, systemStatement } from '../platform/database.ts'

/** Where a move went, from the text of its entry: not parsed, for a text that is no JSON must not end the search. */
const toldStep = `substring(x.entry from '"data":\\{[^{}]*"to":"([a-z_]+)"')`

const disagreeing = systemStatement<{ id: string; detail: string }>(
  'verify.cases',
  `select c.id, concat_ws(', ',
      case when c.step is distinct from m.to_step then 'step is not that of the last move' end,
      case when c.move_count is distinct from m.n then 'move count is not the number of moves' end,
      case when c.version is distinct from j.version then 'version is not that of the last journal entry' end,
      case when c.draft_count <> d.drafts then 'draft count is not the number of drafts' end,
      case when m.moves is distinct from m.n + 1 then 'a move is missing' end,
      case when k.moves is distinct from m.n or (k.moves > 0 and k.step is distinct from m.to_step)
        then 'moves are not those the journal tells of' end) as detail
   from cases c
   cross join lateral (select count(*)::int as moves, max(n) as n, (array_agg(to_step order by n desc))[1] as to_step
     from case_moves x where x.institution_id = c.institution_id and x.case_id = c.id) m
   cross join lateral (select max(subject_version) as version from journal x
     where x.institution_id = c.institution_id and x.subject_id = c.id and x.subject_version is not null) j
   cross join lateral (select count(*)::int as moves, (array_agg(${toldStep} order by x.subject_version desc))[1] as step from journal x
     where x.institution_id = c.institution_id and x.subject_id = c.id and x.subject_version is not null and x.type = 'case.moved') k
   cross join lateral (select count(*)::int as drafts from records x where x.institution_id = c.institution_id and x.case_id = c.id and x.status = 'draft') d
   where c.step is distinct from m.to_step or c.move_count is distinct from m.n or c.version is distinct from j.version or c.draft_count <> d.drafts
     or m.moves is distinct from m.n + 1 or k.moves is distinct from m.n or (k.moves > 0 and k.step is distinct from m.to_step)
   order by c.id limit 20`,
)

/** Cases whose step, version or counts do not follow from their moves and journal entries; at most 20. */
export const verifyCases = (db: Database): Promise<{ id: string; detail: string }[]> => db.system.rows(disagreeing)
