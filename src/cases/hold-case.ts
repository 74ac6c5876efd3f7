import { requireRole, rolesToday } from '../people/roles-today.ts'
import type { HoldFact } from '../practice/facts.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { loadStatement } from './facts.ts'

const loadWithRecipient = loadStatement<{ roles: string[] }>('cases.load_with_recipient', {
  roles: rolesToday('$7::uuid'),
})

/** Saves an opened hold: `holdId`, `kind`, `crisisId`. */
export const saveOpened = changeStatement(
  'holds.open',
  '',
  `x as (insert into case_holds (institution_id, id, case_id, kind, opened_version, opened_at, opened_by, crisis_id)
  select $1::uuid, (e->>'holdId')::uuid, c.id, e->>'kind', c.version, (e->>'at')::timestamptz, $2::uuid, (e->>'crisisId')::uuid from given cross join c)`,
)

/** Saves a lifted hold: `holdId`, `outcome`. */
export const saveLifted = changeStatement(
  'holds.lift',
  '',
  `x as (update case_holds x set lifted_version = c.version, lifted_at = (given.e->>'at')::timestamptz, outcome = given.e->>'outcome'
  from given, c where x.institution_id = $1::uuid and x.id = (given.e->>'holdId')::uuid and x.lifted_version is null)`,
)

const saveEntrusted = changeStatement(
  'holds.entrust',
  '',
  `x as (update case_holds x set recipient_id = (given.e->>'recipientId')::uuid
  from given, c where x.institution_id = $1::uuid and x.id = (given.e->>'holdId')::uuid and x.lifted_version is null)`,
)

/** Opens a crisis 危机 on a case. @throws Problem case_is_closed */
export const openHold = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; kind: string; note: string },
) => {
  const holdId = deps.ambient.newId()
  return onCase(deps, request, { ...input, permission: 'hold:write' }, saveOpened, () => ({
    type: 'hold.opened',
    data: { holdId, kind: input.kind },
    words: input.note,
    effects: { holdId, kind: input.kind },
    status: 201,
    receipt: { id: holdId, kind: input.kind },
  }))
}

const openHoldFound = (holds: readonly HoldFact[], id: string): HoldFact => {
  const hold = holds.find(each => each.id === id)
  if (!hold) throw new Problem('not_found')
  if (hold.liftedVersion !== null) throw new Problem('hold_not_open')
  return hold
}

/** Ends a hold that was opened on the case itself, also after closing. @throws Problem not_found, hold_not_open, hold_of_crisis */
export const liftHold = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; holdId: string; outcome: string; note: string },
) =>
  onCase(
    deps,
    request,
    { caseId: input.caseId, ifMatch: null, permission: 'hold:write', afterClosed: true },
    saveLifted,
    ({ facts }) => {
      if (openHoldFound(facts.holds, input.holdId).crisisId) throw new Problem('hold_of_crisis')
      const data = { holdId: input.holdId, outcome: input.outcome }
      return {
        type: 'hold.lifted',
        data,
        words: input.note,
        effects: data,
        status: 201,
        receipt: { id: input.holdId, outcome: input.outcome },
      }
    },
  )

/** Names who carries an open crisis on after the case is closed: somebody who does casework. @throws Problem not_found, hold_not_open, staff_unfit */
export const entrustHold = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; holdId: string; recipientId: string; note: string | null },
) =>
  onCase(
    deps,
    request,
    {
      caseId: input.caseId,
      ifMatch: null,
      permission: 'hold:write',
      afterClosed: true,
      load: loadWithRecipient,
      params: [input.recipientId],
    },
    saveEntrusted,
    ({ facts, roles }) => {
      openHoldFound(facts.holds, input.holdId)
      requireRole(roles, caseworkRoles)
      const data = { holdId: input.holdId, recipientId: input.recipientId }
      return {
        type: 'hold.entrusted',
        data,
        words: input.note,
        effects: data,
        status: 201,
        receipt: { id: input.holdId, recipientId: input.recipientId },
      }
    },
  )
