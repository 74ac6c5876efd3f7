import { type CaseFlag, caseFlags, codesOf } from '../practice/codes.ts'
import { leftSchool } from '../practice/facts.ts'

const ofCase = (table: string, condition: string) =>
  `exists (select from ${table} x where x.institution_id = $1::uuid and x.case_id = c.id and ${condition})`

const today = '(select day from t)'
const left = leftSchool.map(status => `'${status}'`).join(', ')

/** What each flag says of case `c` on day `t`, in SQL: the one definition for a case, its lists and their filter. */
const conditions: Readonly<Record<CaseFlag, string>> = {
  agreement_expired: `c.closed_at is null and c.agreement_until < ${today}`,
  service_consent_withdrawn: `c.closed_at is null and c.agreement_until is not null
    and not ${ofCase('consents', "x.purpose = 'service' and x.ended is null")}`,
  deferral_overdue: `c.closed_at is null and c.deferral_due_on < ${today} and c.paused_on is null`,
  return_overdue: `c.closed_at is null and c.paused_on is not null and c.expected_return < ${today}`,
  crisis_open: `c.closed_at is null and ${ofCase('case_holds', 'x.lifted_version is null')}`,
  glass_broken: ofCase('access_grants', 'x.reviewed_at is null'),
  student_left: `c.closed_at is null and (select x.enrolment_status in (${left}) from students x
    where x.institution_id = $1::uuid and x.id = c.student_id)`,
}

/** Names of the flags, for enums. */
export const flagNames = codesOf(caseFlags)

/** Condition for a list: only cases with the flag, and only for those who work on cases. */
export const flagged = (flag: CaseFlag): string => ` and (select staff_id from me) is not null and ${conditions[flag]}`

/** JSON array of the flags of case `c`. CTEs `t` and `me` as in every statement that knows its caller. */
export const flagsJson = `to_json(array_remove(array[${Object.entries(conditions)
  .map(([flag, condition]) => `case when ${condition} then '${flag}' end`)
  .join(', ')}], null))`
