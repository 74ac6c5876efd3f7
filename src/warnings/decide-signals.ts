import type { FieldFault } from '../kernel/problem.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { isTooOldToRaise } from '../practice/signals.ts'
import type { ReadSignal } from './read-signals.ts'
import type { Signal } from './signal-schemas.ts'

/** A signal as it is known, by the sender's own id. */
export interface KnownSignal {
  readonly id: string
  readonly revision: number
  readonly observedAt: string
  readonly status: string
  /** Number of the student it was sent about. */
  readonly student: string
  /** null = in quarantine. */
  readonly studentId: string | null
}

/** All that decides what becomes of signals. */
export interface SignalFacts {
  readonly known: Readonly<Record<string, KnownSignal>>
  /** Ids of students by number; who is missing is in quarantine. */
  readonly students: Readonly<Record<string, string>>
  /** Kinds the source may send; null = any. */
  readonly kinds: readonly string[] | null
  /** Number of the student who may raise signals only about themselves; null = about any. */
  readonly onlyAbout: string | null
  /** Whether a person raises them. */
  readonly byHand: boolean
}

/** Result of one signal. */
export interface Verdict {
  readonly result: 'accepted' | 'updated' | 'older' | 'duplicate' | 'refused'
  readonly code?: ProblemCode
  readonly errors?: readonly FieldFault[]
}

/** An observation to be stored, under the id of its signal. */
export interface Stored {
  readonly id: string
  readonly signal: Signal
  readonly studentId: string | null
  readonly revision: number
  /** Revision it replaces; null = the first. */
  readonly replaces: number | null
}

/** What is to be done. */
export interface Decision {
  readonly verdicts: readonly Verdict[]
  /** New signals, and new states of known ones: one a signal. */
  readonly states: readonly Stored[]
  /** Observations that are history already. */
  readonly late: readonly { readonly id: string; readonly signal: Signal }[]
}

/** How far ahead of our clock an observation may be, in ms. */
const toleranceMs = 300_000

const refused = (code: ProblemCode, errors?: readonly FieldFault[]): Verdict => ({
  result: 'refused',
  code,
  ...(errors ? { errors } : {}),
})

const studentMissing: FieldFault = { pointer: '/student', code: 'invalid_type', detail: 'name the student' }

const refusalOf = ({ signal, faults }: ReadSignal, facts: SignalFacts, now: Date): Verdict | null => {
  if (!signal) return refused('invalid_request', faults)
  if (signal.student === '') return refused('invalid_request', [studentMissing])
  if (facts.onlyAbout !== null && signal.student !== facts.onlyAbout) return refused('not_permitted')
  if (facts.kinds && !facts.kinds.includes(signal.kind)) return refused('kind_not_permitted')
  if (Date.parse(signal.observedAt) > now.getTime() + toleranceMs) return refused('observed_in_future')
  if (facts.byHand && isTooOldToRaise(signal.observedAt, now)) return refused('observed_too_long_ago')
  return null
}

const aboutSelf = (item: ReadSignal, student: string): ReadSignal => ({
  ...item,
  signal: { ...(item.signal as Signal), student },
})

/**
 * How an observation stands to what is known: by time; of the same moment, cleared comes after open. The order of
 * arrival does not matter.
 */
const compare = (signal: Signal, known: Pick<KnownSignal, 'observedAt' | 'status'>): 'newer' | 'older' | 'same' => {
  if (signal.observedAt !== known.observedAt) return signal.observedAt > known.observedAt ? 'newer' : 'older'
  if (signal.status === known.status) return 'same'
  return signal.status === 'cleared' ? 'newer' : 'older'
}

/** Whether two signals are about one student: by who it is where both are known, since numbers are corrected; else by number. */
const aboutSame = (a: Pick<KnownSignal, 'student' | 'studentId'>, b: typeof a): boolean =>
  a.studentId !== null && b.studentId !== null ? a.studentId === b.studentId : a.student === b.student

/** Decides about signals one after another, as if each came alone. Pure. Domain §4; api: inbound signals. */
export const decideSignals = (
  items: readonly ReadSignal[],
  facts: SignalFacts,
  now: Date,
  newId: () => string,
): Decision => {
  const states = new Map<string, Stored>()
  const late: { id: string; signal: Signal }[] = []
  const decide = (item: ReadSignal): Verdict => {
    const given = item.signal?.student === '' && facts.onlyAbout !== null ? aboutSelf(item, facts.onlyAbout) : item
    const refusal = refusalOf(given, facts, now)
    if (refusal) return refusal
    const signal = given.signal as Signal
    const before = states.get(signal.externalId)
    const stored = Object.hasOwn(facts.known, signal.externalId) ? facts.known[signal.externalId] : undefined
    const known = before ? { ...before.signal, ...before } : stored
    const studentId = Object.hasOwn(facts.students, signal.student) ? (facts.students[signal.student] as string) : null
    if (!known) {
      states.set(signal.externalId, { id: newId(), signal, studentId, revision: 1, replaces: null })
      return { result: 'accepted' }
    }
    if (!aboutSame(known, { student: signal.student, studentId })) return refused('signal_keeps_student')
    const order = compare(signal, known)
    if (order === 'same') return { result: 'duplicate' }
    if (order === 'older') {
      late.push({ id: known.id, signal })
      return { result: 'older' }
    }
    if (before) late.push({ id: before.id, signal: before.signal })
    const replaces = before ? before.replaces : known.revision
    states.set(signal.externalId, {
      id: known.id,
      signal,
      studentId: studentId ?? known.studentId,
      revision: known.revision + 1,
      replaces,
    })
    return { result: 'updated' }
  }
  const verdicts = items.map(decide)
  return { verdicts, states: [...states.values()], late }
}
