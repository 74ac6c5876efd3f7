import { z } from 'zod'
import { codesOf, riskIndicators, riskLevels } from '../codes.ts'
import { confidential, day, defineRecord, words } from '../record-kind.ts'
import { leadingUpFaults } from './parts.ts'

/** Risk screening 风险筛查: the newest one counts, in any step. Source: MZ/T 094-2017 接案; seed article 3, §5 危机干预. */
export const riskScreening = defineRecord({
  kind: 'risk_screening',
  of: 'case',
  title: { en: 'Risk screening', zh: '风险筛查' },
  source: 'MZ/T 094-2017 接案; seed article 3, §5 危机干预',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  content: z.strictObject({
    on: day().describe('Day of the screening'),
    level: z
      .enum(codesOf(riskLevels))
      .meta({ public: 'the guard looks at it' })
      .describe('Level; high and crisis must be covered before any forward move'),
    indicators: confidential(z.array(z.enum(codesOf(riskIndicators))).max(10)).describe('Indicators seen'),
    narrative: words(4000).describe('What was asked and answered'),
    safeguards: words(2000).optional().describe('What was arranged at once'),
  }),
  check: (content, facts, today) => leadingUpFaults('/on', content.on, facts, today),
  example: today => ({
    on: today,
    level: 'low',
    indicators: ['sleep_loss'],
    narrative: '面谈中逐项询问,否认自伤念头;近来睡眠不足。',
  }),
})
