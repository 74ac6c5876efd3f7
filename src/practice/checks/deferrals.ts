import type { CaseFacts } from '../facts.ts'
import { signed } from './check.ts'
import { isPlanCheck, planMeets } from './planning.ts'

/** Whether what may be waived or deferred is on file already: the record, or the plan in force meets the check. */
export const isOnFile = (facts: CaseFacts, need: string): boolean =>
  isPlanCheck(need) ? planMeets(facts, need) : signed(facts, need) !== undefined

/** Deferrals that are still owed: not on file, and nothing decided about the need since. */
export const owedDeferrals = (facts: CaseFacts): CaseFacts['standing']['waived'] =>
  facts.standing.waived.filter(
    deferral =>
      deferral.mode === 'deferred' &&
      !isOnFile(facts, deferral.need) &&
      !facts.standing.waived.some(other => other.need === deferral.need && other.version > deferral.version),
  )
