import { z } from 'zod'
import { codesOf } from '../../codes.ts'
import { onwardPaths } from '../../group-codes.ts'
import { day, daysAfter, defineRecord, words } from '../../record-kind.ts'
import { pastFaults } from '../parts.ts'
import { memberFaults, memberId } from './parts.ts'

/** Onward plan 后续安排 of one member. Source: seed article 3, §3.3 解散小组, §3.2 (6) 跟进服务. */
export const onwardPlan = defineRecord({
  kind: 'onward_plan',
  of: 'group',
  title: { en: 'Onward plan of a member', zh: '成员后续安排' },
  source: 'Seed article 3, §3.3 解散小组; MZ/T 095-2017 结束',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'whole',
  about: 'member',
  content: z.strictObject({
    memberId: memberId(),
    path: z.enum(codesOf(onwardPaths)).describe('Where the member goes on'),
    plan: words(2000).describe('What comes next for the member'),
    contactOn: day().nullable().describe('Day of the next contact, null = none agreed'),
  }),
  check: ({ memberId, contactOn }, facts, today) => [
    ...memberFaults('/memberId', memberId, facts),
    ...(contactOn === null ? [] : pastFaults('/contactOn', contactOn, today)),
  ],
  effects: ({ memberId, path }) => ({ onward: { memberId, path } }),
  example: today => ({
    memberId: 'm1',
    path: 'peer',
    plan: '与同伴保持每周一次互讲;辅导员一个月后回访。',
    contactOn: daysAfter(today, 30),
  }),
})
