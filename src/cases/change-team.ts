import { caseworkRoles, ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request, requireWords } from './change.ts'
import { loadStatement } from './facts.ts'

/** JSON array of the roles the staff member named (parameter 7) holds today; none once they left. */
export const rolesToday = `(select coalesce(json_agg(distinct r.role), '[]') from staff_roles r cross join t
  join staff w on w.institution_id = $1::uuid and w.id = r.staff_id
  where r.institution_id = $1::uuid and r.staff_id = $7::uuid and r.valid_from <= t.day and (r.valid_until is null or r.valid_until > t.day)
    and (w.left_on is null or w.left_on >= t.day))`

/** Loads a case and the roles the staff member named (parameter 7) holds today. */
const loadWithStaff = loadStatement<{ roles: string[] }>('cases.load_with_staff', { roles: rolesToday })

/** The same, and whether the owner still serves: here, and in a role that owns cases in a unit above this one. */
const loadForReassignment = loadStatement<{ roles: string[]; ownerServes: boolean }>('cases.load_for_reassignment', {
  roles: rolesToday,
  ownerServes: `(select exists (select from c cross join t join staff w on w.institution_id = $1::uuid and w.id = c.owner_id
    join staff_roles r on r.institution_id = $1::uuid and r.staff_id = w.id
    join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = r.org_unit_id
    where (w.left_on is null or w.left_on >= t.day) and r.valid_from <= t.day and (r.valid_until is null or r.valid_until > t.day)
      and r.role in (${ownerRoles.map(role => `'${role}'`).join(', ')})))`,
})

/** Roles today and whether there is a co-worker entry that has not ended. */
const loadWithCoWorker = loadStatement<{ works: boolean }>('cases.load_with_co_worker', {
  works: `(select exists (select from case_workers x cross join t where x.institution_id = $1::uuid and x.case_id = (select id from c)
    and x.staff_id = $7::uuid and (x.valid_until is null or x.valid_until > t.day)))`,
})

const saveOwner = changeStatement(
  'cases.reassign',
  "owner_id = (given.e->>'toId')::uuid, owner_since = cases.version + 1",
)

const saveCoWorker = changeStatement(
  'cases.add_co_worker',
  '',
  `w as (insert into case_workers (institution_id, case_id, staff_id, valid_from, valid_until)
  select $1::uuid, c.id, (e->>'staffId')::uuid, (e->>'validFrom')::date, (e->>'validUntil')::date from given cross join c)`,
)

const saveCoWorkerEnded = changeStatement(
  'cases.end_co_worker',
  '',
  `w as (update case_workers x set valid_until = greatest(x.valid_from, (given.e->>'validUntil')::date) from given, c
  where x.institution_id = $1::uuid and x.case_id = c.id and x.staff_id = (given.e->>'staffId')::uuid
    and (x.valid_until is null or x.valid_until > (given.e->>'validUntil')::date))`,
)

/** Refuses a staff member without a fitting role. @throws Problem staff_unfit */
export const requireRole = (roles: readonly string[], fit: readonly string[]): void => {
  if (!roles.some(role => fit.includes(role))) throw new Problem('staff_unfit')
}

/** A line manager gives the case to another owner; no acceptance is needed. @throws Problem staff_unfit, already_owner, owner_still_serves, note_required */
export const reassignCase = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; toId: string; reason: string; note: string | null },
) =>
  onCase(
    deps,
    request,
    { ...input, permission: 'case:reassign', load: loadForReassignment, params: [input.toId] },
    saveOwner,
    ({ facts, roles, ownerServes }) => {
      requireWords(input)
      if (input.reason === 'owner_left' && ownerServes) throw new Problem('owner_still_serves')
      if (facts.ownerId === input.toId) throw new Problem('already_owner')
      requireRole(roles, ownerRoles)
      return {
        type: 'case.reassigned',
        reason: input.reason,
        data: { fromId: facts.ownerId, toId: input.toId },
        words: input.note,
        effects: { toId: input.toId },
        status: 201,
        receipt: { ownerId: input.toId },
      }
    },
  )

/** Adds a co-worker from today on. @throws Problem staff_unfit, already_owner, already_on_team */
export const addCoWorker = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; staffId: string; validUntil: string | null },
) =>
  onCase(
    deps,
    request,
    { ...input, permission: 'team:manage', load: loadWithStaff, params: [input.staffId] },
    saveCoWorker,
    ({ facts, roles, caller }) => {
      if (facts.ownerId === input.staffId) throw new Problem('already_owner')
      requireRole(roles, caseworkRoles)
      const data = { staffId: input.staffId, validFrom: caller.today, validUntil: input.validUntil }
      return { type: 'co_worker.added', data, effects: data, status: 201, receipt: data }
    },
  )

/** Ends a co-worker's part today. @throws Problem not_found */
export const endCoWorker = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; staffId: string },
) =>
  onCase(
    deps,
    request,
    { ...input, permission: 'team:manage', load: loadWithCoWorker, params: [input.staffId] },
    saveCoWorkerEnded,
    ({ works, caller }) => {
      if (!works) throw new Problem('not_found')
      const data = { staffId: input.staffId, validUntil: caller.today }
      return { type: 'co_worker.ended', data, effects: data, status: 200, receipt: data }
    },
  )
