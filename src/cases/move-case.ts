import { explainEdges } from '../kernel/transitions.ts'
import { type Guard, type Move, moveSubject } from '../people/move-subject.ts'
import type { Answer } from '../platform/http/route.ts'
import { casework } from '../practice/casework.ts'
import { caseworkChecks } from '../practice/casework-checks.ts'
import { owedDeferrals } from '../practice/checks/deferrals.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { titleOfKind } from '../practice/record-kinds.ts'
import { type CaseDeps, changeCase, changeStatement, type Request } from './change.ts'
import { type Loaded, loadCase, loadStatement } from './facts.ts'
import { openTransferJson, withdrawnWith, withdrawOffer } from './open-transfer.ts'

const catalogue = { checks: caseworkChecks, titleOf: titleOfKind, recordOperation: 'createRecord' }
const guard: Guard<CaseFacts> = { process: casework as never, catalogue }

const load = loadStatement('cases.load')

const loadForClosing = loadStatement<{ openTransferId: string | null }>('cases.load_for_closing', {
  openTransferId: openTransferJson,
})

const moved = `step = given.e->>'to', moved_by = $2::uuid, move_reason = given.e->>'reason', close_reason = given.e->>'closeReason',
  closed_at = (given.e->>'closedAt')::timestamptz`
const save = changeStatement('cases.move', moved)
/** The last move, which ends an offer of transfer too. */
const saveClosing = changeStatement('cases.close', moved, withdrawOffer)

/**
 * Takes an edge of the process, or says exactly why not.
 * @throws Problem as {@link moveSubject}, open_case_exists
 */
export const moveCase = (deps: CaseDeps, request: Request, input: Move): Promise<Answer> => {
  const now = deps.ambient.now()
  const { caller } = request
  const about = { caller, caseId: input.id, now, idempotency: input.dryRun ? null : request.idempotency }
  const tenant = deps.db.as(caller.institution)
  const closes = casework.final.includes(input.to as 'closed')
  return moveSubject(
    request,
    guard,
    input,
    // load
    (): Promise<Loaded<{ openTransferId?: string | null }>> =>
      closes ? loadCase(tenant, loadForClosing, 'case:move', about) : loadCase(tenant, load, 'case:move', about),
    // save, tell
    found => {
      const { step: from, reason } = found.facts.standing
      return changeCase(deps, closes ? saveClosing : save, request, found, {
        type: 'case.moved',
        reason: input.reason,
        data: {
          from,
          to: input.to,
          ...withdrawnWith(found.openTransferId ?? null),
          ...stillOwed(found.facts, input.to),
        },
        words: input.note,
        effects: {
          to: input.to,
          reason: input.reason,
          closeReason: closeReasonAfter(input, reason),
          closedAt: closes ? now.toISOString() : null,
        },
        status: 201,
        receipt: { from, to: input.to },
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

const closeReasonAfter = (input: Move, present: string | null): string | null => {
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
