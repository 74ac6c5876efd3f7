import { z } from 'zod'
import { isTimeZone } from '../kernel/working-time.ts'
import type { Ambient } from '../platform/ambient.ts'
import { commandStatement, commit } from '../platform/command.ts'
import { type Database, type Queries, systemStatement } from '../platform/database.ts'
import type { Entry } from '../platform/journal.ts'

const text = (longest: number) => z.string().trim().min(1).max(longest)

/** What a new institution needs: its names and zone, and the administrator who fills its roster. */
export const NewInstitution = z.strictObject({
  nameZh: text(200),
  nameEn: text(200),
  /** IANA zone, by a name that both the database and the runtime know. */
  timeZone: text(60),
  /** `iss` and `sub` of the administrator's tokens. */
  adminIssuer: z.string().min(1).max(300),
  adminSubject: z.string().min(1).max(200),
  adminName: text(200).default('管理员 Administrator'),
  /** The institution's own ids of administrator and root unit: a roster brought in later finds them by these. */
  adminNumber: text(100).default('administrator'),
  unit: text(100).default('root'),
})

/** What became of it. */
export type InstitutionMade =
  | { readonly outcome: 'made' | 'there'; readonly id: string }
  | { readonly outcome: 'unknown_time_zone' }

const lock = systemStatement<Record<string, never>>(
  'institutions.lock',
  "select from pg_advisory_xact_lock(hashtextextended('bangfu institutions', 0))",
)

const look = systemStatement<{ zone: string | null; there: string | null }>(
  'institutions.look',
  `select (select name from pg_timezone_names where lower(name) = lower($1::text)) as zone,
    (select i.id from institutions i join identities x on x.institution_id = i.id
     where i.name_zh = $2::text and i.name_en = $3::text and x.issuer = $4::text and x.subject = $5::text order by i.created_at limit 1) as there`,
)

const saveMade = commandStatement(
  'institutions.make',
  `x as (insert into institutions (id, name_zh, name_en, time_zone, created_at)
  select $1::uuid, e->>'nameZh', e->>'nameEn', e->>'timeZone', (e->>'at')::timestamptz from given, free where free.ok returning id),
u as (insert into org_units (institution_id, id, external_id, parent_id, kind, name_zh, name_en)
  select $1::uuid, (e->>'unitId')::uuid, e->>'unit', null, 'school', e->>'nameZh', e->>'nameEn' from given, x),
a as (insert into org_ancestors (institution_id, unit_id, ancestor_id, depth)
  select $1::uuid, (e->>'unitId')::uuid, (e->>'unitId')::uuid, 0 from given, x),
s as (insert into staff (institution_id, id, external_id, name)
  select $1::uuid, (e->>'staffId')::uuid, e->>'adminNumber', e->>'adminName' from given, x),
r as (insert into staff_roles (institution_id, staff_id, role, org_unit_id, valid_from)
  select $1::uuid, (e->>'staffId')::uuid, 'administrator', (e->>'unitId')::uuid, ((e->>'at')::timestamptz at time zone (e->>'timeZone'))::date from given, x),
i as (insert into identities (institution_id, issuer, subject, staff_id, created_at)
  select $1::uuid, e->>'adminIssuer', e->>'adminSubject', (e->>'staffId')::uuid, (e->>'at')::timestamptz from given, x)`,
  'exists (select from x)',
)

type Given = z.output<typeof NewInstitution>
type Clock = Pick<Ambient, 'now' | 'wallClock' | 'newId'>

const lookUp = async (tx: Queries, given: Given) => {
  await tx.rows(lock)
  const { timeZone, nameZh, nameEn, adminIssuer, adminSubject } = given
  const [found] = await tx.rows(look, timeZone, nameZh, nameEn, adminIssuer, adminSubject)
  return found as { zone: string | null; there: string | null }
}

const created = (clock: Clock, id: string, at: string, data: { unitId: string; staffId: string }): Entry => ({
  id: clock.newId(),
  type: 'institution.created',
  at,
  institution: id,
  actor: { kind: 'service', id: null },
  subject: { kind: 'institution', id, version: null },
  caseId: null,
  request: 'command line',
  data,
})

/**
 * Makes an institution with its root unit and its first administrator, and tells it in the new institution's journal.
 * The same names with the same administrator again make nothing: the one that is there is answered.
 */
export const makeInstitution = (db: Database, clock: Clock, given: Given): Promise<InstitutionMade> =>
  db.transaction(async tx => {
    // load
    const { zone, there } = await lookUp(tx.system, given)
    // decide
    if (zone === null || !isTimeZone(zone)) return { outcome: 'unknown_time_zone' }
    if (there !== null) return { outcome: 'there', id: there }
    // save, tell
    const [id, unitId, staffId] = [clock.newId(), clock.newId(), clock.newId()]
    const at = clock.now().toISOString()
    await commit(tx.as(id), saveMade, {
      actorId: null,
      idempotency: null,
      status: 201,
      receipt: {},
      entries: [created(clock, id, at, { unitId, staffId })],
      effects: { ...given, timeZone: zone, unitId, staffId, at },
      wallClock: clock.wallClock(),
    })
    return { outcome: 'made', id }
  })
