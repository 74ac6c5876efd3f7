import type { CheckDefinition } from '../../kernel/process.ts'
import type { GroupFacts, MemberFact } from '../group-facts.ts'

/** Named rules of group work: words, what meets them, and the rule itself. */
export type GroupChecks = Readonly<Record<string, CheckDefinition<GroupFacts, string>>>

/** Where a member stands in the facts, as a pointer. */
export const memberAt = (facts: GroupFacts, member: MemberFact): string => `/members/${facts.members.indexOf(member)}`
