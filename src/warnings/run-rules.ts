import type { Title } from '../kernel/process.ts'
import { sha256Hex } from '../kernel/signature.ts'
import { actorOf, authorise } from '../people/actor.ts'
import type { Ambient } from '../platform/ambient.ts'
import { type Database, tenantStatement } from '../platform/database.ts'
import { following } from '../platform/follow.ts'
import type { Work } from '../platform/loop.ts'
import { defineOperation, type OperationContext, startOperation } from '../platform/operations.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { type Figures, ruleKinds } from '../practice/warning-rules.ts'
import { rulesToRun, type StoredRule } from './change-rule.ts'
import { probe } from './load-signals.ts'
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

/** Where a run stands: rules done, the last flag of the present one, counts so far. */
interface RunState {
  readonly rule: number
  readonly last: { readonly studentId: string; readonly facts: string } | null
  readonly flagged: number
  readonly accepted: number
}

/** What one batch of signals takes. */
const pageSize = 1_000
const listed = 1_000

/**
 * Which flags say nothing new: raised before, or every part of them is part of an earlier flag of the rule.
 * Parameters: 1 institution, 2 rule, 3 flags `{id, studentId, parts}`.
 */
const flaggedBefore = tenantStatement<{ known: string[] }>(
  'rules.flagged_before',
  `select coalesce(json_agg(f.id), '[]') as known from jsonb_to_recordset($3::jsonb) f(id text, "studentId" uuid, parts jsonb)
   where exists (select from signals g where g.institution_id = $1::uuid and g.origin = 'rules' and ${probe('g.external_id', 'f.id')})
     or not exists (select from jsonb_array_elements_text(f.parts) x(part) where not exists (select from signals g
       where g.institution_id = $1::uuid and g.student_id = f."studentId" and g.figures->>'rule' = $2::text and g.figures->'facts' ? x.part))`,
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
    figures: { ...flag.figures, rule: rule.id, ruleVersion: rule.version, facts: flag.parts },
  }
}

/** Takes one page of flags: raises signals, or only says which would be new. @returns ids that were new */
const take = async (deps: Deps, context: OperationContext, run: RuleRun, rule: StoredRule, flags: readonly Flag[]) => {
  const asked = flags.map(flag => ({ id: idOf(rule, flag), studentId: flag.studentId, parts: flag.parts }))
  const [row] = await deps.db.as(context.institution).rows(flaggedBefore, rule.id, JSON.stringify(asked))
  const known = new Set(row?.known)
  const fresh = new Set(asked.map(({ id }) => id).filter(id => !known.has(id)))
  const items = flags.map(flag => signalOf(rule, flag, deps.ambient.now())).filter(item => fresh.has(item.externalId))
  const { institution, actor, requestId } = context
  if (!run.dryRun && items.length > 0)
    await takeSignals(deps, { institution, origin: 'rules', actor, requestId, items })
  return fresh
}

const told = (rule: StoredRule, flag: Flag, fresh: ReadonlySet<string>): ToldFlag => ({
  ruleId: rule.id,
  ruleVersion: rule.version,
  studentId: flag.studentId,
  number: flag.number,
  name: flag.name,
  why: ruleKinds[rule.criterion.rule].why(flag.figures),
  figures: flag.figures,
  isNew: fresh.has(idOf(rule, flag)),
})

/** One page of one rule. @returns where the run stands then, and the flags of the page */
const page = async (deps: Deps, context: OperationContext, run: RuleRun, rule: StoredRule, state: RunState) => {
  const { criterion, orgUnitId, grades } = rule
  const [row] = await deps.db
    .as(context.institution)
    .rows(
      ruleStatements[criterion.rule],
      run.asOf,
      JSON.stringify(criterion),
      orgUnitId,
      JSON.stringify(grades),
      pageSize,
      state.last?.studentId ?? null,
      state.last?.facts ?? null,
    )
  const flags = row?.flags ?? []
  const fresh = await take(deps, context, run, rule, flags)
  const last = flags.length === pageSize ? (flags.at(-1) ?? null) : null
  const next: RunState = {
    rule: last ? state.rule : state.rule + 1,
    last: last && { studentId: last.studentId, facts: last.facts },
    flagged: state.flagged + flags.length,
    accepted: state.accepted + fresh.size,
  }
  return { next, flags: flags.map(flag => told(rule, flag, fresh)) }
}

/**
 * Running warning rules: whom each flags, and why; unless it is a dry run, what was never flagged before becomes a
 * signal. The same facts are never flagged twice, alone or with fewer others: a resit that is passed warns of nothing.
 */
export const ruleRunOperation = defineOperation(
  'warning_rules',
  'rules:manage',
  async (context): Promise<RunResult> => {
    const run = context.input as RuleRun
    const rules = await rulesToRun(context, context.institution, run.ruleIds)
    let state = (context.state as RunState | null) ?? { rule: 0, last: null, flagged: 0, accepted: 0 }
    let flags = (context.report as ToldFlag[] | null) ?? []
    for (let rule = rules[state.rule]; rule; rule = rules[state.rule]) {
      const present = rule
      await context.step(async tx => {
        const found = await page({ db: tx, ambient: context.ambient }, context, run, present, state)
        state = found.next
        flags = [...flags, ...found.flags].slice(0, listed)
        return { done: state.rule, total: rules.length, state, report: flags }
      })
    }
    return { ...run, rules: rules.length, flagged: state.flagged, accepted: state.accepted, flags }
  },
)

/** Asks for a run. @throws Problem not_permitted, day_unfit, unknown_reference */
export const startRuleRun = async (
  deps: Deps,
  request: Request,
  input: { readonly ruleIds: readonly string[]; readonly asOf: string | null; readonly dryRun: boolean },
) => {
  const { caller, idempotency, requestId } = request
  const known = await authorise(deps.db.as(caller.institution), caller, 'rules:manage', deps.ambient.now())
  const run = { ...input, asOf: input.asOf ?? known.today }
  if (!run.dryRun && run.asOf > known.today) throw new Problem('day_unfit')
  const rules = new Set((await rulesToRun(deps, caller.institution, run.ruleIds)).map(rule => rule.id))
  const errors = run.ruleIds.flatMap((id, at) => {
    const fault = { pointer: `/ruleIds/${at}`, code: 'unknown_reference', detail: 'there is no such rule' }
    return rules.has(id) ? [] : [fault]
  })
  if (errors.length > 0) throw new Problem('unknown_reference', { errors })
  const asked = { institution: caller.institution, idempotency, requestId }
  const { kind } = actorOf(known)
  return startOperation(deps, asked, { kind: 'warning_rules', actor: { kind, id: known.id as string }, input: run })
}

/** Every finished import is followed by a run of the active rules, in the name of who imported. */
export const rulesAfterImports = (db: Database, ambient: Ambient): Work =>
  following(db, {
    name: 'rules-after-imports',
    types: ['import.finished'],
    handle: async (tx, institution, entries) => {
      const entry = entries.filter(each => each.data?.dryRun !== true && each.actor.id !== null).at(-1)
      if (!entry?.actor.id) return
      const [day] = await tx.as(institution).rows(today, ambient.now().toISOString())
      await startOperation(
        { db: tx, ambient },
        { institution, idempotency: null, requestId: entry.request },
        {
          kind: 'warning_rules',
          actor: { ...entry.actor, id: entry.actor.id },
          input: { ruleIds: [], asOf: day?.today ?? '', dryRun: false },
        },
      )
    },
  })

const today = tenantStatement<{ today: string }>(
  'rules.today',
  `select ($2::timestamptz at time zone time_zone)::date::text as today from institutions where id = $1::uuid`,
)
