import { z } from 'zod'
import { defineRecord, words } from '../../record-kind.ts'
import { attainmentList, goalFaults } from '../parts.ts'
import { measure, measureFaults, memberId, membersFaults } from './parts.ts'

/** Final evaluation 总结评估: of the group and of each member. Source: seed article 3, §3.3 总结与分享. */
export const finalEvaluation = defineRecord({
  kind: 'final_evaluation',
  of: 'group',
  title: { en: 'Final evaluation', zh: '总结评估' },
  source: 'Seed article 3, §3.3 总结与分享 and (4) 评估; MZ/T 095-2017 结束',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['ending'],
  cardinality: 'one',
  studentReads: 'nothing',
  content: z.strictObject({
    experience: words(4000).describe('What worked'),
    shortcomings: words(4000).describe('What did not'),
    attainment: attainmentList().describe('Final attainment of the group’s goals'),
    members: z
      .array(
        z.strictObject({
          memberId: memberId(),
          attainment: z.int().min(-2).max(2).describe('−2 much less … 0 as expected … +2 much more than expected'),
          after: measure().optional().describe('Where things stand now, by the measure of the baseline'),
          outcome: words(2000).describe('What became of the member’s difficulties'),
        }),
      )
      .max(200)
      .describe('Outcome of each member'),
    satisfaction: z
      .array(z.int().min(1).max(5))
      .max(200)
      .describe('Satisfaction with the group, 1 low … 5 high: one answer each, in no order'),
  }),
  check: ({ attainment, members }, facts) => [
    ...goalFaults(attainment, facts, 'attainment'),
    ...membersFaults(
      members.map(each => each.memberId),
      index => `/members/${index}/memberId`,
      facts,
    ),
    ...members.flatMap(({ after }, index) => measureFaults(`/members/${index}/after`, after)),
  ],
  effects: ({ attainment, members }) => ({
    attainment: attainment.map(({ goalId, level }) => ({ goalId, level, final: true })),
    outcomes: members.map(({ memberId, attainment }) => ({ memberId, attainment })),
  }),
  example: () => ({
    experience: '两人互讲错题最受欢迎。',
    shortcomings: '考试周出勤下降。',
    attainment: [
      { goalId: 'g1', level: 1, note: '提交率八成五。' },
      { goalId: 'g2', level: 0, note: '半数课程通过。' },
    ],
    members: [
      {
        memberId: 'm1',
        attainment: 1,
        after: { by: 'ratings', life: 6, study: 6, relations: 7, confidence: 6, mood: 6 },
        outcome: '高数补考通过,愿意继续带同学学习。',
      },
      { memberId: 'm2', attainment: 0, outcome: '英语及格,仍需每周督促。' },
    ],
    satisfaction: [5, 4],
  }),
})
