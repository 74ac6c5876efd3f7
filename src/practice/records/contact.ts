import { z } from 'zod'
import { codesOf, informationBases, media } from '../codes.ts'
import { day, defineRecord, signedWithinDays, words } from '../record-kind.ts'
import { futureFaults } from './parts.ts'

/** Contact with others 联系记录: family, teachers, offices. Source: seed article 3, §3.1 resource network; §3.2 (1). */
export const contact = defineRecord({
  kind: 'contact',
  title: { en: 'Contact with others', zh: '联系记录' },
  source: 'Seed article 3, §3.2 (1) and (4); article 2 家校沟通',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    on: day().describe('Day'),
    medium: z.enum(codesOf(media)).describe('Medium'),
    party: z
      .enum(['family', 'guardian', 'teacher', 'roommate', 'classmate', 'office', 'clinic', 'other'])
      .describe('With whom'),
    person: words(200).describe('The person'),
    basis: z.enum(codesOf(informationBases)).describe('On what basis information was given or taken'),
    reached: z.boolean().describe('Whether the person was reached'),
    summary: words(4000).describe('What was said'),
  }),
  check: (content, _facts, today) => futureFaults('/on', content.on, today),
  example: today => ({
    on: today,
    medium: 'phone',
    party: 'family',
    person: '母亲',
    basis: 'student_consent',
    reached: true,
    summary: '说明帮扶安排,商定少问分数、多问生活。',
  }),
})
