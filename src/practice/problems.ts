import { Problem as KernelProblem } from '../kernel/problem.ts'
import { alertProblems } from './problems/alerts.ts'
import { caseworkProblems } from './problems/casework.ts'
import { crisisProblems } from './problems/crisis.ts'
import { groupProblems } from './problems/groups.ts'
import { operationProblems } from './problems/operation.ts'
import { peopleProblems } from './problems/people.ts'
import { processProblems } from './problems/process.ts'
import { recordProblems } from './problems/records.ts'
import { requestProblems } from './problems/request.ts'
import { sandboxProblems } from './problems/sandbox.ts'
import { signalProblems } from './problems/signals.ts'

/** Every problem the service can answer with: one page each at `/problems/<code>`. */
export const problems = {
  ...requestProblems,
  ...processProblems,
  ...caseworkProblems,
  ...recordProblems,
  ...peopleProblems,
  ...signalProblems,
  ...crisisProblems,
  ...groupProblems,
  ...sandboxProblems,
  ...alertProblems,
  ...operationProblems,
} as const

export type ProblemCode = keyof typeof problems

/** A refusal with a code of the catalogue. */
export class Problem extends KernelProblem<ProblemCode> {}

/** Codes any authenticated operation may answer with; routes need not declare them. */
export const commonProblems = [
  'invalid_request',
  'unauthenticated',
  'rate_limited',
  'internal_error',
  'service_unavailable',
  'header_too_large',
] as const satisfies readonly ProblemCode[]

/** What a database constraint means to the caller. The one place where names of constraints become problems. */
export const constraintProblems: Readonly<Record<string, ProblemCode>> = {
  cases_one_open: 'open_case_exists',
  transfers_one_open: 'transfer_open',
  record_signatures_pk: 'already_signed',
  signal_sources_name: 'source_exists',
  signal_sources_client: 'client_already_linked',
  crises_one_open: 'crisis_is_open',
  crisis_responders_one_a_person: 'already_responder',
  identities_pk: 'identity_taken',
  contacts_external_id: 'duplicate_row',
  staff_roles_pk: 'duplicate_row',
}
