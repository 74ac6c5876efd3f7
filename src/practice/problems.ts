import { Problem as KernelProblem } from '../kernel/problem.ts'
import { caseworkProblems } from './problems/casework.ts'
import { operationProblems } from './problems/operation.ts'
import { peopleProblems } from './problems/people.ts'
import { processProblems } from './problems/process.ts'
import { requestProblems } from './problems/request.ts'

/** Every problem the service can answer with: one page each at `/problems/<code>`. */
export const problems = {
  ...requestProblems,
  ...processProblems,
  ...caseworkProblems,
  ...peopleProblems,
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
  case_workers_pk: 'already_on_team',
}
