import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import { type Exemption, exemptions } from '../practice/crisis-codes.ts'
import { Problem } from '../practice/problems.ts'
import { beganAt, onCrisis, requirePast } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

const saveNotice = subjectStatement(
  'crises',
  'crises.notify_guardian',
  '',
  `x as (insert into crisis_notices (institution_id, id, crisis_id, method, outcome, on_at, sealed, version, by_id, at)
  select $1::uuid, (e->>'noticeId')::uuid, c.id, e->>'method', e->>'outcome', (e->>'on')::timestamptz,
    decode(e->>'sealed', 'base64'), c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

const saveExemption = subjectStatement(
  'crises',
  'crises.exempt',
  '',
  `x as (insert into crisis_exemptions (institution_id, id, crisis_id, exempt_from, reason, sealed, version, by_id, at)
  select $1::uuid, (e->>'exemptionId')::uuid, c.id, e->>'from', e->>'reason',
    decode(e->>'sealed', 'base64'), c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

/** Records a notice to the guardian, given or attempted. @throws Problem time_out_of_order, crisis_is_over */
export const notifyGuardian = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; method: string; outcome: 'given' | 'attempted'; at: string; note: string | null },
) => {
  const noticeId = deps.ambient.newId()
  const { crisisId, method, outcome, at, note } = input
  const about = { crisisId, permission: 'crisis:respond', writable: 'unclosed' } as const
  return onCrisis(deps, request, about, saveNotice, (found, now) => {
    requirePast(now, at, beganAt(found))
    const { institution } = request.caller
    const where = { institution, crisisId, table: 'crisis_notices', row: noticeId, field: 'sealed' }
    const data = { noticeId, method, outcome }
    return {
      type: 'crisis.guardian_notified',
      data,
      effects: { ...data, on: at, sealed: sealWords(deps, where, found.dataKey, { note }) },
      status: 201,
      receipt: { id: noticeId, outcome },
    }
  })
}

/** Records why a crisis does without notice, specialist or monitoring. @throws Problem exemption_unfit, crisis_is_over */
export const exemptCrisis = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; from: Exemption; reason: string; note: string },
) => {
  const exemptionId = deps.ambient.newId()
  const { crisisId, from, reason, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'lasting' } as const
  return onCrisis(deps, request, about, saveExemption, ({ facts, dataKey }) => {
    const reasons = Object.keys(exemptions[from].reasons)
    const tried = reason !== 'guardian_unreachable' || facts.notices.attempted > 0
    if (!reasons.includes(reason) || !tried) throw new Problem('exemption_unfit', { reasons })
    const { institution } = request.caller
    const where = { institution, crisisId, table: 'crisis_exemptions', row: exemptionId, field: 'sealed' }
    return {
      type: 'crisis.exempted',
      reason,
      data: { exemptionId, from },
      effects: { exemptionId, from, reason, sealed: sealWords(deps, where, dataKey, { note }) },
      status: 201,
      receipt: { id: exemptionId, from, reason },
    }
  })
}
