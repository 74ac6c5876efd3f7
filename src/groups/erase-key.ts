import { aboutOf, changeGuarded, findSubject, loadStatementOf, requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { groupWork } from '../practice/group-work.ts'
import { Problem } from '../practice/problems.ts'
import { groupStatement, groupSubject, type LoadedFacts } from './facts.ts'

const load = loadStatementOf<LoadedFacts>(groupSubject, 'groups.load_outside', {}, 'true')
const save = groupStatement('groups.erase_key', 'data_key = null')

/**
 * Erases the data key of a group that is over: its words are gone for ever, its journal stays valid.
 * @throws Problem not_found, group_not_over, key_is_erased, version_stale
 */
export const eraseGroupKey = (
  deps: Deps,
  request: Request,
  input: { readonly groupId: string; readonly ifMatch: number | null },
): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  return attempt(
    request.idempotency,
    // load
    () => findSubject<LoadedFacts, object>(tenant, load, 'key:erase', aboutOf(deps, request, input.groupId)),
    async found => {
      // decide
      requireVersion(input.ifMatch, found.facts.version)
      if (!groupWork.final.includes(found.facts.standing.step as 'ended')) throw new Problem('group_not_over')
      if (found.facts.keyErased) throw new Problem('key_is_erased')
      // save, tell
      return changeGuarded(deps, groupSubject, save, request, found, { type: 'group.key_erased', status: 200 })
    },
  )
}
