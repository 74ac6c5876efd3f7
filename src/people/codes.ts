import type { Title } from '../kernel/process.ts'

/** Kinds of organisational units. Domain §1. */
export const unitKinds = [
  'school',
  'college',
  'department',
  'grade',
  'class',
  'dormitory',
  'party_branch',
  'office',
] as const

/** Staff roles, held per org unit and for a time. Domain §1; the last three administer and read no notes. */
export const staffRoles = {
  counsellor: { en: 'Counsellor', zh: '辅导员' },
  class_teacher: { en: 'Class teacher', zh: '班主任' },
  subject_teacher: { en: 'Subject teacher', zh: '任课教师' },
  psychological_counsellor: { en: 'Psychological counsellor', zh: '心理咨询师' },
  practice_supervisor: { en: 'Practice supervisor', zh: '督导' },
  line_manager: { en: 'Line manager', zh: '主管' },
  administrator: { en: 'Administrator', zh: '管理员' },
  auditor: { en: 'Auditor', zh: '审计员' },
  key_holder: { en: 'Key holder', zh: '密钥保管人' },
} as const satisfies Record<string, Title>

/** Enrolment status of a student. Domain §1. */
export const enrolmentStatuses = [
  'enrolled',
  'on_leave',
  'academic_probation',
  'repeating_year',
  'delayed_graduation',
  'transferred_school',
  'withdrew',
  'dismissed',
  'expelled',
  'dropped_out',
  'graduated',
  'died',
] as const

export const contactKinds = ['parent', 'guardian', 'roommate', 'friend', 'other'] as const
export const courseKinds = ['required', 'elective', 'general', 'practical'] as const
export const resultOutcomes = ['passed', 'failed', 'missing', 'withdrawn', 'exempt'] as const
