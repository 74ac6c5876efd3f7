import { memberChecks } from './group-checks/members.ts'
import { sessionChecks } from './group-checks/sessions.ts'
import { workChecks } from './group-checks/work.ts'

/** The named rules of group work that are no record: words, what meets them, and the rule itself. Source: domain §3. */
export const groupChecks = { ...memberChecks, ...sessionChecks, ...workChecks } as const
