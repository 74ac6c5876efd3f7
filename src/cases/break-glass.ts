import { attempt } from '../platform/command.ts'
import { readsCase } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeCase, changeStatement, onCase, type Request } from './change.ts'
import { loadFromOutside, loadStatement } from './facts.ts'

const maxHours = 24

const saveBroken = changeStatement(
  'glass.break',
  '',
  `x as (insert into access_grants (institution_id, id, case_id, staff_id, reason, granted_at, until)
  select $1::uuid, (e->>'grantId')::uuid, c.id, $2::uuid, e->>'reason', (e->>'at')::timestamptz, (e->>'until')::timestamptz from given cross join c)`,
)

const saveReviewed = changeStatement(
  'glass.review',
  '',
  `x as (update access_grants x set reviewed_at = (given.e->>'at')::timestamptz, reviewed_by = $2::uuid,
  until = least(x.until, (given.e->>'at')::timestamptz) from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'grantId')::uuid and x.reviewed_at is null)`,
)

/** CTE that ends what break-glass access `given.leaverId` still has to the changed case `c`: who leaves it reads it no more. */
export const endGrants = `grants as (update access_grants x set until = (given.e->>'at')::timestamptz from given, c
  where x.institution_id = $1::uuid and x.case_id = c.id and x.staff_id = (given.e->>'leaverId')::uuid
    and x.until > (given.e->>'at')::timestamptz)`

const loadGrant = loadStatement<{ grant: { staffId: string; reviewed: boolean } | null }>('cases.load_grant', {
  grant: `(select json_build_object('staffId', x.staff_id, 'reviewed', x.reviewed_at is not null) from access_grants x
    where x.institution_id = $1::uuid and x.case_id = (select id from c) and x.id = $7::uuid)`,
})

/**
 * Break-glass 紧急查阅: reading for a few hours by staff outside the case; owner and line manager see it at once, and it
 * is reviewed. Never in advance, by those who read the case as it is. `reason` code and `justification` in words.
 * @throws Problem not_found, reads_already
 */
export const breakGlass = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; reason: string; justification: string; hours: number },
) => {
  const now = deps.ambient.now()
  const grantId = deps.ambient.newId()
  const until = new Date(now.getTime() + Math.min(input.hours, maxHours) * 3_600_000).toISOString()
  const about = { caller: request.caller, caseId: input.caseId, now, idempotency: request.idempotency }
  return attempt(
    request.idempotency,
    // load
    () => loadFromOutside(deps.db.as(request.caller.institution), 'glass:break', about),
    found => {
      // decide
      if (readsCase(found.relations)) throw new Problem('reads_already')
      // save, tell
      return changeCase(deps, saveBroken, request, found, {
        type: 'glass.broken',
        reason: input.reason,
        data: { grantId, until },
        words: input.justification,
        effects: { grantId, until, reason: input.reason },
        status: 201,
        receipt: { id: grantId, until },
      })
    },
  )
}

/** The line manager reviews a break-glass access and ends it. @throws Problem not_found, grant_reviewed, not_permitted for one's own */
export const reviewGlass = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; grantId: string; justified: boolean; note: string },
) =>
  onCase(
    deps,
    request,
    {
      caseId: input.caseId,
      ifMatch: null,
      permission: 'glass:review',
      afterClosed: true,
      load: loadGrant,
      params: [input.grantId],
    },
    saveReviewed,
    ({ grant, caller }) => {
      if (!grant) throw new Problem('not_found')
      if (grant.reviewed) throw new Problem('grant_reviewed')
      if (grant.staffId === caller.id) throw new Problem('not_permitted')
      return {
        type: 'glass.reviewed',
        data: { grantId: input.grantId, justified: input.justified },
        words: input.note,
        effects: { grantId: input.grantId },
        status: 201,
        receipt: { id: input.grantId, justified: input.justified },
      }
    },
  )
