/** A name in both languages of the product. */
export interface Title {
  readonly en: string
  readonly zh: string
}

/**
 * A signed record that must be on file before an edge may be taken.
 * `since` says how new it must be, counted in subject versions, never in time: `case` = any, `step` = signed after the
 * current step was entered by a forward move, `{ record }` = signed after the newest record of that kind (else after
 * the process's `baseline` step was first entered).
 */
export interface Need<K extends string = string> {
  readonly record: K
  readonly since: 'case' | 'step' | { readonly record: K }
  /** Public content fields of the record and the values each may have. */
  readonly where?: Readonly<Record<string, readonly string[]>>
  /** The need only counts for these reasons of the move (or, once given, of the subject). */
  readonly when?: Reasons
  /** The need does not count for these reasons. */
  readonly unless?: Reasons
  /** May be waived or deferred by the line manager. */
  readonly waivable?: true
}

/** A condition on the reason code of a move. */
export interface Reasons {
  readonly reason: readonly string[]
}

/** A named pure rule that is no record. */
export interface CheckUse<C extends string = string> {
  readonly check: C
  readonly when?: Reasons
  readonly unless?: Reasons
  readonly waivable?: true
}

export interface Edge<S extends string, K extends string, C extends string, R extends string> {
  readonly from: S
  readonly to: S
  /** Relations to the subject that may take the edge. */
  readonly by: readonly R[]
  readonly needs: readonly Need<K>[]
  readonly checks: readonly CheckUse<C>[]
  /** Reason codes the move may give; one of them is required unless `reasonOptional`. */
  readonly reasons?: readonly string[]
  readonly reasonOptional?: true
  /** The edge asks for words (`note`) that say why. */
  readonly noteRequired?: true
  /** Reasons that say nothing without words. */
  readonly noteFor?: readonly string[]
  /** Leads back: the step counts as never left. */
  readonly back?: true
}

/** A guarded process: a value from which guard, enum, constraints, diagrams and documentation are derived. */
export interface Process<
  S extends string = string,
  K extends string = string,
  C extends string = string,
  R extends string = string,
> {
  readonly name: string
  readonly title: Title
  readonly initial: S
  readonly final: readonly S[]
  /** The step that remembers where it was entered from, and may be left back to it. */
  readonly remembers?: S
  readonly steps: Readonly<Record<S, { readonly title: Title; readonly note?: Title }>>
  readonly edges: readonly Edge<S, K, C, R>[]
  /** Rules that hold on every edge except those listed. */
  readonly everywhere?: readonly (CheckUse<C> & {
    readonly exceptTo: readonly S[]
    readonly exceptFrom: readonly S[]
  })[]
}

/** Keeps the literal types of a process definition. */
export const defineProcess = <
  const S extends string,
  const K extends string,
  const C extends string,
  const R extends string,
>(
  process: Process<S, K, C, R>,
): Process<S, K, C, R> => process

/** The steps of a process, in order of definition. */
export const stepsOf = <S extends string>(process: Process<S>): S[] => Object.keys(process.steps) as S[]

/** The edge between two steps, if the process has one. */
export const edgeBetween = <S extends string, K extends string, C extends string, R extends string>(
  process: Process<S, K, C, R>,
  from: string,
  to: string,
): Edge<S, K, C, R> | undefined => process.edges.find(edge => edge.from === from && edge.to === to)

/** A signed record as the guard sees it: the subject version of its last signature and its public content. */
export interface SignedFact {
  readonly id: string
  readonly version: number
  readonly content: Readonly<Record<string, unknown>>
  /** Person who signed it for the house, where a check asks who. */
  readonly signedBy?: string | null
}

/** Where a subject stands: all the guard needs besides the named checks. */
export interface Standing<S extends string = string, K extends string = string> {
  readonly step: S
  /** Subject version at which the step was entered by a forward move. */
  readonly stepSince: number
  /** The step the remembering step was entered from, else null. */
  readonly cameFrom: S | null
  /** Subject version from which `since: { record }` counts while no such record is signed. */
  readonly baseline: number
  /** The reason the subject is already ending for, else null. */
  readonly reason: string | null
  /** Newest signed, unsuperseded record of each kind. */
  readonly signed: Partial<Readonly<Record<K, SignedFact>>>
  /** What is waived or deferred on file, oldest first. */
  readonly waived: readonly Waived[]
  /** Every step the subject has been in; left out where none is entered twice. */
  readonly reached?: readonly string[]
}

/** A need or check waived for good, or deferred until a day. */
export interface Waived {
  readonly need: string
  readonly mode: 'waived' | 'deferred'
  /** Day a deferred one is owed by, `YYYY-MM-DD`; null when waived. */
  readonly dueOn: string | null
  /** Subject version at which it was decided. */
  readonly version: number
}

/** What stands in the way: a need or a check, where in the subject, what would meet it, in both languages. */
export interface Missing {
  readonly need?: string
  readonly check?: string
  /** Kind of record whose signature would meet it. */
  readonly recordKind?: string
  /** Operation that would meet it. */
  readonly operation?: string
  readonly pointer?: string
  /** Public content fields of the record, and the values each may have. */
  readonly where?: Readonly<Record<string, readonly string[]>>
  readonly title: Title
}

/** A named check: pure, returns what is missing, empty when it holds. */
export type CheckRule<F> = (facts: F, move: { readonly reason: string | null; readonly today: string }) => Missing[]

/** A check with its words and what would meet it. */
export interface CheckDefinition<F, K extends string = string> {
  readonly title: Title
  /** Record kinds whose signature can meet the check. */
  readonly records: readonly K[]
  /** Operation that can meet it, where no record does. */
  readonly operation?: string
  /** Records the check looks at, where they are not those that meet it. */
  readonly about?: readonly K[]
  readonly rule: CheckRule<F>
}

/** The checks of a process by name, and the titles of its record kinds. */
export interface Catalogue<F, K extends string, C extends string> {
  readonly checks: Readonly<Record<C, CheckDefinition<F, K>>>
  readonly titleOf: (kind: K) => Title
  /** Operation that writes a record: what would meet a need. */
  readonly recordOperation?: string
}
