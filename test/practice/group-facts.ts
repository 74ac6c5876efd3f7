import type { GroupEffects } from '../../src/practice/group-effects.ts'
import type { GroupFacts, MemberFact } from '../../src/practice/group-facts.ts'
import type { GroupStep } from '../../src/practice/group-work.ts'
import { recordKinds } from '../../src/practice/record-kinds.ts'
import { today } from './facts.ts'

/** A student who has agreed to take part. */
export const member = (id: string, more: Partial<MemberFact> = {}): MemberFact => ({
  id,
  personId: `person-${id}`,
  role: 'student',
  status: 'active',
  strengths: ['course:ENG101'],
  needs: ['course:MATH101'],
  profileVersion: 1,
  baselineVersion: 0,
  acceptedVersion: 0,
  outcomeVersion: 0,
  onwardVersion: 0,
  toldVersion: 0,
  consentedOn: null,
  leftOn: null,
  ...more,
})

/** A group of two in preparation, of which nothing is on file. */
export const givenGroup = (more: Partial<GroupFacts> = {}): GroupFacts => ({
  id: 'group-1',
  number: 'G2026-0001',
  type: 'mutual_aid',
  composition: { rule: 'complementary', coveredNeeds: 1, coversOthers: 1 },
  minMembers: 2,
  maxMembers: 4,
  orgUnitId: 'unit-1',
  leaderId: 'staff-1',
  version: 10,
  writes: 10,
  standing: {
    step: 'preparation',
    stepSince: 0,
    cameFrom: null,
    baseline: 0,
    reason: null,
    signed: {},
    waived: [],
  },
  openedOn: '2026-09-01',
  members: [
    member('m1', { status: 'consented' }),
    member('m2', { status: 'consented', strengths: ['course:MATH101'], needs: ['course:ENG101'] }),
  ],
  pairs: [],
  sessions: [],
  goals: [],
  tasks: [],
  budgetLines: [],
  openItems: [],
  endingAnnouncedAt: null,
  drafts: 0,
  openDrafts: [],
  keyErased: false,
  ...more,
})

const withMembers = (facts: GroupFacts, effects: GroupEffects, version: number): MemberFact[] =>
  facts.members.map(each => {
    const { profile, onward } = effects
    const own = profile?.memberId === each.id ? profile : undefined
    return {
      ...each,
      ...(own ? { strengths: own.strengths, needs: own.needs, profileVersion: version } : {}),
      ...(own?.baseline ? { baselineVersion: version } : {}),
      ...(effects.accepted === each.id ? { acceptedVersion: version } : {}),
      ...(effects.told?.includes(each.id) ? { toldVersion: version } : {}),
      ...(effects.outcomes?.some(one => one.memberId === each.id) ? { outcomeVersion: version } : {}),
      ...(onward?.memberId === each.id ? { onwardVersion: version } : {}),
    }
  })

const withSessions = ({ sessions }: GroupFacts, { sessions: put, replanned }: GroupEffects): GroupFacts['sessions'] => {
  const held = put ? sessions.filter(each => each.status === 'held') : sessions
  const planned = (put ?? []).map(each => ({ ...each, status: 'planned' as const, heldVersion: 0, attendance: 0 }))
  return [...held, ...planned].map(each => {
    const change = replanned?.find(one => one.sessionId === each.id)
    if (!change) return each
    return change.dropped ? { ...each, status: 'dropped' as const } : { ...each, on: change.on as string }
  })
}

const withWork = (facts: GroupFacts, effects: GroupEffects) => ({
  goals: (effects.goals
    ? effects.goals.map(({ id }) => ({ id, status: 'open' as const, attainment: null, attainmentFinal: false }))
    : facts.goals
  ).map(each => {
    const told = effects.attainment?.find(one => one.goalId === each.id)
    return told ? { ...each, attainment: told.level, attainmentFinal: told.final } : each
  }),
  tasks: [
    ...facts.tasks.filter(each => !effects.tasks?.some(one => one.id === each.id)),
    ...(effects.tasks ?? []).map(each => ({ ...each, status: 'open' as const })),
  ],
  budgetLines:
    effects.budgetLines?.map(({ id, plannedFen }) => ({
      id,
      plannedFen,
      approvedFen: null,
      spentFen: 0,
      settled: false,
    })) ?? facts.budgetLines,
})

