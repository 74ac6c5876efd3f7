import { commonProblems, type ProblemCode } from '../../practice/problems.ts'
import { mediaTypesOf } from './media-types.ts'
import type { Route } from './route.ts'

/** Nobody reads the body of a GET; of every other method one is read, if only to find it empty. */
const ofBody = (route: Route): readonly ProblemCode[] =>
  route.method === 'GET'
    ? []
    : [
        ...(mediaTypesOf(route).includes('application/json') ? (['bad_json'] as const) : []),
        'payload_too_large',
        'unsupported_media_type',
        'request_timeout',
      ]

/** Every problem an operation may answer with: those of any, its own, and what its body, If-Match and key bring with them. */
export const problemsOf = (route: Route): readonly ProblemCode[] => [
  ...new Set<ProblemCode>([
    ...commonProblems,
    ...route.problems,
    ...ofBody(route),
    ...(route.ifMatch === 'required' ? (['precondition_required'] as const) : []),
    ...(route.ifMatch ? (['version_stale'] as const) : []),
    ...(route.idempotency === 'required' ? (['idempotency_key_required'] as const) : []),
    ...(route.idempotency ? (['idempotency_key_reused', 'request_in_progress'] as const) : []),
  ]),
]
