import { defineProcess, type Standing, type Title } from '../kernel/process.ts'
import {
  type CrisisKind,
  type crisisOutcomes,
  earlyReasons,
  type responderAnswers,
  type responderKinds,
} from './crisis-codes.ts'
import type { WarningSettings } from './warning-settings.ts'

const title = (en: string, zh: string): Title => ({ en, zh })
const deciders = ['lead', 'line_manager'] as const

const earlyEnding = (from: 'open' | 'mobilised') =>
  ({ from, to: 'debriefed', by: deciders, needs: [], checks: [], reasons: earlyReasons, noteRequired: true }) as const

/**
 * Crisis 危机: help is called, the danger is averted, what was learnt is kept. A clock runs for each stage. Source: domain
 * §4; seed article 3, §4 (学业危机援助).
 */
export const crisisProcess = defineProcess({
  name: 'crisis',
  title: title('Crisis', '危机干预'),
  initial: 'open',
  final: ['closed'],
  steps: {
    open: { title: title('Open', '已启动'), note: title('Help is being called', '正在召集人员') },
    mobilised: { title: title('Mobilised', '已响应'), note: title('Somebody is there', '有人响应并介入') },
    stabilised: { title: title('Stabilised', '已稳定'), note: title('The danger is averted', '危险解除') },
    debriefed: { title: title('Debriefed', '已复盘'), note: title('Over; lessons are drawn', '结束并总结') },
    closed: { title: title('Closed', '已结束') },
  },
  edges: [
    {
      from: 'open',
      to: 'mobilised',
      by: deciders,
      needs: [],
      checks: [{ check: 'responder_has_answered' }, { check: 'guardian_was_notified' }],
    },
    {
      from: 'mobilised',
      to: 'stabilised',
      by: deciders,
      needs: [],
      checks: [
        { check: 'minutes_were_kept' },
        { check: 'guardian_was_notified' },
        { check: 'specialist_is_involved' },
        { check: 'monitoring_is_decided' },
      ],
    },
    {
      from: 'stabilised',
      to: 'debriefed',
      by: deciders,
      needs: [],
      checks: [{ check: 'outcome_is_recorded' }, { check: 'decision_is_recorded' }],
    },
    {
      from: 'stabilised',
      to: 'mobilised',
      by: deciders,
      needs: [],
      checks: [],
      reasons: ['relapse'],
      noteRequired: true,
    },
    earlyEnding('open'),
    earlyEnding('mobilised'),
    {
      from: 'debriefed',
      to: 'closed',
      by: deciders,
      needs: [],
      checks: [{ check: 'debrief_is_on_file' }, { check: 'measures_are_ended' }, { check: 'appeals_are_settled' }],
    },
  ],
})

export type CrisisStep = keyof typeof crisisProcess.steps

/** Steps in which the danger lasts: the student's cases are held, and no second crisis of the kind is opened. */
export const lastingSteps = ['open', 'mobilised', 'stabilised'] as const satisfies readonly CrisisStep[]

/** The target of each stage's clock in the settings; a closed crisis has none. */
export const stageTargets = {
  open: 'mobilise',
  mobilised: 'stabilise',
  stabilised: 'debrief',
  debriefed: 'close',
  closed: null,
} as const satisfies Record<CrisisStep, keyof WarningSettings['crisis']['safety'] | null>

/** All that decides about a crisis: bounded, without words. */
export interface CrisisFacts {
  readonly id: string
  readonly studentId: string
  readonly orgUnitId: string
  readonly leadId: string
  readonly kind: CrisisKind
  readonly version: number
  readonly writes: number
  readonly standing: Standing<CrisisStep, never>
  /** Version of the last relapse, 0 = none: what was decided before it is decided anew; a measure that still runs holds on. */
  readonly relapsedVersion: number
  readonly responders: readonly {
    readonly id: string
    readonly kind: keyof typeof responderKinds
    readonly staffId: string | null
    readonly contactedAt: string | null
    readonly answer: keyof typeof responderAnswers | null
    readonly released: boolean
  }[]
  readonly measures: readonly { readonly id: string; readonly version: number; readonly ended: boolean }[]
  /** Notices to the guardian: given, and attempted in vain. */
  readonly notices: { readonly given: number; readonly attempted: number }
  readonly exemptions: readonly { readonly from: string; readonly version: number }[]
  /** Minutes written in the present step. */
  readonly minutesInStep: number
  readonly outcome: keyof typeof crisisOutcomes | null
  readonly decisions: readonly {
    readonly id: string
    readonly decision: string
    readonly appealed: boolean
    readonly settled: boolean
  }[]
  readonly debriefs: number
}

/** How a crisis that is over lifts the hold on the student's cases. Pure. */
export const holdOutcomeOf = (outcome: string | null, reason: string | null): string => {
  if (reason !== null && earlyReasons.includes(reason as 'died')) return reason
  if (outcome === 'handed_over') return 'handed_over'
  return outcome === 'dismissed' || outcome === 'withdrew' ? 'left_school' : 'stabilised'
}
