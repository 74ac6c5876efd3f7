import { callerJson, callerParams, type KnownCaller } from '../people/actor.ts'
import { relationsJson } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import { wordsOf } from '../records/history.ts'
import { requireReader } from '../records/reading.ts'
import { oneCaseCtes, tellsOfStudent } from './access.ts'
import type { CaseDeps, Request } from './change.ts'
import { caseSubject } from './facts.ts'

interface Row {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
  readonly items: string
  readonly count: number
  readonly last: number | null
}

const columns = 'j.seq, j.position, j.entry, j.actor_id'
const page = 'j.institution_id = $1::uuid and j.seq > $6::bigint order by j.seq limit $7::int + 1'

/** Entries of case `c`, and those `more` finds: both walk an index from the cursor on. */
const entries = (name: string, types: string, more = '') =>
  tenantStatement<Row>(
    name,
    `with ${oneCaseCtes},
v as materialized (select * from (
  (select ${columns} from journal j join c on c.id = j.case_id where ${types} and ${page})${more}) j order by j.seq limit $7::int + 1),
p as materialized (select * from v order by seq limit $7::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count,
  (select max(seq) from p) as last,
  (select coalesce(json_agg(json_build_object('position', p.position, 'actorName', coalesce(w.name, s.name), 'entry', p.entry::json) order by p.seq), '[]')::text
    from p left join staff w on w.institution_id = $1::uuid and w.id = p.actor_id
    left join students s on s.institution_id = $1::uuid and s.id = p.actor_id) as items`,
  )

const timelineStatement = entries(
  'cases.timeline',
  "j.type <> 'record.read'",
  `
  union all (select ${columns} from journal j join c on ${tellsOfStudent('j')} where ${page})`,
)
const accessStatement = entries('cases.access_log', "j.type in ('record.read', 'glass.broken', 'glass.reviewed')")

/** A page of what happened in a case and to its student’s enrolment, oldest first, own writes included. One round trip. */
export const timeline = async (
  { db, ambient }: CaseDeps,
  request: Request,
  input: { caseId: string; after: number; limit: number; log: 'timeline' | 'access' },
) => {
  const statement = input.log === 'timeline' ? timelineStatement : accessStatement
  const [row] = await db
    .as(request.caller.institution)
    .rows(statement, ...callerParams(request.caller, ambient.now()), input.caseId, input.after, input.limit)
  const found = row as Row
  requireReader(request, found, input.log === 'timeline' ? 'case:timeline' : 'case:access_log')
  return { items: found.items, more: found.count > input.limit, last: found.last }
}

/** Words given with a command, named by `wordsId` of its timeline entry; the reading is journalled. */
export const readWords = wordsOf(caseSubject, 'case:timeline')
