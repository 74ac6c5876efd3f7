import { z } from 'zod'
import { day, defineRecord, words } from '../record-kind.ts'
import { lifetimeFaults, pastFaults } from './parts.ts'

/**
 * Refusal or no contact 拒绝或未能联系: stands for the agreement in a case that never had one.
 * Source: seed article 3, §3.2 (2) and (6).
 */
export const offerRecord = defineRecord({
  kind: 'offer_record',
  of: 'case',
  title: { en: 'Refusal or no contact', zh: '拒绝或未能联系记录' },
  source: 'Seed article 3, §3.2 (2) and (6) 受助者表示不愿意再接受帮扶',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['agreement', 'closure'],
  cardinality: 'one',
  studentReads: 'nothing',
  content: z.strictObject({
    outcome: z.enum(['refused', 'no_contact']).describe('What came of the offer'),
    on: day().describe('Day of the refusal or of the last attempt'),
    attempts: z.int().min(1).max(50).describe('Number of attempts'),
    words: words(2000).describe('What the student said, or what was tried'),
    offerLeftOpen: z.boolean().describe('Whether the offer stands'),
    recontactOn: day().nullable().describe('Day of another attempt, null = none agreed'),
  }),
  check: (content, facts, today) => [
    ...lifetimeFaults('/on', content.on, facts, today),
    ...(content.recontactOn === null ? [] : pastFaults('/recontactOn', content.recontactOn, today)),
  ],
  example: today => ({
    outcome: 'refused',
    on: today,
    attempts: 2,
    words: '“想先自己试一个学期。”',
    offerLeftOpen: true,
    recontactOn: null,
  }),
})
