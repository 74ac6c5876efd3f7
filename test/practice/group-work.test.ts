import t from 'tap'
import { edgesFrom, refuseMove } from '../../src/kernel/decide.ts'
import { explainEdges } from '../../src/kernel/transitions.ts'
import { groupChecks } from '../../src/practice/group-checks.ts'
import { resolvedByHand } from '../../src/practice/group-codes.ts'
import type { GroupFacts } from '../../src/practice/group-facts.ts'
import { groupWork, phaseOf, runningSteps } from '../../src/practice/group-work.ts'
import { kindsOf, titleOfKind } from '../../src/practice/record-kinds.ts'
import { today } from './facts.ts'
import { doneIn, givenGroup, member, moved, sign, work } from './group-facts.ts'

const catalogue = { checks: groupChecks, titleOf: titleOfKind, recordOperation: 'createGroupRecord' }

type Edge = (typeof groupWork.edges)[number]
type Step = keyof typeof work

/** Refusal of a move by a leader, as `code` or the names of what is missing. */
const refused = (facts: GroupFacts, to: string, reason: string | null = null, by = ['leader']) => {
  const found = refuseMove(groupWork, facts.standing, facts, catalogue, by, { to, reason, note: '说明', today })
  if (found === null) return []
  return found.code === 'requirements_unmet'
    ? [...new Set(found.missing.map(each => each.need ?? each.check))]
    : [found.code]
}

const reasonsOf = (edge: Edge): (string | null)[] => {
  const given: readonly string[] = 'reasons' in edge ? (edge.reasons ?? []) : []
  return [...given, ...(given.length === 0 || ('reasonOptional' in edge && edge.reasonOptional) ? [null] : [])]
}

/** A group that has done everything an edge may ask for. */
const earned = (edge: Edge): GroupFacts => {
  const facts = doneIn(edge.from as Step)
  return {
    ...facts,
    members: facts.members.map(each => ({ ...each, toldVersion: facts.version, onwardVersion: 1 })),
    budgetLines: facts.budgetLines.map(each => ({
      ...each,
      settled: edge.checks.some(({ check }) => check === 'budget_is_settled'),
    })),
  }
}

/** What takes each check away from a group that meets it. */
const breaking: Readonly<Record<keyof typeof groupChecks, (facts: GroupFacts) => Partial<GroupFacts>>> = {
  members_have_consented: facts => ({ minMembers: facts.members.length + 1, maxMembers: 20 }),
  composition_fits: facts => ({ members: facts.members.map(each => ({ ...each, needs: ['course:NONE'] })) }),
  norms_are_accepted: facts => ({ members: facts.members.map(each => ({ ...each, acceptedVersion: 1 })) }),
  baseline_is_on_file: facts => ({ members: facts.members.map(each => ({ ...each, baselineVersion: 0 })) }),
  members_were_told: facts => ({ members: facts.members.map(each => ({ ...each, toldVersion: 0 })) }),
  outcomes_are_on_file: facts => ({ members: facts.members.map(each => ({ ...each, outcomeVersion: 0 })) }),
  onward_plans_are_made: facts => ({ members: facts.members.map(each => ({ ...each, onwardVersion: 0 })) }),
  sessions_are_planned: facts => ({
    sessions: facts.sessions.map(each => (each.phase === 'middle' ? { ...each, phase: 'late' as const } : each)),
  }),
  opening_session_was_held: facts => ({
    sessions: facts.sessions.map(each => (each.kind === 'opening' ? { ...each, attendance: 0 } : each)),
  }),
  session_was_held: facts => ({ sessions: facts.sessions.map(each => ({ ...each, heldVersion: 0 })) }),
  ending_was_announced: () => ({ endingAnnouncedAt: null }),
  sharing_session_was_held: facts => ({
    sessions: facts.sessions.map(each => (each.kind === 'sharing' ? { ...each, kind: 'regular' as const } : each)),
  }),
  tasks_are_assigned: () => ({ tasks: [] }),
  tasks_are_settled: facts => ({
    tasks: [
      ...facts.tasks.map(each => ({ ...each, status: 'open' as const })),
      { id: 't9', memberId: null, status: 'open', dueOn: today },
    ],
  }),
  budget_is_funded: facts => ({ budgetLines: facts.budgetLines.map(each => ({ ...each, approvedFen: 1 })) }),
  budget_is_settled: facts => ({ budgetLines: facts.budgetLines.map(each => ({ ...each, settled: false })) }),
  group_goals_are_assessed: facts => ({ goals: facts.goals.map(each => ({ ...each, attainmentFinal: false })) }),
  open_items_are_resolved: () => ({
    openItems: [{ id: 'o1', kind: 'below_minimum', dueOn: today, resolution: null }],
  }),
  group_drafts_are_settled: () => ({ openDrafts: [{ id: 'd1', kind: 'group_plan' }] }),
}

