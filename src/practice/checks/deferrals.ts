import type { CaseFacts } from '../facts.ts'
import { signed } from './check.ts'
import { planMeets } from './planning.ts'

/** Deferrals that are still owed: no record of the kind was signed since, and no later waiver. */
export const owedDeferrals = (facts: CaseFacts): CaseFacts['waivers'] =>
  facts.waivers.filter(
    deferral =>
      deferral.mode === 'deferred' &&
      !((signed(facts, deferral.need)?.version ?? 0) > deferral.version) &&
      !facts.waivers.some(other => other.need === deferral.need && other.version > deferral.version) &&
      !planMeets(facts, deferral.need),
  )
