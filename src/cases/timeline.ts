import { logOf, wordsOf } from '../records/history.ts'
import { oneCaseCtes, tellsOfStudent } from './access.ts'
import { caseSubject } from './facts.ts'

/** Entries `j` told of case `c` by a condition that walks an index from the cursor on. */
const entries = (
  told: string,
) => `select j.seq, j.position, j.entry, j.actor_id from journal j cross join c where ${told}
  and j.institution_id = $1::uuid and j.seq > $6::bigint order by j.seq limit $7::int + 1`

const log = { ctes: oneCaseCtes, by: 'seq' } as const

/** What happened in a case and to its student’s enrolment. */
export const caseTimeline = logOf('case:timeline', {
  ...log,
  name: 'cases.timeline',
  entries: `select * from (
  (${entries("j.case_id = c.id and j.type <> 'record.read'")})
  union all (${entries(tellsOfStudent('j'))})) j order by j.seq limit $7::int + 1`,
})

/** Who looked at the confidential content of a case. */
export const caseAccessLog = logOf('case:access_log', {
  ...log,
  name: 'cases.access_log',
  entries: entries("j.case_id = c.id and j.type in ('record.read', 'glass.broken', 'glass.reviewed')"),
})

/** Words given with a command on a case. */
export const caseWords = wordsOf(caseSubject, 'case:timeline')
