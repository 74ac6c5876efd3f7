import { graver, isSafety, type Severity, type SignalKind } from './signals.ts'

/** A signal as a notice tells the student of it: nothing of raisers, no words. */
export interface ToldSignal {
  readonly id: string
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly status: string
  readonly observedAt: string
  readonly figures: Readonly<Record<string, unknown>>
}

/** What a notice tells the student of an alert. */
export interface ToldOfAlert {
  /** Gravest of what still held; null = none of its signals was told. */
  readonly severity: Severity | null
  readonly signals: readonly ToldSignal[]
}

/**
 * What a notice tells the student: the signals of the moment, which is all the student is shown until the next notice;
 * those about safety only where the notice names them. A roommate who worried is easily guessed. Pure. Domain §4.
 */
export const toldByNotice = (signals: readonly ToldSignal[], namesSafety: boolean): ToldOfAlert => {
  const told = signals.filter(({ kind }) => namesSafety || !isSafety(kind))
  const holding = told.filter(({ status }) => status === 'open')
  const grades = (holding.length > 0 ? holding : told).flatMap(({ severity }) => severity ?? [])
  return { severity: grades.length > 0 ? grades.reduce(graver) : null, signals: told }
}
