import type {
  Catalogue,
  CheckDefinition,
  CheckUse,
  Edge,
  Missing,
  Need,
  Process,
  Reasons,
  Standing,
  Title,
  Waived,
} from './process.ts'

/** One need or check of an edge, with its state and what would meet it. */
export interface NeedState {
  readonly need?: string
  readonly check?: string
  readonly met: boolean
  readonly waived: boolean
  /** The waiver or deferral that stands in for it. */
  readonly waiver?: Pick<Waived, 'mode' | 'dueOn'>
  readonly waivable: boolean
  readonly since?: 'case' | 'step' | { readonly record: string }
  readonly where?: Readonly<Record<string, readonly string[]>>
  readonly when?: Reasons
  readonly unless?: Reasons
  /** Need of the same edge that is unmet, and that the check is about: nothing can be said of it before. */
  readonly awaits?: string
  readonly title: Title
  /** Kinds whose signature would meet it; the first is the usual one. */
  readonly records: readonly string[]
  readonly recordKind?: string
  /** Operation to call. */
  readonly operation?: string
  readonly missing: readonly Missing[]
}

/** Shows the needs and checks of every reason, whatever the reason given. */
export const everyReason = '*'

type Use = CheckUse | Need

const applies = (use: Use, reason: string | null): boolean =>
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

type TitleOf = (record: string) => Title

const agedAs = (since: Need['since'], titleOf: TitleOf): Title => {
  if (since === 'case' || since === 'step') return { en: 'this step', zh: '当前步骤' }
  const { en, zh } = titleOf(since.record)
  return { en: `the newest ${en.toLowerCase()}`, zh: `最新的${zh}` }
}

/** What a need lacks, in words that tell why a record on file does not meet it; null when it is met. */
const lackOf = (need: Need, standing: Standing, titleOf: TitleOf): Title | null => {
  const title = titleOf(need.record)
  const fact = standing.signed[need.record]
  if (!fact) return title
  if (fact.version <= sinceVersion(need.since, standing)) {
    const { en, zh } = agedAs(need.since, titleOf)
    return {
      en: `${title.en}, anew: the one on file is older than ${en}`,
      zh: `${title.zh},须重新填写:现有的早于${zh}`,
    }
  }
  const wrong = Object.entries(need.where ?? {}).find(
    ([field, allowed]) => !allowed.includes(String(fact.content[field])),
  )
  if (!wrong) return null
  const [field, allowed] = wrong
  const value = String(fact.content[field])
  return {
    en: `${title.en} with ${field} ${allowed.join(' or ')}: the one on file says ${value}`,
    zh: `${title.zh},其中${field}须为${allowed.join('或')}:现有的为${value}`,
  }
}

/**
 * The waiver that stands in for a need or check: the newest, of this round. One given before counts while the step it
 * opens was never reached; in a later round, and for what each step asks anew, it is decided anew.
 */
const waiverOf = (name: string, use: Use, to: string, standing: Standing): Waived | undefined => {
  if (use.waivable !== true) return undefined
  const first = !('since' in use && use.since === 'step') && !(standing.reached ?? []).includes(to)
  return standing.waived.filter(each => each.need === name && (first || each.version > standing.stepSince)).at(-1)
}

/** What a need and a check have in common. */
const common = (use: Use, waiver: Waived | undefined) => ({
  waived: waiver !== undefined,
  ...(waiver ? { waiver: { mode: waiver.mode, dueOn: waiver.dueOn } } : {}),
  waivable: use.waivable === true,
  ...(use.when ? { when: use.when } : {}),
  ...(use.unless ? { unless: use.unless } : {}),
})

const remedy = (records: readonly string[], operation: string | undefined) => ({
  ...(records[0] === undefined ? {} : { recordKind: records[0] }),
  ...(operation === undefined ? {} : { operation }),
})

const stateOfNeed = (need: Need, to: string, standing: Standing, titleOf: TitleOf, operation?: string): NeedState => {
  const waiver = waiverOf(need.record, need, to, standing)
  const lack = waiver ? null : lackOf(need, standing, titleOf)
  const where = need.where ? { where: need.where } : {}
  const how = remedy([need.record], operation)
  return {
    need: need.record,
    met: lack === null,
    ...common(need, waiver),
    since: need.since,
    ...where,
    title: titleOf(need.record),
    records: [need.record],
    ...how,
    missing: lack === null ? [] : [{ need: need.record, ...where, ...how, title: lack }],
  }
}

const stateOfCheck = <F>(
  use: CheckUse,
  to: string,
  standing: Standing,
  definition: CheckDefinition<F>,
  operation: string | undefined,
  lacking: readonly string[],
  found: () => Missing[],
): NeedState => {
  const waiver = waiverOf(use.check, use, to, standing)
  const awaits = waiver ? undefined : (definition.about ?? definition.records).find(kind => lacking.includes(kind))
  const how = remedy(
    definition.records,
    definition.operation ?? (definition.records.length > 0 ? operation : undefined),
  )
  // What names an operation of its own is not met by the usual one.
  const missing = waiver ? [] : found().map(each => (each.operation ? each : { ...how, ...each }))
  return {
    check: use.check,
    met: missing.length === 0 && awaits === undefined,
    ...common(use, waiver),
    ...(awaits === undefined ? {} : { awaits }),
    title: definition.title,
    records: definition.records,
    ...how,
    missing,
  }
}

/**
 * Every need and check of an edge with its state, for a given reason. Rules are told the reason of the move, else the
 * one the subject ends for. Pure.
 */
export const stateOfEdge = <S extends string, K extends string, C extends string, R extends string, F>(
  process: Process<S, K, C, R>,
  edge: Edge<S, K, C, R>,
  standing: Standing<S, K>,
  facts: F,
  catalogue: Catalogue<F, K, C>,
  move: { readonly reason: string | null; readonly today: string },
): NeedState[] => {
  const reason = move.reason ?? standing.reason
  const told = { reason: reason === everyReason ? standing.reason : reason, today: move.today }
  const here = standing as unknown as Standing
  const needs = edge.needs
    .filter(need => applies(need, reason))
    .map(need => stateOfNeed(need, edge.to, here, catalogue.titleOf as TitleOf, catalogue.recordOperation))
  const met = needs.filter(each => each.met).map(each => each.need)
  const lacking = needs.flatMap(each => (each.need && !met.includes(each.need) ? [each.need] : []))
  const general = (process.everywhere ?? []).filter(
    rule => !rule.exceptTo.includes(edge.to) && !rule.exceptFrom.includes(edge.from),
  )
  const checks = [...general, ...edge.checks]
    .filter(use => applies(use, reason))
    .map(use => {
      const definition = catalogue.checks[use.check]
      const found = () => definition.rule(facts, told)
      return stateOfCheck(use, edge.to, here, definition, catalogue.recordOperation, lacking, found)
    })
  return [...needs, ...checks]
}
