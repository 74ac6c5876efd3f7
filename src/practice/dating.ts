import type { CrisisKind } from './crisis-codes.ts'
import { daysAfter } from './record-kind.ts'

const dayMs = 86_400_000

/** Whether something can have been done about an alert on a day: from the day of its first signal until today. Pure. */
export const isDayOfAlert = (day: string, firstDay: string, today: string): boolean => firstDay <= day && day <= today

/** Longest time a watch, a pause or a deferral lasts, in days: what is to be looked at later than that is never looked at. */
const longestWaitDays = 366

/** Whether a day lies too far ahead to be waited for. Pure. */
export const isTooFarAhead = (day: string, today: string): boolean => day > daysAfter(today, longestWaitDays)

/** Whether a watch or pause can end on a day. Pure. */
export const isEndOfWait = (until: string, today: string): boolean => today < until && !isTooFarAhead(until, today)

/** An attempt to reach somebody: the day it was made, and the instant it was filed. */
export interface Attempt {
  readonly on: string
  readonly at: string
}

/** Attempts of one day are different ones if they were filed so far apart, in ms. */
const apartMs = 3_600_000

/** How often it was tried: attempts of one day filed at once are one. Pure. */
export const timesTried = (attempts: readonly Attempt[]): number => {
  const counted: Attempt[] = []
  for (const one of attempts)
    if (counted.every(each => each.on !== one.on || Math.abs(Date.parse(one.at) - Date.parse(each.at)) >= apartMs))
      counted.push(one)
  return counted.length
}

/** What belongs to a crisis happened at most so long before it was opened, in days: it may be opened late. */
const openedLateDays = { safety: 1, academic: 7 } as const

/** First instant of what belongs to a crisis, RFC 3339 UTC. Pure. */
export const beginningOfCrisis = (kind: CrisisKind, openedAt: string): string =>
  new Date(Date.parse(openedAt) - openedLateDays[kind] * dayMs).toISOString()
