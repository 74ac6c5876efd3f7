import { closingChecks } from './checks/closing.ts'
import { everyStepChecks } from './checks/every-step.ts'
import { planningChecks } from './checks/planning.ts'
import { trackingChecks } from './checks/tracking.ts'

/** The named rules of casework that are no record: words, what meets them, and the rule itself. Source: domain §2. */
export const caseworkChecks = { ...everyStepChecks, ...planningChecks, ...trackingChecks, ...closingChecks } as const
