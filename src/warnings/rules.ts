import type { Calendar } from '../kernel/working-time.ts'
import type { Rules } from '../practice/targets.ts'
import { defaultCalendar, defaultSettings, type WarningSettings } from '../practice/warning-settings.ts'

/** How an institution warns, as stored; null = nothing stored, the defaults hold. */
export interface StoredRules {
  readonly settings: Partial<WarningSettings> | null
  readonly calendar: Omit<Calendar, 'timeZone'> | null
  readonly timeZone: string
  /** 0 = nothing stored. */
  readonly version: number
}

/** JSON of {@link StoredRules} of an institution, an SQL expression. */
export const rulesJson = (institution = '$1::uuid'): string => `(select json_build_object(
  'timeZone', i.time_zone, 'version', coalesce(w.version, 0), 'settings', w.settings, 'calendar', w.calendar)
  from institutions i left join warning_settings w on w.institution_id = i.id where i.id = ${institution})`

/** Settings and calendar in force: what is not stored is as by default. Pure. */
export const rulesOf = ({ settings, calendar, timeZone, version }: StoredRules): Rules => ({
  version,
  settings: { ...defaultSettings, ...settings },
  calendar: { ...(calendar ?? defaultCalendar), timeZone },
})
