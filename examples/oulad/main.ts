import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { carry, type Surroundings } from './carry.ts'
import { type Client, clientOf, Figures } from './client.ts'
import { cohorts, dayOf, passMark, type Registration, readOulad, sampleOf, type Work, warnedOn } from './data.ts'

interface Demo {
  readonly baseUrl: string
  readonly accounts: Readonly<Record<string, { readonly token: string }>>
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    students: { type: 'string', default: '500' },
    service: { type: 'string', default: process.env.BANGFU_DATA_DIR ?? './data' },
    workers: { type: 'string', default: '8' },
  },
})

const say = (words: string) => process.stdout.write(`${words}\n`)

const demoOf = async (folder: string): Promise<Demo | null> => {
  try {
    const demo = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as Demo
    return (await fetch(`${demo.baseUrl}/readyz`)).ok ? demo : null
  } catch {
    return null
  }
}

const run = (command: string[], environment: Record<string, string>): ChildProcess =>
  spawn(process.execPath, ['dist/src/main.js', ...command], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })

/** The running service of the data directory, or one of its own that ends with the example. */
const serviceOf = async (folder: string): Promise<{ demo: Demo; own: boolean; stop: () => Promise<boolean> }> => {
  const running = await demoOf(folder)
  if (running) return { demo: running, own: false, stop: async () => true }
  const own = await mkdtemp(join(tmpdir(), 'bangfu-oulad-'))
  const environment = { BANGFU_DATA_DIR: own, PORT: '0', LOG_LEVEL: 'error', REQUESTS_PER_MINUTE: '0' }
  say('starting a service of its own …')
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  for (let tries = 0; tries < 300; tries++) {
    const demo = await demoOf(own)
    if (demo) return { demo, own: true, stop: () => stopAndVerify(child, own, environment) }
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error('the service did not start')
}

const ended = (child: ChildProcess) => new Promise<number | null>(resolve => child.once('exit', resolve))

const stopAndVerify = async (
  child: ChildProcess,
  folder: string,
  environment: Record<string, string>,
): Promise<boolean> => {
  const gone = ended(child)
  child.kill('SIGTERM')
  await gone
  const code = await ended(run(['verify'], environment))
  await rm(folder, { recursive: true, force: true })
  return code === 0
}

const inBatches = async (client: Client, path: string, items: readonly unknown[]): Promise<void> => {
  for (let at = 0; at < items.length; at += 1000) await client.post(path, { items: items.slice(at, at + 1000) })
}

const resultOf = ({ student, presentation, module }: Registration, each: Work) => ({
  student,
  course: module,
  term: presentation,
  externalId: `${student}-${each.assessment}`,
  item: `${each.type} ${each.assessment}`,
  score: each.score,
  outcome: each.score === null ? 'missing' : each.score < passMark ? 'failed' : 'passed',
  recordedOn: dayOf(presentation, each.dueDay),
})

/** What was known on the day of the warning; of those never warned, everything. */
const earlyResults = (registration: Registration) => {
  const day = warnedOn(registration) ?? Number.POSITIVE_INFINITY
  return registration.work.filter(each => each.dueDay <= day).map(each => resultOf(registration, each))
}

/** What came later: further work, and the final result of the module. */
const laterResults = (registration: Registration, day: number) => {
  const { student, presentation, module, finalResult, work } = registration
  const passed = finalResult === 'Pass' || finalResult === 'Distinction'
  return [
    ...work.filter(each => each.dueDay > day).map(each => resultOf(registration, each)),
    {
      student,
      course: module,
      term: presentation,
      externalId: `${student}-${presentation}`,
      item: '',
      score: null,
      outcome: passed ? 'passed' : 'failed',
      recordedOn: dayOf(presentation, 270),
    },
  ]
}

const loadRoster = async (client: Client, sample: readonly Registration[]): Promise<void> => {
  await client.post('/v1/roster/org-units', {
    items: [
      { externalId: 'OULAD', parent: 'SE', kind: 'class', nameZh: '开放大学数据', nameEn: 'Open University data' },
    ],
  })
  const presentations = [...new Set(sample.map(each => each.presentation))]
  await inBatches(
    client,
    '/v1/roster/terms',
    presentations.map(name => ({ externalId: name, name, startsOn: dayOf(name, 0), endsOn: dayOf(name, 270) })),
  )
  const modules = [...new Set(sample.map(each => each.module))]
  await inBatches(
    client,
    '/v1/roster/courses',
    modules.map(name => ({ externalId: name, name: `Module ${name}`, credits: 60 })),
  )
  await inBatches(
    client,
    '/v1/roster/students',
    sample.map(each => ({
      number: each.student,
      name: `OU ${each.student}`,
      major: each.module,
      grade: each.presentation.slice(-5),
      orgUnit: 'OULAD',
    })),
  )
  await inBatches(client, '/v1/roster/results', sample.flatMap(earlyResults))
}

const idsOf = async (client: Client): Promise<Map<string, string>> => {
  const ids = new Map<string, string>()
  let cursor: unknown = null
  do {
    const page = await client.post('/v1/students/search', { limit: 200, ...(cursor ? { cursor } : {}) })
    for (const item of page.items as { id: string; number: string }[]) ids.set(item.number, item.id)
    cursor = page.next
  } while (cursor)
  return ids
}

const bar = (done: number, total: number) => {
  const filled = Math.round((done / Math.max(total, 1)) * 30)
  process.stdout.write(`\r[${'█'.repeat(filled)}${'·'.repeat(30 - filled)}] ${done}/${total} cases`)
}

interface Carried {
  readonly caseId: string
  readonly reason: string
}

const countsOf = (names: readonly string[]): [string, number][] => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort()
}

