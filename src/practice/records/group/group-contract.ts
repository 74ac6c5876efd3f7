import { z } from 'zod'
import { defineRecord, words } from '../../record-kind.ts'
import { fault } from '../parts.ts'
import { joinedFaults, memberId } from './parts.ts'

/** Group contract 小组契约: the norms all keep to. In force when a leader has signed it; each member accepts it. */
export const groupContract = defineRecord({
  kind: 'group_contract',
  of: 'group',
  title: { en: 'Group contract: norms', zh: '小组契约' },
  source: 'Seed article 3, §3.1 遵从管理规定、担当积极角色; MZ/T 095-2017 形成',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['preparation', 'early', 'middle', 'late'],
  cardinality: 'one',
  studentReads: 'whole',
  content: z.strictObject({
    norms: z.array(words(500)).min(1).max(30).describe('What all keep to'),
    confidence: words(2000).describe('What is said in the group stays there, and the limits of that'),
    consequences: words(1000).describe('What happens when a norm is broken'),
  }),
  example: () => ({
    norms: ['准时参加,不能来提前请假。', '不打断、不评判。', '每周完成约定的学习任务。'],
    confidence: '组内所谈不外传;涉及生命安全时指导者须告知相关人员。',
    consequences: '先由成员提醒,再由指导者个别交谈。',
  }),
})

/** A member accepts the contract in force: one form a member, signed by own token or recorded with evidence. */
export const contractAcceptance = defineRecord({
  kind: 'contract_acceptance',
  of: 'group',
  title: { en: 'Acceptance of the norms', zh: '认可小组契约' },
  source: 'Seed article 3, §3.1 小组目标; MZ/T 095-2017 形成',
  writers: ['worker', 'member'],
  signers: ['member'],
  writableIn: ['preparation', 'early', 'middle', 'late'],
  cardinality: 'many',
  studentReads: 'whole',
  about: 'member',
  content: z.strictObject({
    memberId: memberId(),
    remarks: words(1000).optional().describe('What the member says to it'),
  }),
  check: ({ memberId }, facts) => [
    ...joinedFaults('/memberId', memberId, facts),
    ...(facts.standing.signed.group_contract
      ? []
      : [fault('/memberId', 'no_contract', 'No contract is in force', '尚无生效的小组契约')]),
  ],
  effects: ({ memberId }) => ({ accepted: memberId }),
  example: () => ({ memberId: 'm1', remarks: '同意,会尽量准时。' }),
})
