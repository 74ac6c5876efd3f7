import { z } from 'zod'
import { codesOf } from '../../codes.ts'
import { groupPhases } from '../../group-codes.ts'
import { phaseOf } from '../../group-work.ts'
import { defineRecord, words } from '../../record-kind.ts'
import { attainmentList, fault, goalFaults } from '../parts.ts'

/** Phase evaluation 阶段评估. Source: seed article 3, §3.3 (4) 评估每一个阶段小组工作的效果. */
export const phaseEvaluation = defineRecord({
  kind: 'phase_evaluation',
  of: 'group',
  title: { en: 'Phase evaluation', zh: '阶段评估' },
  source: 'Seed article 3, §3.3 (4) 评估与应变; MZ/T 095-2017 形成至成熟',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['early', 'middle', 'late'],
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({
    phase: z.enum(codesOf(groupPhases)).describe('The phase the group is in'),
    feedback: words(4000).describe('Feedback of the members'),
    effects: words(4000).describe('What worked'),
    shortcomings: words(4000).describe('What did not'),
    attainment: attainmentList().describe('Attainment of goals so far'),
    adjustments: words(2000).describe('What is done otherwise, or that nothing is'),
  }),
  check: ({ phase, attainment }, facts) => [
    ...(phase === phaseOf(facts.standing.step)
      ? []
      : [fault('/phase', 'other_phase', 'The group is in another phase', '小组处于其他阶段')]),
    ...goalFaults(attainment, facts, 'attainment'),
  ],
  effects: ({ attainment }) => ({
    attainment: attainment.map(({ goalId, level }) => ({ goalId, level, final: false })),
  }),
  example: () => ({
    phase: 'early',
    feedback: '成员希望多练题、少讲道理。',
    effects: '出勤稳定,成员开始互相提醒。',
    shortcomings: '两名成员发言很少。',
    attainment: [{ goalId: 'g1', level: -1, note: '提交率五成。' }],
    adjustments: '改为两人一组先讨论再分享。',
  }),
})
