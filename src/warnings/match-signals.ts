import { commandStatement, commit } from '../platform/command.ts'
import { systemStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import type { Deps } from '../platform/subject.ts'

/** Students looked at a pass, per institution. */
const pageSize = 1000

interface Found {
  readonly matches: readonly { readonly institution: string; readonly id: string; readonly studentId: string }[]
  /** Where to go on; null = every new student was looked at. */
  readonly next: string | null
}

/** Parameters: 1 students with ids above this. One probe an institution when nobody is new. */
const find = systemStatement<Found>(
  'signals.find_matches',
  `with s as materialized (select s.institution_id, s.id, s.number, row_number() over (partition by s.institution_id order by s.id) n
  from institutions i cross join lateral (select * from students x where x.institution_id = i.id and x.id > $1::uuid order by x.id limit ${pageSize}) s)
select (select min(s.id::text) from s where s.n = ${pageSize}) as next,
  (select coalesce(json_agg(json_build_object('institution', g.institution_id, 'id', g.id, 'studentId', s.id)), '[]')
   from s cross join lateral (select x.id, x.institution_id from signals x
     where x.institution_id = s.institution_id and x.student_id is null
       and x.student_number >= s.number and x.student_number <= s.number order by x.student_number, x.id) g) as matches`,
)

const saveMatched = commandStatement(
  'signals.match',
  `u as (update signals g set student_id = x."studentId", pending = g.status = 'open' and g.severity is not null
  from given cross join jsonb_to_recordset(given.e->'matches') x(id uuid, "studentId" uuid) cross join free
  where free.ok and g.institution_id = $1::uuid and g.id = any (array(
    select (m->>'id')::uuid from given cross join jsonb_array_elements(given.e->'matches') m)) and g.id = x.id and g.student_id is null returning g.id)`,
  'exists (select from u)',
)

const first = '00000000-0000-0000-0000-000000000000'

/** The smallest id made an hour before this one was. Students whose transaction took long are seen all the same. */
const hourBefore = (id: string): string => {
  const hex = (Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) - 3_600_000).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/**
 * Background work: signals leave quarantine when the roster catches up. Looks at students who are new since the last
 * look (ids rise with time), at all of them when a process starts. Any process may run it, each match takes effect once.
 */
export const matchSignals = ({ db, ambient }: Deps): Work => {
  let floor = first
  let begun = hourBefore(ambient.newId())
  return {
    name: 'match-signals',
    idleMs: 5_000,
    pass: async () => {
      const [found] = await db.system.rows(find, floor)
      const { matches, next } = found as Found
      for (const institution of new Set(matches.map(each => each.institution)))
        await commit(db.as(institution), saveMatched, {
          actorId: null,
          idempotency: null,
          status: 200,
          receipt: {},
          entries: [
            {
              id: ambient.newId(),
              type: 'signals.matched',
              at: ambient.now().toISOString(),
              institution,
              actor: { kind: 'service', id: null },
              subject: { kind: 'institution', id: institution, version: null },
              caseId: null,
              request: 'match-signals',
            },
          ],
          effects: { matches: matches.filter(each => each.institution === institution) },
          wallClock: ambient.wallClock(),
        })
      floor = next ?? begun
      if (next === null) begun = hourBefore(ambient.newId())
      return next !== null
    },
  }
}
