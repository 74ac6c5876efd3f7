import { z } from 'zod'
import { codesOf } from '../../codes.ts'
import { attendances } from '../../group-codes.ts'
import type { GroupFacts } from '../../group-facts.ts'
import { phaseOf } from '../../group-work.ts'
import { day, defineRecord, localId, type SigningFault, signedWithinDays, words } from '../../record-kind.ts'
import { fault, lifetimeFaults, notBegunFaults, repeatFaults } from '../parts.ts'
import { joinedOnFaults, memberId, presentOnFaults } from './parts.ts'

/** What is said of a session that was held. */
export const sessionContent = z.strictObject({
  sessionId: localId().describe('Session of the session plan'),
  on: day().describe('Day'),
  startsAt: z.iso.time({ precision: -1 }).max(5).meta({ public: 'a time' }).describe('Begin HH:MM, local'),
  durationMinutes: z.int().min(1).max(600).describe('Length in minutes'),
  attendance: z
    .array(
      z.strictObject({
        memberId: memberId(),
        attendance: z.enum(codesOf(attendances)).describe('Present, late, excused or absent'),
      }),
    )
    .min(1)
    .max(200)
    .describe('Attendance of every active member'),
  activities: words(8000).describe('What was done'),
  againstPlan: z.enum(['as_planned', 'changed', 'dropped_in_part']).describe('Activities against the plan'),
  deviation: words(2000).optional().describe('What was other than planned; needed unless as planned'),
  atmosphere: words(2000).describe('How the group was'),
  interactions: z
    .array(
      z.strictObject({
        fromId: memberId().describe('Who turns'),
        toId: memberId().describe('to whom'),
        rating: z.int().min(-2).max(2).describe('−2 rejects … 0 neutral … +2 seeks'),
      }),
    )
    .max(9900)
    .describe('Interaction ratings, as observed or asked for: what the sociogram is drawn from'),
  endingAnnounced: z.boolean().describe('The ending of the group was announced'),
  next: words(1000).describe('What comes next'),
})

type Held = z.output<typeof sessionContent>

const sessionFaults = ({ sessionId }: Held, facts: GroupFacts): SigningFault[] => {
  const planned = facts.sessions.find(each => each.id === sessionId)
  if (!planned) return [fault('/sessionId', 'unknown_session', 'No session has the id', '没有此活动')]
  if (planned.status !== 'planned')
    return [fault('/sessionId', 'session_settled', 'It was held or dropped already', '该活动已开展或取消')]
  return planned.phase === phaseOf(facts.standing.step)
    ? []
    : [fault('/sessionId', 'other_phase', 'It belongs to another phase', '该活动不属于当前阶段')]
}

/** Every active member is there once, but for who agreed to take part after the day; nobody who was not in the group. */
const attendanceFaults = ({ on, attendance }: Held, facts: GroupFacts): SigningFault[] => {
  const ids = attendance.map(each => each.memberId)
  // Who left and joined anew has two ids, and was there once.
  const persons = ids.map(id => facts.members.find(each => each.id === id)?.personId ?? id)
  const forgotten = facts.members.filter(
    each => each.status === 'active' && (each.consentedOn ?? on) <= on && !ids.includes(each.id),
  )
  return [
    ...ids.flatMap((id, index) => joinedOnFaults(`/attendance/${index}/memberId`, id, on, facts)),
    ...repeatFaults(persons, index => `/attendance/${index}/memberId`, 'repeated_member', '成员重复'),
    ...forgotten.map(({ id }) =>
      fault('/attendance', 'attendance_missing', `Say whether ${id} was there`, `请记录成员${id}的出勤`),
    ),
  ]
}

const interactionFaults = ({ on, interactions }: Held, facts: GroupFacts): SigningFault[] => [
  ...interactions.flatMap(({ fromId, toId }, index) => [
    ...joinedOnFaults(`/interactions/${index}/fromId`, fromId, on, facts),
    ...joinedOnFaults(`/interactions/${index}/toId`, toId, on, facts),
    ...(fromId === toId
      ? [fault(`/interactions/${index}/toId`, 'same_member', 'Both are the same member', '双方为同一成员')]
      : []),
  ]),
  ...repeatFaults(
    interactions.map(({ fromId, toId }) => `${fromId} ${toId}`),
    index => `/interactions/${index}`,
    'repeated_rating',
    '评定重复',
  ),
]

/**
 * Group session 小组活动记录, written in one act with attendance, member notes and the entries into members' cases.
 * Source: seed article 3, §3.3 (3) and (4).
 */
export const groupSession = defineRecord({
  kind: 'group_session',
  of: 'group',
  title: { en: 'Group session', zh: '小组活动记录' },
  source: 'Seed article 3, §3.3 (3) 小组活动 and (4) 收集反馈信息; MZ/T 095-2017 转折与成熟',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['early', 'middle', 'late', 'ending'],
  writtenBy: 'holdGroupSession',
  cardinality: 'many',
  studentReads: ['sessionId', 'on', 'startsAt', 'durationMinutes', 'next'],
  lateAfterDays: signedWithinDays,
  content: sessionContent,
  check: (given, facts, today, _named, time) => [
    ...lifetimeFaults('/on', given.on, facts, today),
    ...notBegunFaults('/startsAt', given, today, time),
    ...sessionFaults(given, facts),
    ...attendanceFaults(given, facts),
    ...interactionFaults(given, facts),
    ...(given.againstPlan !== 'as_planned' && !given.deviation
      ? [fault('/deviation', 'reason_required', 'Say what was other than planned', '请说明与方案的不同')]
      : []),
  ],
  effects: ({ endingAnnounced, attendance }) => ({
    told: endingAnnounced
      ? attendance.filter(each => attendances[each.attendance].attended).map(each => each.memberId)
      : [],
  }),
  example: today => ({
    sessionId: 's1',
    on: today,
    // Early: it has begun where the day of an example is today.
    startsAt: '08:00',
    durationMinutes: 90,
    attendance: [
      { memberId: 'm1', attendance: 'present' },
      { memberId: 'm2', attendance: 'late' },
    ],
    activities: '破冰游戏后分享各自的学习困难,共同商定契约。',
    againstPlan: 'changed',
    deviation: '分享时间延长,书写目标移至下次。',
    atmosphere: '由拘谨到放松,有人主动提问。',
    interactions: [
      { fromId: 'm1', toId: 'm2', rating: 2 },
      { fromId: 'm2', toId: 'm1', rating: 1 },
    ],
    endingAnnounced: false,
    next: '下周带一份错题。',
  }),
})

/** Note on one member 成员个别记录: private to the leaders, and told to that member's case. */
export const memberNote = defineRecord({
  kind: 'member_note',
  of: 'group',
  title: { en: 'Note on a member', zh: '成员个别记录' },
  source: 'Seed article 3, §3.3 (4) 收集反馈信息; MZ/T 095-2017 转折与成熟',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  about: 'member',
  workersOnly: true,
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    memberId: memberId(),
    on: day().describe('Day it is about'),
    sessionId: localId().optional().describe('Session it is about'),
    note: words(4000).describe('What was seen of the member'),
  }),
  check: ({ memberId, on, sessionId }, facts, today) => [
    ...presentOnFaults('/memberId', memberId, on, facts),
    ...lifetimeFaults('/on', on, facts, today),
    ...(sessionId === undefined || facts.sessions.some(each => each.id === sessionId)
      ? []
      : [fault('/sessionId', 'unknown_session', 'No session has the id', '没有此活动')]),
  ],
  example: today => ({ memberId: 'm1', on: today, note: '两次想发言又停下,会后说怕讲错。' }),
})
