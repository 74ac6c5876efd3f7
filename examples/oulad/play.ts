import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from './client.ts'
import type { Registration } from './data.ts'
import { type Days, isWorkday, nextDay } from './days.ts'
import type { GroupWork } from './groups/work.ts'
import type { Office } from './office.ts'
import type { Pace } from './pace.ts'
import { finalsPackage, markOf } from './package.ts'
import { graceDays as grace } from './school.ts'

/** Groups values by a name. */
const grouped = <T>(values: readonly T[], nameOf: (value: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const group = groups.get(nameOf(value))
    if (group) group.push(value)
    else groups.set(nameOf(value), [value])
  }
  return groups
}

/** What happens by day: marks become known, work that was due is missing, presentations end. */
const agendaOf = (registrations: readonly Registration[], days: Days) => ({
  marks: grouped(
    registrations.flatMap(each => each.work.filter(work => work.score !== null).map(work => markOf(days, each, work))),
    mark => mark.recordedOn,
  ),
  missed: new Set(
    registrations.flatMap(({ presentation, work }) =>
      work.map(({ dueDay }) => days.dateOf(presentation, dueDay + grace + 1)),
    ),
  ),
  endings: grouped(registrations, each => days.dateOf(each.presentation, each.days)),
})

/** What a play needs. */
export interface Play {
  readonly administrator: Client
  readonly office: Office
  /** Group work with those who were warned; null = none. */
  readonly groups: GroupWork | null
  readonly pace: Pace
  readonly days: Days
  readonly registrations: readonly Registration[]
  readonly told: (date: string, waiting: number) => void
}

const inBatches = async (client: Client, path: string, items: readonly unknown[]): Promise<void> => {
  for (let at = 0; at < items.length; at += 1000) await client.post(path, { items: items.slice(at, at + 1000) })
}

/** Runs the rules on what is known by a day. @returns signals that were new */
const runRules = async (administrator: Client, asOf: string): Promise<number> => {
  const run = await administrator.finished(await administrator.post('/v1/warning-rules/runs', { asOf }))
  return Number((run.result as { accepted: number }).accepted)
}

/** How long fusing new signals into alerts may take, in ms. */
const fusionMs = 700

const endPresentations = async ({ administrator, days, office, told }: Play, date: string, over: Registration[]) => {
  const path = '/v1/imports?format=oneroster&passMark=40'
  await administrator.finished(await administrator.upload(path, 'application/zip', finalsPackage(over, days)))
  await office.endCases(date, new Set(over.map(each => each.presentation)), () => told(date, office.openCases))
}

/** Works on until nothing comes up any more: a watch may have ended with the last day. */
const tidyUp = async ({ office, pace }: Play, from: string): Promise<void> => {
  let [date, waiting] = [from, 1]
  for (; waiting > 0; date = nextDay(date)) {
    if (!isWorkday(date)) continue
    await pace.dawn(date)
    await pause(2 * fusionMs)
    waiting = await office.work(date)
  }
}

/** Plays the presentations day by day until nothing waits any more. @returns signals the rules raised */
export const play = async (given: Play): Promise<number> => {
  const { administrator, office, groups, pace, days, registrations, told } = given
  const { marks, missed, endings } = agendaOf(registrations, days)
  const starts = registrations.map(each => days.dateOf(each.presentation, 0)).sort()
  const last = [...endings.keys()].sort().at(-1) as string
  let [signals, waiting] = [0, 0]
  let date = starts[0] as string
  for (; date <= last || waiting > 0; date = nextDay(date)) {
    const known = marks.get(date) ?? []
    const over = endings.get(date)
    const news = known.length > 0 || missed.has(date)
    if (!news && !over && !groups?.isDue(date) && !(waiting > 0 && isWorkday(date))) continue
    await pace.dawn(date)
    await inBatches(administrator, '/v1/roster/results', known)
    const raised = news ? await runRules(administrator, date) : 0
    if (raised > 0) await pause(fusionMs)
    signals += raised
    await groups?.work(date)
    if (over) await endPresentations(given, date, over)
    if (isWorkday(date)) {
      const busy = raised + waiting > 0
      waiting = await office.work(date)
      if (busy) await pace.dusk()
    } else waiting += raised
    told(date, waiting)
  }
  await tidyUp(given, date)
  return signals
}
