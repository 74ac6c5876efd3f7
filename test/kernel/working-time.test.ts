import fc from 'fast-check'
import t from 'tap'
import {
  afterWorkingMinutes,
  type Calendar,
  instantOf,
  isWorkingDay,
  localDay,
  minutesOfWorkingDay,
} from '../../src/kernel/working-time.ts'
import { dueAt } from '../../src/practice/warning-settings.ts'

const calendar = (timeZone: string, change: Partial<Calendar> = {}): Calendar => ({
  timeZone,
  hours: [
    { from: '08:30', until: '12:00' },
    { from: '14:00', until: '17:30' },
  ],
  weekdays: [1, 2, 3, 4, 5],
  holidays: [],
  makeUpDays: [],
  horizon: '2028-12-31',
  ...change,
})

const zones = [
  'Asia/Shanghai',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Apia',
]
const moments = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-12-31') }).map(ms => new Date(ms))
const minute = 60_000

/** Working minutes between two instants, counted one by one. */
const counted = (of: Calendar, from: Date, until: Date): number => {
  let sum = 0
  for (let at = from.getTime(); at < until.getTime(); at += minute) {
    const day = localDay(of.timeZone, new Date(at))
    if (!isWorkingDay(of, day)) continue
    const within = of.hours.some(
      span =>
        at >= instantOf(of.timeZone, day, span.from).getTime() &&
        at < instantOf(of.timeZone, day, span.until).getTime(),
    )
    if (within) sum++
  }
  return sum
}

t.test(
  'a target lies as many working minutes ahead as it says, in any zone, through any change of the clocks',
  async t => {
    const whole = moments.map(at => new Date(Math.ceil(at.getTime() / minute) * minute))
    const property = fc.property(
      fc.constantFrom(...zones),
      whole,
      fc.integer({ min: 1, max: 1500 }),
      (zone, from, minutes) => {
        const due = afterWorkingMinutes(calendar(zone), from, minutes)
        return due !== null && counted(calendar(zone), from, due) === minutes
      },
    )
    fc.assert(property, { numRuns: 60 })
    t.pass()
  },
)

t.test('more time is never sooner, a later start never sooner, and days and instants agree', async t => {
  const any = fc.constantFrom(...zones)
  const minutes = fc.integer({ min: 0, max: 20_000 })
  const due = (zone: string, from: Date, time: number) =>
    afterWorkingMinutes(calendar(zone), from, time)?.getTime() ?? Number.POSITIVE_INFINITY
  fc.assert(
    fc.property(any, moments, minutes, minutes, (zone, from, a, b) => due(zone, from, a) <= due(zone, from, a + b)),
  )
  fc.assert(
    fc.property(any, moments, minutes, minutes, (zone, from, later, time) => {
      const start = new Date(from.getTime() + later * minute)
      return due(zone, from, time) <= due(zone, start, time)
    }),
  )
  fc.assert(
    fc.property(any, moments, (zone, at) => {
      const day = localDay(zone, at)
      return (
        instantOf(zone, day, '12:00').getTime() > at.getTime() - 24 * 60 * minute &&
        localDay(zone, instantOf(zone, day, '12:00')) === day
      )
    }),
  )
  t.pass()
})

t.test('holidays are passed over, make-up days are worked, nights and weekends are not', async t => {
  const china = calendar('Asia/Shanghai', {
    holidays: ['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
    makeUpDays: ['2026-10-10'],
  })
  t.equal(minutesOfWorkingDay(china), 420)
  const due = (from: string, minutes: number) => afterWorkingMinutes(china, new Date(from), minutes)?.toISOString()
  t.equal(due('2026-09-30T09:00:00Z', 60), '2026-10-08T01:00:00.000Z', 'the rest of an hour after the holidays')
  t.equal(due('2026-10-09T09:29:00Z', 2), '2026-10-10T00:31:00.000Z', 'Saturday is worked')
  t.equal(due('2026-09-14T04:30:00Z', 30), '2026-09-14T06:30:00.000Z', 'the noon break is none')
  t.equal(due('2026-09-12T03:00:00Z', 1), '2026-09-14T00:31:00.000Z', 'Monday comes after Saturday')
  t.equal(due('2026-09-14T02:00:00Z', 0), '2026-09-14T02:00:00.000Z')
})

t.test('where the clocks change, a working day is as long as its hours', async t => {
  const berlin = calendar('Europe/Berlin', {
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    hours: [{ from: '00:00', until: '06:00' }],
  })
  const spring = afterWorkingMinutes(berlin, instantOf('Europe/Berlin', '2026-03-29', '00:00'), 300)
  t.equal(spring?.toISOString(), '2026-03-29T04:00:00.000Z', 'five hours are left of six')
  const autumn = afterWorkingMinutes(berlin, instantOf('Europe/Berlin', '2026-10-25', '00:00'), 420)
  t.equal(autumn?.toISOString(), '2026-10-25T05:00:00.000Z', 'seven hours instead of six')
})

t.test('past the horizon nothing is computed, by the clock everything', async t => {
  const short = calendar('Asia/Shanghai', { horizon: '2026-09-15' })
  const from = new Date('2026-09-14T02:00:00Z')
  t.equal(dueAt(short, from, { workingDays: 1 })?.toISOString(), '2026-09-15T02:00:00.000Z')
  t.equal(dueAt(short, from, { workingDays: 2 }), null)
  t.equal(dueAt(short, from, { workingHours: 14 }), null)
  t.equal(dueAt(short, from, { clockHours: 480 })?.toISOString(), '2026-10-04T02:00:00.000Z')
  fc.assert(
    fc.property(moments, fc.integer({ min: 1, max: 100_000 }), (start, minutes) => {
      const due = afterWorkingMinutes(short, start, minutes)
      return due === null || localDay('Asia/Shanghai', due) <= '2026-09-15'
    }),
  )
})
