import type { Registration, Work } from './data.ts'

const dayMs = 86_400_000

/** First day of a presentation in the data: J starts in October, B in February. */
const startOf = (presentation: string): number => {
  const code = presentation.slice(-5)
  return Date.UTC(Number(code.slice(0, 4)), code.endsWith('J') ? 9 : 1, 1)
}

const textOf = (time: number) => new Date(time).toISOString().slice(0, 10)

/** The day after, `YYYY-MM-DD`. */
export const nextDay = (date: string): string => textOf(Date.parse(date) + dayMs)

/** A day so many days later, `YYYY-MM-DD`. */
export const daysAfter = (date: string, count: number): string => textOf(Date.parse(date) + count * dayMs)

/** Monday to Friday. */
export const isWorkday = (date: string): boolean => ![0, 6].includes(new Date(date).getUTCDay())

/** Days of presentations as dates, and the ids of the roster that hang on them. */
export interface Days {
  dateOf(presentation: string, day: number): string
  dayAt(presentation: string, date: string): number
  term(presentation: string): string
  assessment(presentation: string, work: Pick<Work, 'assessment'>): string
}

/**
 * The days as they were, or moved so that the earliest presentation begins on a day given: then a term is named by its
 * first day too, and the same presentation may be played again.
 */
export const daysOf = (registrations: readonly Registration[], begin: string | null): Days => {
  const first = Math.min(...new Set(registrations.map(each => startOf(each.presentation))))
  const shift = begin === null ? 0 : Date.parse(begin) - first
  const dateOf = (presentation: string, day: number) => textOf(startOf(presentation) + shift + day * dayMs)
  const term = (presentation: string) => (begin === null ? presentation : `${presentation} ${dateOf(presentation, 0)}`)
  return {
    dateOf,
    dayAt: (presentation, date) => Math.round((Date.parse(date) - startOf(presentation) - shift) / dayMs),
    term,
    assessment: (presentation, { assessment }) => `${term(presentation)} ${assessment}`,
  }
}
