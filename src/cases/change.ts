import { actorOf } from '../people/actor.ts'
import { attempt } from '../platform/command.ts'
import type { Statement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Change, changeSubject, type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type Found, type Loaded, loadCase, loadStatement, requireVersion } from './facts.ts'

export type { Request } from '../platform/subject.ts'

/** What the commands of this slice are given. */
export type CaseDeps = Deps

/** A statement that changes one case: {@link subjectStatement}. */
export const changeStatement = (name: string, set = '', effects = '') => subjectStatement('cases', name, set, effects)

/** Saves and tells one change of a case. @returns the answer, or null when the version compare was lost */
export const changeCase = (
  deps: CaseDeps,
  statement: ReturnType<typeof changeStatement>,
  request: Request,
  { facts, caller, dataKey }: Loaded,
  change: Change,
): Promise<Answer | null> => {
  const { id, version, writes } = facts
  const subject = { kind: 'case', id, version, writes, dataKey, caseId: id }
  return changeSubject(deps, statement, request, actorOf(caller), subject, change)
}

const loadPlain = loadStatement('cases.load')

/**
 * A command that loads a case, decides and changes it: what most commands are.
 * @throws Problem case_is_closed unless it is one of the few that go on after closing
 */
export const onCase = <X extends object = object>(
  deps: CaseDeps,
  request: Request,
  about: {
    readonly caseId: string
    readonly ifMatch: number | null
    readonly permission: PermissionName
    /** It may be done after closing too. */
    readonly afterClosed?: true
    readonly load?: Statement<{ found: Found & X }>
    readonly params?: readonly (string | number | null)[]
  },
  save: ReturnType<typeof changeStatement>,
  decide: (found: Loaded<X>) => Change,
): Promise<Answer> => {
  const { caller, idempotency } = request
  const subject = { caller, caseId: about.caseId, now: deps.ambient.now(), idempotency }
  const load = about.load ?? (loadPlain as unknown as Statement<{ found: Found & X }>)
  return attempt(
    idempotency,
    () => loadCase(deps.db.as(caller.institution), load, about.permission, subject, ...(about.params ?? [])),
    async found => {
      requireVersion(about.ifMatch, found.facts.version)
      if (!about.afterClosed && found.facts.standing.step === 'closed') throw new Problem('case_is_closed')
      return changeCase(deps, save, request, found, decide(found))
    },
  )
}

/** Refuses the reason `other` without words that say which. @throws Problem note_required */
export const requireWords = ({ reason, note }: { readonly reason: string; readonly note: string | null }): void => {
  if (reason === 'other' && !note) throw new Problem('note_required')
}
