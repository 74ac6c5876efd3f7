import type { Calendar } from '../kernel/working-time.ts'
import { type CrisisStep, stageTargets } from './crisis.ts'
import type { CrisisKind } from './crisis-codes.ts'
import { defaultCalendar, defaultSettings, dueAt, type WarningSettings } from './warning-settings.ts'

/** What an institution set, as far as it did: the defaults hold for the rest. */
export interface ClockSource {
  readonly timeZone: string
  readonly settings: Partial<WarningSettings> | null
  readonly calendar: Omit<Calendar, 'timeZone'> | null
}

const settingsOf = (source: ClockSource): WarningSettings => ({ ...defaultSettings, ...source.settings })

const calendarOf = (source: ClockSource): Calendar => ({
  ...(source.calendar ?? defaultCalendar),
  timeZone: source.timeZone,
})

/** When the target of a stage is due, counted from an instant; null = it has none, or past the horizon. */
const targetFrom = (source: ClockSource, kind: CrisisKind, step: CrisisStep, from: Date): Date | null => {
  const stage = stageTargets[step]
  return stage === null ? null : dueAt(calendarOf(source), from, settingsOf(source).crisis[kind][stage])
}

/** The clock of a stage just entered. */
export interface StageClock {
  readonly dueAt: string | null
  readonly beyondHorizon: boolean
  /** Overdue is told at once. */
  readonly escalatesAt: string | null
}

/** Starts the clock of a stage. Pure. Domain §4: working days for an academic crisis, hours for one of safety. */
export const startStage = (source: ClockSource, kind: CrisisKind, step: CrisisStep, now: Date): StageClock => {
  const due = targetFrom(source, kind, step, now)?.toISOString() ?? null
  return { dueAt: due, beyondHorizon: due === null && stageTargets[step] !== null, escalatesAt: due }
}

/**
 * When the level after the one told at `from` comes: whenever the stage has taken its target once more, so that a
 * safety crisis escalates by hours and an academic one by working days. Null after the last level. Pure.
 */
export const escalatesNext = (
  source: ClockSource,
  about: { readonly kind: CrisisKind; readonly step: CrisisStep; readonly level: number; readonly from: Date },
): Date | null =>
  about.level >= settingsOf(source).escalation.length ? null : targetFrom(source, about.kind, about.step, about.from)

/** Minutes written later than this after what happened are marked late, in ms. */
const lateAfterMs = { safety: 3_600_000, academic: 86_400_000 } as const

/** Whether a minute is a late entry. Pure. */
export const isLate = (kind: CrisisKind, happenedAt: Date, writtenAt: Date): boolean =>
  writtenAt.getTime() - happenedAt.getTime() > lateAfterMs[kind]
