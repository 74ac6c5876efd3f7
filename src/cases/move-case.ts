import { refuseMove } from '../kernel/process.ts'
import { transitionsFrom } from '../kernel/transitions.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import { Problem } from '../practice/problems.ts'
import { titleOfKind } from '../practice/record-kinds.ts'
import { type CaseDeps, changeCase, changeStatement, type Request } from './change.ts'
import { loadCase, loadStatement, requireVersion } from './facts.ts'

const catalogue = { checks: caseworkChecks, titleOf: titleOfKind }

const load = loadStatement('cases.load')

const save = changeStatement(
  'cases.move',
  `step = given.e->>'to', moved_by = $2::uuid, move_reason = given.e->>'reason', close_reason = given.e->>'closeReason',
  closed_at = (given.e->>'closedAt')::timestamptz`,
)

/** A move asked for. */
export interface MoveCase {
  readonly caseId: string
  readonly to: string
  readonly reason: string | null
  readonly note: string | null
  readonly ifMatch: number | null
  readonly dryRun: boolean
}

/**
 * Takes an edge of the process, or says exactly why not.
 * @throws Problem step_not_reachable, edge_not_yours, reason_required, reason_not_allowed, note_required,
 *   requirements_unmet, version_stale, open_case_exists
 */
export const moveCase = (deps: CaseDeps, request: Request, input: MoveCase): Promise<Answer> => {
  const now = deps.ambient.now()
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now,
    idempotency: input.dryRun ? null : request.idempotency,
  }
  return attempt(
    request.idempotency,
    // load
    () => loadCase(deps.db.as(request.caller.institution), load, 'case:move', about),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.facts.version)
      const { standing } = found.facts
      const move = { to: input.to, reason: input.reason, note: input.note, today: found.caller.today }
      const refusal = refuseMove(casework, standing as never, found.facts, catalogue, found.relations, move)
      if (refusal) {
        const { code, ...members } = refusal
        throw new Problem(code, members)
      }
      if (input.dryRun)
        return {
          status: 200,
          body: { caseId: input.caseId, from: standing.step, to: input.to, allowed: true },
          etag: found.facts.version,
        }
      // save, tell
      return changeCase(deps, save, request, found, {
        type: 'case.moved',
        reason: input.reason,
        data: { from: standing.step, to: input.to },
        words: input.note,
        effects: {
          to: input.to,
          reason: input.reason,
          closeReason: closeReasonAfter(input, standing.reason),
          closedAt: casework.final.includes(input.to as 'closed') ? now.toISOString() : null,
        },
        status: 201,
        receipt: { from: standing.step, to: input.to },
      })
    },
  )
}

const closeReasonAfter = (input: MoveCase, present: string | null): string | null => {
  if (input.to === casework.remembers) return input.reason
  return casework.final.includes(input.to as 'closed') ? present : null
}

/** Answers `GET /v1/cases/{id}/transitions`. */
export const explainCase = async (deps: CaseDeps, request: Request, caseId: string) => {
  const about = { caller: request.caller, caseId, now: deps.ambient.now(), idempotency: null }
  const found = await loadCase(deps.db.as(request.caller.institution), load, 'case:explain', about)
  return {
    caseId,
    step: found.facts.standing.step,
    version: found.facts.version,
    transitions: transitionsFrom(
      casework,
      found.facts.standing as never,
      found.facts,
      catalogue,
      found.relations,
      found.caller.today,
    ),
  }
}
