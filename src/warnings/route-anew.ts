import { type Database, type Door, systemStatement, tenantStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import type { Deps } from '../platform/subject.ts'
import { fuseTaken, takeStatement } from './fuse-signals.ts'
import { holdsRole } from './holders.ts'

/** Students with open alerts a pass looks at, per institution. */
const most = 1000

const alerting = systemStatement<{ institution: string }>(
  'routing.alerting',
  `select i.id as institution from institutions i
   where exists (select from alerts a where a.institution_id = i.id and a.step <> 'resolved') order by i.id`,
)

interface Page {
  /** JSON array of ids: students of whose alerts one has no owner who holds a role, or another unit than they. */
  readonly astray: string
  /** The student to go on after; null = the page was the last. */
  readonly next: string | null
}

/** A page of students with open alerts. Parameters: 1 institution, 2 student to go on after, 3 now. */
const find = tenantStatement<Page>(
  'routing.find_astray',
  `with t as materialized (select ($3::timestamptz at time zone time_zone)::date as day from institutions where id = $1::uuid),
p as materialized (select distinct a.student_id as id from alerts a where a.institution_id = $1::uuid and a.step <> 'resolved'
  and a.student_id > $2::uuid order by 1 limit ${most}),
a as materialized (select x.student_id, x.owner_id, x.org_unit_id from p join alerts x on x.institution_id = $1::uuid and x.student_id = p.id and x.step <> 'resolved'),
serving as materialized (select o.id from (select distinct owner_id as id from a where owner_id is not null) o where ${holdsRole('o.id', '(select day from t)')})
select (select coalesce(json_agg(distinct a.student_id), '[]')::text from a
    join students s on s.institution_id = $1::uuid and s.id = a.student_id and s.enrolment_status <> 'died'
    where a.org_unit_id <> s.org_unit_id or a.owner_id is null or a.owner_id not in (select id from serving)) as astray,
  (select case when count(*) = ${most} then (select id from p order by id desc limit 1) end from p) as next`,
)

const take = takeStatement('routing.take', 'select x::uuid as id from json_array_elements_text($3::json) x')

const first = '00000000-0000-0000-0000-000000000000'

/** One transaction at one institution. @returns the student to go on after */
const routeSome = async (tx: Door, ambient: Deps['ambient'], institution: string, after: string) => {
  const tenant = tx.as(institution)
  const [page] = await tenant.rows(find, after, ambient.now().toISOString())
  const { astray, next } = page as Page
  if (astray !== '[]') {
    const [taken] = await tenant.rows(take, most, astray)
    await fuseTaken({ db: tx, ambient }, tenant, taken?.students ?? '[]', '[]')
  }
  return next
}

/**
 * Background work: open alerts that nobody answers for, because nobody held the role, the owner left or the student is in
 * another unit by now, are routed anew without waiting for the next signal. It goes round the students with open alerts
 * page by page, so that a pass costs the same however many there are. Any number of processes may run it. Domain §4.
 */
export const routingWork = (db: Database, ambient: Deps['ambient']): Work => {
  const after = new Map<string, string>()
  return institutionWork(db, {
    name: 'route-anew',
    idleMs: 5000,
    waiting: () => db.system.rows(alerting),
    serve: async ({ institution }) => {
      const next = await db.transaction(tx => routeSome(tx, ambient, institution, after.get(institution) ?? first))
      after.set(institution, next ?? first)
      return false
    },
  })
}
