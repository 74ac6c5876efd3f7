import type { Catalogue, Edge, Missing, Need, Process, Reasons, Standing, Title } from './process.ts'

/** One need or check of an edge, with its state and what would meet it. */
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
