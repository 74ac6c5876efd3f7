import { z } from 'zod'
import { defineRecord, words } from '../record-kind.ts'

const shared = {
  source: 'Seed article 3, §3.2 档案的完整性',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'always',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({ text: words(4000).describe('What is corrected or added') }),
  example: () => ({ text: '更正:上次会谈时长为40分钟。' }),
} as const

/** Addendum 补充: how a signed record of a case is corrected. Source: seed article 3, §3.2 档案的完整性. */
export const addendum = defineRecord({
  ...shared,
  kind: 'addendum',
  of: 'case',
  title: { en: 'Addendum', zh: '补充记录' },
})

/** Addendum 主管补充 by a line manager: how a waiver or a note of line managers is corrected. */
export const managerAddendum = defineRecord({
  ...shared,
  kind: 'manager_addendum',
  of: 'case',
  title: { en: 'Line manager’s addendum', zh: '主管补充记录' },
  writers: ['line_manager'],
  signers: ['line_manager'],
  writtenBy: 'amendRecord',
})

/** Addendum 学生补充 by the student: how the student’s own entry is corrected. */
export const studentAddendum = defineRecord({
  ...shared,
  kind: 'student_addendum',
  of: 'case',
  title: { en: 'Student’s own addendum', zh: '学生补充自述' },
  writers: ['student'],
  signers: ['student'],
  ownTokenOnly: true,
  studentReads: 'whole',
  writtenBy: 'amendRecord',
})

/** Addendum 补充 to a record of a group. */
export const groupAddendum = defineRecord({
  ...shared,
  kind: 'group_addendum',
  of: 'group',
  title: { en: 'Addendum to a group record', zh: '小组补充记录' },
})
