import { z } from 'zod'
import { codesOf, media } from '../codes.ts'
import { day, defineRecord, signedWithinDays, words } from '../record-kind.ts'
import { fault, lifetimeFaults, notBegunFaults, progressFaults, progressList } from './parts.ts'

/** Session 会谈记录: held or attempted. Source: seed article 3, §3.2 (4) 会谈概要. */
export const session = defineRecord({
  kind: 'session',
  of: 'case',
  title: { en: 'Session', zh: '会谈记录' },
  source: 'Seed article 3, §3.2 (4) 记录与跟踪; MZ/T 094-2017 介入',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: ['outcome', 'on', 'startsAt', 'durationMinutes', 'medium', 'place', 'nextStep'],
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    outcome: z.enum(['held', 'attempted']).describe('Whether it took place'),
    on: day().describe('Day'),
    startsAt: z.iso.time({ precision: -1 }).max(5).meta({ public: 'a time' }).describe('Begin HH:MM, local'),
    durationMinutes: z.int().min(0).max(600).describe('Length in minutes, 0 = attempted only'),
    medium: z.enum(codesOf(media)).describe('Medium'),
    place: words(200).optional().describe('Place; needed in person and at a home visit'),
    participants: words(500).describe('Who took part'),
    summary: words(8000).describe('What was said and done'),
    studentState: words(2000).optional().describe('How the student was; needed once held'),
    progress: progressList().describe('Progress of each goal that was talked of'),
    nextStep: words(1000).describe('What comes next'),
  }),
  check: (content, facts, today, _named, time) => [
    ...lifetimeFaults('/on', content.on, facts, today),
    ...notBegunFaults('/startsAt', content, today, time),
    ...progressFaults(content, facts),
    ...(content.outcome === 'held' && content.durationMinutes === 0
      ? [fault('/durationMinutes', 'duration_required', 'A held session lasts', '已进行的会谈须有时长')]
      : []),
    ...(content.outcome === 'held' && !content.studentState
      ? [fault('/studentState', 'state_required', 'Say how the student was', '请说明学生状态')]
      : []),
    ...(['in_person', 'home_visit'].includes(content.medium) && !content.place
      ? [fault('/place', 'place_required', 'Say where', '请注明地点')]
      : []),
  ],
  effects: content => ({ progress: content.progress.map(({ goalId, progress }) => ({ goalId, progress })) }),
  example: today => ({
    outcome: 'held',
    on: today,
    // Early: it has begun where the day of an example is today.
    startsAt: '08:00',
    durationMinutes: 50,
    medium: 'in_person',
    place: '学院谈心室',
    participants: '学生、辅导员',
    summary: '回顾两周作业情况,讨论自习室安排与手机使用;演练向任课教师提问。',
    studentState: '较上次放松,愿意谈困难。',
    progress: [
      { goalId: 'g1', progress: 'progress' },
      { goalId: 'g2', progress: 'none' },
    ],
    nextStep: '下周二前完成两次作业;约朋辈辅导时间。',
  }),
})
