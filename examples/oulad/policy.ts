/** What an office knows when it answers an alert. */
export interface Circumstances {
  readonly severity: string
  readonly student: string
  /** How many signals the alert is made of. */
  readonly signals: number
  /** The student's open case, where the same person works on it. */
  readonly caseId: string | null
  /** Whether a watch has ended. */
  readonly watched: boolean
  /** Whether the presentation is over. */
  readonly over: boolean
  /** Last day of a watch begun today. */
  readonly watchUntil: string
}

/** A disposition as the API takes it, and the notice before it: given to the student, or attempted, which counts when it was tried on a second day. */
export interface Answering {
  readonly notice: 'given' | 'attempted'
  readonly disposition: { readonly kind: string; readonly [member: string]: unknown }
}

const given = 'given' as const
const talk = { kind: 'talk', words: 'Talked about what got in the way, and what to hand in next.' }
const notReached = { kind: 'not_reached', attempts: 2, words: 'Two calls and a message, no answer.' }
const discussion = { kind: 'study_discussion', words: 'Went through the marked work; a study plan for the next.' }
const group = { kind: 'interest_group', words: 'Joined the study group of the module.' }
const noAction = { kind: 'no_action', words: 'Agreed with the tutor to hand it in later.' }
const declined = { kind: 'declined', words: 'Thanked for asking, wants no help now.' }
const caseOpened = { kind: 'case_opened', words: 'Work fails repeatedly; the student agreed to meet.' }

/** What is done at each severity, and for how many of a hundred. */
const habits: Readonly<
  Record<string, readonly (readonly [share: number, answer: Answering['disposition'] | 'watch'])[]>
> = {
  blue: [
    [50, talk],
    [20, notReached],
    [20, noAction],
    [10, 'watch'],
  ],
  yellow: [
    [45, discussion],
    [30, talk],
    [15, group],
    [10, 'watch'],
  ],
  orange: [
    [80, caseOpened],
    [8, discussion],
    [7, declined],
    [5, notReached],
  ],
}

/** A number 0–99 that is always the same for a text. */
export const lot = (text: string): number => {
  let value = 7
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 9973
  return value % 100
}

const habitual = (known: Circumstances): Answering['disposition'] => {
  const { severity, student, signals, watchUntil } = known
  if (known.watched) return talk
  let left = lot(`${student}/${severity}/${signals}`)
  for (const [share, answer] of habits[severity] ?? []) {
    if (left < share) return answer === 'watch' ? { kind: 'watch', until: watchUntil, words: null } : answer
    left -= share
  }
  return talk
}

/** What to do where the student's case is in the hands of a colleague. */
export const instead: Answering['disposition'] = { ...talk, words: 'A colleague is at it; told the student so.' }

/** How an office of some experience answers an alert: always the same for the same alert. */
export const answerTo = (known: Circumstances): Answering => {
  if (known.over)
    return {
      notice: given,
      disposition: { kind: 'no_action', words: 'The presentation is over; the result is known.' },
    }
  if (known.caseId !== null)
    return { notice: given, disposition: { kind: 'case_joined', caseId: known.caseId, words: null } }
  const disposition = habitual(known)
  return { notice: disposition.kind === 'not_reached' ? 'attempted' : given, disposition }
}