/** The facts after a record with these effects came in force: what the signing statement does, in memory. */
export const afterRecord = (
  facts: GroupFacts,
  kind: string,
  content: Record<string, unknown>,
  effects: GroupEffects,
): GroupFacts => {
  const version = facts.version + 1
  const signed = { ...facts.standing.signed, [kind]: { id: kind, version, content } }
  const waived = [...facts.standing.waived, ...(effects.waivers ?? []).map(each => ({ ...each, version }))]
  return {
    ...facts,
    ...withWork(facts, effects),
    version,
    standing: { ...facts.standing, signed, waived },
    members: withMembers(facts, effects, version),
    sessions: withSessions(facts, effects),
  }
}

/** Signs a kind's example with changes laid over. @throws Error with the faults */
export const sign = (facts: GroupFacts, name: string, overlay: Record<string, unknown> = {}): GroupFacts => {
  const kind = recordKinds[name]
  if (!kind) throw new Error(`no kind ${name}`)
  const { writableIn } = kind
  if (typeof writableIn !== 'string' && !writableIn.includes(facts.standing.step))
    throw new Error(`${name} in ${facts.standing.step}`)
  const content = kind.content.parse({ ...kind.example(today), ...overlay })
  const faults = kind.check?.(content, facts, today, [], '23:59') ?? []
  if (faults.length > 0) throw new Error(`${name}: ${faults.map(each => `${each.pointer} ${each.code}`).join(', ')}`)
  return afterRecord(facts, name, content, kind.effects?.(content, facts) ?? {})
}

/** A session held, with attendance of everybody. */
export const hold = (facts: GroupFacts, sessionId: string, endingAnnounced = false): GroupFacts => {
  const attendance = facts.members.map(({ id }) => ({ memberId: id, attendance: 'present' }))
  const next = sign(facts, 'group_session', { sessionId, attendance, endingAnnounced })
  return {
    ...next,
    endingAnnouncedAt: next.endingAnnouncedAt ?? (endingAnnounced ? sessionId : null),
    sessions: next.sessions.map(each =>
      each.id === sessionId
        ? { ...each, status: 'held', heldVersion: next.version, attendance: attendance.length }
        : each,
    ),
  }
}

/** The facts in another step, members with it. */
export const moved = (facts: GroupFacts, step: GroupStep): GroupFacts => ({
  ...facts,
  version: facts.version + 1,
  standing: { ...facts.standing, step, stepSince: facts.version + 1 },
  members: facts.members.map(each =>
    step === 'early' && each.status === 'consented' ? { ...each, status: 'active' as const } : each,
  ),
})

const approved = (facts: GroupFacts): GroupFacts => ({
  ...facts,
  budgetLines: facts.budgetLines.map(each => ({ ...each, approvedFen: each.plannedFen })),
})

const m2 = { memberId: 'm2', strengths: ['course:MATH101'], needs: ['course:ENG101'] }

/** What each phase asks for, done with the examples. */
export const work: Readonly<
  Record<'preparation' | 'early' | 'middle' | 'late' | 'ending', (facts: GroupFacts) => GroupFacts>
> = {
  preparation: facts =>
    approved(
      (['group_plan', 'recruitment_plan', 'member_profile', 'session_plan', 'group_budget'] as const).reduce(
        (now, kind) => sign(now, kind),
        sign(facts, 'member_profile', m2),
      ),
    ),
  early: facts => {
    const agreed = sign(sign(sign(hold(facts, 's1'), 'group_contract'), 'contract_acceptance'), 'member_note')
    return sign(sign(agreed, 'contract_acceptance', { memberId: 'm2' }), 'phase_evaluation')
  },
  middle: facts =>
    sign(hold(sign(sign(facts, 'contingency_adjustment'), 'task_assignment'), 's2'), 'phase_evaluation', {
      phase: 'middle',
    }),
  late: facts => {
    const done = { ...facts, tasks: facts.tasks.map(each => ({ ...each, status: 'done' as const })) }
    return sign(hold(done, 's3', true), 'phase_evaluation', { phase: 'late' })
  },
  ending: facts => {
    const evaluated = sign(hold(facts, 's4'), 'final_evaluation')
    const onward = sign(sign(evaluated, 'onward_plan'), 'onward_plan', { memberId: 'm2' })
    return { ...onward, budgetLines: onward.budgetLines.map(each => ({ ...each, settled: true })) }
  },
}

/** A group in which everything up to and in a step was done. */
export const doneIn = (step: keyof typeof work): GroupFacts => {
  const steps = Object.keys(work) as (keyof typeof work)[]
  return steps
    .slice(0, steps.indexOf(step) + 1)
    .reduce((now, each) => work[each](each === 'preparation' ? now : moved(now, each)), givenGroup())
}
