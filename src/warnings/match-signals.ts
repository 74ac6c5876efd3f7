import { commandStatement, commit } from '../platform/command.ts'
import { type Database, systemStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import type { Deps } from '../platform/subject.ts'
import { probe } from './load-signals.ts'

/** Student numbers looked at a pass, and signals of one number moved, per institution. */
const most = { numbers: 500, signals: 1000 }

interface Page {
  readonly institution: string
  readonly matches: readonly { readonly id: string; readonly studentId: string }[]
  /** The number to go on after; null = the page was the last. */
  readonly next: string | null
}

const quarantined = (number: string) =>
  `signals x where x.institution_id = i.id and x.student_id is null and ${number} order by x.student_number`

/**
 * A page of quarantined numbers of each institution, and what of them the roster knows. One probe a number, however many
 * signals name it, and one an institution where nothing is in quarantine. Parameter: 1 numbers to go on after, by institution.
 */
const find = systemStatement<Page>(
  'signals.find_matches',
  `select i.id as institution, p.matches, p.next from institutions i cross join lateral (
  with recursive n as (
    (select x.student_number as number, 1 as nth from ${quarantined("x.student_number > coalesce($1::jsonb->>i.id::text, '')")} limit 1)
    union all
    select x.student_number, n.nth + 1 from n cross join lateral (
      select x.student_number from ${quarantined('x.student_number > n.number')} limit 1) x where n.nth < ${most.numbers})
  select count(*) as seen, case when count(*) = ${most.numbers} then max(n.number) end as next,
    (select coalesce(json_agg(json_build_object('id', g.id, 'studentId', s.id)), '[]') from n
     cross join lateral (select x.id from students x where x.institution_id = i.id and ${probe('x.number', 'n.number')}) s
     cross join lateral (select x.id from ${quarantined('x.student_number >= n.number and x.student_number <= n.number')}, x.id limit ${most.signals}) g) as matches
  from n) p
where p.seen > 0 order by i.id`,
)

const saveMatched = commandStatement(
  'signals.match',
  `u as (update signals g set student_id = x."studentId", pending = g.status = 'open' and g.severity is not null
  from given cross join jsonb_to_recordset(given.e->'matches') x(id uuid, "studentId" uuid) cross join free
  where free.ok and g.institution_id = $1::uuid and g.id = any (array(
    select (m->>'id')::uuid from given cross join jsonb_array_elements(given.e->'matches') m)) and g.id = x.id and g.student_id is null returning g.id)`,
  'exists (select from u)',
)

const save = ({ db, ambient }: Deps, { institution, matches }: Page): Promise<boolean> =>
  commit(db.as(institution), saveMatched, {
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
    effects: { matches },
    wallClock: ambient.wallClock(),
  })

/**
 * Background work: signals leave quarantine when the roster has their number, by a new student or a corrected one. It goes
 * round the quarantined numbers page by page, so that a pass costs the same however many there are. Any process may run
 * it, each match takes effect once.
 */
export const matchSignals = (deps: Deps & { readonly db: Database }): Work => {
  const after = new Map<string, string>()
  return institutionWork(deps.db, {
    name: 'match-signals',
    idleMs: 5_000,
    waiting: () => deps.db.system.rows(find, JSON.stringify(Object.fromEntries(after))),
    serve: async page => {
      const { institution, matches, next } = page
      if (matches.length > 0) await save(deps, page)
      if (next === null) after.delete(institution)
      else after.set(institution, next)
      return next !== null && matches.length > 0
    },
  })
}
