import { type Asked, changeGuarded, onSubject } from '../people/guarded.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Change, type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import { caseSubject, type Loaded, loadStatement } from './facts.ts'

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
  found: Loaded,
  change: Change,
): Promise<Answer | null> => changeGuarded(deps, caseSubject, statement, request, found, change)

const loadPlain = loadStatement('cases.load')

/** A command on a case: {@link onSubject}. @throws Problem case_is_closed unless it is one of the few that go on after closing */
export const onCase = <X extends object = object>(
  deps: CaseDeps,
  request: Request,
  {
    caseId,
    ...about
  }: Omit<Asked<CaseFacts, X>, 'id' | 'load'> & {
    readonly caseId: string
    readonly load?: Asked<CaseFacts, X>['load']
  },
  save: ReturnType<typeof changeStatement>,
  decide: (found: Loaded<X>) => Change,
): Promise<Answer> => {
  const load = about.load ?? (loadPlain as unknown as Asked<CaseFacts, X>['load'])
  return onSubject<CaseFacts, X>(deps, caseSubject, request, { ...about, id: caseId, load }, save, decide)
}

/** Refuses the reason `other` without words that say which. @throws Problem note_required */
export const requireWords = ({ reason, note }: { readonly reason: string; readonly note: string | null }): void => {
  if (reason === 'other' && !note) throw new Problem('note_required')
}
