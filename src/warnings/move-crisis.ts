import { releaseStudent } from '../cases/hold-student.ts'
import { refuseMove } from '../kernel/decide.ts'
import { explainEdges } from '../kernel/transitions.ts'
import { actorOf } from '../people/actor.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import { together } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import { type CrisisStep, crisisProcess, holdOutcomeOf, lastingSteps } from '../practice/crisis.ts'
import { crisisChecks } from '../practice/crisis-checks.ts'
import { startStage } from '../practice/crisis-clock.ts'
import { earlyReasons } from '../practice/crisis-codes.ts'
import { Problem } from '../practice/problems.ts'
import { titleOfKind } from '../practice/record-kinds.ts'
import { changeCrisis, type LoadedCrisis, loadCrisis } from './crisis-facts.ts'

const catalogue = { checks: crisisChecks, titleOf: titleOfKind }

const save = subjectStatement(
  'crises',
  'crises.move',
  `step = given.e->>'to', moved_by = $2::uuid, move_reason = given.e->>'reason',
   outcome = case when given.e->>'reason' = 'relapse' then null else crises.outcome end,
   outcome_on = case when given.e->>'reason' = 'relapse' then null else crises.outcome_on end,
   end_reason = coalesce(given.e->>'endReason', crises.end_reason), closed_at = (given.e->>'closedAt')::timestamptz,
   due_at = (given.e->>'dueAt')::timestamptz, beyond_horizon = (given.e->>'beyondHorizon')::boolean,
   escalates_at = (given.e->>'escalatesAt')::timestamptz, escalation = 0`,
)

/** A move asked for. */
export interface MoveCrisis {
  readonly crisisId: string
  readonly to: string
  readonly reason: string | null
  readonly note: string | null
  readonly ifMatch: number | null
  readonly dryRun: boolean
}

const decide = (found: LoadedCrisis, input: MoveCrisis): void => {
  requireVersion(input.ifMatch, found.facts.version)
  const move = { to: input.to, reason: input.reason, note: input.note, today: found.caller.today }
  const refusal = refuseMove(crisisProcess, found.facts.standing, found.facts, catalogue, found.relations, move)
  if (!refusal) return
  const { code, ...members } = refusal
  throw new Problem(code, members)
}

/**
 * Takes an edge of the process, or says exactly why not. A relapse takes back what was said of the outcome. When the danger is over the holds on the student's cases are
 * lifted in the same transaction.
 * @throws Problem step_not_reachable, edge_not_yours, reason_required, reason_not_allowed, note_required,
 *   requirements_unmet, version_stale
 */
export const moveCrisis = (deps: Deps, request: Request, input: MoveCrisis): Promise<Answer> => {
  const now = deps.ambient.now()
  const { caller } = request
  const idempotency = input.dryRun ? null : request.idempotency
  const about = { caller, crisisId: input.crisisId, now, idempotency }
  return attempt(
    idempotency,
    // load
    () => loadCrisis(deps.db.as(caller.institution), 'crisis:move', about),
    async found => {
      // decide
      decide(found, input)
      const from = found.facts.standing.step
      const allowed = { crisisId: input.crisisId, from, to: input.to, allowed: true }
      if (input.dryRun) return { status: 200, body: allowed, etag: found.facts.version }
      // save, tell
      return together(deps.db, tx => saveMove({ db: tx, ambient: deps.ambient }, request, found, input, now))
    },
  )
}

const saveMove = async (
  deps: Deps,
  request: Request,
  found: LoadedCrisis,
  input: MoveCrisis,
  now: Date,
): Promise<Answer | null> => {
  const { facts, caller } = found
  const to = input.to as CrisisStep
  const from = facts.standing.step
  const stage = startStage(found.clock, facts.kind, to, now)
  const early = earlyReasons.includes(input.reason as 'died')
  const { dueAt, beyondHorizon } = stage
  const answer = await changeCrisis(deps, save, request, found, {
    type: 'crisis.moved',
    reason: input.reason,
    data: { from, to, dueAt },
    words: input.note,
    effects: {
      to,
      reason: input.reason,
      endReason: early ? input.reason : null,
      closedAt: crisisProcess.final.includes(to as 'closed') ? now.toISOString() : null,
      ...stage,
    },
    status: 201,
    receipt: { from, to, dueAt, beyondHorizon },
  })
  const isOver = lastingSteps.includes(from as 'open') && !lastingSteps.includes(to as 'open')
  if (answer && isOver)
    await releaseStudent(deps, request, actorOf(caller), facts.id, holdOutcomeOf(facts.outcome, input.reason))
  return answer
}

/** Answers `GET /v1/crises/{id}/transitions`. */
export const explainCrisis = async (deps: Deps, request: Request, crisisId: string) => {
  const about = { caller: request.caller, crisisId, now: deps.ambient.now(), idempotency: null }
  const { facts, relations, caller } = await loadCrisis(deps.db.as(request.caller.institution), 'crisis:read', about)
  const transitions = explainEdges(crisisProcess, facts.standing, facts, catalogue, relations, caller.today)
  return { crisisId, step: facts.standing.step, version: facts.version, transitions }
}
