import { rises } from './alerts.ts'
import { type Load, type RoutingUnit, routeAlert } from './routing.ts'
import { graver, isPositive, type Severity, type SignalKind, severities } from './signals.ts'
import {
  type Answered,
  escalationAfter,
  isBeyondHorizon,
  type Rules,
  type Targets,
  targetIn,
  targetsAfter,
  targetsOf,
} from './targets.ts'

/** A signal that waits to be fused: new, or known and observed anew. */
export interface PendingSignal {
  readonly id: string
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly status: 'open' | 'cleared'
  readonly observedAt: Date
  /** Of a watch that came to its day: who set it, while they hold a role. */
  readonly watcherId: string | null
  /** The alert it is evidence of already. */
  readonly alert: {
    readonly id: string
    readonly severity: Severity
    readonly joinsUntil: Date
    /** Whether it was cleared in between. */
    readonly isBack: boolean
    /** Whether it was of another kind before. */
    readonly isOther: boolean
    /** Whether it says something else than when the alert was resolved. */
    readonly isNews: boolean
  } | null
}

/** An open alert as fusion finds it. */
export interface OpenAlert extends Answered, Targets {
  readonly id: string
  readonly severity: Severity
  readonly joinsUntil: Date
  readonly escalation: number
  readonly escalatesAt: Date | null
  readonly ownerId: string | null
  /** Whether the student is in another unit than when it was last routed. */
  readonly isElsewhere: boolean
  /** Whether the owner holds a role today, and, once the student is elsewhere, there; who left answers for nothing. */
  readonly ownerHolds: boolean
  readonly toldIds: readonly string[]
  /** Kinds of its open signals. */
  readonly kinds: readonly SignalKind[]
}

/** A student with signals that wait, if any, and open alerts, oldest first. */
export interface FusionStudent {
  readonly id: string
  readonly unit: RoutingUnit
  /** Nothing is raised about a student who died. */
  readonly died: boolean
  readonly signals: readonly PendingSignal[]
  readonly alerts: readonly OpenAlert[]
}

/** An alert after fusion; `signalIds` are those that joined it or changed. */
export interface FusedAlert extends OpenAlert {
  readonly studentId: string
  readonly signalIds: readonly string[]
  /** How many of them are new to it. */
  readonly joined: number
  readonly raised: boolean
  /** Whether somebody owns it by now who did not before. */
  readonly newlyOwned: boolean
  /** Whether it rose: somebody has to look again. */
  readonly rose: boolean
  /** Staff told by now, and not before. */
  readonly newlyTold: readonly string[]
  readonly beyondHorizon: boolean
}

/** What becomes of alerts, and of each signal. */
export interface Fusion {
  readonly alerts: readonly FusedAlert[]
  readonly signals: readonly { readonly id: string; readonly alertId: string | null }[]
}

/** What fusion is given beside the students. */
export interface FusionContext extends Rules {
  readonly load: Load
  readonly now: Date
  readonly newId: () => string
}

interface Draft {
  readonly alert: OpenAlert
  readonly raised: boolean
  readonly signals: PendingSignal[]
}

const mildest = Object.keys(severities)[0] as Severity
const dayMs = 86_400_000

const severityOf = (signal: PendingSignal): Severity => signal.severity ?? mildest

/** Whether a signal of an alert that is over by now starts anew: it grew graver, is back, says something else, or came after the window. */
const startsAnew = (signal: PendingSignal): boolean => {
  const { alert } = signal
  if (alert === null) return true
  const worse = alert.severity !== severityOf(signal) && graver(alert.severity, severityOf(signal)) !== alert.severity
  return worse || alert.isBack || alert.isNews || signal.observedAt > alert.joinsUntil
}

/** Whether an observation lies in an alert's window: as far from the first at most, after it or, told late, before it. */
const fitsWindow = ({ joinsUntil }: OpenAlert, { observedAt }: PendingSignal, windowDays: number): boolean =>
  observedAt <= joinsUntil && observedAt.getTime() >= joinsUntil.getTime() - 2 * windowDays * dayMs

const draftFor = (drafts: readonly Draft[], signal: PendingSignal, windowDays: number): Draft | null => {
  const known = drafts.find(draft => draft.alert.id === signal.alert?.id)
  if (known) return known
  if (signal.status !== 'open' || !startsAnew(signal)) return null
  return drafts.findLast(draft => fitsWindow(draft.alert, signal, windowDays)) ?? null
}

const raisedBy = (signal: PendingSignal, { settings, newId }: FusionContext): Draft => ({
  alert: {
    id: newId(),
    step: 'raised',
    isSeen: false,
    isElsewhere: false,
    severity: severityOf(signal),
    joinsUntil: new Date(signal.observedAt.getTime() + settings.windowDays * dayMs),
    escalation: 0,
    escalatesAt: null,
    ownerId: null,
    ownerHolds: false,
    toldIds: [],
    kinds: [],
    acknowledgeBy: null,
    resolveBy: null,
  },
  raised: true,
  signals: [],
})