/** Carries a case for each, some at a time. */
const carryAll = async (
  around: Surroundings,
  flagged: readonly Registration[],
  ids: ReadonlyMap<string, string>,
): Promise<Carried[]> => {
  const queue = [...flagged]
  const carried: Carried[] = []
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      carried.push(await carry(around, ids.get(next.student) ?? '', next, warnedOn(next) ?? 0))
      bar(carried.length, flagged.length)
    }
  }
  bar(0, flagged.length)
  await Promise.all(Array.from({ length: Number(values.workers) }, work))
  return carried
}

const example = async (demo: Demo, registrations: readonly Registration[]): Promise<boolean> => {
  const sample = sampleOf(registrations, Number(values.students))
  const figures = new Figures()
  const clientFor = (account: string) => clientOf(demo.baseUrl, demo.accounts[account]?.token ?? '', figures)
  const [counsellor, administrator] = [clientFor('counsellor'), clientFor('administrator')]
  say(`loading ${sample.length} students of ${new Set(sample.map(each => each.presentation)).size} presentations …`)
  await loadRoster(administrator, sample)
  const ids = await idsOf(counsellor)
  const flagged = sample.filter(each => warnedOn(each) !== null)
  const begin = performance.now()
  const before = figures.durationsMs.length
  const around: Surroundings = {
    client: counsellor,
    cohort: cohorts(registrations),
    publishLater: async (registration, day) => {
      await administrator.post('/v1/roster/results', { items: laterResults(registration, day) })
    },
  }
  const carried = await carryAll(around, flagged, ids)
  const seconds = (performance.now() - begin) / 1000
  const requests = figures.durationsMs.length - before
  const cases = await Promise.all(carried.map(({ caseId }) => counsellor.get(`/v1/cases/${caseId}`)))
  const goals = cases.flatMap(each => each.goals as { attainment: number | null }[])
  say(`\n\nstudents loaded          ${sample.length}`)
  say(`two or more in trouble   ${flagged.length}`)
  for (const [step, count] of countsOf(cases.map(each => String(each.step)))) say(`cases in ${step.padEnd(16)}${count}`)
  for (const [reason, count] of countsOf(carried.map(each => each.reason))) say(`ended: ${reason.padEnd(18)}${count}`)
  for (const [level, count] of countsOf(goals.map(each => String(each.attainment ?? 'none'))))
    say(`goals attained: ${level.padEnd(9)}${count}`)
  for (const [code, count] of [...figures.refusals].sort()) say(`refused: ${code.padEnd(16)}${count}`)
  say(
    `requests                 ${requests} in ${seconds.toFixed(1)} s, ${(requests / seconds).toFixed(0)}/s, p50 ${figures.percentile(0.5)} ms, p99 ${figures.percentile(0.99)} ms`,
  )
  return cases.length === flagged.length && cases.every(each => each.step === 'closed')
}

const main = async (): Promise<void> => {
  if (!values.data) throw new Error('name the folder of the dataset: --data <folder>')
  const registrations = await readOulad(values.data)
  const { demo, stop, own } = await serviceOf(values.service)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop().finally(() => process.exit(1)))
  let ended = false
  try {
    ended = await example(demo, registrations)
  } finally {
    const clean = await stop()
    if (own) say(clean ? 'journal                  verified: clean' : 'journal                  NOT clean')
    else say('journal                  run `bangfu verify` once the service is stopped')
    ended &&= clean
  }
  if (!ended) throw new Error('not every case ended, or the journal is not clean')
}

main().catch(error => {
  process.stderr.write(`\n${(error as Error).message}\n`)
  process.exit(1)
})
