import { z } from 'zod'
import { day, daysAfter, defineRecord, words } from '../../record-kind.ts'
import { fault, pastFaults } from '../parts.ts'

/** Recruitment plan 招募方案. Source: seed article 3, §3.3 (2) 招募和确定成员. */
export const recruitmentPlan = defineRecord({
  kind: 'recruitment_plan',
  of: 'group',
  title: { en: 'Recruitment plan', zh: '招募方案' },
  source: 'Seed article 3, §3.3 (2) 制定成员招募的办法、宣传方案和遴选程序; MZ/T 095-2017 筹备',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['preparation', 'early', 'middle'],
  cardinality: 'one',
  studentReads: 'nothing',
  content: z.strictObject({
    target: words(2000).describe('Whom the group is for'),
    method: words(2000).describe('How members are recruited'),
    publicity: words(2000).describe('How it is made known'),
    selection: words(2000).describe('How members are chosen'),
    from: day().describe('First day'),
    until: day().describe('Last day'),
  }),
  check: ({ from, until }, _facts, today) => [
    ...pastFaults('/until', until, today),
    ...(until < from ? [fault('/until', 'ends_before_it_begins', 'It ends before it begins', '结束早于开始')] : []),
  ],
  example: today => ({
    target: '本学期两门以上课程预警、愿意参加小组的学生。',
    method: '辅导员推荐与自愿报名相结合。',
    publicity: '班会说明、宿舍海报、学院公众号。',
    selection: '逐一面谈,了解困难与意愿,按互补原则确定。',
    from: today,
    until: daysAfter(today, 14),
  }),
})
