import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeCase, changeStatement, type Request } from './change.ts'
import { loadFromOutside } from './facts.ts'

const save = changeStatement('cases.erase_key', "data_key = null, key_erased_at = (given.e->>'at')::timestamptz")

/**
 * Erases the data key of a closed case: its words are gone for ever, its journal stays valid.
 * @throws Problem not_found, case_not_closed, key_is_erased, version_stale
 */
export const eraseKey = (deps: CaseDeps, request: Request, input: { caseId: string; ifMatch: number | null }) => {
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now: deps.ambient.now(),
    idempotency: request.idempotency,
  }
  return attempt(
    request.idempotency,
    // load
    () => loadFromOutside(deps.db.as(request.caller.institution), 'key:erase', about),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.facts.version)
      if (found.facts.standing.step !== 'closed') throw new Problem('case_not_closed')
      if (found.facts.keyErased) throw new Problem('key_is_erased')
      // save, tell
      return changeCase(deps, save, request, found, { type: 'case.key_erased', status: 200 })
    },
  )
}
