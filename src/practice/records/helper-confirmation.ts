import { z } from 'zod'
import { defineRecord, words } from '../record-kind.ts'

/** A new main helper and the student confirm the relation anew. Source: seed article 3, §3.2 (2). */
export const helperConfirmation = defineRecord({
  kind: 'helper_confirmation',
  of: 'case',
  title: { en: 'Confirmation of a new main helper', zh: '新帮扶者确认' },
  source: 'Seed article 3, §3.2 (2) 帮扶关系必须得到双方一致认可',
  writers: ['worker'],
  signers: ['worker', 'student'],
  ownerSigns: true,
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'whole',
  content: z.strictObject({
    words: words(2000).describe('What both agreed on going on'),
    agreementStands: z.boolean().describe('Whether the agreement goes on unchanged'),
  }),
  example: () => ({ words: '已说明更换缘由,双方同意按原协议继续。', agreementStands: true }),
})
