import { z } from 'zod'
import { archiveItems, codesOf, legalBases } from '../codes.ts'
import { type CaseFacts, isMinor } from '../facts.ts'
import { day, daysAfter, defineRecord, type SigningFault, words } from '../record-kind.ts'
import {
  actionFaults,
  attainmentList,
  fault,
  goalFaults,
  lifetimeFaults,
  pastFaults,
  settled,
  settlementList,
  view,
} from './parts.ts'

const informed = z.discriminatedUnion('how', [
  z.strictObject({
    how: z.literal('told').describe('The student was told'),
    on: day().describe('Day the student was told'),
    opinion: words(2000).describe('What the student said to it'),
  }),
  z.strictObject({
    how: z.literal('attempted').describe('It was tried, on two days at least'),
    attempts: z.array(day()).min(2).max(20).describe('Days of the attempts'),
    remarks: words(1000).describe('How it was tried'),
  }),
  z.strictObject({
    how: z.literal('family_told').describe('Family or guardian was told instead'),
    on: day().describe('Day the family or guardian was told'),
    legalBasis: z.enum(codesOf(legalBases)).describe('Legal basis'),
    remarks: words(1000).describe('Who, and what was said'),
  }),
])

const informedFaults = (told: z.output<typeof informed>, facts: CaseFacts, today: string): SigningFault[] => {
  if (told.how === 'attempted')
    return [
      ...told.attempts.flatMap((date, index) => lifetimeFaults(`/informed/attempts/${index}`, date, facts, today)),
      ...(new Set(told.attempts).size < 2
        ? [fault('/informed/attempts', 'too_few_days', 'Attempts on two different days', '须在两个不同日期尝试')]
        : []),
    ]
  const ofAge = facts.birthDate !== null && !isMinor(facts.birthDate, today)
  return [
    ...lifetimeFaults('/informed/on', told.on, facts, today),
    ...(told.how === 'family_told' && told.legalBasis === 'guardian_of_minor' && ofAge
      ? [fault('/informed/legalBasis', 'student_of_age', 'The student is of age', '学生已成年')]
      : []),
  ]
}

/** Closing summary 结案总结. Source: seed article 3, §3.2 (6) 结案; MZ/T 094-2017 结案. */
export const closingSummary = defineRecord({
  kind: 'closing_summary',
  of: 'case',
  title: { en: 'Closing summary', zh: '结案总结' },
  source: 'Seed article 3, §3.2 (6) 结案; MZ/T 094-2017 结案',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['closure'],
  cardinality: 'one',
  studentReads: ['attainmentSummary', 'reflection', 'remainingNeeds', 'aftercare'],
  content: z.strictObject({
    attainmentSummary: words(4000).describe('What was reached'),
    attainment: attainmentList().optional().describe('Final attainment, where it differs from the last evaluation'),
    settlements: settlementList().optional().describe('Actions done or dropped'),
    reflection: view().describe('The student’s own reflection on setback and change'),
    remainingNeeds: words(2000).describe('Needs that remain, or that none do'),
    aftercare: z
      .discriminatedUnion('planned', [
        z.strictObject({
          planned: z.literal('yes').describe('Aftercare is planned'),
          dates: z.array(day()).min(1).max(12).describe('Days of aftercare 跟进服务'),
        }),
        z.strictObject({
          planned: z.literal('no').describe('None is planned'),
          reason: words(1000).describe('Why none'),
        }),
      ])
      .describe('Aftercare dates, or why none'),
    informed: informed
      .optional()
      .describe('How the student learned of the ending; not asked for died or opened_in_error'),
    archive: z
      .array(z.enum(codesOf(archiveItems)))
      .max(6)
      .describe('Archive checklist 归档清单: what was looked through'),
  }),
  check: (content, facts, today) => [
    ...goalFaults(content.attainment ?? [], facts, 'attainment'),
    ...actionFaults(content.settlements ?? [], facts, 'settlements'),
    ...(content.informed ? informedFaults(content.informed, facts, today) : []),
    ...(content.aftercare.planned === 'yes'
      ? content.aftercare.dates.flatMap((date, index) => pastFaults(`/aftercare/dates/${index}`, date, today))
      : []),
  ],
  effects: content => ({
    attainment: (content.attainment ?? []).map(({ goalId, level }) => ({ goalId, level, final: true })),
    settled: settled(content.settlements ?? []),
  }),
  example: today => ({
    attainmentSummary: '作业习惯基本建立,高数补考通过。',
    reflection: { obtained: 'yes', words: '“以前一落后就躲,现在会先问人。”' },
    remainingNeeds: '大学物理仍需重修;兼职时间需控制。',
    aftercare: { planned: 'yes', dates: [daysAfter(today, 30), daysAfter(today, 90)] },
    informed: { how: 'told', on: today, opinion: '同意结案,愿意保持联系。' },
    archive: ['agreement', 'plan', 'sessions', 'evaluations', 'consents'],
  }),
})
