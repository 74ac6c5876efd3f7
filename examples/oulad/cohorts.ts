import { type Registration, splitAt, type Work } from './data.ts'

/** Where a student stands among everybody of the presentation: as the academic record has it. */
export interface Cohort {
  readonly size: number
  readonly rank: number
  readonly mean: number
  readonly own: number
  readonly percentile: number
}

const rounded = (value: number) => Math.round(value * 100) / 100

/** Mean of the scores by weight; what is missing counts nothing. null without any work. */
export const averageOf = (work: readonly Work[]): number | null => {
  if (work.length === 0) return null
  const weight = work.reduce((sum, each) => sum + Math.max(each.weight, 1), 0)
  const points = work.reduce((sum, each) => sum + (each.score ?? 0) * Math.max(each.weight, 1), 0)
  return rounded(points / weight)
}

const averageBy = (registration: Registration, day: number) => averageOf(splitAt(registration, day).early)

/** Says where a student stands by a day among everybody registered for the presentation, on the work due by then. */
export const cohorts = (registrations: readonly Registration[]) => {
  const of = new Map<string, Registration[]>()
  for (const each of registrations) {
    const others = of.get(each.presentation)
    if (others) others.push(each)
    else of.set(each.presentation, [each])
  }
  const known = new Map<string, number[]>()
  const averagesOf = (presentation: string, day: number): number[] => {
    const name = `${presentation}/${day}`
    const found =
      known.get(name) ??
      (of.get(presentation) ?? []).map(each => averageBy(each, day)).filter(average => average !== null)
    known.set(name, found)
    return found
  }
  return (registration: Registration, day: number): Cohort | null => {
    const all = averagesOf(registration.presentation, day)
    const own = averageBy(registration, day)
    if (own === null || all.length < 2) return null
    return {
      size: all.length,
      rank: 1 + all.filter(each => each > own).length,
      mean: rounded(all.reduce((sum, each) => sum + each, 0) / all.length),
      own,
      percentile: rounded((100 * all.filter(each => each <= own).length) / all.length),
    }
  }
}
