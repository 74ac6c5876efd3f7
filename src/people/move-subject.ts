import { refuseMove } from '../kernel/decide.ts'
import type { Catalogue, Process } from '../kernel/process.ts'
import { attempt } from '../platform/command.ts'
import type { AskedMove } from '../platform/http/move-routes.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { type Loaded, requireVersion, type SubjectFacts } from './guarded.ts'

/** A move asked for. */
export type Move = AskedMove

/** The process of a subject, named as its subject is, with what its guard is told. */
export interface Guard<F> {
  readonly process: Process
  readonly catalogue: Catalogue<F, string, string>
}

/**
 * Takes an edge of a process, or says exactly why not.
 * @param load one statement; a dry run is asked without its idempotency key
 * @param save saves and tells a move that was decided on; null = the compare was lost
 * @throws Problem step_not_reachable, edge_not_yours, reason_required, reason_not_allowed, note_required,
 *   requirements_unmet, version_stale
 */
export const moveSubject = <F extends SubjectFacts, L extends Loaded<F>>(
  request: Request,
  { process, catalogue }: Guard<F>,
  move: Move,
  load: () => Promise<L>,
  save: (found: L) => Promise<Answer | null>,
): Promise<Answer> =>
  attempt(request.idempotency, load, async found => {
    // decide
    const { facts, relations, caller } = found
    requireVersion(move.ifMatch, facts.version)
    const asked = { to: move.to, reason: move.reason, note: move.note, today: caller.today }
    const refusal = refuseMove(process, facts.standing, facts, catalogue, relations, asked)
    if (refusal) {
      const { code, ...members } = refusal
      throw new Problem(code, members)
    }
    if (!move.dryRun) return save(found)
    const allowed = { [`${process.name}Id`]: move.id, from: facts.standing.step, to: move.to, allowed: true }
    return { status: 200, body: allowed, etag: facts.version }
  })
