import { actorOf } from '../people/actor.ts'
import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Statement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { type Change, changeSubject, type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import { isDayOfAlert } from '../practice/dating.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { type Found, type FoundAlert, type Loaded, loadAlert, loadAlertStatement } from './alert-facts.ts'

/** A statement that changes one alert: {@link subjectStatement}. */
export const alertStatement = (name: string, set = '', effects = '') => subjectStatement('alerts', name, set, effects)

/** A change of an alert; `caseId` = the case whose timeline shows it too, and without which it is not shown. */
export type AlertChange = Change & { readonly caseId?: string }

/** Saves and tells one change of an alert. @returns the answer, or null when the compare was lost */
export const changeAlert = (
  deps: Deps,
  statement: ReturnType<typeof alertStatement>,
  request: Request,
  { alert, caller, dataKey }: Pick<Loaded, 'alert' | 'caller' | 'dataKey'>,
  change: AlertChange,
): Promise<Answer | null> => {
  const { id, version, writes } = alert
  const subject = { kind: 'alert', id, version, writes, dataKey, caseId: change.caseId ?? null }
  return changeSubject(deps, statement, request, actorOf(caller), subject, change)
}

/** @throws Problem alert_is_resolved */
export const requireOpen = ({ step }: FoundAlert): void => {
  if (step === 'resolved') throw new Problem('alert_is_resolved')
}

/** Refuses a day on which nothing can have been done about an alert. @throws Problem day_unfit */
export const requireDay = ({ firstDay }: FoundAlert, day: string, today: string): void => {
  if (!isDayOfAlert(day, firstDay, today)) throw new Problem('day_unfit')
}

/** Loads an alert and nothing else. */
export const loadPlain = loadAlertStatement('alerts.load')

/** Which alert a command is about, and who may. */
export interface AboutAlert {
  readonly alertId: string
  readonly ifMatch: number | null
  readonly permission: PermissionName
}

/** A command that loads an alert, decides and changes it: what most commands are. */
export const onAlert = <X extends object = object>(
  deps: Deps,
  request: Request,
  about: AboutAlert & {
    readonly load?: Statement<{ found: Found & X }>
    readonly params?: readonly (string | number | null)[]
  },
  save: ReturnType<typeof alertStatement>,
  decide: (found: Loaded<X>) => AlertChange,
): Promise<Answer> => {
  const { caller, idempotency } = request
  const subject = { caller, alertId: about.alertId, now: deps.ambient.now(), idempotency }
  const load = about.load ?? (loadPlain as unknown as Statement<{ found: Found & X }>)
  return attempt(
    idempotency,
    () => loadAlert(deps.db.as(caller.institution), load, about.permission, subject, ...(about.params ?? [])),
    async found => {
      requireVersion(about.ifMatch, found.alert.version)
      return changeAlert(deps, save, request, found, decide(found))
    },
  )
}
