import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sealJson } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { alertStatement, onAlert, requireOpen } from './change-alert.ts'

const save = alertStatement(
  'alerts.object',
  '',
  `o as (insert into alert_objections (institution_id, id, alert_id, version, at, sealed)
  select $1::uuid, (e->>'objectionId')::uuid, c.id, c.version, (e->>'at')::timestamptz, decode(e->>'sealed', 'base64') from given cross join c)`,
)

const saveAnswer = alertStatement(
  'alerts.answer_objection',
  '',
  `o as (update alert_objections x set answer = given.e->>'answer', answered_at = (given.e->>'at')::timestamptz, answered_by = $2::uuid,
    sealed_answer = decode(given.e->>'sealed', 'base64') from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'objectionId')::uuid and x.alert_id = c.id and x.answer is null)`,
)

const placeOf = (request: Request, alertId: string, row: string, field: string) => ({
  institution: request.caller.institution,
  subject: alertId,
  table: 'alert_objections',
  row,
  field,
})

/** The student says why the alert is wrong 异议. @throws Problem alert_is_resolved */
export const objectToAlert = (
  deps: Deps,
  request: Request,
  input: { alertId: string; words: string },
): Promise<Answer> => {
  const objectionId = deps.ambient.newId()
  const { alertId, words } = input
  const about = { alertId, ifMatch: null, permission: 'alert:object' } as const
  return onAlert(deps, request, about, save, ({ alert, dataKey }) => {
    requireOpen(alert)
    const place = placeOf(request, alertId, objectionId, 'sealed')
    return {
      type: 'alert.objected',
      data: { objectionId },
      effects: { objectionId, sealed: sealJson(deps.ambient, place, dataKey, { words }) },
      status: 201,
      receipt: { id: objectionId },
    }
  })
}

/** An objection is upheld or rejected, with reasons. @throws Problem not_found, objection_answered */
export const answerObjection = (
  deps: Deps,
  request: Request,
  input: { alertId: string; objectionId: string; answer: 'upheld' | 'rejected'; words: string },
): Promise<Answer> => {
  const { alertId, objectionId, answer, words } = input
  const about = { alertId, ifMatch: null, permission: 'alert:answer' } as const
  return onAlert(deps, request, about, saveAnswer, ({ alert, dataKey }) => {
    const objection = alert.objections.find(each => each.id === objectionId)
    if (!objection) throw new Problem('not_found')
    if (objection.answer !== null) throw new Problem('objection_answered')
    const place = placeOf(request, alertId, objectionId, 'sealed_answer')
    return {
      type: 'alert.objection_answered',
      data: { objectionId, answer },
      effects: { objectionId, answer, sealed: sealJson(deps.ambient, place, dataKey, { words }) },
      status: 201,
      receipt: { id: objectionId, answer },
    }
  })
}
