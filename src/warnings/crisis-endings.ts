import { requireRole } from '../people/roles-today.ts'
import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { CrisisOutcome } from '../practice/crisis-codes.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { beganOn, onCrisis, requirePastDay } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

const saveOutcome = subjectStatement(
  'crises',
  'crises.record_outcome',
  "outcome = given.e->>'outcome', outcome_on = (given.e->>'on')::date",
)

const saveDebrief = subjectStatement(
  'crises',
  'crises.debrief',
  '',
  `x as (insert into crisis_debriefs (institution_id, id, crisis_id, on_day, sealed, version, by_id, at)
  select $1::uuid, (e->>'debriefId')::uuid, c.id, (e->>'on')::date, decode(e->>'sealed', 'base64'), c.version, $2::uuid,
    (e->>'at')::timestamptz from given cross join c)`,
)

const saveLead = subjectStatement('crises', 'crises.reassign', "lead_id = (given.e->>'toId')::uuid")

/** Records how the crisis came out; recorded anew, the last one counts. @throws Problem time_out_of_order */
export const recordCrisisOutcome = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; ifMatch: number | null; outcome: CrisisOutcome; on: string; note: string | null },
) => {
  const { crisisId, ifMatch, outcome, on, note } = input
  const about = { crisisId, ifMatch, permission: 'crisis:decide', writable: 'lasting' } as const
  return onCrisis(deps, request, about, saveOutcome, found => {
    requirePastDay(found.caller.today, on, beganOn(found))
    const data = { outcome, on }
    return { type: 'crisis.outcome_recorded', data, words: note, effects: data, status: 201, receipt: { outcome } }
  })
}

/** Files the debrief 复盘. @throws Problem crisis_not_stabilised, crisis_is_over, time_out_of_order */
export const debriefCrisis = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; on: string; summary: string; lessons: string; followUp: string | null },
) => {
  const debriefId = deps.ambient.newId()
  const { crisisId, on, summary, lessons, followUp } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'unclosed' } as const
  return onCrisis(deps, request, about, saveDebrief, found => {
    const { step } = found.facts.standing
    if (!['stabilised', 'debriefed'].includes(step)) throw new Problem('crisis_not_stabilised')
    requirePastDay(found.caller.today, on, beganOn(found))
    const { institution } = request.caller
    const where = { institution, crisisId, table: 'crisis_debriefs', row: debriefId, field: 'sealed' }
    return {
      type: 'crisis.debriefed',
      data: { debriefId, on },
      effects: { debriefId, on, sealed: sealWords(deps, where, found.dataKey, { summary, lessons, followUp }) },
      status: 201,
      receipt: { id: debriefId, on },
    }
  })
}

/** Gives the crisis to another lead; no acceptance is needed. @throws Problem already_lead, staff_unfit, crisis_is_over */
export const reassignCrisis = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; ifMatch: number | null; toId: string; reason: string; note: string | null },
) => {
  const { crisisId, ifMatch, toId, reason, note } = input
  const about = { crisisId, ifMatch, permission: 'crisis:decide', writable: 'unclosed', staffId: toId } as const
  return onCrisis(deps, request, about, saveLead, ({ facts, roles }) => {
    if (facts.leadId === toId) throw new Problem('already_lead')
    requireRole(roles, caseworkRoles)
    return {
      type: 'crisis.reassigned',
      reason,
      data: { fromId: facts.leadId, toId },
      words: note,
      effects: { toId },
      status: 201,
      receipt: { leadId: toId },
    }
  })
}
