import { type GroupType, groupTypes } from './form.ts'
import type { Group, GroupView, Member } from './group.ts'
import type { GroupWork } from './work.ts'

interface Outcome {
  readonly members: readonly {
    readonly role: Member['role']
    readonly attendance: Readonly<Record<string, number>>
    readonly attainment: number | null
    readonly changes: readonly { readonly change: number }[]
  }[]
}

/** A group as it ended. */
interface Told {
  readonly view: GroupView
  readonly outcome: Outcome
}

const told = async ({ leader, url }: Group): Promise<Told> => ({
  view: (await leader.get(url)) as unknown as GroupView,
  outcome: (await leader.get(`${url}/outcome`)) as unknown as Outcome,
})

const mean = (values: readonly number[]): string =>
  values.length === 0 ? '–' : (values.reduce((sum, each) => sum + each, 0) / values.length).toFixed(2)

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)

const attendanceRate = (outcomes: readonly Outcome['members'][number][]): string => {
  const of = (code: string) => sum(outcomes.map(each => each.attendance[code] ?? 0))
  const there = of('present') + of('late')
  const all = there + of('excused') + of('absent')
  return all === 0 ? '–' : `${((100 * there) / all).toFixed(0)} %`
}

const rowsOf = (groups: readonly Told[]): [what: string, value: string | number][] => {
  const { length } = groups
  const views = groups.map(each => each.view)
  const members = views.flatMap(each => each.members)
  const outcomes = groups.flatMap(each => each.outcome.members)
  const served = outcomes.filter(each => each.role === 'student')
  const changes = served.flatMap(each => each.changes.map(one => one.change))
  const count = (of: (member: Member) => boolean) => members.filter(of).length
  return [
    ['groups', length],
    ['ended', views.filter(each => each.step === 'ended' && !each.endReason).length],
    ['ended early', views.filter(each => each.step === 'ended' && each.endReason).length],
    ['cancelled', views.filter(each => each.step === 'cancelled').length],
    ['students', count(each => each.role === 'student')],
    ['volunteers', count(each => each.role === 'volunteer')],
    ['completed', count(each => each.status === 'completed')],
    ['left', count(each => each.status === 'left')],
    ['open items resolved', sum(views.map(each => each.openItems.filter(item => item.resolution !== null).length))],
    ['attendance', attendanceRate(outcomes)],
    ['attainment, −2…+2', mean(served.flatMap(each => each.attainment ?? []))],
    ['average, change in tens', mean(changes)],
  ]
}

const row = (what: string, cells: readonly (string | number)[]) =>
  what.padEnd(34) + cells.map(each => String(each).padStart(12)).join('')

/** The table of the groups by type, from what the service answers. @returns its lines, and whether every group is over */
export const groupTable = async (work: GroupWork): Promise<{ readonly lines: string[]; readonly ended: boolean }> => {
  const byType = new Map<GroupType, Told[]>()
  for (const type of groupTypes)
    byType.set(type, await Promise.all(work.groups.filter(each => each.forming.type === type).map(told)))
  const all = [...byType.values()].flat()
  const columns = [...byType.values()].map(rowsOf)
  const codes = [...new Set(groupTypes.flatMap(type => [...work.figures[type].refusals.keys()]))].sort()
  const reasons = [...new Set(all.flatMap(({ view }) => view.endReason ?? []))].sort()
  const lines = [
    row('', groupTypes),
    ...(columns[0] ?? []).map(([what], at) =>
      row(
        what,
        columns.map(each => each[at]?.[1] ?? ''),
      ),
    ),
    ...reasons.map(reason =>
      row(
        `why: ${reason}`,
        [...byType.values()].map(groups => groups.filter(each => each.view.endReason === reason).length),
      ),
    ),
    ...codes.map(code =>
      row(
        `refused: ${code}`,
        groupTypes.map(type => work.figures[type].refusals.get(code) ?? 0),
      ),
    ),
    row(
      'requests',
      groupTypes.map(type => work.figures[type].durationsMs.length),
    ),
  ]
  const over = ({ view }: Told) => view.step === 'ended' || (view.step === 'cancelled' && view.endReason !== null)
  return { lines, ended: all.every(over) }
}
