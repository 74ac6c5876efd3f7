import type { Missing } from '../../kernel/process.ts'
import type { CaseFacts } from '../facts.ts'
import { type CaseChecks, missing, signed, when } from './check.ts'

const lastEvaluation = (facts: CaseFacts) => signed(facts, 'evaluation')?.version ?? facts.standing.baseline

/** Goals without attainment; `final` asks for the closing assessment. */
export const unassessed = (facts: CaseFacts, check: string, final: boolean): Missing[] =>
  facts.goals.flatMap((goal, index) =>
    goal.status === 'open' && (goal.attainment === null || (final && !goal.attainmentFinal))
      ? [
          missing(
            check,
            {
              en: `Goal ${goal.id} has no ${final ? 'final ' : ''}attainment`,
              zh: `目标${goal.id}没有${final ? '最终' : ''}达成度`,
            },
            `/goals/${index}`,
          ),
        ]
      : [],
  )

/** Rules of tracking and evaluation. Source: seed article 3, §3.2 (4) and (5). */
export const trackingChecks = {
  contact_was_made: {
    title: {
      en: 'A held session or follow-up, or attempts on two days, since the last evaluation',
      zh: '自上次评估以来有会谈或回访,或两日以上的联系尝试',
    },
    records: ['session', 'follow_up'],
    rule: facts =>
      when(facts.contacts.held < 1 && facts.contacts.attemptDays < 2, 'contact_was_made', {
        en: 'No held session or follow-up, nor attempts on two different days, since the last evaluation',
        zh: '自上次评估以来没有会谈或回访,也没有两日以上的联系尝试',
      }),
  },
  every_goal_has_progress: {
    title: { en: 'Progress is on file for every open goal', zh: '每个进行中目标均有进展记录' },
    records: ['session', 'follow_up'],
    rule: facts =>
      facts.goals.flatMap((goal, index) =>
        goal.status === 'open' && goal.progressVersion <= lastEvaluation(facts)
          ? [
              missing(
                'every_goal_has_progress',
                { en: `No progress on file for goal ${goal.id}`, zh: `目标${goal.id}没有进展记录` },
                `/goals/${index}`,
              ),
            ]
          : [],
      ),
  },
  intervention_is_recorded: {
    title: { en: 'The intervention decided on is on file', zh: '已记录所决定的干预' },
    records: ['intervention'],
    rule: facts => {
      const evaluation = signed(facts, 'evaluation')
      if (evaluation?.content.decision !== 'intervene') return []
      return when(
        (signed(facts, 'intervention')?.version ?? 0) <= facts.standing.stepSince,
        'intervention_is_recorded',
        {
          en: 'The evaluation decided to intervene, and no intervention is signed since',
          zh: '评估决定干预,但尚无已签署的干预记录',
        },
      )
    },
  },
  every_goal_is_assessed: {
    title: { en: 'Every goal is assessed', zh: '每个目标均已评定' },
    records: ['evaluation'],
    rule: facts => unassessed(facts, 'every_goal_is_assessed', false),
  },
} as const satisfies CaseChecks
