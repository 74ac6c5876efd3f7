import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { appealResults, CrisisOutcome } from '../practice/crisis-codes.ts'
import { Problem } from '../practice/problems.ts'
import { type LoadedCrisis, onCrisis, requirePastDay } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

const saveDecision = subjectStatement(
  'crises',
  'crises.record_decision',
  '',
  `x as (insert into crisis_decisions (institution_id, id, crisis_id, decision, decided_on, sealed, version, by_id, at)
  select $1::uuid, (e->>'decisionId')::uuid, c.id, e->>'decision', (e->>'decidedOn')::date,
    decode(e->>'sealed', 'base64'), c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

const change = (name: string, set: string) =>
  subjectStatement(
    'crises',
    name,
    '',
    `x as (update crisis_decisions x set ${set} from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'decisionId')::uuid and x.crisis_id = c.id)`,
  )

const saveAppeal = change(
  'crises.appeal',
  "appealed_on = (given.e->>'on')::date, sealed_appeal = decode(given.e->>'sealed', 'base64')",
)
const saveSettled = change(
  'crises.settle_appeal',
  "settled_on = (given.e->>'on')::date, result = given.e->>'result', sealed_result = decode(given.e->>'sealed', 'base64')",
)

const where = (request: Request, crisisId: string, row: string, field: string) => ({
  institution: request.caller.institution,
  crisisId,
  table: 'crisis_decisions',
  row,
  field,
})

/** Records a decision of the institution on the student's standing. @throws Problem time_out_of_order, crisis_is_over */
export const recordCrisisDecision = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; decision: CrisisOutcome; decidedOn: string; note: string | null },
) => {
  const decisionId = deps.ambient.newId()
  const { crisisId, decision, decidedOn, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'unclosed' } as const
  return onCrisis(deps, request, about, saveDecision, ({ caller, dataKey }) => {
    requirePastDay(caller.today, decidedOn)
    const data = { decisionId, decision, decidedOn }
    const sealed = sealWords(deps, where(request, crisisId, decisionId, 'sealed'), dataKey, { note })
    return {
      type: 'crisis.decision_recorded',
      data,
      effects: { ...data, sealed },
      status: 201,
      receipt: { id: decisionId, decision },
      location: `/v1/crises/${crisisId}`,
    }
  })
}

const decisionOf = ({ facts }: LoadedCrisis, id: string) => {
  const decision = facts.decisions.find(each => each.id === id)
  if (!decision) throw new Problem('not_found')
  return decision
}

/** Records an appeal 申诉 against a decision, in a closed crisis too. @throws Problem not_found, appeal_unfit, time_out_of_order */
export const appealCrisisDecision = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; decisionId: string; on: string; note: string },
) => {
  const { crisisId, decisionId, on, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'always' } as const
  return onCrisis(deps, request, about, saveAppeal, found => {
    const decision = decisionOf(found, decisionId)
    if (decision.appealed) throw new Problem('appeal_unfit')
    requirePastDay(found.caller.today, on, decision.decidedOn)
    const sealed = sealWords(deps, where(request, crisisId, decisionId, 'sealed_appeal'), found.dataKey, { note })
    return {
      type: 'crisis.appealed',
      data: { decisionId, on },
      effects: { decisionId, on, sealed },
      status: 201,
      receipt: { id: decisionId, on },
    }
  })
}

/** Records what became of an appeal. @throws Problem not_found, appeal_unfit, time_out_of_order */
export const settleCrisisAppeal = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; decisionId: string; on: string; result: keyof typeof appealResults; note: string | null },
) => {
  const { crisisId, decisionId, on, result, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'always' } as const
  return onCrisis(deps, request, about, saveSettled, found => {
    const decision = decisionOf(found, decisionId)
    if (!decision.appealed || decision.settled) throw new Problem('appeal_unfit')
    requirePastDay(found.caller.today, on, decision.appealedOn)
    const sealed = sealWords(deps, where(request, crisisId, decisionId, 'sealed_result'), found.dataKey, { note })
    return {
      type: 'crisis.appeal_settled',
      data: { decisionId, result, on },
      effects: { decisionId, on, result, sealed },
      status: 201,
      receipt: { id: decisionId, result },
    }
  })
}
