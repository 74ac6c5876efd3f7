import { z } from 'zod'
import { codesOf } from '../../codes.ts'
import { groupPhases, sessionKinds } from '../../group-codes.ts'
import type { GroupFacts } from '../../group-facts.ts'
import { phaseOf } from '../../group-work.ts'
import { day, daysAfter, defineRecord, localId, type SigningFault, words } from '../../record-kind.ts'
import { fault, pastFaults, repeatedIds } from '../parts.ts'

const session = z.strictObject({
  id: localId().describe('Id in this group, kept through versions'),
  phase: z.enum(codesOf(groupPhases)).describe('Phase it belongs in'),
  kind: z.enum(codesOf(sessionKinds)).describe('What it is for'),
  on: day().describe('Day'),
  startsAt: z.iso.time({ precision: -1 }).max(5).meta({ public: 'a time' }).describe('Begin HH:MM, local'),
  durationMinutes: z.int().min(10).max(600).describe('Length in minutes'),
  purpose: words(1000).describe('Purpose'),
  leaderTasks: words(1000).describe('What the leaders do'),
  memberTasks: words(1000).describe('What the members do'),
  materials: words(500).describe('Materials, or none'),
  venue: words(200).describe('Venue'),
  staff: words(500).describe('Staff'),
})

const phases = codesOf(groupPhases)

type Session = z.output<typeof session>

/** Sessions still to come: those held already are named for completeness and stay as they were. */
const toCome = (sessions: readonly Session[], facts: GroupFacts) =>
  sessions.filter(({ id }) => !facts.sessions.some(each => each.id === id && each.status === 'held'))

/** Whether a session stays on the day it is planned for: one that was held and is recorded late stays in the plan. */
const keepsDay = ({ id, on }: Session, facts: GroupFacts): boolean =>
  facts.sessions.some(each => each.id === id && each.status === 'planned' && each.on === on)

const faultsOf = (one: Session, at: string, facts: GroupFacts, today: string): SigningFault[] => {
  const now = phaseOf(facts.standing.step)
  const over = now !== null && phases.indexOf(one.phase) < phases.indexOf(now)
  const misplaced =
    (one.kind === 'opening' && one.phase !== 'early') || (one.kind === 'sharing' && one.phase !== 'ending')
  return [
    ...(keepsDay(one, facts) ? [] : pastFaults(`${at}/on`, one.on, today)),
    ...(over ? [fault(`${at}/phase`, 'phase_over', 'This phase is over', '该阶段已结束')] : []),
    ...(misplaced
      ? [
          fault(
            `${at}/kind`,
            'kind_misplaced',
            'The opening session is in the early phase, the sharing one in the ending phase',
            '开组活动在初期,总结与分享活动在结束期',
          ),
        ]
      : []),
  ]
}

/** A session of a later phase that comes before one of an earlier phase. */
const outOfOrder = (sessions: readonly Session[]): SigningFault[] =>
  sessions.flatMap((one, index) =>
    sessions.some(other => phases.indexOf(other.phase) > phases.indexOf(one.phase) && other.on < one.on)
      ? [fault(`/sessions/${index}/on`, 'out_of_order', 'A later phase has a session before it', '晚于其后阶段的活动')]
      : [],
  )

/** Session plan 工作方案: the whole, and each session. Source: seed article 3, §3.3 (3) 制定工作方案. */
export const sessionPlan = defineRecord({
  kind: 'session_plan',
  of: 'group',
  title: { en: 'Session plan', zh: '小组工作方案' },
  source: 'Seed article 3, §3.3 (3) 制定工作方案; MZ/T 095-2017 筹备',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'whole',
  content: z.strictObject({
    overview: words(4000).describe('The work as a whole'),
    sessions: z.array(session).min(1).max(60).describe('Sessions; planned ones not named any more are dropped'),
  }),
  check: ({ sessions }, facts, today) => {
    const coming = toCome(sessions, facts)
    return [
      ...repeatedIds(sessions, 'sessions'),
      ...sessions.flatMap((one, index) =>
        coming.includes(one) ? faultsOf(one, `/sessions/${index}`, facts, today) : [],
      ),
      ...outOfOrder(sessions),
    ]
  },
  effects: ({ sessions }, facts) => ({
    sessions: toCome(sessions, facts).map(({ id, phase, kind, on, startsAt, durationMinutes }) => ({
      id,
      phase,
      kind,
      on,
      startsAt,
      durationMinutes,
    })),
  }),
  example: today => ({
    overview: '每周一次,共四个阶段;先建立信任,再分工互助,最后总结分享。',
    sessions: (
      [
        ['s1', 'early', 'opening', 2, '相互认识,商定小组契约。'],
        ['s2', 'middle', 'regular', 16, '交流学习方法,结成互助任务。'],
        ['s3', 'late', 'regular', 30, '检查任务完成情况,预告结束。'],
        ['s4', 'ending', 'sharing', 44, '总结与分享,告别。'],
      ] as const
    ).map(([id, phase, kind, days, purpose]) => ({
      id,
      phase,
      kind,
      on: daysAfter(today, days),
      startsAt: '19:00',
      durationMinutes: 90,
      purpose,
      leaderTasks: '引导、观察、总结。',
      memberTasks: '准备一件本周的学习困难。',
      materials: '白板、便签。',
      venue: '学院活动室',
      staff: '指导者一名,志愿者两名。',
    })),
  }),
})
