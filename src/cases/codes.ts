/** Kinds of case a student may have open one of at a time. */
export const caseKinds = ['academic'] as const

/** How a case came about. Domain §2: 主动求助, 主动介入, referral, alert, report. */
export const caseSources = ['self', 'outreach', 'referral', 'alert', 'report'] as const

export const signingParties = ['worker', 'student', 'guardian', 'line_manager'] as const
export const holdKinds = ['academic_crisis', 'safety_crisis'] as const
export const holdOutcomes = ['stabilised', 'false_alarm', 'handed_over', 'left_school', 'died'] as const
export const pauseReasons = ['on_leave', 'illness', 'internship', 'exchange', 'holiday', 'other'] as const
export const reassignReasons = ['owner_left', 'workload', 'conflict_of_interest', 'student_request', 'other'] as const
export const referralStatuses = ['offered', 'accepted', 'declined', 'done', 'passed_on'] as const
export const transferStatuses = ['offered', 'accepted', 'rejected', 'withdrawn'] as const
export const breakGlassReasons = ['danger_to_life', 'owner_unreachable', 'legal_order', 'complaint'] as const
