import { z } from 'zod'
import { codesOf, media } from '../codes.ts'
import { day, defineRecord, signedWithinDays, words } from '../record-kind.ts'
import { lifetimeFaults } from './parts.ts'

/** Aftercare contact 跟进服务, after closing. Source: MZ/T 094-2017 结案 跟进. */
export const aftercareContact = defineRecord({
  kind: 'aftercare_contact',
  of: 'case',
  title: { en: 'Aftercare contact', zh: '结案后跟进' },
  source: 'MZ/T 094-2017 结案 跟进服务',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'after_closed',
  cardinality: 'many',
  studentReads: 'nothing',
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    on: day().describe('Day'),
    medium: z.enum(codesOf(media)).describe('Medium'),
    reached: z.boolean().describe('Whether the student was reached'),
    situation: words(4000).describe('How things stand'),
    relapse: z.boolean().describe('Whether a successor case should be opened'),
  }),
  check: (content, facts, today) => lifetimeFaults('/on', content.on, facts, today),
  example: today => ({
    on: today,
    medium: 'message',
    reached: true,
    situation: '状态平稳,正在准备重修。',
    relapse: false,
  }),
})
