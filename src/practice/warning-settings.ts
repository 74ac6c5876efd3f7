import { z } from 'zod'
import { afterWorkingMinutes, type Calendar, minutesOfWorkingDay } from '../kernel/working-time.ts'
import { codesOf } from './codes.ts'
import { severities, signalAreas, signalKinds } from './signals.ts'

const time = () =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .max(5)
    .describe('HH:MM')

/** Spans end after they begin and do not overlap. */
const inOrder = (hours: readonly { readonly from: string; readonly until: string }[]): boolean =>
  hours.every(({ from, until }, at) => from < until && (hours[at - 1]?.until ?? '') <= from)

/** When the institution works; without the time zone, which is the institution's own. */
export const CalendarSettings = z.strictObject({
  hours: z
    .array(z.strictObject({ from: time().describe('From'), until: time().describe('Until') }))
    .min(1)
    .max(6)
    .refine(inOrder, 'spans are in order and do not overlap')
    .describe('Spans of a working day, in order'),
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).describe('Weekdays worked, 1 = Monday'),
  holidays: z.array(z.iso.date()).max(400).describe('Days off 节假日'),
  makeUpDays: z.array(z.iso.date()).max(100).describe('Days worked instead 调休'),
  horizon: z.iso.date().describe('Last day for which holidays are known'),
})

/** A target: within working hours, working days, or hours by the clock. */
export const Target = z
  .union([
    z.strictObject({ workingHours: z.number().positive().max(2000).describe('Hours worked') }),
    z.strictObject({ workingDays: z.number().positive().max(200).describe('Days worked') }),
    z.strictObject({ clockHours: z.number().positive().max(8784).describe('Hours by the clock') }),
  ])
  .describe('Time allowed')

export type Target = z.output<typeof Target>

/** Like {@link Target}, and none at all. */
const Delay = z
  .union([
    z.strictObject({ workingHours: z.number().min(0).max(2000).describe('Hours worked') }),
    z.strictObject({ workingDays: z.number().min(0).max(200).describe('Days worked') }),
    z.strictObject({ clockHours: z.number().min(0).max(8784).describe('Hours by the clock') }),
  ])
  .describe('Time let pass')

const pair = z.strictObject({
  acknowledge: Target.describe('From raised to acknowledged'),
  resolve: Target.describe('From raised to resolved'),
})
const stages = z.strictObject({
  mobilise: Target.describe('From open to mobilised'),
  stabilise: Target.describe('From mobilised to stabilised'),
  debrief: Target.describe('From stabilised to debriefed'),
  close: Target.describe('From debriefed to closed'),
})
const severity = z.enum(codesOf(severities))
const role = z.enum(['counsellor', 'class_teacher', 'psychological_counsellor', 'practice_supervisor', 'line_manager'])

/** How an institution warns. Domain §4: targets, levels of notice, routing are its own. */
export const WarningSettings = z.strictObject({
  windowDays: z.int().min(1).max(120).describe('Open signals of a student observed within these days make one alert'),
  targets: z
    .strictObject({
      blue: pair.describe('Blue'),
      yellow: pair.describe('Yellow'),
      orange: pair.describe('Orange'),
      red: pair.describe('Red'),
      safety: pair.describe('Any alert with a signal about safety'),
    })
    .describe('Time to answer by severity; an alert with a safety signal goes by `safety`'),
  escalation: z
    .array(
      z.strictObject({
        tell: z.array(role).min(1).max(5).describe('Roles told, each at the nearest unit above the student'),
        after: Delay.describe('Time after the level before; for the first level, after the missed target'),
      }),
    )
    .max(5)
    .describe('Whom an overdue alert is told to, level by level'),
  notifyStudent: z.array(severity).max(4).describe('Severities at which the student is notified'),
  notifyFamily: z.array(severity).max(4).describe('Severities at which the family is notified'),
  attemptsThatCount: z.int().min(1).max(10).describe('Attempts after which a notice counts as tried'),
  routing: z
    .array(
      z.strictObject({
        areas: z
          .array(z.enum(codesOf(signalAreas)))
          .max(5)
          .optional()
          .describe('Only for these areas'),
        kinds: z
          .array(z.enum(codesOf(signalKinds)))
          .max(20)
          .optional()
          .describe('Only for these kinds'),
        severities: z.array(severity).max(4).optional().describe('Only for these severities'),
        units: z.array(z.uuid()).max(200).optional().describe('Only for students of these units and those below'),
        owner: z
          .array(role)
          .max(5)
          .describe('Roles that own it, in order: the nearest unit above the student that has one'),
        tell: z.array(role).max(5).describe('Roles told of it, each at the nearest unit'),
      }),
    )
    .max(50)
    .describe('Routing: the first rule that fits names the owner; all that fit name who is told'),
  crisis: z
    .strictObject({
      academic: stages.describe('Academic crisis 学业危机'),
      safety: stages.describe('Safety crisis 安全危机'),
    })
    .describe('Time each stage of a crisis may take, by kind'),
})

export type WarningSettings = z.output<typeof WarningSettings>

/** What holds until an institution sets its own. */
export const defaultSettings: WarningSettings = {
  windowDays: 14,
  targets: {
    blue: { acknowledge: { workingDays: 3 }, resolve: { workingDays: 15 } },
    yellow: { acknowledge: { workingDays: 2 }, resolve: { workingDays: 10 } },
    orange: { acknowledge: { workingDays: 1 }, resolve: { workingDays: 5 } },
    red: { acknowledge: { clockHours: 4 }, resolve: { clockHours: 72 } },
    safety: { acknowledge: { clockHours: 2 }, resolve: { clockHours: 48 } },
  },
  escalation: [
    { tell: ['line_manager'], after: { clockHours: 0 } },
    { tell: ['practice_supervisor', 'line_manager'], after: { workingDays: 2 } },
  ],
  notifyStudent: ['yellow', 'orange', 'red'],
  notifyFamily: ['red'],
  attemptsThatCount: 2,
  routing: [
    { areas: ['safety'], owner: ['counsellor', 'class_teacher'], tell: ['psychological_counsellor', 'line_manager'] },
    { severities: ['red'], owner: ['counsellor', 'class_teacher'], tell: ['line_manager'] },
    { owner: ['counsellor', 'class_teacher', 'line_manager'], tell: ['class_teacher'] },
  ],
  crisis: {
    academic: {
      mobilise: { workingDays: 1 },
      stabilise: { workingDays: 10 },
      debrief: { workingDays: 10 },
      close: { workingDays: 20 },
    },
    safety: {
      mobilise: { clockHours: 1 },
      stabilise: { clockHours: 24 },
      debrief: { clockHours: 168 },
      close: { clockHours: 336 },
    },
  },
}

/** Monday to Friday, and no holidays known: a horizon in the past sets no working target at all. */
export const defaultCalendar: z.output<typeof CalendarSettings> = {
  hours: [
    { from: '08:30', until: '12:00' },
    { from: '14:00', until: '17:30' },
  ],
  weekdays: [1, 2, 3, 4, 5],
  holidays: [],
  makeUpDays: [],
  horizon: '2000-01-01',
}

/**
 * When a target is due. Pure.
 * @returns null when it lies past the calendar's horizon: it is not guessed
 */
export const dueAt = (calendar: Calendar, from: Date, target: Target): Date | null => {
  if ('clockHours' in target) return new Date(from.getTime() + target.clockHours * 3_600_000)
  const minutes =
    'workingHours' in target ? target.workingHours * 60 : target.workingDays * minutesOfWorkingDay(calendar)
  return afterWorkingMinutes(calendar, from, minutes)
}
