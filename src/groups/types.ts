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
import { type Tenant, tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { MemberRole } from '../practice/group-codes.ts'
import { type Composition, type GroupType, groupTypes, rolesLacking } from '../practice/group-types.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'

/** A type as the institution has it; version 0 = the profession's own, nothing was set. */
export interface InstitutionType extends GroupType {
  readonly code: string
  readonly active: boolean
  readonly version: number
}

interface StoredType {
  readonly code: string
  readonly titleEn: string
  readonly titleZh: string
  readonly composition: Composition
  readonly minMembers: number
  readonly maxMembers: number
  readonly roles: readonly MemberRole[]
  readonly active: boolean
  readonly version: number
}

/** JSON array of the types the institution set: an SQL expression; at most a few dozen. */
export const storedTypesJson = `(select coalesce(json_agg(json_build_object('code', x.code, 'titleEn', x.title_en, 'titleZh', x.title_zh,
  'composition', x.composition, 'minMembers', x.min_members, 'maxMembers', x.max_members, 'roles', to_json(x.roles),
  'active', x.active, 'version', x.version) order by x.code), '[]') from group_types x where x.institution_id = $1::uuid)`

/** The types an institution chooses from: its own, and those of the profession it did not change. Pure. */
export const typesOf = (stored: readonly StoredType[]): InstitutionType[] => {
  const own = stored.map(({ titleEn, titleZh, ...rest }) => ({ ...rest, title: { en: titleEn, zh: titleZh } }))
  const known = Object.entries(groupTypes)
    .filter(([code]) => !own.some(each => each.code === code))
    .map(([code, type]) => ({ ...type, code, active: true, version: 0 }))
  return [...known, ...own]
}

/** The active type of a code. @throws Problem group_type_unknown */
export const typeOf = (stored: readonly StoredType[], code: string): InstitutionType => {
  const types = typesOf(stored).filter(each => each.active)
  const found = types.find(each => each.code === code)
  if (!found) throw new Problem('group_type_unknown', { types: types.map(each => each.code) })
  return found
}

export type { StoredType }

interface Found {
  readonly caller: KnownCaller
  readonly types: readonly StoredType[]
}

const load = tenantStatement<{ found: Found }>(
  'group_types.load',
  `with ${callerCtes} select json_build_object('caller', ${callerJson}, 'types', ${storedTypesJson}) as found`,
)

const save = commandStatement(
  'group_types.save',
  `x as (insert into group_types (institution_id, code, title_en, title_zh, composition, min_members, max_members, roles, active, version)
  select $1::uuid, e->>'code', e->'title'->>'en', e->'title'->>'zh', e->'composition', (e->>'minMembers')::int, (e->>'maxMembers')::int,
    array(select jsonb_array_elements_text(e->'roles')), (e->>'active')::boolean, (e->>'version')::int + 1 from given, free where free.ok
  on conflict (institution_id, code) do update set title_en = excluded.title_en, title_zh = excluded.title_zh,
    composition = excluded.composition, min_members = excluded.min_members, max_members = excluded.max_members,
    roles = excluded.roles, active = excluded.active, version = excluded.version
    where group_types.version = excluded.version - 1 returning version)`,
  'exists (select from x)',
)

const find = async (tenant: Tenant, { ambient }: Deps, { caller }: Request, permission: PermissionName) => {
  const [row] = await tenant.rows(load, ...callerParams(caller, ambient.now()))
  const { found } = row as { found: Found }
  const known = knownCaller(caller, found.caller)
  requirePermission(caller, known, permission)
  return { known, types: typesOf(found.types) }
}

/** Every type of group, inactive ones too. One round trip. */
export const readTypes = async (deps: Deps, request: Request): Promise<Answer> => {
  const { types } = await find(deps.db.as(request.caller.institution), deps, request, 'group:types')
  return { status: 200, body: { items: types } }
}

/** One type. @throws Problem not_found */
export const readType = async (deps: Deps, request: Request, code: string): Promise<Answer> => {
  const { types } = await find(deps.db.as(request.caller.institution), deps, request, 'group:types')
  const type = types.find(each => each.code === code)
  if (!type) throw new Problem('not_found')
  return { status: 200, body: type, etag: type.version }
}

/** Defines a type or changes one, whole; groups keep the rule they were opened with. @throws Problem limits_unfit, type_roles_lacking, version_stale */
export const putType = async (
  deps: Deps,
  request: Request,
  { ifMatch, ...type }: Omit<InstitutionType, 'version'> & { readonly ifMatch: number | null },
): Promise<Answer> => {
  const { ambient } = deps
  const { institution } = request.caller
  const tenant = deps.db.as(institution)
  // load
  const { known, types } = await find(tenant, deps, request, 'group:set_types')
  // decide
  const version = types.find(each => each.code === type.code)?.version ?? 0
  requireVersion(ifMatch, version)
  if (type.minMembers > type.maxMembers)
    throw new Problem('limits_unfit', { minMembers: type.minMembers, maxMembers: type.maxMembers })
  const lacking = rolesLacking(type)
  if (lacking.length > 0) throw new Problem('type_roles_lacking', { roles: lacking })
  // save, tell
  const saved = { ...type, version: version + 1 }
  const done = await commit(tenant, save, {
    actorId: known.id,
    idempotency: null,
    status: 200,
    receipt: {},
    entries: [
      {
        id: ambient.newId(),
        type: 'group_type.saved',
        at: ambient.now().toISOString(),
        institution,
        actor: actorOf(known),
        subject: { kind: 'institution', id: institution, version: null },
        caseId: null,
        request: request.requestId,
        data: { code: type.code, rule: type.composition.rule, active: type.active },
      },
    ],
    effects: { ...type, version },
    wallClock: ambient.wallClock(),
  })
  if (!done) throw new Problem('version_stale')
  return { status: 200, body: saved, etag: saved.version }
}
