import {
  actorOf,
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
import { nextNumber, numbering } from '../platform/numbers.ts'
import { literals } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { newSubjectKey } from '../platform/words.ts'
import { groupWork } from '../practice/group-work.ts'
import { ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type InstitutionType, type StoredType, storedTypesJson, typeOf } from './types.ts'

interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly types: readonly StoredType[]
  /** Whether the caller may own casework in the unit. */
  readonly mine: boolean
}

/** Parameters: 1–4 caller, 5 unit, 6 idempotency key. */
const load = tenantStatement<{ found: Found }>(
  'groups.load_for_open',
  `with ${callerCtes}
select json_build_object('caller', ${callerJson}, 'replay', ${replayJson('(select person_id from me)', '$6::text')}, 'types', ${storedTypesJson},
  'mine', exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = $5::uuid
    and a.ancestor_id = h.org_unit_id where h.role in (${literals(ownerRoles)}))
    or exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = h.org_unit_id
    and a.ancestor_id = $5::uuid and a.depth = 1 where h.role in (${literals(ownerRoles)}))) as found`,
)

const numbers = numbering('groups.next_number', 'group_numbers')

const save = commandStatement(
  'groups.open',
  `c as (insert into groups (institution_id, id, step, step_since, version, writes, move_count, moved_by, opened_at, updated_at, data_key,
      number, name, type, composition, min_members, max_members, roles, org_unit_id, leader_id, member_count, item_count, draft_count)
    select $1::uuid, (e->>'id')::uuid, '${groupWork.initial}', 1, 1, 1, 0, $2::uuid, (e->>'at')::timestamptz, (e->>'at')::timestamptz,
      decode(e->>'dataKey', 'base64'), e->>'number', e->>'name', e->>'type', e->'composition', (e->>'minMembers')::int,
      (e->>'maxMembers')::int, array(select jsonb_array_elements_text(e->'roles')), (e->>'orgUnitId')::uuid, $2::uuid, 0, 0, 0
    from given, free where free.ok returning id)`,
  'exists (select from c)',
)

/** A group to prepare. */
export interface OpenGroup {
  readonly name: string
  readonly type: string
  readonly orgUnitId: string
  /** Null = those of the type. */
  readonly minMembers: number | null
  readonly maxMembers: number | null
}

/** Limits of a group, within order. @throws Problem limits_unfit */
export const limitsOf = (
  type: Pick<InstitutionType, 'minMembers' | 'maxMembers'>,
  input: Pick<OpenGroup, 'minMembers' | 'maxMembers'>,
) => {
  const limits = { minMembers: input.minMembers ?? type.minMembers, maxMembers: input.maxMembers ?? type.maxMembers }
  if (limits.minMembers > limits.maxMembers) throw new Problem('limits_unfit', limits)
  return limits
}

/**
 * Opens a group in preparation; the caller becomes its leader.
 * @throws Problem not_found for a unit that is not the caller's, group_type_unknown, limits_unfit
 */
export const openGroup = ({ db, ambient }: Deps, request: Request, input: OpenGroup): Promise<Answer> => {
  const { institution } = request.caller
  const tenant = db.as(institution)
  return attempt(
    request.idempotency,
    // load
    async () => {
      const key = request.idempotency?.key ?? null
      const [row] = await tenant.rows(load, ...callerParams(request.caller, ambient.now()), input.orgUnitId, key)
      const { found } = row as { found: Found }
      const caller = knownCaller(request.caller, found.caller)
      requirePermission(request.caller, caller, 'group:open')
      return { ...found, caller }
    },
    async found => {
      // decide
      if (!found.mine) throw new Problem('not_found')
      const { composition, roles, ...type } = typeOf(found.types, input.type)
      const limits = limitsOf(type, input)
      // save, tell
      const number = `G${await nextNumber(tenant, numbers, found.caller.today)}`
      const [id, at] = [ambient.newId(), ambient.now().toISOString()]
      const receipt = { groupId: id, number, step: groupWork.initial, groupVersion: 1 }
      const location = `/v1/groups/${id}`
      const done = await commit(tenant, save, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 201,
        receipt,
        entries: [
          {
            id: ambient.newId(),
            type: 'group.opened',
            at,
            institution,
            actor: actorOf(found.caller),
            subject: { kind: 'group', id, version: 1 },
            caseId: null,
            request: request.requestId,
            data: { number, type: input.type, leaderId: found.caller.id },
          },
        ],
        effects: {
          ...input,
          ...limits,
          composition,
          roles,
          id,
          number,
          at,
          dataKey: newSubjectKey(ambient, { institution, subject: id }),
        },
        location,
        wallClock: ambient.wallClock(),
      })
      return done ? answerOf(201, receipt, location) : null
    },
  )
}
