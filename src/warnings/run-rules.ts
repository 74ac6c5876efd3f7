import type { Title } from '../kernel/process.ts'
import { sha256Hex } from '../kernel/signature.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Actor } from '../platform/journal.ts'
import type { Deps } from '../platform/subject.ts'
import { type Figures, ruleKinds } from '../practice/warning-rules.ts'
import { rulesToRun, type StoredRule } from './change-rule.ts'
import { type Flag, ruleStatements } from './rule-queries.ts'
import { takeSignals } from './take-signals.ts'

/** What to run: the rules named or every active one, on what was known by a day. */
export interface RuleRun {
  readonly ruleIds: readonly string[]
  /** `YYYY-MM-DD` */
  readonly asOf: string
  /** Only say who would be flagged. */
  readonly dryRun: boolean
}

/** One flag of a run, in words. */
export interface ToldFlag {
  readonly ruleId: string
  readonly ruleVersion: number
  readonly studentId: string
  readonly number: string
  readonly name: string
  readonly why: Title
  readonly figures: Figures
  /** Whether these facts were never flagged before. */
  readonly isNew: boolean
}

/** What came of a run. At most 1,000 flags are listed; the counts are of all. */
export interface RunResult extends RuleRun {
  readonly rules: number
  readonly flagged: number
  readonly accepted: number
  readonly flags: readonly ToldFlag[]
}

/** By whom a run is started, and how it tells how far it is. */
export interface RunContext {
  readonly institution: string
  readonly actor: Actor
  readonly requestId: string
  readonly progress: (done: number, total: number) => Promise<void>
}

const pageSize = 500
const listed = 1_000

const flaggedBefore = tenantStatement<{ known: string[] }>(
  'rules.flagged_before',
  `select coalesce(json_agg(external_id), '[]') as known from signals where institution_id = $1::uuid and origin = 'rules'
   and external_id in (select jsonb_array_elements_text($2::jsonb))`,
)

const idOf = (rule: StoredRule, flag: Flag) => `${rule.id}:${sha256Hex(`${flag.studentId}|${flag.facts}`).slice(0, 40)}`

const signalOf = (rule: StoredRule, flag: Flag, now: Date) => {
  const noon = new Date(`${flag.on}T12:00:00.000Z`)
  return {
    externalId: idOf(rule, flag),
    student: flag.number,
    status: 'open' as const,
    note: null,
    kind: ruleKinds[rule.criterion.rule].signal,
    severity: rule.severity,
    observedAt: (noon < now ? noon : now).toISOString(),
    figures: { ...flag.figures, rule: rule.id, ruleVersion: rule.version },
  }
}

/** Takes one page of flags: raises signals, or only says which would be new. @returns ids that were new */
const take = async (deps: Deps, run: RuleRun, context: RunContext, rule: StoredRule, flags: readonly Flag[]) => {
  const ids = flags.map(flag => idOf(rule, flag))
  const [row] = await deps.db.as(context.institution).rows(flaggedBefore, JSON.stringify(ids))
  const fresh = new Set(ids.filter(id => !row?.known.includes(id)))
  const items = flags.map(flag => signalOf(rule, flag, deps.ambient.now())).filter(item => fresh.has(item.externalId))
  if (!run.dryRun && items.length > 0)
    await takeSignals(deps, {
      institution: context.institution,
      origin: 'rules',
      actor: context.actor,
      requestId: context.requestId,
      items,
    })
  return fresh
}

const runOne = async (deps: Deps, run: RuleRun, context: RunContext, rule: StoredRule, flags: ToldFlag[]) => {
  const tenant = deps.db.as(context.institution)
  const { criterion, orgUnitId, grades } = rule
  let [flagged, accepted, last] = [0, 0, null as Flag | null]
  for (;;) {
    const [row] = await tenant.rows(
      ruleStatements[criterion.rule],
      run.asOf,
      JSON.stringify(criterion),
      orgUnitId,
      JSON.stringify(grades),
      pageSize,
      last?.studentId ?? null,
      last?.facts ?? null,
    )
    const page = row?.flags ?? []
    const fresh = await take(deps, run, context, rule, page)
    flagged += page.length
    accepted += fresh.size
    for (const flag of page.slice(0, Math.max(0, listed - flags.length)))
      flags.push({
        ruleId: rule.id,
        ruleVersion: rule.version,
        studentId: flag.studentId,
        number: flag.number,
        name: flag.name,
        why: ruleKinds[criterion.rule].why(flag.figures),
        figures: flag.figures,
        isNew: fresh.has(idOf(rule, flag)),
      })
    last = page.at(-1) ?? null
    if (page.length < pageSize) return { flagged, accepted }
  }
}

/**
 * Runs warning rules: whom each flags, and why; unless it is a dry run, what was never flagged before becomes a
 * signal. The same facts are never flagged twice, because their signal has the same id for ever.
 */
export const runRules = async (deps: Deps, run: RuleRun, context: RunContext): Promise<RunResult> => {
  const rules = await rulesToRun(deps, context.institution, run.ruleIds)
  const flags: ToldFlag[] = []
  let [flagged, accepted] = [0, 0]
  for (const [index, rule] of rules.entries()) {
    const found = await runOne(deps, run, context, rule, flags)
    flagged += found.flagged
    accepted += found.accepted
    await context.progress(index + 1, rules.length)
  }
  return { ...run, rules: rules.length, flagged, accepted, flags }
}
