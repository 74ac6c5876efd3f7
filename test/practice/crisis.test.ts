import t from 'tap'
import { refuseMove } from '../../src/kernel/decide.ts'
import { stateOfEdge } from '../../src/kernel/explain.ts'
import { type CrisisFacts, crisisProcess, holdOutcomeOf, stageTargets } from '../../src/practice/crisis.ts'
import { crisisChecks } from '../../src/practice/crisis-checks.ts'
import { type ClockSource, escalatesNext, isLate, startStage } from '../../src/practice/crisis-clock.ts'
import { crisisOutcomes, earlyReasons } from '../../src/practice/crisis-codes.ts'
import { defaultCalendar } from '../../src/practice/warning-settings.ts'

const catalogue = { checks: crisisChecks, titleOf: () => ({ en: '', zh: '' }) }

const standing = (step: CrisisFacts['standing']['step'], stepSince = 1): CrisisFacts['standing'] => ({
  step,
  stepSince,
  cameFrom: null,
  baseline: 0,
  reason: null,
  signed: {},
  waived: [],
})

/** A crisis of safety in which everything was done. */
const done = (step: CrisisFacts['standing']['step'], more: Partial<CrisisFacts> = {}): CrisisFacts => ({
  id: 'c',
  studentId: 's',
  orgUnitId: 'u',
  leadId: 'l',
  kind: 'safety',
  version: 9,
  writes: 9,
  standing: standing(step),
  relapsedVersion: 0,
  responders: [{ id: 'r', kind: 'hospital', staffId: null, contactedAt: 'x', answer: 'on_site', released: false }],
  measures: [{ id: 'm', version: 2, ended: true }],
  notices: { given: 1, attempted: 0 },
  exemptions: [],
  minutesInStep: 1,
  outcome: 'moved_down',
  decisions: [{ id: 'd', decision: 'moved_down', appealed: true, settled: true }],
  debriefs: 1,
  ...more,
})

/** What takes each check away, and what of it a crisis of studies does without. */
const breaking: Readonly<Record<keyof typeof crisisChecks, Partial<CrisisFacts>>> = {
  responder_has_answered: { responders: [], exemptions: [{ from: 'specialist', version: 2 }] },
  guardian_was_notified: { notices: { given: 0, attempted: 3 } },
  minutes_were_kept: { minutesInStep: 0 },
  specialist_is_involved: {
    responders: [{ id: 'r', kind: 'family', staffId: null, contactedAt: 'x', answer: 'on_site', released: false }],
  },
  monitoring_is_decided: { measures: [] },
  outcome_is_recorded: { outcome: null },
  decision_is_recorded: { decisions: [{ id: 'd', decision: 'leave', appealed: false, settled: false }] },
  debrief_is_on_file: { debriefs: 0 },
  measures_are_ended: { measures: [{ id: 'm', version: 2, ended: false }] },
  appeals_are_settled: { decisions: [{ id: 'd', decision: 'moved_down', appealed: true, settled: false }] },
}

t.test('every check alone blocks the moves that ask for it, and no other', async t => {
  for (const edge of crisisProcess.edges) {
    const reason = ('reasons' in edge ? edge.reasons?.[0] : null) ?? null
    const move = { to: edge.to, reason, note: '说明', today: '2026-09-14' }
    const refusal = (facts: CrisisFacts) =>
      refuseMove(crisisProcess as never, facts.standing as never, facts, catalogue as never, ['lead'], move)
    t.equal(refusal(done(edge.from)), null, `${edge.from} to ${edge.to} is earned`)
    const asked = edge.checks.map(use => use.check)
    for (const [check, broken] of Object.entries(breaking)) {
      const found = refusal(done(edge.from, broken)) as {
        missing?: { check: string; title: { en: string; zh: string } }[]
      } | null
      const missing = [...new Set((found?.missing ?? []).map(each => each.check))]
      t.same(missing, asked.includes(check as never) ? [check] : [], `${edge.from} to ${edge.to} without ${check}`)
      for (const each of found?.missing ?? []) t.ok(each.title.en && each.title.zh)
    }
    const others = refuseMove(
      crisisProcess as never,
      standing(edge.from) as never,
      done(edge.from),
      catalogue as never,
      ['responder', 'told'],
      move,
    )
    t.match(others, { code: 'edge_not_yours', by: ['lead', 'line_manager'] })
  }
})

