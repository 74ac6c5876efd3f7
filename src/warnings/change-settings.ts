import type { Calendar } from '../kernel/working-time.ts'
import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { requireVersion } from '../people/guarded.ts'
import { commandStatement, commit } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import { RequestInvalid } from '../platform/http/problems.ts'
import type { Answer } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { settingsFaults, unknownUnits } from '../practice/settings-faults.ts'
import type { WarningSettings } from '../practice/warning-settings.ts'
import { rulesJson, rulesOf, type StoredRules } from './rules.ts'
import { newestYear, statutoryDays } from './statutory-days.ts'

interface Found {
  readonly caller: KnownCaller
  readonly rules: StoredRules
  readonly updatedAt: string | null
  /** Those of the units asked for that are in the roster. */
  readonly units: readonly string[]
}

/** Parameters: 1–4 caller, 5 units asked for. */
const load = tenantStatement<{ found: Found }>(
  'warning_settings.load',
  `with ${callerCtes}
select json_build_object('caller', ${callerJson}, 'rules', ${rulesJson()},
  'updatedAt', (select ${utc('updated_at')} from warning_settings where institution_id = $1::uuid),
  'units', (select coalesce(json_agg(u.id), '[]') from org_units u where u.institution_id = $1::uuid
    and u.id in (select x::uuid from jsonb_array_elements_text($5::jsonb) x))) as found`,
)

const save = commandStatement(
  'warning_settings.save',
  `x as (insert into warning_settings (institution_id, version, settings, calendar, updated_at)
  select $1::uuid, (e->>'version')::int + 1, e->'settings', e->'calendar', (e->>'at')::timestamptz from given, free where free.ok
  on conflict (institution_id) do update set version = excluded.version, settings = excluded.settings, calendar = excluded.calendar,
    updated_at = excluded.updated_at where warning_settings.version = excluded.version - 1 returning version)`,
  'exists (select from x)',
)

const find = async (
  { db, ambient }: Deps,
  { caller }: Request,
  permission: PermissionName,
  units: readonly string[] = [],
) => {
  const [row] = await db
    .as(caller.institution)
    .rows(load, ...callerParams(caller, ambient.now()), JSON.stringify(units))
  const { found } = row as { found: Found }
  const known = knownCaller(caller, found.caller)
  requirePermission(caller, known, permission)
  return { ...found, version: found.rules.version, known, inForce: rulesOf(found.rules) }
}

const bodyOf = (version: number, updatedAt: string | null, settings: WarningSettings, calendar: Calendar) => {
  const { timeZone, ...days } = calendar
  return { version, updatedAt, timeZone, settings, calendar: days }
}

/** How the institution warns; version 0 = the defaults, nothing stored. One round trip. */
export const readSettings = async (deps: Deps, request: Request): Promise<Answer> => {
  const { version, updatedAt, inForce } = await find(deps, request, 'warnings:read')
  return { status: 200, body: bodyOf(version, updatedAt, inForce.settings, inForce.calendar), etag: version }
}

/** Settings and calendar as they shall be. */
export interface PutSettings {
  readonly settings: WarningSettings
  readonly calendar: Omit<Calendar, 'timeZone'>
  readonly ifMatch: number | null
}

/** Replaces how the institution warns, whole. @throws Problem version_stale, unknown_reference; RequestInvalid */
export const putSettings = async (deps: Deps, request: Request, input: PutSettings): Promise<Answer> => {
  const { ambient } = deps
  const { institution } = request.caller
  const at = ambient.now().toISOString()
  // load
  const { settings, calendar } = input
  const named = settings.routing.flatMap(rule => rule.units ?? [])
  const { version, known, inForce, units } = await find(deps, request, 'warnings:set', named)
  // decide
  requireVersion(input.ifMatch, version)
  const faults = settingsFaults(settings, calendar)
  if (faults.length > 0) throw new RequestInvalid(faults)
  const unknown = unknownUnits(settings, new Set(units)).slice(0, 50)
  if (unknown.length > 0) throw new Problem('unknown_reference', { errors: unknown })
  // save, tell
  const done = await commit(deps.db.as(institution), save, {
    actorId: known.id,
    idempotency: null,
    status: 200,
    receipt: {},
    entries: [
      {
        id: ambient.newId(),
        type: 'warning_settings.changed',
        at,
        institution,
        actor: actorOf(known),
        subject: { kind: 'warning_settings', id: institution, version: version + 1 },
        caseId: null,
        request: request.requestId,
        fields: ['settings', 'calendar'],
      },
    ],
    effects: { settings, calendar, version, at },
    wallClock: ambient.wallClock(),
  })
  if (!done) throw new Problem('version_stale')
  const { timeZone } = inForce.calendar
  return { status: 200, body: bodyOf(version + 1, at, settings, { ...calendar, timeZone }), etag: version + 1 }
}

/**
 * The calendar in force with the statutory days of mainland China from a year on, for the administrator to look over and put.
 * @throws Problem year_not_announced
 */
export const proposeCalendar = async (deps: Deps, request: Request, year: number): Promise<Answer> => {
  const { inForce } = await find(deps, request, 'warnings:read')
  const newest = newestYear()
  if (year > newest) throw new Problem('year_not_announced', { newest })
  const { hours, weekdays } = inForce.calendar
  return { status: 200, body: { hours, weekdays, ...statutoryDays(year) } }
}
