import { z } from 'zod'
import { defineRecord } from '../record-kind.ts'
import { actionFaults, fault, settled, settlementList } from './parts.ts'

/** Settlement of open actions 行动结清: nothing agreed is left hanging. Source: seed article 3, §3.2 (4) and (6). */
export const actionSettlement = defineRecord({
  kind: 'action_settlement',
  of: 'case',
  title: { en: 'Settlement of actions', zh: '行动结清' },
  source: 'Seed article 3, §3.2 (4) 了解学生计划完成情况 and (6) 档案的完整性',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({ settlements: settlementList().min(1).describe('Actions done or dropped') }),
  check: (content, facts) => [
    ...actionFaults(content.settlements, facts, 'settlements'),
    ...content.settlements.flatMap((each, index) =>
      each.outcome === 'carry'
        ? [fault(`/settlements/${index}/outcome`, 'not_settled', 'Carrying on settles nothing', '延续不是结清')]
        : [],
    ),
  ],
  effects: content => ({ settled: settled(content.settlements) }),
  example: () => ({
    settlements: [
      { actionId: 'a1', outcome: 'done' },
      { actionId: 'a2', outcome: 'done', reason: '已完成八次朋辈辅导。' },
    ],
  }),
})
