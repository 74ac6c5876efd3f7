import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from './client.ts'
import { daysAfter, nextDay } from './days.ts'

type Json = Record<string, unknown>

/** How the days of a presentation pass for the service. */
export interface Pace {
  /** The first day to play, or null: the days are those of the data. */
  readonly begin: string | null
  /** How long the institution lets alerts wait, put into its settings. */
  readonly answering: (settings: Json, calendar: Json) => { settings: Json; calendar: Json }
  /** A day begins. */
  dawn(date: string): Promise<void>
  /** A working day ends on which something waited. */
  dusk(): Promise<void>
  /** A date so many days ahead, as the service counts. */
  ahead(date: string, count: number): string
}

/** The embedded database: the clock is moved from day to day, targets run in working time. */
const movedClock = (administrator: Client, begin: string): Pace => ({
  begin,
  answering: (settings, calendar) => ({
    settings,
    calendar: { ...calendar, weekdays: [1, 2, 3, 4, 5], holidays: [], makeUpDays: [], horizon: daysAfter(begin, 1200) },
  }),
  dawn: async date => {
    await administrator.post('/v1/sandbox/clock', { now: `${date}T01:00:00Z` })
  },
  dusk: async () => {},
  ahead: daysAfter,
})

const working = { blue: [3, 15], yellow: [2, 10], orange: [1, 5], red: [1, 3], safety: [1, 2] } as const

/**
 * PostgreSQL, whose clock nobody moves: rules run as of days gone by, and a working day that has work in it lasts some
 * seconds; the targets the service keeps are the usual ones at that scale.
 */
const shortDays = (seconds: number): Pace => {
  let began = 0
  const lasting = (days: number) => ({ clockHours: (days * seconds) / 3600 })
  return {
    begin: null,
    answering: (settings, calendar) => ({
      settings: {
        ...settings,
        targets: Object.fromEntries(
          Object.entries(working).map(([severity, [acknowledge, resolve]]) => [
            severity,
            { acknowledge: lasting(acknowledge), resolve: lasting(resolve) },
          ]),
        ),
        escalation: [
          { tell: ['line_manager'], after: lasting(0) },
          { tell: ['line_manager'], after: lasting(2) },
        ],
      },
      calendar,
    }),
    dawn: async () => {
      began = performance.now()
    },
    dusk: () => pause(Math.max(0, began + seconds * 1000 - performance.now())),
    ahead: (_date, count) => daysAfter(new Date().toISOString().slice(0, 10), count),
  }
}

/** How days pass at a service: its clock is asked. */
export const paceOf = async (administrator: Client, daySeconds: number): Promise<Pace> => {
  const clock = await administrator.get('/v1/sandbox/clock').catch(() => null)
  return clock ? movedClock(administrator, nextDay(String(clock.now).slice(0, 10))) : shortDays(daySeconds)
}
