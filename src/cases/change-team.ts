import { requireRole, rolesHeld, rolesToday } from '../people/roles-today.ts'
import { caseworkRoles, ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { endGrants } from './break-glass.ts'
import { type CaseDeps, changeStatement, onCase, type Request, requireWords } from './change.ts'
import { loadStatement } from './facts.ts'
import { openTransferJson, withdrawnWith, withdrawOffer } from './open-transfer.ts'

/** Roles of the new owner, an open offer, and whether the owner still serves: here, and in a role that owns cases in a unit above this one. */
const loadForReassigning = loadStatement<{ roles: string[]; openTransferId: string | null; ownerServes: boolean }>(
  'cases.load_for_reassigning',
  {
    roles: rolesToday('$7::uuid'),
    openTransferId: openTransferJson,
    ownerServes: `(select exists (select from c join ${rolesHeld()} r on r.staff_id = c.owner_id
      join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = r.org_unit_id
      where r.role in (${ownerRoles.map(role => `'${role}'`).join(', ')})))`,
  },
)

const parts = (dates: string) => `from case_workers x cross join t where x.institution_id = $1::uuid
  and x.case_id = (select id from c) and x.staff_id = $7::uuid and (x.valid_until is null or x.valid_until > x.valid_from) and ${dates}`

/** Roles today, and whether the staff member has a part in the case between the days given (`$8`, `$9`). */
const loadForAdding = loadStatement<{ roles: string[]; works: boolean }>('cases.load_for_co_worker', {
  roles: rolesToday('$7::uuid'),
  works: `(select exists (select ${parts(`(x.valid_until is null or x.valid_until > coalesce($8::date, t.day))
    and ($9::date is null or x.valid_from < $9::date)`)}))`,
})

/** The day the staff member's part in the case ends if it is ended today: one to come, on its first day. Null = there is none. */
const loadWithCoWorker = loadStatement<{ endsOn: string | null }>('cases.load_with_co_worker', {
  endsOn: `(select greatest(min(t.day), min(x.valid_from)) ${parts('(x.valid_until is null or x.valid_until > t.day)')})`,
})

const saveOwner = changeStatement(
  'cases.reassign',
  "owner_id = (given.e->>'toId')::uuid, owner_since = cases.version + 1",
  `${withdrawOffer},\n${endGrants}`,
)

const saveCoWorker = changeStatement(
  'cases.add_co_worker',
  '',
  `w as (insert into case_workers (institution_id, case_id, staff_id, valid_from, valid_until)
  select $1::uuid, c.id, (e->>'staffId')::uuid, (e->>'validFrom')::date, (e->>'validUntil')::date from given cross join c
  on conflict (institution_id, case_id, staff_id, valid_from) do update set valid_until = excluded.valid_until)`,
)

const saveCoWorkerEnded = changeStatement(
  'cases.end_co_worker',
  '',
  `w as (update case_workers x set valid_until = greatest(x.valid_from, (given.e->>'validUntil')::date) from given, c
  where x.institution_id = $1::uuid and x.case_id = c.id and x.staff_id = (given.e->>'staffId')::uuid
    and (x.valid_until is null or x.valid_until > (given.e->>'validUntil')::date)),
${endGrants}`,
)

/**
 * A line manager gives the case to another owner; no acceptance is needed, and an offer to somebody else is withdrawn, as is
 * what break-glass access the former owner has.
 * A closed case may be given away too: somebody keeps its aftercare.
 * @throws Problem staff_unfit, already_owner, owner_still_serves, note_required
 */
export const reassignCase = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; toId: string; reason: string; note: string | null },
) =>
  onCase(
    deps,
    request,
    { ...input, permission: 'case:reassign', afterClosed: true, load: loadForReassigning, params: [input.toId] },
    saveOwner,
    ({ facts, roles, openTransferId, ownerServes }) => {
      requireWords(input)
      if (input.reason === 'owner_left' && ownerServes) throw new Problem('owner_still_serves')
      if (facts.ownerId === input.toId) throw new Problem('already_owner')
      requireRole(roles, ownerRoles)
      return {
        type: 'case.reassigned',
        reason: input.reason,
        data: { fromId: facts.ownerId, toId: input.toId, ...withdrawnWith(openTransferId) },
        words: input.note,
        effects: { toId: input.toId, leaverId: facts.ownerId },
        status: 201,
        receipt: { ownerId: input.toId },
      }
    },
  )

/**
 * Adds a co-worker, from today on or from a day to come. A part that ended on its first day is taken up again.
 * @throws Problem case_is_closed, staff_unfit, already_owner, already_on_team, days_unfit
 */
export const addCoWorker = (
  deps: CaseDeps,
  request: Request,
  input: {
    caseId: string
    ifMatch: number | null
    staffId: string
    validFrom: string | null
    validUntil: string | null
  },
) =>
  onCase(
    deps,
    request,
    {
      ...input,
      permission: 'team:manage',
      load: loadForAdding,
      params: [input.staffId, input.validFrom, input.validUntil],
    },
    saveCoWorker,
    ({ facts, roles, works, caller }) => {
      const { staffId, validUntil } = input
      const validFrom = input.validFrom ?? caller.today
      if (facts.ownerId === staffId) throw new Problem('already_owner')
      if (validFrom < caller.today || (validUntil !== null && validUntil <= validFrom)) throw new Problem('days_unfit')
      requireRole(roles, caseworkRoles)
      if (works) throw new Problem('already_on_team')
      const data = { staffId, validFrom, validUntil }
      return { type: 'co_worker.added', data, effects: data, status: 201, receipt: data }
    },
  )

/** Ends a co-worker's part today, one to come before it begins, and what break-glass access they have. @throws Problem not_found */
export const endCoWorker = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; staffId: string },
) =>
  onCase(
    deps,
    request,
    { ...input, permission: 'team:manage', afterClosed: true, load: loadWithCoWorker, params: [input.staffId] },
    saveCoWorkerEnded,
    ({ endsOn }) => {
      if (endsOn === null) throw new Problem('not_found')
      const data = { staffId: input.staffId, validUntil: endsOn }
      const effects = { ...data, leaverId: input.staffId }
      return { type: 'co_worker.ended', data, effects, status: 200, receipt: data }
    },
  )
