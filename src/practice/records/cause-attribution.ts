import { z } from 'zod'
import { causes, codesOf } from '../codes.ts'
import { defineRecord, words } from '../record-kind.ts'
import { repeatFaults } from './parts.ts'

/** Cause attribution 成因分析. Source: seed article 3, §1.2; article 2, 成因分析 by scale. */
export const causeAttribution = defineRecord({
  kind: 'cause_attribution',
  title: { en: 'Attribution of causes', zh: '成因分析' },
  source: 'Seed article 3, §1.2 and §3.2 (1); article 2 (2) 成因分析',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  adoptable: true,
  content: z.strictObject({
    preliminary: z.boolean().describe('Whether it is a first view, to be revised'),
    causes: z
      .array(
        z.strictObject({
          cause: z.enum(codesOf(causes)).describe('Code of the cause; it names its family too'),
          weight: z.int().min(1).max(5).describe('1 slight … 5 decisive'),
          evidence: words(2000).describe('What it rests on'),
        }),
      )
      .min(1)
      .max(Object.keys(causes).length)
      .describe('Causes found'),
    instrumentRecordId: z.uuid().optional().describe('Instrument response it was attributed from'),
  }),
  check: content =>
    repeatFaults(
      content.causes.map(each => each.cause),
      index => `/causes/${index}/cause`,
      'repeated_cause',
      '成因重复',
    ),
  example: () => ({
    preliminary: true,
    causes: [
      { cause: 'poor_methods', weight: 4, evidence: '笔记零散,考前突击,高数作业多次缺交。' },
      { cause: 'lost_direction', weight: 3, evidence: '自述不知道为什么学这个专业。' },
    ],
  }),
})
