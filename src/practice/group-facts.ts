import type { Standing } from '../kernel/process.ts'
import type {
  GroupPhase,
  MemberRole,
  MemberStatus,
  OpenItemKind,
  OpenItemResolution,
  SessionKind,
  sessionStatuses,
  taskStatuses,
} from './group-codes.ts'
import type { Composition } from './group-types.ts'
import type { GroupStep } from './group-work.ts'

export interface MemberFact {
  /** Id in this group, given by the service in the order of proposal: `m1`, `m2`, … */
  readonly id: string
  /** The student or staff member; null for a supporter from outside. */
  readonly personId: string | null
  readonly role: MemberRole
  readonly status: MemberStatus
  /** `course:MATH101`, of the newest member profile. */
  readonly strengths: readonly string[]
  readonly needs: readonly string[]
  /** Group versions of the newest signed record of each about the member; 0 = none yet. */
  readonly profileVersion: number
  readonly baselineVersion: number
  readonly acceptedVersion: number
  readonly outcomeVersion: number
  readonly onwardVersion: number
  /** Group version at which the member was told last that the group ends, 0 = never. */
  readonly toldVersion: number
  /** Day on which they agreed to take part, null = not yet. */
  readonly consentedOn: string | null
  /** Last day of who left, else null. */
  readonly leftOn: string | null
}

export interface PairFact {
  readonly volunteerId: string
  readonly studentId: string
}

export interface SessionFact {
  /** Id in this group, chosen by the writer of the session plan: `s1`. */
  readonly id: string
  readonly phase: GroupPhase
  readonly kind: SessionKind
  readonly status: keyof typeof sessionStatuses
  readonly on: string
  /** Group version at which it was held, 0 = not yet. */
  readonly heldVersion: number
  /** Members whose attendance is on file. */
  readonly attendance: number
}

export interface GroupGoalFact {
  readonly id: string
  readonly status: 'open' | 'settled'
  /** −2…+2, null = not assessed yet. */
  readonly attainment: number | null
  readonly attainmentFinal: boolean
}

export interface TaskFact {
  readonly id: string
  /** Null: the leaders’ own. */
  readonly memberId: string | null
  readonly status: keyof typeof taskStatuses
  readonly dueOn: string
}

/** A line of the budget in force, in fen. */
export interface BudgetLineFact {
  readonly id: string
  readonly plannedFen: number
  /** Null = the line manager has not decided yet. */
  readonly approvedFen: number | null
  readonly spentFen: number
  readonly settled: boolean
}

export interface OpenItemFact {
  readonly id: string
  readonly kind: OpenItemKind
  readonly dueOn: string
  readonly resolution: OpenItemResolution | null
}

/** All that decides about a group: bounded, without names, without words. */
export interface GroupFacts {
  readonly id: string
  readonly number: string
  /** Code of its type: `growth`, `paired`, `mutual_aid`, or one of the institution. */
  readonly type: string
  readonly composition: Composition
  readonly minMembers: number
  readonly maxMembers: number
  readonly orgUnitId: string
  readonly leaderId: string
  readonly version: number
  /** Rises with every write in the group, drafts included. */
  readonly writes: number
  readonly standing: Standing<GroupStep>
  readonly openedOn: string
  /** Everybody ever proposed, in order; at most 200. */
  readonly members: readonly MemberFact[]
  /** Pairs that stand. */
  readonly pairs: readonly PairFact[]
  readonly sessions: readonly SessionFact[]
  readonly goals: readonly GroupGoalFact[]
  readonly tasks: readonly TaskFact[]
  readonly budgetLines: readonly BudgetLineFact[]
  readonly openItems: readonly OpenItemFact[]
  /** Held session at which the ending was announced first, null = not yet. */
  readonly endingAnnouncedAt: string | null
  readonly drafts: number
  /** The drafts themselves, at most 50. */
  readonly openDrafts: readonly { readonly id: string; readonly kind: string }[]
  /** The group's data key was erased: nothing confidential can be read or written any more. */
  readonly keyErased: boolean
}
