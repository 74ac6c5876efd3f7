import type { SignedFact } from '../../kernel/process.ts'
import type { CaseEffects } from '../case-effects.ts'
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

/** Earliest day a deferral still owed is due, null when nothing is owed. */
export const deferralDueOn = (facts: CaseFacts): string | null =>
  owedDeferrals(facts)
    .map(each => each.dueOn as string)
    .sort()
    .at(0) ?? null

/** The facts after a record came in force, as far as deferrals look at them. */
export const withRecord = (
  facts: CaseFacts,
  { id, kind, content, waivers = [] }: { id: string; kind: string; content: SignedFact['content'] } & CaseEffects,
): CaseFacts => {
  const version = facts.version + 1
  const { standing } = facts
  return {
    ...facts,
    version,
    standing: {
      ...standing,
      signed: { ...standing.signed, [kind]: { id, version, content } },
      waived: [...standing.waived, ...waivers.map(each => ({ ...each, version }))],
    },
  }
}
