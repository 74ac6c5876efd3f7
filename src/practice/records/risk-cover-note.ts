import { z } from 'zod'
import { day, daysAfter, defineRecord, words } from '../record-kind.ts'
import { pastFaults } from './parts.ts'

/** Line manager's note that covers a high risk without a crisis. Source: seed article 3, §5 危机干预. */
export const riskCoverNote = defineRecord({
  kind: 'risk_cover_note',
  of: 'case',
  title: { en: 'Line manager’s note on a risk', zh: '主管风险说明' },
  source: 'Seed article 3, §5 危机干预',
  writers: ['line_manager'],
  signers: ['line_manager'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  content: z.strictObject({
    assessment: words(4000).describe('How the line manager sees the risk'),
    measures: words(4000).describe('What covers it'),
    reviewOn: day().describe('Day it is looked at again'),
  }),
  check: (content, _facts, today) => pastFaults('/reviewOn', content.reviewOn, today),
  example: today => ({
    assessment: '已与心理中心会商,风险可在现有支持下管理。',
    measures: '每周两次联系;室友知情;心理中心每周一次面谈。',
    reviewOn: daysAfter(today, 7),
  }),
})
