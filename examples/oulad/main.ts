import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { carry } from './carry.ts'
import { type Client, clientOf, Figures } from './client.ts'
import { averageOf, dayOf, passMark, type Registration, readOulad, sampleOf, type Work, warnedOn } from './data.ts'

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
const serviceOf = async (folder: string): Promise<{ demo: Demo; stop: () => Promise<boolean> }> => {
  const running = await demoOf(folder)
  if (running) return { demo: running, stop: async () => true }
  const own = await mkdtemp(join(tmpdir(), 'bangfu-oulad-'))
  const environment = { BANGFU_DATA_DIR: own, PORT: '0', LOG_LEVEL: 'error', REQUESTS_PER_MINUTE: '0' }
  say('starting a service of its own …')
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  for (let tries = 0; tries < 300; tries++) {
    const demo = await demoOf(own)
    if (demo) return { demo, stop: () => stopAndVerify(child, own, environment) }
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

const resultsOf = (registration: Registration) => {
  const { student, presentation, module, work } = registration
  const common = { student, course: module, term: presentation }
  const lastDay = warnedOn(registration) ?? work.at(-1)?.dueDay ?? 0
  const early = work.filter(each => each.dueDay <= lastDay)
  const outcome = (each: Work) => (each.score === null ? 'missing' : each.score < passMark ? 'failed' : 'passed')
  const average = averageOf(early)
  return [
    ...early.map(each => ({
      ...common,
      externalId: `${student}-${each.assessment}`,
      item: `${each.type} ${each.assessment}`,
      score: each.score,
      outcome: outcome(each),
      recordedOn: dayOf(presentation, each.dueDay),
    })),
    ...(average === null
      ? []
      : [
          {
            ...common,
            externalId: `${student}-${presentation}`,
            item: '',
            score: average,
            outcome: average < passMark ? 'failed' : 'passed',
            recordedOn: dayOf(presentation, lastDay),
          },
        ]),
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
  await inBatches(client, '/v1/roster/results', sample.flatMap(resultsOf))
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

const main = async (): Promise<void> => {
  if (!values.data) throw new Error('name the folder of the dataset: --data <folder>')
  const registrations = await readOulad(values.data)
  const sample = sampleOf(registrations, Number(values.students))
  const { demo, stop } = await serviceOf(values.service)
  const figures = new Figures()
  const clientFor = (account: string) => clientOf(demo.baseUrl, demo.accounts[account]?.token ?? '', figures)
  const counsellor = clientFor('counsellor')
  say(`loading ${sample.length} students of ${new Set(sample.map(each => each.presentation)).size} presentations …`)
  await loadRoster(clientFor('administrator'), sample)
  const ids = await idsOf(counsellor)
  const flagged = sample.filter(each => warnedOn(each) !== null)
  const reasons = new Map<string, number>()
  const queue = [...flagged]
  let done = 0
  const begin = performance.now()
  const requestsBefore = figures.durationsMs.length
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const reason = await carry(counsellor, ids.get(next.student) ?? '', next, warnedOn(next) ?? 0)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      bar(++done, flagged.length)
    }
  }
  bar(0, flagged.length)
  await Promise.all(Array.from({ length: Number(values.workers) }, work))
  const seconds = (performance.now() - begin) / 1000
  const steps = new Map<string, number>()
  for (const student of flagged) {
    const { items } = await counsellor.get(`/v1/cases?status=all&studentId=${ids.get(student.student)}`)
    for (const item of items as { step: string }[]) steps.set(item.step, (steps.get(item.step) ?? 0) + 1)
  }
  const requests = figures.durationsMs.length - requestsBefore - flagged.length
  say(`\n\nstudents loaded          ${sample.length}`)
  say(`two or more in trouble   ${flagged.length}`)
  for (const [step, count] of steps) say(`cases in ${step.padEnd(16)}${count}`)
  for (const [reason, count] of [...reasons].sort()) say(`ended: ${reason.padEnd(18)}${count}`)
  for (const [code, count] of [...figures.refusals].sort()) say(`refused: ${code.padEnd(16)}${count}`)
  say(
    `requests                 ${requests} in ${seconds.toFixed(1)} s, ${(requests / seconds).toFixed(0)}/s, p50 ${figures.percentile(0.5)} ms, p99 ${figures.percentile(0.99)} ms`,
  )
  const clean = await stop()
  if (!clean || steps.get('closed') !== flagged.length)
    throw new Error('not every case ended, or the journal is not clean')
}

main().catch(error => {
  process.stderr.write(`\n${(error as Error).message}\n`)
  process.exit(1)
})
