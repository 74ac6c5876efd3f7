import { leftSchool } from './facts.ts'

/** What is said of the student a case is opened for. */
interface Opening {
  /** Whether the student belongs to the target group, as the one who opens sees it. */
  readonly inScope: boolean
  /** Why a student outside it is helped all the same. */
  readonly scopeReason: string | null
}

/**
 * Why no case is opened for a student, null where one may be. Who left the school is outside the target group, whatever
 * is said; for who died none is opened, with or without a reason. Source: domain §2, target group and open → investigation.
 */
export const openingRefused = (
  enrolmentStatus: string,
  { inScope, scopeReason }: Opening,
): 'student_has_died' | 'student_out_of_scope' | null => {
  if (enrolmentStatus === 'died') return 'student_has_died'
  const outside = !inScope || (leftSchool as readonly string[]).includes(enrolmentStatus)
  return outside && !scopeReason ? 'student_out_of_scope' : null
}
