import { requireRole, rolesToday } from '../people/roles-today.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { loadAlertStatement } from './alert-facts.ts'
import { alertStatement, onAlert, requireOpen } from './change-alert.ts'

const load = loadAlertStatement<{ roles: readonly string[] }>('alerts.load_with_staff', {
  roles: rolesToday('$7::uuid'),
})

const save = alertStatement('alerts.reassign', "owner_id = (given.e->>'toId')::uuid")

/** A line manager gives the alert to somebody else. @throws Problem alert_is_resolved, already_owner, staff_unfit */
export const reassignAlert = (
  deps: Deps,
  request: Request,
  input: { alertId: string; ifMatch: number | null; toId: string; note: string | null },
): Promise<Answer> => {
  const about = { ...input, permission: 'alert:reassign', load, params: [input.toId] } as const
  return onAlert(deps, request, about, save, ({ alert, roles }) => {
    requireOpen(alert)
    if (alert.ownerId === input.toId) throw new Problem('already_owner')
    requireRole(roles, caseworkRoles)
    return {
      type: 'alert.reassigned',
      data: { fromId: alert.ownerId, toId: input.toId },
      words: input.note,
      effects: { toId: input.toId },
      status: 201,
      receipt: { ownerId: input.toId },
    }
  })
}
