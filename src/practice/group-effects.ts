import type { GroupPhase, SessionKind } from './group-codes.ts'

export interface GroupGoalDraft {
  readonly id: string
  readonly weight: number
  readonly dueOn: string
}

export interface PlannedSession {
  readonly id: string
  readonly phase: GroupPhase
  readonly kind: SessionKind
  readonly on: string
  /** HH:MM, local. */
  readonly startsAt: string
  readonly durationMinutes: number
}

export interface BudgetLineDraft {
  readonly id: string
  readonly category: string
  readonly plannedFen: number
}

export interface TaskDraft {
  readonly id: string
  /** Null: the leaders’ own. */
  readonly memberId: string | null
  readonly dueOn: string
}

/** What a signature changes in a group beside the record itself; applied in the signing statement. */
export interface GroupEffects {
  /** The goals a group plan puts in force; those not named here are settled. */
  readonly goals?: readonly GroupGoalDraft[]
  /** Sessions a session plan puts; planned ones not named here are dropped, held ones stay. */
  readonly sessions?: readonly PlannedSession[]
  /** Planned sessions an adjustment moves or drops. */
  readonly replanned?: readonly {
    readonly sessionId: string
    readonly dropped: boolean
    readonly on: string | null
    readonly startsAt: string | null
  }[]
  /** What a profile says of its member; the figures of a baseline stay in the record. */
  readonly profile?: {
    readonly memberId: string
    readonly strengths: readonly string[]
    readonly needs: readonly string[]
    readonly baseline: boolean
  }
  /** Member who accepted the contract in force. */
  readonly accepted?: string
  /** Members who were told that the group ends. */
  readonly told?: readonly string[]
  /** Lines a budget puts in force, each with what was approved of it, up to its new amount; others are taken away. */
  readonly budgetLines?: readonly BudgetLineDraft[]
  readonly tasks?: readonly TaskDraft[]
  /** Attainment −2…+2 of group goals (0 = as expected); `final` when it is the last assessment. */
  readonly attainment?: readonly { readonly goalId: string; readonly level: number; readonly final: boolean }[]
  /** Outcome of each member: attainment −2…+2; ratings stay in the record. */
  readonly outcomes?: readonly { readonly memberId: string; readonly attainment: number }[]
  readonly onward?: { readonly memberId: string; readonly path: string }
  readonly waivers?: readonly { readonly need: string; readonly mode: 'waived'; readonly dueOn: null }[]
}
