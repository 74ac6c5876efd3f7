import { rowsOf } from '../platform/sql.ts'
import { deferralDueOn, owedDeferrals } from '../practice/checks/deferrals.ts'
import { isEndOfWait } from '../practice/dating.ts'
import { Problem } from '../practice/problems.ts'
import { daysAfter, daysBetween } from '../practice/record-kind.ts'
import { type CaseDeps, changeStatement, onCase, type Request, requireWords } from './change.ts'

const savePaused = changeStatement(
  'cases.pause',
  `paused_on = (given.e->>'pausedOn')::date, pause_reason = given.e->>'reason', expected_return = (given.e->>'expectedReturn')::date`,
)

/** The case runs again, and what is owed is owed as many days later as it stood still. */
const saveResumed = changeStatement(
  'cases.resume',
  `paused_on = null, pause_reason = null, expected_return = null, deferral_due_on = (given.e->>'deferralDueOn')::date`,
  `shifted as (update waivers w set due_on = x."dueOn" from given cross join c cross join ${rowsOf('shifted', 'need text, version int, "dueOn" date')}
  where w.institution_id = $1::uuid and w.case_id = c.id and w.need = x.need and w.version = x.version)`,
)

/**
 * Pauses a case 中止: its clocks stop.
 * @throws Problem case_is_paused, case_is_closed, day_not_ahead, note_required, version_stale
 */
export const pauseCase = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; reason: string; expectedReturn: string; note: string | null },
) =>
  onCase(deps, request, { ...input, permission: 'case:pause' }, savePaused, ({ facts, caller }) => {
    if (facts.pausedOn) throw new Problem('case_is_paused')
    if (!isEndOfWait(input.expectedReturn, caller.today)) throw new Problem('day_not_ahead')
    requireWords(input)
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

/**
 * Resumes a paused case: deferrals still owed are due as many days later as it was paused.
 * @throws Problem case_not_paused, version_stale
 */
export const resumeCase = (deps: CaseDeps, request: Request, input: { caseId: string; ifMatch: number | null }) =>
  onCase(deps, request, { ...input, permission: 'case:pause' }, saveResumed, ({ facts, caller }) => {
    if (!facts.pausedOn) throw new Problem('case_not_paused')
    const days = daysBetween(facts.pausedOn, caller.today)
    const later = (dueOn: string | null) => (dueOn === null ? null : daysAfter(dueOn, days))
    const shifted = owedDeferrals(facts).map(({ need, version, dueOn }) => ({ need, version, dueOn: later(dueOn) }))
    return {
      type: 'case.resumed',
      data: { daysPaused: days, shifted: shifted.map(each => each.need) },
      effects: { shifted, deferralDueOn: later(deferralDueOn(facts)) },
      status: 201,
      receipt: { pausedOn: null },
    }
  })
