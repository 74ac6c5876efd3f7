import { z } from 'zod'
import { codesOf, evaluationDecisions } from '../codes.ts'
import { defineRecord, type NamedRecord, type SigningFault, words } from '../record-kind.ts'
import {
  actionFaults,
  attainmentList,
  fault,
  goalFaults,
  namedOf,
  settled,
  settlementList,
  unknownRecord,
  view,
} from './parts.ts'

/** Before and after are two responses of this case to the same instrument in the same version. */
const changeFaults = (
  { beforeRecordId, afterRecordId }: { readonly beforeRecordId: string; readonly afterRecordId: string },
  index: number,
  named: readonly NamedRecord[],
): SigningFault[] => {
  const at = `/instrumentChange/${index}`
  if (beforeRecordId === afterRecordId)
    return [fault(`${at}/afterRecordId`, 'same_record', 'It is the same response', '前后为同一份量表')]
  const before = namedOf(named, beforeRecordId, ['instrument_response'])
  const after = namedOf(named, afterRecordId, ['instrument_response'])
  if (!before || !after)
    return [
      ...(before ? [] : [unknownRecord(`${at}/beforeRecordId`)]),
      ...(after ? [] : [unknownRecord(`${at}/afterRecordId`)]),
    ]
  return before.instrument === after.instrument && before.version === after.version
    ? []
    : [fault(`${at}/afterRecordId`, 'other_instrument', 'Not the same instrument and version', '量表或版本不同')]
}

/** Evaluation 评估, with its decision. Source: seed article 3, §3.2 (5) 总结经验和不足、分析成效、修正计划和目标. */
export const evaluation = defineRecord({
  kind: 'evaluation',
  of: 'case',
  title: { en: 'Evaluation', zh: '评估' },
  source: 'Seed article 3, §3.2 (5) 评估与干预; MZ/T 094-2017 评估',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['evaluation'],
  cardinality: 'one',
  studentReads: ['decision'],
  content: z.strictObject({
    experience: words(4000).describe('What worked'),
    shortcomings: words(4000).describe('What did not'),
    attainment: attainmentList().describe('Attainment per goal'),
    academicChange: z
      .strictObject({
        averageBefore: z.number().min(0).max(100).nullable().describe('Average before, 0–100, null = unknown'),
        averageAfter: z.number().min(0).max(100).nullable().describe('Average now, 0–100, null = unknown'),
        failedBefore: z.int().min(0).max(200).describe('Failed courses or work before'),
        failedAfter: z.int().min(0).max(200).describe('Failed courses or work now'),
      })
      .describe('Change in the academic record'),
    instrumentChange: z
      .array(
        z.strictObject({
          beforeRecordId: z.uuid().describe('Instrument response from before'),
          afterRecordId: z.uuid().describe('Response to the same instrument since'),
        }),
      )
      .max(10)
      .optional()
      .describe('Change in scores: the responses compared; the service scored them'),
    studentView: view().describe('The student’s view'),
    helperView: view().describe('The helper’s view'),
    decision: z.enum(codesOf(evaluationDecisions)).describe('What follows'),
    decisionReason: words(2000).describe('Why'),
    settlements: settlementList().optional().describe('Actions done or dropped'),
  }),
  check: (content, facts, _today, named) => [
    ...goalFaults(content.attainment, facts, 'attainment'),
    ...actionFaults(content.settlements ?? [], facts, 'settlements'),
    ...(content.instrumentChange ?? []).flatMap((change, index) => changeFaults(change, index, named)),
    ...(content.decision === 'close'
      ? facts.goals
          .filter(goal => goal.status === 'open' && !content.attainment.some(each => each.goalId === goal.id))
          .map(goal => fault('/attainment', 'goal_not_assessed', `Assess goal ${goal.id}`, `请评定目标${goal.id}`))
      : []),
  ],
  effects: content => ({
    attainment: content.attainment.map(({ goalId, level }) => ({ goalId, level, final: content.decision === 'close' })),
    settled: settled(content.settlements ?? []),
  }),
  example: () => ({
    experience: '拆分目标后能坚持;同伴督促有效。',
    shortcomings: '朋辈辅导开始较晚。',
    attainment: [
      { goalId: 'g1', level: 1, note: '连续八周按时提交。' },
      { goalId: 'g2', level: 0, note: '补考64分。' },
    ],
    academicChange: { averageBefore: 58.2, averageAfter: 66.5, failedBefore: 2, failedAfter: 1 },
    studentView: { obtained: 'yes', words: '“知道从哪里开始了。”' },
    helperView: { obtained: 'yes', words: '学生主动性明显提高。' },
    decision: 'close',
    decisionReason: '主要目标已达成,学生可自行学习。',
  }),
})
