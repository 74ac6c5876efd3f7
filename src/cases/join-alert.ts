import type { Answer } from '../platform/http/route.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'

const save = changeStatement('cases.join_alert')

/** An alert that becomes part of a case; `words` are its evidence. */
export interface JoinAlert {
  readonly caseId: string
  readonly studentId: string
  readonly alertId: string
  readonly words: string
}

/**
 * Puts the evidence of an alert into an open case; the caller must work on it.
 * @throws Problem not_found, not_permitted, case_is_closed, case_unfit
 */
export const joinAlertToCase = (deps: CaseDeps, request: Request, input: JoinAlert): Promise<Answer> =>
  onCase(deps, request, { caseId: input.caseId, ifMatch: null, permission: 'case:join' }, save, ({ facts }) => {
    if (facts.studentId !== input.studentId) throw new Problem('case_unfit')
    if (facts.standing.step === 'closed') throw new Problem('case_is_closed')
    return {
      type: 'case.alert_joined',
      data: { alertId: input.alertId },
      words: input.words,
      status: 201,
      receipt: { alertId: input.alertId },
    }
  })
