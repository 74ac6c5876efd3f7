import { z } from 'zod'
import { codesOf, media } from '../codes.ts'
import { day, defineRecord, signedWithinDays, words } from '../record-kind.ts'
import { lifetimeFaults, progressFaults, progressList } from './parts.ts'

/** Follow-up 跟踪回访: a short check on how the plan goes. Source: seed article 3, §3.2 (4). */
export const followUp = defineRecord({
  kind: 'follow_up',
  of: 'case',
  title: { en: 'Follow-up', zh: '跟踪回访' },
  source: 'Seed article 3, §3.2 (4) 跟踪回访',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: ['outcome', 'on', 'medium'],
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    outcome: z.enum(['held', 'attempted']).describe('Whether the student was reached'),
    on: day().describe('Day'),
    medium: z.enum(codesOf(media)).describe('Medium'),
    planFollowed: z.enum(['yes', 'partly', 'no', 'unknown']).describe('Whether the plan is followed'),
    findings: words(4000).describe('What was found: slackening, new difficulty'),
    progress: progressList().describe('Progress by goal'),
  }),
  check: (content, facts, today) => [
    ...lifetimeFaults('/on', content.on, facts, today),
    ...progressFaults(content, facts),
  ],
  effects: content => ({ progress: content.progress.map(({ goalId, progress }) => ({ goalId, progress })) }),
  example: today => ({
    outcome: 'held',
    on: today,
    medium: 'phone',
    planFollowed: 'partly',
    findings: '作业按时提交;朋辈辅导因考试改期一次。',
    progress: [
      { goalId: 'g1', progress: 'progress' },
      { goalId: 'g2', progress: 'not_started' },
    ],
  }),
})
