import { parseArgs } from 'node:util'
import { clientOf, Figures } from './client.ts'
import { cohorts } from './cohorts.ts'
import { type Registration, readOulad, sampleOf } from './data.ts'
import { daysOf } from './days.ts'
import { groupTable } from './groups/table.ts'
import { GroupWork } from './groups/work.ts'
import { Office } from './office.ts'
import { paceOf } from './pace.ts'
import { play } from './play.ts'
import { openSchool } from './school.ts'
import { type Service, serviceOf } from './service.ts'
import { tableOf } from './table.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    presentation: { type: 'string' },
    students: { type: 'string' },
    groups: { type: 'boolean', default: false },
    service: { type: 'string', default: process.env.BANGFU_DATA_DIR ?? './data' },
    'day-seconds': { type: 'string', default: '2' },
  },
})

const say = (words: string) => process.stdout.write(`${words}\n`)

const bar = (what: string, done: number, total: number) => {
  const filled = Math.round((done / Math.max(total, 1)) * 30)
  process.stdout.write(`\r[${'█'.repeat(filled)}${'·'.repeat(30 - filled)}] ${what}   `)
}

/** The registrations asked for: of one presentation or of all, and of so many students. */
const chosen = (registrations: readonly Registration[]): Registration[] => {
  const name = values.presentation?.replace('/', '-') ?? 'all'
  const found = registrations.filter(each => name === 'all' || each.presentation === name)
  if (found.length === 0) throw new Error(`--presentation: there is no ${name}`)
  const count = values.students ?? (values.presentation ? null : '500')
  return count === null ? found : sampleOf(found, Number(count))
}

const example = async (service: Service, everybody: readonly Registration[]): Promise<boolean> => {
  const registrations = chosen(everybody)
  const figures = new Figures()
  const clientFor = (account: string, counting = figures) =>
    clientOf(service.baseUrl, service.tokenOf(account), counting)
  const administrator = clientFor('administrator')
  const pace = await paceOf(administrator, Number(values['day-seconds']))
  const days = daysOf(registrations, pace.begin)
  const school = { registrations, days, above: service.above, staff: service.staff }
  const begin = performance.now()
  say(`importing ${registrations.length} registrations as a OneRoster package …`)
  const imported = await openSchool(administrator, service, school, pace, (done, total) =>
    bar(`${done} rows read`, done, total),
  )
  say(`\nplaying ${new Set(registrations.map(each => each.presentation)).size} presentations day by day …`)
  const since = new Date(pace.begin ?? Date.now() - 60_000).toISOString()
  const desks = service.counsellors.map(each => clientFor(each))
  const office = new Office({ desks, pace, days, registrations, cohort: cohorts(everybody) })
  const dates = registrations.flatMap(each =>
    [0, each.days].map(day => Date.parse(days.dateOf(each.presentation, day))),
  )
  const [first, last] = [Math.min(...new Set(dates)), Math.max(...new Set(dates))]
  const told = (date: string, waiting: number) =>
    bar(`${date}: ${waiting} waiting, ${office.openCases} cases open`, Date.parse(date) - first, last - first)
  const { flagged: warned } = office
  const groups = values.groups
    ? new GroupWork({ service, clientFor, figures, pace, days, registrations, warned })
    : null
  const signals = await play({ administrator, office, groups, pace, days, registrations, told })
  const seconds = (performance.now() - begin) / 1000
  const lineManager = clientFor('lineManager')
  const { lines, ended } = await tableOf({
    lineManager,
    office,
    registrations,
    imported,
    signals,
    seconds,
    figures,
    since,
  })
  say(`\n\n${lines.join('\n')}`)
  if (!groups) return ended
  const led = await groupTable(groups)
  say(`\n${led.lines.join('\n')}\n`)
  return ended && led.ended
}

const main = async (): Promise<void> => {
  if (!values.data) throw new Error('name the folder of the dataset: --data <folder>')
  const everybody = await readOulad(values.data)
  const modules = [...new Set(chosen(everybody).map(each => each.module))]
  const service = await serviceOf(values.service, modules, say)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => service.stop().finally(() => process.exit(1)))
  let [ended, clean]: [boolean, boolean | null] = [false, null]
  try {
    ended = await example(service, everybody)
  } finally {
    clean = await service.stop()
    const told = clean ? 'verified: clean' : 'NOT clean'
    say(`${'journal'.padEnd(34)}${clean === null ? 'run `bangfu verify` once the service is stopped' : told}`)
  }
  if (!ended || clean === false) throw new Error('something did not end, or the journal is not clean')
}

main().catch(error => {
  process.stderr.write(`\n${(error as Error).message}\n`)
  process.exit(1)
})
