import { refuseMove } from '../kernel/decide.ts'
import { explainEdges } from '../kernel/transitions.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { AlertFacts } from '../practice/alerts.ts'
import { alertChecks, alertProcess } from '../practice/alerts.ts'
import { Problem } from '../practice/problems.ts'
import { escalationAfter } from '../practice/targets.ts'
import { type Loaded, loadAlert, standingOf } from './alert-facts.ts'
import { alertStatement, changeAlert, loadPlain } from './change-alert.ts'

const catalogue = { checks: alertChecks, titleOf: () => ({ en: '', zh: '' }) }

const save = alertStatement(
  'alerts.move',
  `step = given.e->>'to', moved_by = $2::uuid, move_reason = null, owner_id = coalesce(alerts.owner_id, $2::uuid),
  seen_version = alerts.version + 1, acknowledged_at = coalesce(alerts.acknowledged_at, (given.e->>'at')::timestamptz), resolved_at = (given.e->>'resolvedAt')::timestamptz,
  escalates_at = (given.e->>'escalatesAt')::timestamptz, escalation = 0, beyond_horizon = (given.e->>'beyondHorizon')::boolean`,
  `told as (update alert_told w set open = false from given, c
  where w.institution_id = $1::uuid and w.alert_id = c.id and w.open and given.e->>'resolvedAt' is not null)`,
)

/** A move asked for. */
export interface MoveAlert {
  readonly alertId: string
  readonly to: string
  readonly reason: string | null
  readonly note: string | null
  readonly ifMatch: number | null
  readonly dryRun: boolean
}

/** Why the alert may not move. @throws Problem step_not_reachable, edge_not_yours, reason_not_allowed, requirements_unmet */
export const requireMove = (
  found: Pick<Loaded, 'alert' | 'relations' | 'caller'>,
  facts: AlertFacts,
  move: { readonly to: string; readonly reason: string | null; readonly note: string | null },
): void => {
  const asked = { ...move, today: found.caller.today }
  const refusal = refuseMove(alertProcess, standingOf(found.alert), facts, catalogue, found.relations, asked)
  if (!refusal) return
  const { code, ...members } = refusal
  throw new Problem(code, members)
}

/** What a move, or looking again at what grew graver, sets beside the step: from then on the clock runs towards the second target. Pure. */
export const afterMove = ({ alert, rules }: Pick<Loaded, 'alert' | 'rules'>, to: string, now: Date) => {
  const ended = alertProcess.final.includes(to as 'resolved')
  const target = alert.resolveBy === null || ended ? null : new Date(alert.resolveBy)
  return {
    to,
    resolvedAt: ended ? now.toISOString() : null,
    escalatesAt: escalationAfter(rules, 0, target),
    beyondHorizon: target === null && !ended,
  }
}

/** Saves and tells a move that was decided on. @returns null when the compare was lost */
export const saveAlertMove = (
  deps: Deps,
  request: Request,
  found: Pick<Loaded, 'alert' | 'rules' | 'caller' | 'dataKey'>,
  to: string,
  note: string | null = null,
): Promise<Answer | null> => {
  const data = { from: found.alert.step, to }
  const effects = afterMove(found, to, deps.ambient.now())
  return changeAlert(deps, save, request, found, {
    type: 'alert.moved',
    data,
    words: note,
    effects,
    status: 201,
    receipt: data,
  })
}

/**
 * Takes an edge of the process, or says exactly why not. Who acknowledges an alert nobody owns, owns it.
 * @throws Problem step_not_reachable, edge_not_yours, reason_not_allowed, requirements_unmet, version_stale
 */
export const moveAlert = (deps: Deps, request: Request, input: MoveAlert): Promise<Answer> => {
  const now = deps.ambient.now()
  const { alertId, to } = input
  const about = { caller: request.caller, alertId, now, idempotency: input.dryRun ? null : request.idempotency }
  return attempt(
    request.idempotency,
    // load
    () => loadAlert(deps.db.as(request.caller.institution), loadPlain, 'alert:move', about),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.alert.version)
      requireMove(found, found.facts, input)
      const from = found.alert.step
      if (input.dryRun) return { status: 200, body: { alertId, from, to, allowed: true }, etag: found.alert.version }
      // save, tell
      return saveAlertMove(deps, request, found, to, input.note)
    },
  )
}

/** Answers `GET /v1/alerts/{id}/transitions`. */
export const explainAlert = async (deps: Deps, request: Request, alertId: string) => {
  const about = { caller: request.caller, alertId, now: deps.ambient.now(), idempotency: null }
  const found = await loadAlert(deps.db.as(request.caller.institution), loadPlain, 'alert:explain', about)
  const { alert, facts, relations, caller } = found
  return {
    alertId,
    step: alert.step,
    version: alert.version,
    transitions: explainEdges(alertProcess, standingOf(alert), facts, catalogue, relations, caller.today),
  }
}
