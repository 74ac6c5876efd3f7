import type { ConsentPurpose } from './facts.ts'

export type Progress = 'progress' | 'none' | 'not_started' | 'unknown'
export type ActionOutcome = 'carried' | 'done' | 'dropped'

export interface GoalDraft {
  readonly id: string
  readonly aim: string
  readonly horizon: string
  readonly difficulty: number
  readonly weight: number
  readonly dueOn: string
}

export interface ActionDraft {
  readonly id: string
  /** Null: provisional, it serves no goal. */
  readonly goalId: string | null
  readonly dueOn: string
  readonly by: string
  readonly strategy: string | null
}

/** What a signature changes in a case beside the record itself; applied in the signing statement. */
export interface CaseEffects {
  /** The goals and actions a signed plan puts in force; those of the old plan not named here are settled. */
  readonly plan?: { readonly goals: readonly GoalDraft[]; readonly actions: readonly ActionDraft[] }
  /** Actions put in force beside the plan. */
  readonly actions?: readonly ActionDraft[]
  readonly progress?: readonly { readonly goalId: string; readonly progress: Progress }[]
  /** Attainment −2…+2 (0 = as expected); `final` when it is the closing assessment. */
  readonly attainment?: readonly { readonly goalId: string; readonly level: number; readonly final: boolean }[]
  readonly settled?: readonly { readonly actionId: string; readonly outcome: ActionOutcome }[]
  readonly consents?: readonly { readonly purpose: ConsentPurpose; readonly recipient: string | null }[]
  /** Last day of the agreement that is in force from now on. */
  readonly agreementUntil?: string
  readonly waivers?: readonly {
    readonly need: string
    readonly mode: 'waived' | 'deferred'
    readonly dueOn: string | null
  }[]
}
