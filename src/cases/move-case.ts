import { refuseMove } from '../kernel/decide.ts'
import { explainEdges } from '../kernel/transitions.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import { owedDeferrals } from '../practice/checks/deferrals.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import { titleOfKind } from '../practice/record-kinds.ts'
import { type CaseDeps, changeCase, changeStatement, type Request } from './change.ts'
import { type Loaded, loadCase, loadStatement, requireVersion } from './facts.ts'
import { openTransferJson, withdrawnWith, withdrawOffer } from './open-transfer.ts'

const catalogue = { checks: caseworkChecks, titleOf: titleOfKind, recordOperation: 'createRecord' }

const load = loadStatement('cases.load')

const loadForClosing = loadStatement<{ openTransferId: string | null }>('cases.load_for_closing', {
  openTransferId: openTransferJson,
})

const moved = `step = given.e->>'to', moved_by = $2::uuid, move_reason = given.e->>'reason', close_reason = given.e->>'closeReason',
  closed_at = (given.e->>'closedAt')::timestamptz`
const save = changeStatement('cases.move', moved)
/** The last move, which ends an offer of transfer too. */
const saveClosing = changeStatement('cases.close', moved, withdrawOffer)

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
  const tenant = deps.db.as(request.caller.institution)
  const closes = casework.final.includes(input.to as 'closed')
  return attempt(
    request.idempotency,
    // load
    (): Promise<Loaded<{ openTransferId?: string | null }>> =>
      closes ? loadCase(tenant, loadForClosing, 'case:move', about) : loadCase(tenant, load, 'case:move', about),
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
      return changeCase(deps, closes ? saveClosing : save, request, found, {
        type: 'case.moved',
        reason: input.reason,
        data: {
          from: standing.step,
          to: input.to,
          ...withdrawnWith(found.openTransferId ?? null),
          ...stillOwed(found.facts, input.to),
        },
        words: input.note,
        effects: {
          to: input.to,
          reason: input.reason,
          closeReason: closeReasonAfter(input, standing.reason),
          closedAt: closes ? now.toISOString() : null,
        },
        status: 201,
        receipt: { from: standing.step, to: input.to },
      })
    },
  )
}

/** An ending lists what stayed owed, whatever it ends for. */
const stillOwed = (facts: CaseFacts, to: string): { owed?: string[] } => {
  if (to !== casework.remembers && !casework.final.includes(to as 'closed')) return {}
  const owed = owedDeferrals(facts).map(each => each.need)
  return owed.length > 0 ? { owed } : {}
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
    transitions: explainEdges(
      casework,
      found.facts.standing as never,
      found.facts,
      catalogue,
      found.relations,
      found.caller.today,
    ),
  }
}
