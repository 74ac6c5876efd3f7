import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { at, instant } from '../platform/http/schemas.ts'
import type { Deps } from '../platform/subject.ts'
import { requestOf } from '../platform/subject.ts'
import { CalendarSettings, defaultCalendar, defaultSettings, WarningSettings } from '../practice/warning-settings.ts'
import { proposeCalendar, putSettings, readSettings } from './change-settings.ts'

const tag = 'Warning settings'
const settings = WarningSettings.describe('Window, targets, escalation, notices, routing')
const calendar = CalendarSettings.describe('When the institution works; past its horizon no target is set')

const SettingsRead = z
  .strictObject({
    version: z.int().min(0).max(2_147_483_647).describe('Version: ETag; 0 = the defaults, nothing was set yet'),
    updatedAt: instant().nullable().describe('When it was set'),
    timeZone: z.string().max(60).describe('Zone of the institution'),
    settings,
    calendar,
  })
  .meta({
    id: 'WarningSettingsRead',
    examples: [
      { version: 1, updatedAt: at, timeZone: 'Asia/Shanghai', settings: defaultSettings, calendar: defaultCalendar },
    ],
  })

const SettingsBody = z
  .strictObject({ settings, calendar })
  .meta({ id: 'PutWarningSettings', examples: [{ settings: defaultSettings, calendar: defaultCalendar }] })

const Proposal = CalendarSettings.meta({
  id: 'CalendarProposal',
  examples: [{ ...defaultCalendar, holidays: ['2026-10-01'], makeUpDays: ['2026-10-10'], horizon: '2026-12-31' }],
})

/** How the institution warns. */
export const settingsRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'getWarningSettings',
    method: 'GET',
    path: '/v1/warning-settings',
    summary: 'Read how the institution warns: targets, routing, notices, calendar',
    tag,
    permission: 'warnings:read',
    answers: { 200: SettingsRead },
    problems: ['not_permitted'],
    handle: call => readSettings(deps, requestOf(call)),
  }),
  defineRoute({
    operationId: 'putWarningSettings',
    method: 'PUT',
    path: '/v1/warning-settings',
    summary: 'Set how the institution warns, whole',
    description:
      'One rule of the routing fits every alert and names an owner, the units named are in the roster, and no target to resolve comes before that to acknowledge. Open alerts and crises keep their targets; those without one, past the old horizon, get it in the background if the new calendar reaches so far.',
    tag,
    permission: 'warnings:set',
    body: SettingsBody,
    answers: { 200: SettingsRead },
    problems: ['not_permitted', 'unknown_reference'],
    ifMatch: 'required',
    writes: ['warning_settings.changed'],
    handle: call => putSettings(deps, requestOf(call), { ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'proposeCalendar',
    method: 'GET',
    path: '/v1/warning-settings/calendar-proposal',
    summary: 'Propose a calendar with the statutory days of mainland China, as far as they are announced',
    description: 'Nothing is guessed: the horizon is the last day of the newest year announced.',
    tag,
    permission: 'warnings:read',
    query: z.strictObject({ year: z.coerce.number().int().min(2020).max(2200).describe('First year') }),
    answers: { 200: Proposal },
    problems: ['not_permitted', 'year_not_announced'],
    handle: call => proposeCalendar(deps, requestOf(call), call.query.year),
  }),
]
