import { z } from 'zod'
import { codesOf, informationBases } from '../codes.ts'
import { confidential, defineRecord, section, words } from '../record-kind.ts'

const relationTo = () =>
  z.strictObject({
    situation: words(2000).describe('What it is like'),
    direction: confidential(z.enum(['from_student', 'to_student', 'mutual'])).describe(
      'Where the energy flows (ecomap)',
    ),
    strength: confidential(z.int().min(0).max(3)).describe('0 none … 3 strong'),
    tension: confidential(z.int().min(0).max(3)).describe('0 none … 3 stressful'),
  })

/** Environment 环境与关系: the ecomap 生态图. Source: seed article 3, §3.2 (1) 家庭、朋友、宿舍和班级学风及相互关系. */
export const environment = defineRecord({
  kind: 'environment',
  of: 'case',
  title: { en: 'Environment and relations', zh: '环境与相互关系' },
  source: 'Seed article 3, §3.2 (1); ecomap 生态图',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  adoptable: true,
  content: z.strictObject({
    family: section(relationTo()).describe('Family'),
    friends: section(relationTo()).describe('Friends'),
    dormitory: section(relationTo()).describe('Dormitory'),
    classClimate: section(relationTo()).describe('Class and its study climate'),
    teachers: section(relationTo()).optional().describe('Teachers'),
    thirdParty: z
      .array(
        z.strictObject({
          source: words(200).describe('Who told it'),
          basis: z.enum(codesOf(informationBases)).describe('On what basis it was taken'),
          information: words(2000).describe('What was told'),
        }),
      )
      .max(20)
      .describe('Information from third parties'),
  }),
  example: () => ({
    family: {
      answer: 'known',
      value: { situation: '父母务工,每周通话一次,多谈成绩。', direction: 'to_student', strength: 2, tension: 2 },
    },
    friends: {
      answer: 'known',
      value: { situation: '有两位高中同学常联系。', direction: 'mutual', strength: 2, tension: 0 },
    },
    dormitory: {
      answer: 'known',
      value: { situation: '作息不一,夜间游戏声较大。', direction: 'mutual', strength: 1, tension: 2 },
    },
    classClimate: {
      answer: 'known',
      value: { situation: '自习氛围一般,参加活动少。', direction: 'to_student', strength: 1, tension: 1 },
    },
    thirdParty: [{ source: '室友', basis: 'student_consent', information: '近一个月常凌晨两点后入睡。' }],
  }),
})
