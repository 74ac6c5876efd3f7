import { z } from 'zod'
import { codesOf, media } from '../../codes.ts'
import { adjustmentDecisions, adjustmentTriggers } from '../../group-codes.ts'
import type { GroupFacts } from '../../group-facts.ts'
import { day, daysAfter, defineRecord, localId, type SigningFault, words } from '../../record-kind.ts'
import { fault, lifetimeFaults, pastFaults, repeatFaults } from '../parts.ts'
import { memberId, membersFaults } from './parts.ts'

const replan = z.discriminatedUnion('how', [
  z.strictObject({
    how: z.literal('move').describe('It is held at another time'),
    sessionId: localId().describe('Planned session'),
    on: day().describe('New day'),
    startsAt: z.iso.time({ precision: -1 }).max(5).meta({ public: 'a time' }).describe('New begin HH:MM, local'),
  }),
  z.strictObject({
    how: z.literal('drop').describe('It is not held'),
    sessionId: localId().describe('Planned session'),
  }),
])

type Replan = z.output<typeof replan>

const replanFaults = (items: readonly Replan[], facts: GroupFacts, today: string): SigningFault[] => [
  ...items.flatMap((item, index) => [
    ...(facts.sessions.some(each => each.id === item.sessionId && each.status === 'planned')
      ? []
      : [fault(`/replan/${index}/sessionId`, 'unknown_session', 'No planned session has the id', '没有此计划活动')]),
    ...(item.how === 'move' ? pastFaults(`/replan/${index}/on`, item.on, today) : []),
  ]),
  ...repeatFaults(
    items.map(each => each.sessionId),
    index => `/replan/${index}/sessionId`,
    'repeated_session',
    '活动重复',
  ),
]

/**
 * Contingency adjustment 应变调整: sessions replanned in any phase, or the group ended or cancelled and its members told.
 * Source: seed article 3, §3.3 (4) 根据反馈情况及时调整工作方案.
 */
export const contingencyAdjustment = defineRecord({
  kind: 'contingency_adjustment',
  of: 'group',
  title: { en: 'Contingency adjustment', zh: '应变调整' },
  source: 'Seed article 3, §3.3 (4) 评估与应变; MZ/T 095-2017 转折',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({
    on: day().describe('Day it was decided'),
    trigger: z.enum(codesOf(adjustmentTriggers)).describe('What called for it'),
    feedback: words(4000).describe('What was heard or seen'),
    decision: z.enum(codesOf(adjustmentDecisions)).describe('What follows'),
    adjustment: words(4000).describe('What is done otherwise'),
    replan: z.array(replan).max(60).describe('Planned sessions moved or dropped'),
    told: z
      .strictObject({
        on: day().describe('Day'),
        medium: z.enum(codesOf(media)).describe('Medium'),
        memberIds: z.array(memberId()).min(1).max(200).describe('Members who were told'),
      })
      .optional()
      .describe('Members told that the group ends; only where it does'),
  }),
  check: ({ on, decision, replan, told }, facts, today) => [
    ...lifetimeFaults('/on', on, facts, today),
    ...replanFaults(replan, facts, today),
    ...(told ? lifetimeFaults('/told/on', told.on, facts, today) : []),
    ...(told ? membersFaults(told.memberIds, index => `/told/memberIds/${index}`, facts) : []),
    ...(told && decision === 'adjust'
      ? [
          fault(
            '/told',
            'nothing_to_tell',
            'The group goes on: there is no ending to tell of',
            '小组继续开展,无须告知结束',
          ),
        ]
      : []),
  ],
  effects: ({ replan, told }) => ({
    replanned: replan.map(item => ({
      sessionId: item.sessionId,
      dropped: item.how === 'drop',
      on: item.how === 'move' ? item.on : null,
      startsAt: item.how === 'move' ? item.startsAt : null,
    })),
    told: told?.memberIds ?? [],
  }),
  example: today => ({
    on: today,
    trigger: 'timetable',
    feedback: '多数成员下周有期中考试。',
    decision: 'adjust',
    adjustment: '中期活动顺延一周,改为考前互助答疑。',
    replan: [{ how: 'move', sessionId: 's2', on: daysAfter(today, 21), startsAt: '19:30' }],
  }),
})
