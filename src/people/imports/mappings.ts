import { attempt, commandStatement, commit, type Replay } from '../../platform/command.ts'
import { tenantStatement } from '../../platform/database.ts'
import type { Answer, Caller } from '../../platform/http/route.ts'
import { Problem } from '../../practice/problems.ts'
import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../actor.ts'
import type { PeopleDeps } from '../upsert.ts'
import type { Mapping } from './import-schemas.ts'
import { mappingFaults } from './plain-members.ts'

interface Stored {
  readonly version: number
  readonly mapping: Mapping
}

/** Parameters: 1–4 caller, 5 name. */
const one = tenantStatement<{ caller: KnownCaller; found: Stored | null; replay: Replay | null }>(
  'imports.mapping',
  `with ${callerCtes}
select ${callerJson} as caller, null as replay, (select json_build_object('version', version, 'mapping', mapping)
  from import_mappings where institution_id = $1::uuid and name = $5::text) as found`,
)

const saveMapping = commandStatement(
  'imports.save_mapping',
  `x as (insert into import_mappings (institution_id, name, version, mapping, updated_at)
  select $1::uuid, e->>'name', 1, e->'mapping', (e->>'at')::timestamptz from given, free where free.ok and (e->>'version')::int = 0
  on conflict do nothing returning version),
y as (update import_mappings m set version = m.version + 1, mapping = given.e->'mapping', updated_at = (given.e->>'at')::timestamptz
  from given, free where free.ok and m.institution_id = $1::uuid and m.name = given.e->>'name' and m.version = (given.e->>'version')::int
  returning m.version)`,
  'exists (select from x) or exists (select from y)',
)

const load = async ({ db, ambient }: PeopleDeps, caller: Caller, name: string) => {
  const [row] = await db.as(caller.institution).rows(one, ...callerParams(caller, ambient.now()), name)
  const known = knownCaller(caller, (row as { caller: KnownCaller }).caller)
  requirePermission(caller, known, 'roster:write')
  return { known, found: row?.found ?? null, replay: null }
}

/** A saved mapping with its version. @throws Problem not_permitted, not_found */
export const readMapping = async (deps: PeopleDeps, caller: Caller, name: string): Promise<Stored> => {
  const { found } = await load(deps, caller, name)
  if (!found) throw new Problem('not_found')
  return found
}

/**
 * Saves a mapping under a name, in place of one that may be there.
 * @param ifMatch version the caller knows; null = there is none yet
 * @throws Problem not_permitted, mapping_invalid, precondition_required, version_stale
 */
export const saveMappingAs = (
  deps: PeopleDeps,
  request: { readonly caller: Caller; readonly requestId: string; readonly ifMatch: number | null },
  name: string,
  mapping: Mapping,
): Promise<Answer> =>
  attempt(
    null,
    // load
    () => load(deps, request.caller, name),
    async ({ known, found }) => {
      // decide
      const faults = mappingFaults(mapping)
      if (faults.length > 0) throw new Problem('mapping_invalid', { errors: faults.slice(0, 100) })
      if (found && request.ifMatch === null) throw new Problem('precondition_required')
      const version = found?.version ?? 0
      if (request.ifMatch !== null && request.ifMatch !== version) throw new Problem('version_stale', { version })
      // save, tell
      const at = deps.ambient.now().toISOString()
      const { institution } = request.caller
      const done = await commit(deps.db.as(institution), saveMapping, {
        actorId: known.id,
        idempotency: null,
        status: 200,
        receipt: {},
        entries: [
          {
            id: deps.ambient.newId(),
            type: 'import_mapping.saved',
            at,
            institution,
            actor: actorOf(known),
            subject: { kind: 'institution', id: institution, version: null },
            caseId: null,
            request: request.requestId,
            data: { kind: mapping.kind, columns: Object.keys(mapping.columns).length },
          },
        ],
        effects: { name, version, mapping, at },
        wallClock: deps.ambient.wallClock(),
      })
      return done ? { status: found ? 200 : 201, body: { ...mapping, version: version + 1 }, etag: version + 1 } : null
    },
  )
