/** When an institution works. Days are `YYYY-MM-DD` in its time zone, times `HH:MM`. */
export interface Calendar {
  /** IANA zone. */
  readonly timeZone: string
  /** Spans of a working day, in order. */
  readonly hours: readonly { readonly from: string; readonly until: string }[]
  /** Weekdays worked, 1 = Monday … 7 = Sunday. */
  readonly weekdays: readonly number[]
  /** Days off though their weekday is worked 节假日. */
  readonly holidays: readonly string[]
  /** Days worked though their weekday is not 调休. */
  readonly makeUpDays: readonly string[]
  /** Last day for which holidays are known: nothing is computed past it. */
  readonly horizon: string
}

const minuteMs = 60_000
const dayMs = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(timeZone, made)
  return made
}

/** Whether days and hours can be told in a zone: not every name a database takes is one. Pure. */
export const isTimeZone = (timeZone: string): boolean => {
  try {
    formatOf(timeZone)
    return true
  } catch {
    return false
  }
}

/** Milliseconds a zone is ahead of UTC at an instant. */
const offsetMs = (timeZone: string, instant: number): number => {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(part => [part.type, part.value]),
  )
  const { year, month, day, hour, minute, second } = parts
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return local - Math.floor(instant / 1000) * 1000
}

/** The day of an instant in a zone, `YYYY-MM-DD`. Pure. */
export const localDay = (timeZone: string, instant: Date): string =>
  new Date(instant.getTime() + offsetMs(timeZone, instant.getTime())).toISOString().slice(0, 10)

/** The instant of a day and a time `HH:MM` in a zone. Pure. */
export const instantOf = (timeZone: string, day: string, time: string): Date => {
  const naive = Date.parse(`${day}T${time}:00Z`)
  const first = naive - offsetMs(timeZone, naive)
  return new Date(naive - offsetMs(timeZone, first))
}

const nextDay = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)

/** Whether a day is worked. Pure; says nothing of days past the horizon. */
export const isWorkingDay = (calendar: Calendar, day: string): boolean => {
  if (calendar.makeUpDays.includes(day)) return true
  if (calendar.holidays.includes(day)) return false
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7
  return calendar.weekdays.includes(weekday)
}

/**
 * The instant when so many working minutes have passed since another. Pure.
 * @returns null when it lies past the horizon: it is not guessed
 */
export const afterWorkingMinutes = (calendar: Calendar, from: Date, minutes: number): Date | null => {
  let left = minutes * minuteMs
  let day = localDay(calendar.timeZone, from)
  while (day <= calendar.horizon) {
    const spans = isWorkingDay(calendar, day) ? calendar.hours : []
    for (const span of spans) {
      const begin = Math.max(instantOf(calendar.timeZone, day, span.from).getTime(), from.getTime())
      const length = instantOf(calendar.timeZone, day, span.until).getTime() - begin
      if (length < 0) continue
      if (left <= length) return new Date(begin + left)
      left -= length
    }
    day = nextDay(day)
  }
  return null
}

/** Minutes worked on a whole day of the calendar. Pure. */
export const minutesOfWorkingDay = (calendar: Calendar): number =>
  calendar.hours.reduce((sum, { from, until }) => {
    const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
    return sum + minute(until) - minute(from)
  }, 0)