/**
 * Who owns an alert: whoever did, while they hold a role; of one that nothing but the end of a watch raised, who set the
 * watch; else whom the rules name.
 */
const ownerOf = ({ alert, raised, signals }: Draft, routed: string | null): string | null => {
  if (alert.ownerHolds) return alert.ownerId
  const [watched] = signals
  return raised && watched && signals.every(each => each.watcherId !== null) ? watched.watcherId : routed
}

/**
 * An alert with the signals that came to it: severity only rises, targets only come nearer. One that was seen and rose is
 * to be seen again, and its levels of escalation start anew. One without an owner who holds is routed anew.
 */
const finished = (draft: Draft, student: FusionStudent, context: FusionContext): FusedAlert => {
  const { alert, raised, signals } = draft
  const open = signals.filter(signal => signal.status === 'open')
  const severity = open.map(severityOf).reduce(graver, alert.severity)
  const kinds = [...new Set([...alert.kinds, ...open.map(signal => signal.kind)])]
  const came = open.filter(({ alert: of }) => of?.id !== alert.id || of.isBack || of.isOther).map(({ kind }) => kind)
  const rose = !raised && rises(alert, severity, came)
  const fresh = signals.length > 0 ? targetsOf(context, severity, kinds, context.now) : alert
  const targets = targetsAfter(alert, fresh, rose)
  const answered = { step: alert.step, isSeen: alert.isSeen && !rose }
  const escalation = rose && alert.isSeen ? 0 : alert.escalation
  const route = routeAlert(context.settings, { severity, kinds }, student.unit, context.load)
  const ownerId = ownerOf(draft, route.ownerId)
  const watchers = signals.flatMap(signal => signal.watcherId ?? [])
  const newlyTold = [...new Set([...route.toldIds, ...watchers])].filter(
    id => id !== ownerId && !alert.toldIds.includes(id),
  )
  const first = escalationAfter(context, 0, targetIn(answered, targets))
  return {
    ...alert,
    ...targets,
    ...answered,
    rose,
    escalation,
    studentId: student.id,
    severity,
    kinds,
    ownerId,
    ownerHolds: ownerId !== null,
    newlyOwned: ownerId !== null && ownerId !== alert.ownerId,
    newlyTold,
    raised,
    signalIds: signals.map(signal => signal.id),
    joined: signals.filter(signal => signal.alert?.id !== alert.id).length,
    beyondHorizon: isBeyondHorizon(answered, targets),
    escalatesAt: escalation === 0 ? first : alert.escalatesAt,
  }
}

const fuseOne = (student: FusionStudent, context: FusionContext): Fusion => {
  if (student.died)
    return { alerts: [], signals: student.signals.map(({ id, alert }) => ({ id, alertId: alert?.id ?? null })) }
  const drafts: Draft[] = student.alerts.map(alert => ({ alert, raised: false, signals: [] }))
  const signals = student.signals.map(signal => {
    const stays = { id: signal.id, alertId: signal.alert?.id ?? null }
    if (isPositive(signal.kind)) return stays
    let draft = draftFor(drafts, signal, context.settings.windowDays)
    if (!draft) {
      if (signal.status !== 'open' || !startsAnew(signal)) return stays
      draft = raisedBy(signal, context)
      drafts.push(draft)
    }
    draft.signals.push(signal)
    return { id: signal.id, alertId: draft.alert.id }
  })
  const alerts = drafts.flatMap(draft => {
    const touched = draft.signals.length > 0
    if (!touched && draft.alert.ownerHolds && !draft.alert.isElsewhere) return []
    const alert = finished(draft, student, context)
    return touched || alert.isElsewhere || alert.ownerId !== draft.alert.ownerId || alert.newlyTold.length > 0
      ? [alert]
      : []
  })
  return { signals, alerts }
}

/**
 * Joins waiting signals to the open alerts whose window they fall in, newest first, or raises new ones. A cleared signal
 * stays evidence and raises nothing, a positive one never raises, nor does any about a student who died. Open alerts that
 * nobody answers for, or whose student is elsewhere by now, are routed anew. Within one pass owners get alerts in turn.
 * Pure but for new ids. Domain §4.
 */
export const fuse = (students: readonly FusionStudent[], context: FusionContext): Fusion => {
  const given = new Map<string, number>()
  const load: Load = id => context.load(id) + (given.get(id) ?? 0)
  const fused = students.map(student => {
    const fusion = fuseOne(student, { ...context, load })
    for (const { newlyOwned, ownerId } of fusion.alerts)
      if (newlyOwned && ownerId) given.set(ownerId, (given.get(ownerId) ?? 0) + 1)
    return fusion
  })
  return { alerts: fused.flatMap(each => each.alerts), signals: fused.flatMap(each => each.signals) }
}
