import { z } from 'zod'
import { day, daysAfter, defineRecord, localId, words } from '../../record-kind.ts'
import { pastDueDays, repeatedIds } from '../parts.ts'

const goal = z.strictObject({
  id: localId().describe('Id in this group, kept through versions'),
  statement: words(1000).describe('The goal'),
  measure: words(500).describe('How it is told whether it is reached'),
  baseline: words(500).describe('Where things stand'),
  target: words(500).describe('Where they shall stand'),
  weight: z.int().min(1).max(100).describe('Relative weight'),
  dueOn: day().describe('Due day'),
})

/** Group plan 小组目标与理念, refined with the members after selection. Source: seed article 3, §3.3 (1). */
export const groupPlan = defineRecord({
  kind: 'group_plan',
  of: 'group',
  title: { en: 'Group plan: goals and ideas', zh: '小组目标与理念' },
  source: 'Seed article 3, §3.3 (1) 明确目标和理念; MZ/T 095-2017 筹备',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['preparation', 'early', 'middle', 'late'],
  cardinality: 'one',
  studentReads: ['goals'],
  content: z.strictObject({
    organiser: words(2000).describe('Background of the organiser'),
    theory: words(4000).describe('Theory and ideas the group works by'),
    aims: words(2000).describe('What shall change: values, attitudes, behaviour, ability to learn, relations'),
    goals: z.array(goal).min(1).max(20).describe('Goals of the group, with measures'),
  }),
  check: ({ goals }, _facts, today) => [...repeatedIds(goals, 'goals'), ...pastDueDays(goals, 'goals', today)],
  effects: ({ goals }) => ({ goals: goals.map(({ id, weight, dueOn }) => ({ id, weight, dueOn })) }),
  example: today => ({
    organiser: '学院专职辅导员,社会工作硕士,带过两期学业互助小组。',
    theory: '互惠模式与社会学习理论:成员在互动中相互督促、示范与强化。',
    aims: '成员间相互督促、共同学习,半年内恢复学习能力与作为学生的社会功能。',
    goals: [
      {
        id: 'g1',
        statement: '成员按时提交每周作业。',
        measure: '作业系统提交记录。',
        baseline: '近四周平均提交率四成。',
        target: '连续六周提交率八成以上。',
        weight: 50,
        dueOn: daysAfter(today, 60),
      },
      {
        id: 'g2',
        statement: '成员期末通过所挂课程。',
        measure: '补考与重修成绩。',
        baseline: '人均挂科一点五门。',
        target: '半数以上课程通过。',
        weight: 50,
        dueOn: daysAfter(today, 150),
      },
    ],
  }),
})
