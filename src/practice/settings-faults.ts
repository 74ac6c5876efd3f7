import type { Title } from '../kernel/process.ts'
import { type Calendar, instantOf } from '../kernel/working-time.ts'
import { dueAt, type Target, type WarningSettings } from './warning-settings.ts'

/** Why settings would leave alerts without anybody or any time to answer them: where, and in words. */
export interface SettingsFault {
  readonly pointer: string
  readonly code: string
  readonly detail: Title
}

const fault = (pointer: string, code: string, en: string, zh: string): SettingsFault => ({
  pointer,
  code,
  detail: { en, zh },
})

type RoutingRule = WarningSettings['routing'][number]

const fitsAll = ({ areas, kinds, severities, units, owner }: RoutingRule): boolean =>
  !areas && !kinds && !severities && !units && owner.length > 0

/** Every alert meets a rule that names an owner: one fits all, and none before it names nobody. */
const routingFaults = ({ routing }: WarningSettings): SettingsFault[] => {
  const last = routing.findIndex(fitsAll)
  if (last < 0)
    return [
      fault(
        '/settings/routing',
        'no_rule_for_all',
        'one rule without areas, kinds, severities and units names an owner',
        '须有一条不限领域、类别、级别与单位的规则指定负责人',
      ),
    ]
  return routing.slice(0, last).flatMap(({ owner }, at) => {
    const pointer = `/settings/routing/${at}/owner`
    const [en, zh] = ['a rule before the one for all names an owner', '通用规则之前的规则须指定负责人']
    return owner.length === 0 ? [fault(pointer, 'no_owner', en, zh)] : []
  })
}

/** Monday, 1 January 2001. */
const monday = Date.parse('2001-01-01T00:00:00Z')

/** Counts in weeks without holidays, from the first hour of one: how two targets compare, whatever they count in. */
const fromOpening = ({ hours, weekdays }: Pick<Calendar, 'hours' | 'weekdays'>) => {
  const timeZone = 'UTC'
  const week: Calendar = { timeZone, hours, weekdays, holidays: [], makeUpDays: [], horizon: '2099-12-31' }
  const day = new Date(monday + (Math.min(...weekdays) - 1) * 86_400_000).toISOString().slice(0, 10)
  const opening = instantOf(timeZone, day, hours[0]?.from ?? '00:00')
  return (target: Target): number => dueAt(week, opening, target)?.getTime() ?? Number.POSITIVE_INFINITY
}

const targetFaults = ({ targets }: WarningSettings, due: (target: Target) => number): SettingsFault[] =>
  Object.entries(targets).flatMap(([name, { acknowledge, resolve }]) => {
    const pointer = `/settings/targets/${name}/resolve`
    const [en, zh] = ['an alert is not resolved before it is acknowledged', '处置时限不得早于受理时限']
    return due(resolve) < due(acknowledge) ? [fault(pointer, 'before_acknowledge', en, zh)] : []
  })

/** Why settings do not hold together with themselves and the calendar; none = they do. Pure. */
export const settingsFaults = (
  settings: WarningSettings,
  calendar: Pick<Calendar, 'hours' | 'weekdays'>,
): readonly SettingsFault[] => [...routingFaults(settings), ...targetFaults(settings, fromOpening(calendar))]

/** Units a routing names that are not among those known. Pure. */
export const unknownUnits = ({ routing }: WarningSettings, known: ReadonlySet<string>): readonly SettingsFault[] =>
  routing.flatMap(({ units = [] }, rule) =>
    units.flatMap((id, at) =>
      known.has(id.toLowerCase())
        ? []
        : [
            fault(
              `/settings/routing/${rule}/units/${at}`,
              'unknown_reference',
              'not in the roster',
              '名册中没有此单位',
            ),
          ],
    ),
  )
