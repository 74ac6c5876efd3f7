import { z } from 'zod'
import { attribute } from '../../group-types.ts'
import { confidential, defineRecord, words } from '../../record-kind.ts'
import { repeatFaults } from '../parts.ts'
import { measure, measureFaults, memberFaults, memberId } from './parts.ts'

const attributes = (what: string) => z.array(attribute()).max(20).describe(what)

/** Member profile 成员档案: what makes a member fit, and where things stand. Source: seed article 3, §3.3 (2). */
export const memberProfile = defineRecord({
  kind: 'member_profile',
  of: 'group',
  title: { en: 'Member profile', zh: '成员档案' },
  source: 'Seed article 3, §3.3 (2) 成员的年龄、学历、性别等基本信息和存在的问题; MZ/T 095-2017 筹备',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['preparation', 'early', 'middle', 'late'],
  cardinality: 'many',
  studentReads: 'nothing',
  about: 'member',
  content: z.strictObject({
    memberId: memberId(),
    age: confidential(z.int().min(10).max(120)).nullable().describe('Age in years, null = not known'),
    educationLevel: confidential(
      z.enum(['first_year', 'second_year', 'third_year', 'fourth_year', 'postgraduate', 'graduate', 'other']),
    ).describe('Level of education'),
    gender: confidential(z.enum(['female', 'male', 'other', 'not_stated'])).describe('Gender'),
    problems: words(2000).describe('Difficulties, in the member’s words'),
    strong: words(2000).describe('Strengths, in the member’s words'),
    needs: attributes('Needs as codes: family and code, course:MATH101'),
    strengths: attributes('Strengths as codes'),
    baseline: measure().optional().describe('Where things stand before the work; may follow in a later profile'),
  }),
  check: (content, facts) => [
    ...memberFaults('/memberId', content.memberId, facts),
    ...repeatFaults(content.needs, index => `/needs/${index}`, 'repeated_code', '代码重复'),
    ...repeatFaults(content.strengths, index => `/strengths/${index}`, 'repeated_code', '代码重复'),
    ...measureFaults('/baseline', content.baseline),
  ],
  effects: ({ memberId, strengths, needs, baseline }) => ({
    profile: { memberId, strengths, needs, baseline: baseline !== undefined },
  }),
  example: () => ({
    memberId: 'm1',
    age: 20,
    educationLevel: 'second_year',
    gender: 'female',
    problems: '高数听不懂,不好意思问人。',
    strong: '英语好,做事有条理。',
    needs: ['course:MATH101', 'cause:poor_methods'],
    strengths: ['course:ENG101'],
    baseline: { by: 'ratings', life: 5, study: 3, relations: 6, confidence: 4, mood: 5 },
  }),
})
