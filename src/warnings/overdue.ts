import type { Ambient } from '../platform/ambient.ts'
import { type Database, type Door, type Statement, systemStatement, tenantStatement } from '../platform/database.ts'
import { type Change, changeSubject, type Request, type subjectStatement } from '../platform/subject.ts'

/** What background work is given. */
export interface WorkDeps {
  readonly db: Database
  readonly ambient: Ambient
}

/** The request of the service itself: background work has no caller. */
export const serviceRequest = (institution: string, work: string): Request => ({
  caller: { issuer: '', subject: '', institution, clientId: null, scopes: [] },
  idempotency: null,
  requestId: work,
  accessReason: null,
})

/** The service as actor. */
export const theService = { kind: 'service', id: null } as const

/** A guarded subject whose time to be looked at has come. */
export interface Overdue {
  readonly institution: string
  readonly id: string
  readonly version: number
  readonly writes: number
  readonly dataKey: string | null
}

const batch = 20

/**
 * Claims subjects of a guarded table (with `escalates_at`) whose time has come, passing over those another process has
 * in hand. `columns` are further expressions over the row `c`, its institution `i` and its settings `w`. Parameter: now.
 */
export const overdueStatement = <X extends object>(table: string, columns: string): Statement<Overdue & X> =>
  systemStatement(
    `${table}.overdue`,
    `select c.institution_id as institution, c.id, c.version, c.writes, encode(c.data_key, 'base64') as "dataKey", ${columns}
     from ${table} c join institutions i on i.id = c.institution_id
     left join warning_settings w on w.institution_id = c.institution_id
     where c.escalates_at <= $1::timestamptz order by c.escalates_at limit ${batch} for no key update of c skip locked`,
  )

/** Staff who hold a role at the nearest unit above one, for each role; one of them can be left out. */
const nearest = tenantStatement<{ id: string }>(
  'warnings.nearest_staff',
  `with t as materialized (select ($4::timestamptz at time zone time_zone)::date as day from institutions where id = $1::uuid)
select distinct n.staff_id as id from json_array_elements_text($3::json) x(role) cross join t
cross join lateral (select r.staff_id, a.depth, min(a.depth) over () as least from org_ancestors a
  join staff_roles r on r.institution_id = $1::uuid and r.org_unit_id = a.ancestor_id and r.role = x.role
    and r.valid_from <= t.day and (r.valid_until is null or r.valid_until > t.day) and r.staff_id is distinct from $5::uuid
  join staff s on s.institution_id = $1::uuid and s.id = r.staff_id and (s.left_on is null or s.left_on >= t.day)
  where a.institution_id = $1::uuid and a.unit_id = $2::uuid) n
where n.depth = n.least order by 1`,
)

/** Ids of those who are to be told. */
export const nearestStaff = async (
  door: Door,
  about: { institution: string; unitId: string; roles: readonly string[]; now: Date; except: string | null },
): Promise<string[]> => {
  const params = [about.unitId, JSON.stringify(about.roles), about.now.toISOString(), about.except] as const
  const rows = about.roles.length === 0 ? [] : await door.as(about.institution).rows(nearest, ...params)
  return rows.map(row => row.id)
}

/**
 * One bounded pass over what is overdue: each is told once and given its next time, in one transaction. Any number of
 * processes may do it at a time.
 * @returns whether more may be waiting
 */
export const sweepOverdue = <X extends object>(
  { db, ambient }: WorkDeps,
  sweep: {
    readonly work: string
    readonly kind: string
    readonly claim: Statement<Overdue & X>
    readonly save: ReturnType<typeof subjectStatement>
    readonly decide: (door: Door, found: Overdue & X, now: Date) => Promise<Change>
  },
): Promise<boolean> =>
  db.transaction(async tx => {
    const now = ambient.now()
    const found = await tx.system.rows(sweep.claim, now.toISOString())
    for (const each of found) {
      const { id, version, writes, dataKey } = each
      const change = await sweep.decide(tx, each, now)
      const request = serviceRequest(each.institution, sweep.work)
      const subject = { kind: sweep.kind, id, version, writes, dataKey, caseId: null }
      await changeSubject({ db: tx, ambient }, sweep.save, request, theService, subject, change)
    }
    // The next level of what was told just now may be due as well: after the clock was moved, or after an outage.
    return found.length > 0
  })
