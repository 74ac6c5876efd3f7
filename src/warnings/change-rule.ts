import {
  actorOf,
  authorise,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { answerOf, attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import type { WarningRule } from '../practice/warning-rules.ts'

/** A rule as it is stored. */
export interface StoredRule extends WarningRule {
  readonly id: string
  readonly version: number
}

interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly version: number | null
  readonly unitKnown: boolean
}

/** Parameters: 1–4 caller, 5 rule or null, 6 idempotency key, 7 unit or null. */
const load = tenantStatement<{ found: Found }>(
  'rules.load',
  `with ${callerCtes} select json_build_object('caller', ${callerJson}, 'replay', ${replayJson('(select person_id from me)', '$6::text')},
  'version', (select version from warning_rules where institution_id = $1::uuid and id = $5::uuid),
  'unitKnown', $7::uuid is null or exists (select from org_units where institution_id = $1::uuid and id = $7::uuid)) as found`,
)

const save = commandStatement(
  'rules.save',
  `r as (insert into warning_rules (institution_id, id, version, rule, active, created_at, updated_at)
  select $1::uuid, (e->>'id')::uuid, 1, e->'rule', (e->'rule'->>'active')::boolean, (e->>'at')::timestamptz, (e->>'at')::timestamptz
  from given, free where free.ok and (e->>'version')::int = 0 returning id, version),
u as (update warning_rules w set version = w.version + 1, rule = given.e->'rule', active = (given.e->'rule'->>'active')::boolean,
    updated_at = (given.e->>'at')::timestamptz
  from given, free where free.ok and w.institution_id = $1::uuid and w.id = (given.e->>'id')::uuid and w.version = (given.e->>'version')::int
  returning w.id, w.version),
v as (insert into warning_rule_versions (institution_id, rule_id, version, rule, by_id, at)
  select $1::uuid, x.id, x.version, e->'rule', $2::uuid, (e->>'at')::timestamptz from given cross join (select * from r union all select * from u) x)`,
  'exists (select from r) or exists (select from u)',
)

/**
 * Writes a rule, or a new version of one.
 * @throws Problem not_permitted, not_found, version_stale, unknown_reference
 */
export const changeRule = (
  { db, ambient }: Deps,
  request: Request,
  input: { readonly id: string | null; readonly ifMatch: number | null; readonly rule: WarningRule },
): Promise<Answer> => {
  const { institution } = request.caller
  const tenant = db.as(institution)
  const id = input.id ?? ambient.newId()
  return attempt(
    request.idempotency,
    // load
    async () => {
      const [row] = await tenant.rows(
        load,
        ...callerParams(request.caller, ambient.now()),
        input.id,
        request.idempotency?.key ?? null,
        input.rule.orgUnitId,
      )
      const { found } = row as { found: Found }
      const caller = knownCaller(request.caller, found.caller)
      requirePermission(request.caller, caller, 'rules:manage')
      return { ...found, caller }
    },
    async found => {
      // decide
      if (input.id !== null && found.version === null) throw new Problem('not_found')
      if (input.ifMatch !== null && input.ifMatch !== found.version)
        throw new Problem('version_stale', { version: found.version })
      if (!found.unitKnown)
        throw new Problem('unknown_reference', {
          errors: [{ pointer: '/orgUnitId', code: 'unknown_reference', detail: 'not in the roster' }],
        })
      // save, tell
      const before = found.version ?? 0
      const at = ambient.now().toISOString()
      const receipt = { id, version: before + 1 }
      const status = input.id === null ? 201 : 200
      const created = input.id ? {} : { location: `/v1/warning-rules/${id}` }
      const done = await commit(tenant, save, {
        actorId: found.caller.id,
        idempotency: request.idempotency,
        status,
        receipt,
        entries: [
          {
            id: ambient.newId(),
            type: 'warning_rule.changed',
            at,
            institution,
            actor: actorOf(found.caller),
            subject: { kind: 'warning_rule', id, version: before + 1 },
            caseId: null,
            request: request.requestId,
            data: { rule: input.rule.criterion.rule, active: input.rule.active },
          },
        ],
        effects: { id, version: before, rule: input.rule, at },
        ...created,
        wallClock: ambient.wallClock(),
      })
      return done ? answerOf(status, receipt, created.location) : null
    },
  )
}

/** Parameters: 1 institution, 2 rule or null = all. */
const read = tenantStatement<{ rules: StoredRule[] }>(
  'rules.read',
  `select coalesce(json_agg(rule || jsonb_build_object('id', id, 'version', version) order by created_at, id), '[]') as rules
   from warning_rules where institution_id = $1::uuid and ($2::uuid is null or id = $2::uuid)`,
)

/** Every rule of the institution, or one; at most a few dozen. @throws Problem not_permitted, not_found */
export const readRules = async ({ db, ambient }: Deps, request: Request, id: string | null): Promise<StoredRule[]> => {
  const tenant = db.as(request.caller.institution)
  await authorise(tenant, request.caller, 'rules:read', ambient.now())
  const [row] = await tenant.rows(read, id)
  const rules = row?.rules ?? []
  if (id !== null && rules.length === 0) throw new Problem('not_found')
  return rules
}

/** Rules that run, or those named; for whoever runs them. */
export const rulesToRun = async ({ db }: Deps, institution: string, ids: readonly string[]): Promise<StoredRule[]> => {
  const [row] = await db.as(institution).rows(read, null)
  return (row?.rules ?? []).filter(rule => (ids.length === 0 ? rule.active : ids.includes(rule.id)))
}
