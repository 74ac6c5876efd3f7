import { caseworkRoles } from './permissions.ts'
import { type Severity, type SignalKind, signalKinds } from './signals.ts'
import type { WarningSettings } from './warning-settings.ts'

/** Somebody who holds a role today at a unit, above it, or at an office beside that line; depth 0 = at the unit itself. */
export interface Holder {
  readonly role: string
  readonly staffId: string
  readonly depth: number
  /** Whether at an office 职能部门 beside the line; depth is that of the unit the office belongs to. */
  readonly isBeside: boolean
}

/** A unit as routing sees it: itself and all above it, and who holds roles there. */
export interface RoutingUnit {
  readonly above: readonly string[]
  readonly holders: readonly Holder[]
}

/** Open alerts a staff member owns. */
export type Load = (staffId: string) => number

/**
 * Who hold a role at the nearest unit that has one, by id; where none above has, at the nearest office beside the line: a
 * psychological centre belongs to no college. Pure.
 */
export const nearest = ({ holders }: RoutingUnit, role: string): string[] => {
  const all = holders.filter(holder => holder.role === role)
  const above = all.filter(({ isBeside }) => !isBeside)
  const fit = above.length > 0 ? above : all
  const depth = Math.min(...fit.map(holder => holder.depth))
  return [...new Set(fit.filter(holder => holder.depth === depth).map(holder => holder.staffId))].sort()
}

/**
 * Whether somebody may answer for what concerns a unit: they hold a role of casework there, above, or at an
 * office beside that line. Pure.
 */
export const answersAt = ({ holders }: RoutingUnit, staffId: string | null): boolean =>
  holders.some(holder => holder.staffId === staffId && caseworkRoles.some(role => role === holder.role))

/** What of an alert its routing looks at. */
export interface Routed {
  readonly severity: Severity
  /** Kinds of its open signals. */
  readonly kinds: readonly SignalKind[]
}

const fits = (rule: WarningSettings['routing'][number], alert: Routed, unit: RoutingUnit): boolean =>
  (!rule.severities || rule.severities.includes(alert.severity)) &&
  (!rule.kinds || alert.kinds.some(kind => rule.kinds?.includes(kind))) &&
  (!rule.areas || alert.kinds.some(kind => rule.areas?.includes(signalKinds[kind].area))) &&
  (!rule.units || rule.units.some(id => unit.above.includes(id)))

const leastLoaded = (ids: readonly string[], load: Load): string | null =>
  [...ids].sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1))[0] ?? null

/**
 * Who owns an alert and who is told. The first rule that fits names the owner: the first of its roles that somebody
 * holds, at the nearest unit above the student, there the one with the fewest open alerts; all that fit name who is
 * told. Pure. Domain §4.
 */
export const routeAlert = (
  settings: WarningSettings,
  alert: Routed,
  unit: RoutingUnit,
  load: Load,
): { ownerId: string | null; toldIds: string[] } => {
  const rules = settings.routing.filter(rule => fits(rule, alert, unit))
  const owners = (rules[0]?.owner ?? []).map(role => nearest(unit, role)).find(ids => ids.length > 0) ?? []
  const ownerId = leastLoaded(owners, load)
  const told = rules.flatMap(rule => rule.tell.flatMap(role => nearest(unit, role)))
  return { ownerId, toldIds: [...new Set(told)].filter(id => id !== ownerId).sort() }
}
