import { averageOf } from '../cohorts.ts'
import { passMark, type Registration, splitAt, strongFrom } from '../data.ts'
import { graceDays } from '../school.ts'

/** A session of a group by the days of the presentation. */
export interface Planned {
  readonly id: string
  readonly phase: 'early' | 'middle' | 'late' | 'ending'
  readonly kind: 'opening' | 'regular' | 'sharing'
  readonly day: number
}

/** Days of the last session before a presentation ends. */
const beforeEnd = 7

/**
 * Sessions of a group formed on a day: an opening, one about every assessment to come, the last of them when its marks are
 * known, and a last one before the presentation ends.
 */
export const sessionsOf = ({ work, days }: Registration, from: number): Planned[] => {
  const due = [...new Set(work.map(each => each.dueDay))].filter(day => day > from + 1)
  const last = due.at(-1) ?? from + 2
  const middle = due.length > 1 ? due.slice(0, -1).map(day => day + 1) : [Math.ceil((from + 1 + last) / 2)]
  const late = last + graceDays + 1
  const planned: Omit<Planned, 'id'>[] = [
    { phase: 'early', kind: 'opening', day: from + 1 },
    ...middle.map(day => ({ phase: 'middle', kind: 'regular', day }) as const),
    { phase: 'late', kind: 'regular', day: late },
    { phase: 'ending', kind: 'sharing', day: Math.max(late + 1, days - beforeEnd) },
  ]
  return planned.map((each, index) => ({ id: `s${index + 1}`, ...each }))
}

/**
 * Attendance at a session, from the work due in its weeks: from a week before it on, the next; after the last, the last.
 * Handed in in time = present, later = late; not handed in = absent, or excused where later work was.
 */
export const attendanceAt = ({ work }: Registration, day: number): 'present' | 'late' | 'excused' | 'absent' => {
  const found = work.findIndex(each => each.dueDay >= day - 7)
  const at = found < 0 ? work.length - 1 : found
  const due = work[at]
  if (due && due.knownDay !== null) return due.knownDay > due.dueDay ? 'late' : 'present'
  return work.slice(at + 1).some(each => each.score !== null) ? 'excused' : 'absent'
}

const shareIn = (work: Registration['work']) => work.filter(each => each.score !== null).length / (work.length || 1)

const passed = (work: Registration['work']) =>
  work.filter(each => (each.score ?? 0) >= passMark).length / (work.length || 1)

/** How study goes by the scores of work due before, or after, a day: a rating 0–10 of a member's measure. */
export const measureOf = (registration: Registration, from: number, when: 'early' | 'late') => ({
  by: 'ratings',
  study: Math.round((averageOf(splitAt(registration, from)[when]) ?? 0) / 10),
})

/** Attainment of a student by the later scores, −2…+2: a pass on the average is as expected. */
export const attainmentOf = (registration: Registration, from: number): number => {
  const { early, late } = splitAt(registration, from)
  const [before, after] = [averageOf(early) ?? 0, averageOf(late) ?? 0]
  if (shareIn(late) === 0) return -2
  if (after < passMark) return -1
  return after - before >= 30 ? 2 : after - before >= 10 ? 1 : 0
}

const level = (share: number) => (share >= 0.9 ? 2 : share >= 0.75 ? 1 : share >= 0.5 ? 0 : share > 0 ? -1 : -2)

/** Attainment of the two goals of a group on the work due after one day and by another: hand it in, pass it. */
export const goalsOf = (registrations: readonly Registration[], from: number, until: number) => {
  const work = registrations.flatMap(each => each.work.filter(({ dueDay }) => dueDay > from && dueDay <= until))
  if (work.length === 0) return []
  return [
    { goalId: 'g1', level: level(shareIn(work)) },
    { goalId: 'g2', level: level(passed(work)) },
  ]
}

/** Whether everybody handed in the work due after one day and by another, and passed it well. */
export const allWell = (registrations: readonly Registration[], from: number, until: number): boolean =>
  registrations.length > 0 &&
  registrations.every(({ work }) => {
    const due = work.filter(({ dueDay }) => dueDay > from && dueDay <= until)
    return due.length > 0 && due.every(each => (each.score ?? 0) >= strongFrom)
  })

/** Whether nothing at all is handed in that is due after a day. */
export const handsInNothing = (registration: Registration, from: number): boolean =>
  shareIn(splitAt(registration, from).late) === 0
