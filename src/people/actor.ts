import type { Statement, Tenant } from '../platform/database.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Caller } from '../platform/http/route.ts'
import type { Actor } from '../platform/journal.ts'
import { mayEver, type PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { inForce } from './roles-today.ts'

/** Who calls, by the roster of today. */
export interface KnownCaller {
  readonly kind: 'staff' | 'student' | 'client' | 'nobody'
  readonly id: string | null
  readonly name: string | null
  readonly roles: readonly { readonly role: string; readonly unitId: string }[]
  /** Today in the institution's zone, `YYYY-MM-DD`. */
  readonly today: string
  /** Time of day there, `HH:MM`. */
  readonly time: string
}

/**
 * First CTEs of every statement that knows its caller: `t(day, clock)`, `me(person_id, staff_id, student_id, name)` and
 * `held(role, org_unit_id)`. Parameters: 1 institution, 2 issuer, 3 subject, 4 now.
 */
export const callerCtes = `
t as materialized (select n.local::date as day, to_char(n.local, 'HH24:MI') as clock from institutions i
  cross join lateral (select $4::timestamptz at time zone i.time_zone as local) n where i.id = $1::uuid),
me as materialized (
  select coalesce(i.staff_id, i.student_id) person_id, i.staff_id, i.student_id, coalesce(s.name, p.name) as name
  from identities i cross join t
  left join staff s on s.institution_id = $1::uuid and s.id = i.staff_id
  left join students p on p.institution_id = $1::uuid and p.id = i.student_id
  where i.institution_id = $1::uuid and i.issuer = $2::text and i.subject = $3::text
    and (s.left_on is null or s.left_on >= t.day)),
held as materialized (
  select r.role, r.org_unit_id from staff_roles r join me on r.staff_id = me.staff_id cross join t
  where r.institution_id = $1::uuid and ${inForce('r', 't.day')})`

/** JSON of a {@link KnownCaller} for statements that begin with {@link callerCtes}. */
export const callerJson = `json_build_object(
  'kind', (select case when staff_id is not null then 'staff' else 'student' end from me),
  'id', (select person_id from me), 'name', (select name from me), 'today', (select day from t), 'time', (select clock from t),
  'roles', (select coalesce(json_agg(json_build_object('role', role, 'unitId', org_unit_id)), '[]') from held))`

/** The first three parameters after the institution. */
export const callerParams = (caller: Caller, now: Date): [string, string, string] => [
  caller.issuer,
  caller.subject,
  now.toISOString(),
]

/** A machine client or an unlinked token, as far as the roster told. */
export const knownCaller = (caller: Caller, found: KnownCaller): KnownCaller => {
  if (caller.clientId) return { ...found, kind: 'client', id: caller.clientId, name: null, roles: [] }
  return found.id === null ? { ...found, kind: 'nobody' } : found
}

const verdictOn = (caller: Caller, known: KnownCaller, name: PermissionName) =>
  mayEver({ kind: known.kind, roles: known.roles.map(held => held.role), scopes: caller.scopes }, name)

/** Whether the caller could ever do the operation. */
export const holdsPermission = (caller: Caller, known: KnownCaller, name: PermissionName): boolean =>
  verdictOn(caller, known, name) === 'yes'

/** Refuses a caller whose roles can never do the operation. @throws Problem not_permitted, or not_found where hidden */
export const requirePermission = (caller: Caller, known: KnownCaller, name: PermissionName): void => {
  const verdict = verdictOn(caller, known, name)
  if (verdict === 'hidden') throw new Problem('not_found')
  if (verdict === 'no') throw new Problem('not_permitted')
}

/** The journal's name for a caller. */
export const actorOf = (known: KnownCaller): Actor => ({
  kind: known.kind === 'nobody' ? 'service' : known.kind,
  id: known.id,
})

const callerStatement: Statement<{ found: KnownCaller }> = tenantStatement(
  'people.caller',
  `with ${callerCtes} select ${callerJson} as found`,
)

/** Looks a caller up and checks the permission: one round trip, for operations that load nothing else first. */
export const authorise = async (
  tenant: Tenant,
  caller: Caller,
  name: PermissionName,
  now: Date,
): Promise<KnownCaller> => {
  const [row] = await tenant.rows(callerStatement, ...callerParams(caller, now))
  const known = knownCaller(caller, (row as { found: KnownCaller }).found)
  if (known.today === null) throw new Problem('unauthenticated')
  requirePermission(caller, known, name)
  return known
}
