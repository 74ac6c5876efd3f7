import type { CheckDefinition, Missing, SignedFact, Title } from '../../kernel/process.ts'
import type { CaseFacts } from '../facts.ts'

/** Named rules of casework: words, what meets them, and the rule itself. */
export type CaseChecks = Readonly<Record<string, CheckDefinition<CaseFacts, string>>>

/** One thing a check misses; `pointer` says where in the subject, `recordKind` what would meet it where that is its own. */
export const missing = (check: string, title: Title, pointer?: string, recordKind?: string): Missing => ({
  check,
  ...(recordKind ? { recordKind } : {}),
  title,
  ...(pointer ? { pointer } : {}),
})

/** The one thing missing of a check that holds or not. */
export const when = (unmet: boolean, check: string, title: Title): Missing[] => (unmet ? [missing(check, title)] : [])

/** The newest signed record of a kind. */
export const signed = (facts: Pick<CaseFacts, 'standing'>, kind: string): SignedFact | undefined =>
  facts.standing.signed[kind]
