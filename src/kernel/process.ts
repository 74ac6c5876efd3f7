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
  /** Needs and checks waived or deferred on file. */
  readonly waived: readonly string[]
}

/** What stands in the way: a need or a check, where in the subject, in both languages. */
export interface Missing {
  readonly need?: string
  readonly check?: string
  readonly pointer?: string
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
  readonly rule: CheckRule<F>
}

export interface NeedState {
  readonly need?: string
  readonly check?: string
  readonly met: boolean
  readonly waived: boolean
  readonly waivable: boolean
  readonly since?: 'case' | 'step' | { readonly record: string }
  readonly where?: Readonly<Record<string, readonly string[]>>
  readonly when?: Reasons
  readonly unless?: Reasons
  readonly title: Title
  /** Kinds whose signature would meet it, and the operation to call. */
  readonly records: readonly string[]
  readonly operation?: string
  readonly missing: readonly Missing[]
}

export interface Catalogue<F, K extends string, C extends string> {
  readonly checks: Readonly<Record<C, CheckDefinition<F, K>>>
  readonly titleOf: (kind: K) => Title
}

/** Shows the needs and checks of every reason, whatever the reason given. */
export const everyReason = '*'

const applies = (use: { readonly when?: Reasons; readonly unless?: Reasons }, reason: string | null): boolean =>
  reason === everyReason ||
  ((use.when === undefined || (reason !== null && use.when.reason.includes(reason))) &&
    (use.unless === undefined || reason === null || !use.unless.reason.includes(reason)))

const sinceVersion = <S extends string, K extends string>(
  since: Need<K>['since'],
  standing: Standing<S, K>,
): number => {
  if (since === 'case') return 0
  if (since === 'step') return standing.stepSince
  return standing.signed[since.record]?.version ?? standing.baseline
}

const needIsMet = <S extends string, K extends string>(need: Need<K>, standing: Standing<S, K>): boolean => {
  const fact = standing.signed[need.record]
  if (!fact || fact.version <= sinceVersion(need.since, standing)) return false
  return Object.entries(need.where ?? {}).every(([field, allowed]) => allowed.includes(String(fact.content[field])))
}

/** Every need and check of an edge with its state, for a given reason. Pure. */
export const stateOfEdge = <S extends string, K extends string, C extends string, R extends string, F>(
  process: Process<S, K, C, R>,
  edge: Edge<S, K, C, R>,
  standing: Standing<S, K>,
  facts: F,
  catalogue: Catalogue<F, K, C>,
  move: { readonly reason: string | null; readonly today: string },
): NeedState[] => {
  const reason = move.reason ?? standing.reason
  const needs = edge.needs
    .filter(need => applies(need, reason))
    .map((need): NeedState => {
      const title = catalogue.titleOf(need.record)
      const waived = standing.waived.includes(need.record) && need.waivable === true
      const met = waived || needIsMet(need, standing)
      return {
        need: need.record,
        met,
        waived,
        waivable: need.waivable === true,
        since: need.since,
        ...(need.where ? { where: need.where } : {}),
        ...(need.when ? { when: need.when } : {}),
        ...(need.unless ? { unless: need.unless } : {}),
        title,
        records: [need.record],
        missing: met ? [] : [{ need: need.record, title }],
      }
    })
  const general = (process.everywhere ?? []).filter(
    rule => !rule.exceptTo.includes(edge.to) && !rule.exceptFrom.includes(edge.from),
  )
  const checks = [...general, ...edge.checks]
    .filter(use => applies(use, reason))
    .map((use): NeedState => {
      const definition = catalogue.checks[use.check]
      const waived = standing.waived.includes(use.check) && use.waivable === true
      const missing = waived ? [] : definition.rule(facts, { reason, today: move.today })
      return {
        check: use.check,
        met: missing.length === 0,
        waived,
        waivable: use.waivable === true,
        ...(use.when ? { when: use.when } : {}),
        ...(use.unless ? { unless: use.unless } : {}),
        title: definition.title,
        records: definition.records,
        ...(definition.operation ? { operation: definition.operation } : {}),
        missing,
      }
    })
  return [...needs, ...checks]
}

/** Why a move is refused; `code` is a problem code. */
export type MoveRefusal =
  | { readonly code: 'step_not_reachable'; readonly reachable: string[] }
  | { readonly code: 'edge_not_yours'; readonly by: string[] }
  | { readonly code: 'reason_required'; readonly reasons: string[] }
  | { readonly code: 'reason_not_allowed'; readonly reasons: string[] }
  | { readonly code: 'note_required' }
  | { readonly code: 'requirements_unmet'; readonly missing: Missing[] }

/** Edges that lead out of where the subject stands; those back lead only to where it came from. Pure. */
export const edgesFrom = <S extends string, K extends string, C extends string, R extends string>(
  process: Process<S, K, C, R>,
  standing: Pick<Standing<S, K>, 'step' | 'cameFrom'>,
): Edge<S, K, C, R>[] =>
  process.edges.filter(
    edge =>
      edge.from === standing.step &&
      (edge.from !== process.remembers || edge.back !== true || edge.to === standing.cameFrom),
  )

/** Decides a move; null when it may be taken. Pure. */
export const refuseMove = <S extends string, K extends string, C extends string, R extends string, F>(
  process: Process<S, K, C, R>,
  standing: Standing<S, K>,
  facts: F,
  catalogue: Catalogue<F, K, C>,
  relations: readonly string[],
  move: { readonly to: string; readonly reason: string | null; readonly note: string | null; readonly today: string },
): MoveRefusal | null => {
  const edges = edgesFrom(process, standing)
  const edge = edges.find(candidate => candidate.to === move.to)
  if (!edge) return { code: 'step_not_reachable', reachable: edges.map(candidate => candidate.to) }
  if (!edge.by.some(relation => relations.includes(relation))) return { code: 'edge_not_yours', by: [...edge.by] }
  if (edge.reasons && !edge.reasonOptional && move.reason === null)
    return { code: 'reason_required', reasons: [...edge.reasons] }
  if (move.reason !== null && !edge.reasons?.includes(move.reason))
    return { code: 'reason_not_allowed', reasons: [...(edge.reasons ?? [])] }
  if (edge.noteRequired && !move.note?.trim()) return { code: 'note_required' }
  const missing = stateOfEdge(process, edge, standing, facts, catalogue, move).flatMap(state => state.missing)
  return missing.length > 0 ? { code: 'requirements_unmet', missing } : null
}
