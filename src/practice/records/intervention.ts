import { z } from 'zod'
import { codesOf, interventionTriggers } from '../codes.ts'
import { day, defineRecord, signedWithinDays, words } from '../record-kind.ts'
import { strategies } from '../strategies.ts'
import { lifetimeFaults } from './parts.ts'

/** Intervention 干预. Source: seed article 3, §3.2 (5) 对积极性下降、不按计划实施等情况实施干预. */
export const intervention = defineRecord({
  kind: 'intervention',
  of: 'case',
  title: { en: 'Intervention', zh: '干预记录' },
  source: 'Seed article 3, §3.2 (5) 评估与干预',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    on: day().describe('Day'),
    trigger: z.enum(codesOf(interventionTriggers)).describe('What called for it'),
    strategies: z
      .array(z.enum(codesOf(strategies)))
      .max(Object.keys(strategies).length)
      .describe('Strategies used'),
    measure: words(4000).describe('What was done'),
    outcome: words(2000).describe('What came of it so far'),
  }),
  check: (content, facts, today) => lifetimeFaults('/on', content.on, facts, today),
  example: today => ({
    on: today,
    trigger: 'plan_not_followed',
    strategies: ['small_steps', 'tutoring'],
    measure: '将周目标拆为每日一题,安排朋辈同伴督促。',
    outcome: '一周内完成五天。',
  }),
})
