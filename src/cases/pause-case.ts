import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'

const save = changeStatement(
  'cases.pause',
  `paused_on = (given.e->>'pausedOn')::date, pause_reason = given.e->>'reason', expected_return = (given.e->>'expectedReturn')::date`,
)

/** Pauses a case 中止: its clocks stop. @throws Problem case_is_paused, case_is_closed, version_stale */
export const pauseCase = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; reason: string; expectedReturn: string; note: string | null },
) =>
  onCase(deps, request, { ...input, permission: 'case:pause' }, save, ({ facts, caller }) => {
    if (facts.standing.step === 'closed') throw new Problem('case_is_closed')
    if (facts.pausedOn) throw new Problem('case_is_paused')
    const { reason, expectedReturn, note: words } = input
    return {
      type: 'case.paused',
      reason,
      data: { expectedReturn },
      words,
      effects: { pausedOn: caller.today, reason, expectedReturn },
      status: 201,
      receipt: { pausedOn: caller.today },
    }
  })

/** Resumes a paused case. @throws Problem case_not_paused, version_stale */
export const resumeCase = (deps: CaseDeps, request: Request, input: { caseId: string; ifMatch: number | null }) =>
  onCase(deps, request, { ...input, permission: 'case:pause' }, save, ({ facts }) => {
    if (!facts.pausedOn) throw new Problem('case_not_paused')
    return { type: 'case.resumed', status: 201, receipt: { pausedOn: null } }
  })
