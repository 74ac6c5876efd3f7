import { averageOf } from '../cohorts.ts'
import { passMark, type Registration, splitAt, strongFrom, type Work } from '../data.ts'
import type { Days } from '../days.ts'
import { graceDays } from '../school.ts'

/** Types of groups the example forms. */
export const groupTypes = ['growth', 'mutual_aid', 'paired'] as const
export type GroupType = (typeof groupTypes)[number]

/** Places of a group; who is beyond them waits. */
const places = {
  growth: { students: 10, waiting: 2, least: 3 },
  mutual_aid: { students: 6, waiting: 0, least: 2 },
  paired: { students: 6, waiting: 2, least: 2 },
} as const
const mostVolunteers = 3

/** Somebody who may join a group, with what they need and what they are strong in. */
export interface Candidate {
  readonly registration: Registration
  readonly studentId: string
  /** Codes as a member profile has them: `assessment:1752`, `course:AAA`. */
  readonly needs: readonly string[]
  readonly strengths: readonly string[]
  /** Whether nothing was handed in of the newest work. */
  readonly silent: boolean
}

/** Types of groups somebody is in already. */
export type TakesPart = (candidate: Candidate) => readonly GroupType[]

/** A group to be prepared. */
export interface Forming {
  readonly type: GroupType
  readonly presentation: string
  /** What its members share, or where they help each other. */
  readonly about: readonly string[]
  readonly students: readonly Candidate[]
  readonly volunteers: readonly Candidate[]
  readonly minMembers: number
  readonly maxMembers: number
}

/** Score as it is known by a day; null = nothing is. */
const knownScore = ({ score, knownDay }: Work, day: number) => (knownDay !== null && knownDay <= day ? score : null)

/**
 * What the results say by a day: assessments of the presentation failed or missed, and those done well; other courses of
 * the same student by their average.
 */
export const candidateOf = (
  registration: Registration,
  studentId: string,
  others: readonly Registration[],
  date: string,
  days: Days,
): Candidate => {
  const day = days.dayAt(registration.presentation, date)
  const marked = splitAt(registration, day - graceDays).early.map(each => ({
    code: `assessment:${each.assessment}`,
    score: knownScore(each, day),
  }))
  const courses = others.flatMap(each => {
    const average = averageOf(splitAt(each, days.dayAt(each.presentation, date) - graceDays).early)
    return average === null || each.module === registration.module
      ? []
      : [{ code: `course:${each.module}`, score: average }]
  })
  const all = [...marked, ...courses]
  return {
    registration,
    studentId,
    needs: all.filter(each => (each.score ?? 0) < passMark).map(each => each.code),
    strengths: all.filter(each => (each.score ?? 0) >= strongFrom).map(each => each.code),
    silent: marked.at(-1)?.score === null,
  }
}

const covers = (one: Candidate, other: Candidate) => one.strengths.some(each => other.needs.includes(each))

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size))

/** Two and two of whom each is strong in what the other is weak in. */
const complementaryPairs = (candidates: readonly Candidate[]): Candidate[][] => {
  const left = [...candidates]
  const pairs: Candidate[][] = []
  for (let one = left.shift(); one; one = left.shift()) {
    const at = left.findIndex(each => covers(each, one as Candidate) && covers(one as Candidate, each))
    if (at >= 0) pairs.push([one, ...left.splice(at, 1)])
  }
  return pairs
}

const sharedBy = (students: readonly Candidate[]): string[] => [...new Set(students.flatMap(each => each.needs))].sort()

const forming = (
  type: GroupType,
  students: readonly Candidate[],
  about: readonly string[],
  volunteers: readonly Candidate[] = [],
): Forming => ({
  type,
  presentation: (students[0] as Candidate).registration.presentation,
  about,
  students,
  volunteers,
  minMembers: places[type].least,
  maxMembers: places[type].students + volunteers.length,
})

const mutualAid = (candidates: readonly Candidate[]): Forming[] =>
  chunks(complementaryPairs(candidates), places.mutual_aid.students / 2).map(pairs =>
    forming('mutual_aid', pairs.flat(), sharedBy(pairs.flat())),
  )

const paired = (candidates: readonly Candidate[], volunteers: readonly Candidate[]): Forming[] => {
  const left = [...volunteers]
  return chunks(candidates, places.paired.students + places.paired.waiting).flatMap(students => {
    const helping = left.splice(0, Math.min(mostVolunteers, Math.ceil(students.length / 2)))
    return helping.length === 0 ? [] : [forming('paired', students, sharedBy(students), helping)]
  })
}

/** Groups of students who fail the same, the most common need first. */
const growth = (candidates: readonly Candidate[]): Forming[] => {
  const counts = new Map<string, number>()
  for (const need of candidates.flatMap(each => each.needs)) counts.set(need, (counts.get(need) ?? 0) + 1)
  const [need, count = 0] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0] ?? ['']
  if (count < places.growth.least) return []
  const { students, waiting } = places.growth
  const together = candidates.filter(each => each.needs.includes(need)).slice(0, students + waiting)
  return [forming('growth', together, [need]), ...growth(candidates.filter(each => !together.includes(each)))]
}

const without = (candidates: readonly Candidate[], formed: readonly Forming[]) =>
  candidates.filter(each => !formed.some(({ students }) => students.includes(each)))

/**
 * Forms groups of the students of one presentation: those who complete each other help each other, whatever other group they
 * are in; of those in none, who hand in nothing get somebody at their side, as long as there are volunteers, and who fail the
 * same come together. Pure: the same students always form the same groups.
 */
export const formGroups = (
  candidates: readonly Candidate[],
  volunteers: readonly Candidate[],
  takesPart: TakesPart = () => [],
): Forming[] => {
  const weak = candidates.filter(each => each.needs.length > 0)
  const helping = mutualAid(weak.filter(each => !takesPart(each).includes('mutual_aid')))
  const rest = without(weak, helping).filter(each => takesPart(each).length === 0)
  const silent = paired(
    rest.filter(each => each.silent),
    volunteers,
  )
  return [...helping, ...silent, ...growth(without(rest, silent))]
}

/** Days on which groups are formed: two weeks after work was due, while more is to come. */
export const formingDays = ({ work }: Registration): number[] => {
  const due = [...new Set(work.map(each => each.dueDay))]
  return due.map(day => day + 2 * graceDays).filter(day => due.some(later => later > day + 1))
}
