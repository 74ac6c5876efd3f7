import { type Client, everyItem, type Figures } from './client.ts'
import { isPassed, type Registration } from './data.ts'
import type { Office } from './office.ts'

/** What the end is told from. */
export interface Played {
  readonly lineManager: Client
  readonly office: Office
  readonly registrations: readonly Registration[]
  readonly imported: number
  readonly signals: number
  readonly seconds: number
  readonly figures: Figures
  readonly since: string
}

interface Item {
  readonly student: { readonly number: string }
  readonly step: string
  readonly openedAt: string
  readonly escalation: number
  readonly acknowledgeBy: string | null
  readonly acknowledgedAt: string | null
  readonly resolveBy: string | null
  readonly resolvedAt: string | null
}

const countsOf = (names: readonly string[]): [string, number][] => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort()
}

const line = (what: string, value: string | number) => `${what.padEnd(34)}${value}`
const shareOf = (part: number, whole: number) =>
  `${part} of ${whole} (${((100 * part) / Math.max(whole, 1)).toFixed(1)} %)`
const inTime = (at: string | null, by: string | null) => at !== null && by !== null && at <= by

const alertLines = ({ office, signals }: Played, alerts: readonly Item[]): string[] => {
  const converted = (office.dispositions.get('case_opened') ?? 0) + (office.dispositions.get('case_joined') ?? 0)
  const seen = alerts.filter(each => inTime(each.acknowledgedAt, each.acknowledgeBy)).length
  const answered = alerts.filter(each => inTime(each.resolvedAt, each.resolveBy)).length
  return [
    line('signals', signals),
    line('alerts', alerts.length),
    ...countsOf(alerts.map(each => each.step)).map(([step, count]) => line(`alerts ${step}`, count)),
    ...[...office.dispositions].sort().map(([kind, count]) => line(`answered by: ${kind}`, count)),
    line('led to a case, opened or joined', shareOf(converted, alerts.length)),
    line('seen in time', shareOf(seen, alerts.length)),
    line('answered in time', shareOf(answered, alerts.length)),
  ]
}

const flagLines = ({ office, registrations }: Played): string[] => {
  const failed = registrations.filter(each => !isPassed(each))
  const passed = registrations.filter(isPassed)
  const unseen = failed.filter(each => !office.flagged.has(each)).length
  const spared = passed.filter(each => office.flagged.has(each)).length
  return [
    line('failed and never flagged', shareOf(unseen, failed.length)),
    line('flagged and passed', shareOf(spared, office.flagged.size)),
  ]
}

/** The table of a play, from what the service answers. @returns its lines, and whether every case and alert has ended */
export const tableOf = async (played: Played): Promise<{ readonly lines: string[]; readonly ended: boolean }> => {
  const { lineManager, office, registrations, imported, seconds, figures, since } = played
  const all = await everyItem<Item>(lineManager, '/v1/alerts?scope=unit&status=all')
  const ours = new Set(registrations.map(each => each.student))
  const alerts = all.filter(each => each.openedAt >= since && ours.has(each.student.number))
  const cases = office.ended
  const goals = cases.flatMap(each => each.goals)
  const requests = figures.durationsMs.length
  const [p50, p99] = [figures.percentile(0.5), figures.percentile(0.99)]
  const lines = [
    line('registrations', registrations.length),
    line('rows imported', imported),
    ...alertLines(played, alerts),
    ...flagLines(played),
    ...countsOf(cases.map(each => each.step)).map(([step, count]) => line(`cases in ${step}`, count)),
    ...countsOf(cases.map(each => each.reason)).map(([reason, count]) => line(`ended: ${reason}`, count)),
    ...countsOf(goals.map(each => String(each.attainment ?? 'none'))).map(([level, count]) =>
      line(`goals attained: ${level}`, count),
    ),
    ...[...figures.refusals].sort().map(([code, count]) => line(`refused: ${code}`, count)),
    line('requests', `${requests} in ${seconds.toFixed(1)} s, ${(requests / seconds).toFixed(0)}/s`),
    line('duration', `p50 ${p50} ms, p99 ${p99} ms`),
  ]
  const ended =
    office.openCases === 0 &&
    cases.every(each => each.step === 'closed') &&
    alerts.every(each => each.step === 'resolved')
  return { lines, ended }
}
