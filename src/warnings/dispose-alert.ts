import { joinAlertToCase } from '../cases/join-alert.ts'
import { openCase } from '../cases/open-case.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Database, Door } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sealJson } from '../platform/words.ts'
import { answersSince, type Disposition } from '../practice/alerts.ts'
import type { CrisisKind, CrisisSubkind } from '../practice/crisis-codes.ts'
import { isEndOfWait } from '../practice/dating.ts'
import { Problem } from '../practice/problems.ts'
import { type Loaded, loadAlert, loadAlertStatement, newestSignals } from './alert-facts.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { alertStatement, changeAlert, requireDay, requireOpen } from './change-alert.ts'
import { type Evidence, evidenceText } from './evidence.ts'
import { afterMove } from './move-alert.ts'
import { openCrisis } from './open-crisis.ts'

/** What commands on alerts are given. */
export interface AlertDeps extends Deps {
  readonly db: Database
}

interface Carried {
  /** The newest signals, newest first. */
  readonly signals: readonly Evidence[]
  readonly signalCount: number
}

const load = loadAlertStatement<Carried>('alerts.load_for_disposition', {
  signalCount: '(select al.signal_count from al)',
  signals: `(select coalesce(json_agg(json_build_object('kind', g.kind, 'severity', g.severity, 'status', g.status,
    'observedAt', ${utc('g.observed_at')}, 'figures', g.figures) order by g.observed_at desc, g.id desc), '[]')
    from ${newestSignals('(select id from al)', 200)})`,
})

const save = alertStatement(
  'alerts.dispose',
  `seen_version = case when alerts.step = 'raised' then alerts.seen_version else alerts.version + 1 end,
  acknowledged_at = case when alerts.step = 'raised' then null else coalesce(alerts.acknowledged_at, (given.e->>'at')::timestamptz) end,
  escalation = case when given.e->'seesAgain' is null then alerts.escalation else 0 end,
  escalates_at = case when given.e->'seesAgain' is null then alerts.escalates_at else (given.e->'seesAgain'->>'escalatesAt')::timestamptz end,
  beyond_horizon = case when given.e->'seesAgain' is null then alerts.beyond_horizon else (given.e->'seesAgain'->>'beyondHorizon')::boolean end`,
  `d as (insert into alert_dispositions (institution_id, id, alert_id, kind, on_day, version, by_id, at, case_id, crisis_id, until_day, sealed)
  select $1::uuid, (e->>'dispositionId')::uuid, c.id, e->>'kind', (e->>'on')::date, c.version, $2::uuid, (e->>'at')::timestamptz,
    (e->>'caseId')::uuid, (e->>'crisisId')::uuid, (e->>'until')::date, decode(e->>'sealed', 'base64') from given cross join c)`,
)

/** A disposition to be filed. */
export interface DisposeAlert {
  readonly alertId: string
  readonly ifMatch: number | null
  readonly kind: Disposition
  /** Day it happened, null = today. */
  readonly on: string | null
  readonly words: string | null
  /** Of a watch: the last day. */
  readonly until?: string
  /** Of `not_reached`: how often it was tried. */
  readonly attempts?: number
  /** Of `case_joined`. */
  readonly caseId?: string
  /** Of `crisis_opened`. */
  readonly crisis?: CrisisKind
  readonly subkind?: CrisisSubkind | null
}

type Found = Loaded<Carried>

const decide = ({ alert, caller }: Found, input: DisposeAlert): void => {
  const counts = answersSince(alert.risenVersion)
  const isUpheld = (objection: (typeof alert.objections)[number]) => objection.answer === 'upheld' && counts(objection)
  requireOpen(alert)
  requireDay(alert, input.on ?? caller.today, caller.today)
  if (input.until !== undefined && !isEndOfWait(input.until, caller.today)) throw new Problem('day_unfit')
  if (input.kind === 'objection_upheld' && !alert.objections.some(isUpheld)) throw new Problem('no_objection_upheld')
}

