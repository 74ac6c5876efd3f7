import { createRequire } from 'node:module'

interface Arrangement {
  readonly holidays: Readonly<Record<string, string>>
  readonly workdays: Readonly<Record<string, string>>
}

/** Days off and make-up days of mainland China, as announced, and the last day for which they are. */
export interface StatutoryDays {
  readonly holidays: readonly string[]
  readonly makeUpDays: readonly string[]
  /** Last day of the newest year announced. */
  readonly horizon: string
}

const require = createRequire(import.meta.url)

const arrangement = (): Arrangement => require('chinese-days/dist/chinese-days.json') as Arrangement

/** Newest year whose arrangement is announced: it reaches National Day. A stray day of a later year is none. */
export const newestYear = (): number =>
  Math.max(
    ...Object.keys(arrangement().holidays)
      .filter(day => day.endsWith('-10-01'))
      .map(day => Number(day.slice(0, 4))),
  )

/** Statutory days from a year on to the newest announced; nothing is guessed. Data: package `chinese-days`. */
export const statutoryDays = (year: number): StatutoryDays => {
  const { holidays, workdays } = arrangement()
  const newest = newestYear()
  const within = (days: Readonly<Record<string, string>>) =>
    Object.keys(days)
      .filter(day => Number(day.slice(0, 4)) >= year && Number(day.slice(0, 4)) <= newest)
      .sort()
  return { holidays: within(holidays), makeUpDays: within(workdays), horizon: `${newest}-12-31` }
}
