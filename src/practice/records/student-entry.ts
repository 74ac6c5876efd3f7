import { z } from 'zod'
import { day, defineRecord, words } from '../record-kind.ts'
import { leadingUpFaults, namedOf, unknownRecord } from './parts.ts'

/** The student's own entry 学生自述, shown beside the worker's. Source: seed article 3, §3.2 (4). */
export const studentEntry = defineRecord({
  kind: 'student_entry',
  of: 'case',
  title: { en: 'Student’s own entry', zh: '学生自述' },
  source: 'Seed article 3, §3.2 (4) 记录和反馈; article 2 (4) 学生记录册',
  writers: ['student'],
  signers: ['student'],
  ownTokenOnly: true,
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'whole',
  content: z.strictObject({
    on: day().describe('Day it is about'),
    aboutRecordId: z.uuid().optional().describe('Session or follow-up it is about, to be shown beside it'),
    words: words(4000).describe('In the student’s own words'),
  }),
  check: ({ on, aboutRecordId }, facts, today, named) => [
    ...leadingUpFaults('/on', on, facts, today),
    ...(aboutRecordId && !namedOf(named, aboutRecordId, ['session', 'follow_up'])
      ? [unknownRecord('/aboutRecordId')]
      : []),
  ],
  example: today => ({ on: today, words: '这周交了两次作业,第一次觉得没那么难。' }),
})