/** A baseline on both, which the examples put on one. */
const withBaselines = (facts: GroupFacts): GroupFacts => ({
  ...facts,
  members: facts.members.map(each => ({ ...each, baselineVersion: Math.max(1, each.baselineVersion) })),
})

t.test('a group that does its work goes through the five phases to its end', async t => {
  let facts = givenGroup()
  for (const step of Object.keys(work) as Step[]) {
    const [next] = groupWork.edges.filter(each => each.from === step)
    const to = next?.to as Parameters<typeof moved>[1]
    t.not(refused(withBaselines(facts), to).length, 0, `${step} is not left before its work is done`)
    facts = withBaselines(work[step](facts))
    t.same(refused(facts, to), [], `${step} to ${to}`)
    facts = moved(facts, to)
  }
  t.equal(facts.standing.step, 'ended')
  t.same(edgesFrom(groupWork, facts.standing), [], 'nothing leads out of the end')
})

t.test('every need and check alone blocks the edges that ask for it for each reason, and no other', async t => {
  for (const edge of groupWork.edges) {
    const facts = withBaselines(earned(edge))
    for (const reason of reasonsOf(edge)) {
      const label = `${edge.from} to ${edge.to}${reason ? ` for ${reason}` : ''}`
      t.same(refused(facts, edge.to, reason), [], label)
      const asks = (use: {
        readonly when?: { reason: readonly string[] }
        readonly unless?: { reason: readonly string[] }
      }) =>
        (!use.when || (reason !== null && use.when.reason.includes(reason))) &&
        (!use.unless || reason === null || !use.unless.reason.includes(reason))
      const checks = edge.checks.filter(asks).map(use => use.check) as string[]
      for (const [check, broken] of Object.entries(breaking))
        t.same(
          refused({ ...facts, ...broken(facts) }, edge.to, reason),
          checks.includes(check) ? [check] : [],
          `${label} without ${check}`,
        )
      for (const need of edge.needs.filter(asks)) {
        const { [need.record]: _, ...signed } = facts.standing.signed as Record<string, never>
        const without = { ...facts, standing: { ...facts.standing, signed } }
        t.same(refused(without, edge.to, reason), [need.record], `${label} without ${need.record}`)
        const kind = kindsOf('group')[need.record]
        t.ok(kind, `${need.record} is a form of groups`)
      }
    }
  }
})

t.test('what is missing says where, in both languages, and what would meet it', async t => {
  for (const edge of groupWork.edges) {
    const facts = withBaselines(earned(edge))
    for (const { check } of edge.checks) {
      const broken = { ...facts, ...breaking[check](facts) }
      const [reason = null] = reasonsOf(edge)
      const found = refuseMove(groupWork, broken.standing, broken, catalogue, ['leader'], {
        to: edge.to,
        reason,
        note: '说明',
        today,
      }) as { missing?: { title: { en: string; zh: string }; recordKind?: string; operation?: string }[] } | null
      for (const each of found?.missing ?? []) {
        t.match(each.title.en, /^[A-Z0-9]/)
        t.match(each.title.zh, /[\u4e00-\u9fff]/)
        t.ok(each.operation, `${check} names an operation`)
        if (each.recordKind) t.ok(kindsOf('group')[each.recordKind], each.recordKind)
      }
    }
  }
  const lacking = breaking.members_were_told(doneIn('early'))
  const facts = { ...doneIn('early'), ...lacking }
  t.match(explainEdges(groupWork, facts.standing, facts, catalogue, ['leader'], today), [
    { to: 'middle' },
    {
      to: 'ending',
      requirements: [
        {
          missing: [
            { pointer: '/members/0', title: { en: 'Member m1 was not told in this phase' } },
            { pointer: '/members/1' },
          ],
        },
      ],
    },
    { to: 'cancelled' },
  ])
})

