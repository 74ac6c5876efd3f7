import { z } from 'zod'
import { codesOf, manifestations } from '../codes.ts'
import { confidential, defineRecord, section, words } from '../record-kind.ts'

/** Personal profile 个人情况. Source: seed article 3, §3.2 (1) 个人基本资料、身体状况、心理特征、处理问题的能力. */
export const personalProfile = defineRecord({
  kind: 'personal_profile',
  of: 'case',
  title: { en: 'Personal profile', zh: '个人情况' },
  source: 'Seed article 3, §3.2 (1) and §1.1; MZ/T 094-2017 预估',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  adoptable: true,
  content: z.strictObject({
    presentingProblem: words(4000).describe('The problem in the student’s own words'),
    basics: section(words(2000)).describe('Origin, family standing, way of living'),
    physicalCondition: section(words(2000)).describe('Physical condition as far as it bears on study'),
    psychologicalTraits: section(words(2000)).describe('Psychological traits'),
    copingAbility: section(words(2000)).describe('How the student deals with problems'),
    strengths: section(words(2000)).describe('Strengths, talents, what went well'),
    manifestations: confidential(
      z.array(z.enum(codesOf(manifestations))).max(Object.keys(manifestations).length),
    ).describe('Manifestations seen: emotional, volitional, interpersonal, method'),
  }),
  example: () => ({
    presentingProblem: '“上课听不懂,作业攒着不想做,越拖越怕见老师。”',
    basics: { answer: 'known', value: '大二,外省农村,独生,住校,每周末兼职约六小时。' },
    physicalCondition: { answer: 'known', value: '睡眠偏少,无慢性病。' },
    psychologicalTraits: { answer: 'known', value: '内向,自我要求高,遇挫易回避。' },
    copingAbility: { answer: 'known', value: '遇到困难先拖延,极少求助。' },
    strengths: { answer: 'known', value: '编程作业完成得好,愿意帮室友。' },
    manifestations: ['low_mood', 'self_denial', 'inattentive_in_class'],
  }),
})