interface Outcome {
  readonly caseId?: string
  readonly crisisId?: string
}

/** What a disposition brings about elsewhere, within the transaction that files it. */
const effectOf = async (
  deps: AlertDeps,
  tx: Door,
  request: Request,
  found: Found,
  input: DisposeAlert,
): Promise<Outcome> => {
  const inner = { db: tx, ambient: deps.ambient }
  const asked = { ...request, idempotency: null }
  const { studentId, id: alertId } = found.alert
  const words = evidenceText(input.words, found.signals, found.signalCount)
  if (input.kind === 'case_opened') {
    const about = { inScope: true, scopeReason: null, predecessorId: null, kind: 'academic', source: 'alert' }
    const { body } = await openCase(inner, asked, { ...about, studentId, alertId, note: words })
    return { caseId: (body as { caseId: string }).caseId }
  }
  if (input.kind === 'case_joined') {
    const caseId = input.caseId as string
    await joinAlertToCase(inner, asked, { caseId, studentId, alertId, words })
    return { caseId }
  }
  const kind = input.crisis as CrisisKind
  const crisis = { studentId, kind, subkind: input.subkind ?? null, leadId: null, alertId, caseId: null, note: words }
  const { body } = await openCrisis(inner, asked, crisis)
  return { crisisId: (body as { crisisId: string }).crisisId }
}

const file = (deps: Deps, request: Request, found: Found, input: DisposeAlert, outcome: Outcome) => {
  const { kind, until, attempts } = input
  const dispositionId = deps.ambient.newId()
  const { institution } = request.caller
  const place = {
    institution,
    subject: input.alertId,
    table: 'alert_dispositions',
    row: dispositionId,
    field: 'sealed',
  }
  const words = { words: input.words, ...(attempts === undefined ? {} : { attempts }) }
  const sealed = sealJson(deps.ambient, place, found.dataKey, words)
  const on = input.on ?? found.caller.today
  const seesAgain = found.alert.step === 'acknowledged' && !found.alert.isSeen
  const clock = seesAgain ? { seesAgain: afterMove(found, 'acknowledged', deps.ambient.now()) } : {}
  return changeAlert(deps, save, request, found, {
    type: 'alert.disposed',
    data: {
      dispositionId,
      kind,
      ...outcome,
      ...(until === undefined ? {} : { until }),
      ...(attempts === undefined ? {} : { attempts }),
    },
    effects: { dispositionId, kind, on, until, ...outcome, ...clock, sealed },
    ...(outcome.caseId ? { caseId: outcome.caseId } : {}),
    status: 201,
    receipt: { id: dispositionId, kind, ...outcome },
    location: `/v1/alerts/${input.alertId}`,
  })
}

const reachesFurther = ['case_opened', 'case_joined', 'crisis_opened']

/**
 * Files what became of an alert 处置. Who files it has seen the alert: one that rose after it was acknowledged
 * meets its first target by it, and the clock runs towards the second again. A case or crisis it brings about is opened in the same transaction.
 * @throws Problem alert_is_resolved, day_unfit, no_objection_upheld, open_case_exists, case_unfit, case_is_closed,
 *   not_found, version_stale
 */
export const disposeAlert = (deps: AlertDeps, request: Request, input: DisposeAlert): Promise<Answer> => {
  const { caller, idempotency } = request
  const about = { caller, alertId: input.alertId, now: deps.ambient.now(), idempotency }
  return attempt(
    idempotency,
    // load
    () => loadAlert(deps.db.as(caller.institution), load, 'alert:dispose', about),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.alert.version)
      decide(found, input)
      // save, tell
      if (!reachesFurther.includes(input.kind)) return file(deps, request, found, input, {})
      return allOrNothing(deps.db, async tx => {
        const outcome = await effectOf(deps, tx, request, found, input)
        return file({ db: tx, ambient: deps.ambient }, request, found, input, outcome)
      })
    },
  )
}