t.test('early endings and cancelling: reasons, words, and who may', async t => {
  const early = doneIn('early')
  t.same(refused(early, 'ending'), ['reason_required'])
  t.same(refused(early, 'ending', 'not_funded'), ['reason_not_allowed'])
  t.same(refused(early, 'ending', 'harm'), ['members_were_told'])
  t.same(refused(early, 'ended'), ['step_not_reachable'])
  t.same(refused(moved(early, 'middle'), 'cancelled', 'no_leader'), ['step_not_reachable'], 'too late to cancel')
  t.same(refused(early, 'middle', null, ['line_manager']), ['edge_not_yours'])
  t.same(refused(early, 'ending', 'harm', ['member', 'volunteer', 'practice_supervisor']), ['edge_not_yours'])
  const silent = { to: 'ending', reason: 'harm', note: '  ', today }
  t.match(refuseMove(groupWork, early.standing, early, catalogue, ['line_manager'], silent), { code: 'note_required' })
  const told = sign(early, 'contingency_adjustment', {
    decision: 'end_early',
    replan: [],
    told: { on: today, medium: 'message', memberIds: ['m1', 'm2'] },
  })
  t.same(refused(told, 'ending', 'harm'), [])
  t.same(refused(moved(told, 'middle'), 'ending', 'harm'), ['members_were_told'], 'what was told lapses with the phase')
  const nobody = { ...givenGroup(), members: [member('m1', { status: 'proposed' }), member('m2', { status: 'left' })] }
  t.same(refused(nobody, 'cancelled', 'not_enough_members'), [], 'whoever never joined need not be told')
})

t.test('what each phase asks anew is waived anew, and only what it asks', async t => {
  const early = doneIn('early')
  const { phase_evaluation: _, ...signed } = early.standing.signed as Record<string, never>
  const lacking = withBaselines({ ...early, standing: { ...early.standing, signed } })
  const waive = (facts: GroupFacts, ...needs: string[]) => sign(facts, 'group_waiver', { needs })
  const waived = waive(lacking, 'phase_evaluation')
  t.same(refused(lacking, 'middle'), ['phase_evaluation'])
  t.same(refused(waived, 'middle'), [])
  const next = work.middle(moved(waived, 'middle'))
  const unevaluated = {
    ...next,
    standing: { ...next.standing, signed: { ...next.standing.signed, phase_evaluation: undefined } },
  }
  t.same(refused(unevaluated as never, 'late'), ['phase_evaluation'], 'the waiver was for the phase before')
  t.throws(() => waive(early, 'phase_evaluation'), { message: /already_on_file/ })
  t.throws(() => waive(lacking, 'sharing_session_was_held'), { message: /not_asked_here/ })
  t.throws(() => waive(lacking, 'phase_evaluation', 'phase_evaluation'), { message: /repeated_need/ })
  t.throws(() => waive(lacking, 'norms_are_accepted'), 'consent to the norms is never waived')
})

t.test('phases have sessions; running ones have open items; only some resolutions need a sound group', async t => {
  t.same(Object.keys(groupWork.steps).map(phaseOf), [null, 'early', 'middle', 'late', 'ending', null, null])
  for (const step of runningSteps) {
    const edge = groupWork.edges.find(each => each.from === step) as Edge
    t.ok(
      edge.checks.some(each => each.check === 'open_items_are_resolved'),
      step,
    )
  }
  const mends = Object.entries(resolvedByHand).filter(([, each]) => each.mends)
  t.same(
    mends.map(([code]) => code),
    ['re_paired', 'recruited', 'type_changed'],
  )
})