t.test('what a crisis of studies does without; exemptions; what a relapse asks anew', async t => {
  const missing = (facts: CrisisFacts, to: string) => {
    const edge = crisisProcess.edges.find(each => each.from === facts.standing.step && each.to === to)
    const state = stateOfEdge(
      crisisProcess as never,
      edge as never,
      facts.standing as never,
      facts,
      catalogue as never,
      {
        reason: null,
        today: '2026-09-14',
      },
    )
    return state.filter(each => !each.met).map(each => each.check)
  }
  const bare = {
    notices: { given: 0, attempted: 0 },
    responders: [{ ...done('open').responders[0], kind: 'family' }],
  } as never
  t.same(missing(done('mobilised', bare), 'stabilised'), ['guardian_was_notified', 'specialist_is_involved'])
  t.same(missing(done('mobilised', { ...(bare as object), kind: 'academic' }), 'stabilised'), [])
  const exempt = ['guardian_notice', 'specialist', 'monitoring'].map(from => ({ from, version: 5 }))
  const exempted = { ...(bare as object), measures: [], exemptions: exempt }
  t.same(missing(done('mobilised', exempted), 'stabilised'), [])
  t.same(missing(done('mobilised', { ...exempted, relapsedVersion: 6 }), 'stabilised'), ['monitoring_is_decided'])
  t.same(missing(done('mobilised', { relapsedVersion: 6 }), 'stabilised'), ['monitoring_is_decided'])
  const running = { measures: [{ id: 'm', version: 2, ended: false }], relapsedVersion: 6 }
  t.same(missing(done('mobilised', running), 'stabilised'), [], 'a measure that still runs holds on')
  const responder = done('open').responders[0] as CrisisFacts['responders'][number]
  for (const unfit of [{ answer: null }, { answer: 'cannot' as const }, { released: true }])
    t.same(missing(done('open', { responders: [{ ...responder, ...unfit }] }), 'mobilised'), ['responder_has_answered'])
  for (const [outcome, { decided }] of Object.entries(crisisOutcomes))
    t.same(
      missing(done('stabilised', { outcome: outcome as 'leave', decisions: [] }), 'debriefed'),
      decided ? ['decision_is_recorded'] : [],
      outcome,
    )
})

t.test('how a hold is lifted', async t => {
  for (const reason of earlyReasons) t.equal(holdOutcomeOf(null, reason), reason)
  t.equal(holdOutcomeOf('handed_over', null), 'handed_over')
  for (const outcome of ['dismissed', 'withdrew']) t.equal(holdOutcomeOf(outcome, null), 'left_school')
  for (const outcome of ['continued', 'moved_down', 'probation', 'delayed', 'leave'])
    t.equal(holdOutcomeOf(outcome, null), 'stabilised')
})

t.test('clocks: hours for safety, working days for studies, nothing guessed past the horizon', async t => {
  const source = (horizon: string): ClockSource => ({
    timeZone: 'Asia/Shanghai',
    settings: null,
    calendar: { ...defaultCalendar, horizon },
  })
  const friday = new Date('2026-09-18T09:00:00Z')
  t.same(startStage(source('2026-12-31'), 'safety', 'open', friday), {
    dueAt: '2026-09-18T10:00:00.000Z',
    beyondHorizon: false,
    escalatesAt: '2026-09-18T10:00:00.000Z',
  })
  t.equal(
    startStage(source('2026-12-31'), 'academic', 'open', friday).dueAt,
    '2026-09-21T09:00:00.000Z',
    'over a weekend',
  )
  t.same(startStage(source('2026-09-19'), 'academic', 'open', friday), {
    dueAt: null,
    beyondHorizon: true,
    escalatesAt: null,
  })
  for (const step of Object.keys(stageTargets) as (keyof typeof stageTargets)[])
    t.equal(startStage(source('2027-12-31'), 'academic', step, friday).dueAt === null, step === 'closed', step)
  t.same(startStage(source('2000-01-01'), 'academic', 'closed', friday), {
    dueAt: null,
    beyondHorizon: false,
    escalatesAt: null,
  })
  const about = { kind: 'safety', step: 'open', from: friday } as const
  t.same(escalatesNext(source('2026-12-31'), { ...about, level: 1 }), new Date('2026-09-18T10:00:00.000Z'))
  t.equal(escalatesNext(source('2026-12-31'), { ...about, level: 2 }), null, 'the last level')
  t.equal(escalatesNext({ ...source('2026-12-31'), settings: { escalation: [] } }, { ...about, level: 1 }), null)
  const later = (ms: number) => new Date(friday.getTime() + ms)
  t.notOk(isLate('safety', friday, later(3_600_000)))
  t.ok(isLate('safety', friday, later(3_600_001)))
  t.notOk(isLate('academic', friday, later(86_400_000)))
  t.ok(isLate('academic', friday, later(86_400_001)))
})
