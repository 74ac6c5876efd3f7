import { missing, when } from '../checks/check.ts'
import { groupPhases } from '../group-codes.ts'
import type { GroupFacts, SessionFact } from '../group-facts.ts'
import type { GroupChecks } from './check.ts'

const held = ({ sessions }: GroupFacts, of: Partial<Pick<SessionFact, 'kind' | 'phase'>>): SessionFact[] =>
  sessions.filter(each => each.status === 'held' && Object.entries(of).every(([key, is]) => each[key as 'kind'] === is))

/** Rules about sessions. Source: domain §3; seed article 3, §3.3 (3) 制定工作方案. */
export const sessionChecks = {
  sessions_are_planned: {
    title: { en: 'Sessions are planned for every phase', zh: '各阶段均已计划活动' },
    records: ['session_plan'],
    rule: facts =>
      Object.entries(groupPhases).flatMap(([phase, { en, zh }]) =>
        facts.sessions.some(each => each.phase === phase && each.status !== 'dropped')
          ? []
          : [
              missing(
                'sessions_are_planned',
                { en: `No session is planned for the ${en.toLowerCase()}`, zh: `${zh}尚未计划活动` },
                `/sessions/${phase}`,
              ),
            ],
      ),
  },
  opening_session_was_held: {
    title: { en: 'The opening session was held, with attendance', zh: '已开展开组活动并记录出勤' },
    records: [],
    operation: 'holdGroupSession',
    rule: facts =>
      when(!held(facts, { kind: 'opening' }).some(each => each.attendance > 0), 'opening_session_was_held', {
        en: 'No opening session was held with attendance on file',
        zh: '尚无已记录出勤的开组活动',
      }),
  },
  session_was_held: {
    title: { en: 'A session was held in this phase', zh: '本阶段已开展活动' },
    records: [],
    operation: 'holdGroupSession',
    rule: facts =>
      when(!facts.sessions.some(each => each.heldVersion > facts.standing.stepSince), 'session_was_held', {
        en: 'No session was held since this phase began',
        zh: '本阶段开始以来尚未开展活动',
      }),
  },
  ending_was_announced: {
    title: { en: 'The ending was announced at a session before', zh: '已在此前的活动中预告结束' },
    records: [],
    operation: 'holdGroupSession',
    rule: facts =>
      when(facts.endingAnnouncedAt === null, 'ending_was_announced', {
        en: 'The ending was not announced at any session held before it',
        zh: '此前的活动中尚未预告小组结束',
      }),
  },
  sharing_session_was_held: {
    title: { en: 'The session of summary and sharing was held', zh: '已开展总结与分享活动' },
    records: [],
    operation: 'holdGroupSession',
    rule: facts =>
      when(held(facts, { kind: 'sharing', phase: 'ending' }).length === 0, 'sharing_session_was_held', {
        en: 'No session of summary and sharing was held in the ending phase',
        zh: '结束期尚未开展总结与分享活动',
      }),
  },
} as const satisfies GroupChecks
