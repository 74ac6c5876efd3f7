import type { Calendar } from '../kernel/working-time.ts'
import { isSafety, type Severity, type SignalKind } from './signals.ts'
import { dueAt, type WarningSettings } from './warning-settings.ts'

/** How an institution warns, as far as targets and escalation look at it. */
export interface Rules {
  readonly settings: WarningSettings
  readonly calendar: Calendar
  /** Version of the settings. */
  readonly version: number
}

/** When an alert is to be answered; null = past the calendar's horizon, never guessed. */
export interface Targets {
  readonly acknowledgeBy: Date | null
  readonly resolveBy: Date | null
}

/** Targets of an alert by severity, or by the clock where a signal concerns safety. Pure. Domain §4. */
export const targetsOf = (
  { settings, calendar }: Rules,
  severity: Severity,
  kinds: readonly SignalKind[],
  from: Date,
): Targets => {
  const { acknowledge, resolve } = settings.targets[kinds.some(isSafety) ? 'safety' : severity]
  return { acknowledgeBy: dueAt(calendar, from, acknowledge), resolveBy: dueAt(calendar, from, resolve) }
}

const sooner = (a: Date | null, b: Date | null): Date | null => {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

/** The sooner of old and new targets: what joins an alert never wins it time. Pure. */
export const soonerTargets = (old: Targets, fresh: Targets): Targets => ({
  acknowledgeBy: sooner(old.acknowledgeBy, fresh.acknowledgeBy),
  resolveBy: sooner(old.resolveBy, fresh.resolveBy),
})

/** How far an alert is answered: an acknowledged one that rose since is not seen until a disposition is filed. */
export interface Answered {
  readonly step: string
  readonly isSeen: boolean
}

const waitsToBeSeen = ({ step, isSeen }: Answered): boolean => step !== 'resolved' && !isSeen

/** The target an alert runs towards: to be seen, at first and again once it rose, then to be resolved. Pure. */
export const targetIn = (alert: Answered, targets: Targets): Date | null => {
  if (waitsToBeSeen(alert)) return targets.acknowledgeBy
  return alert.step === 'acknowledged' ? targets.resolveBy : null
}

/** Whether a target still ahead lies past the horizon. Pure. */
export const isBeyondHorizon = (alert: Answered, targets: Targets): boolean =>
  (waitsToBeSeen(alert) && targets.acknowledgeBy === null) || (alert.step !== 'resolved' && targets.resolveBy === null)

/**
 * Targets of an alert that something came to: never later, but that one that was seen has met its first target, which
 * stays as it was met, and is set anew once it rises. Pure. Domain §4.
 */
export const targetsAfter = (alert: Answered & Targets, fresh: Targets, rose: boolean): Targets => {
  const sooner = soonerTargets(alert, fresh)
  if (!alert.isSeen) return sooner
  return { ...sooner, acknowledgeBy: rose ? fresh.acknowledgeBy : alert.acknowledgeBy }
}

/**
 * When the next level is told. Pure.
 * @param before when the level before was due; for the first level, the target
 * @returns null when there is no further level, or it lies past the horizon
 */
export const escalationAfter = (
  { settings, calendar }: Rules,
  levelsTold: number,
  before: Date | null,
): Date | null => {
  const level = settings.escalation[levelsTold]
  return level && before ? dueAt(calendar, before, level.after) : null
}
