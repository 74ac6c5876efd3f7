import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { ZipFile } from 'yazl'
import { makeIssuer, ownIssuer } from '../src/platform/identity.ts'
import { newKeyTexts, readKeys } from '../src/platform/keys.ts'
import { migratePostgres } from '../src/platform/postgres.ts'

const server = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const results = Number(process.env.BENCH_RESULTS ?? 1_000_000)
const maxRssMb = 250
const [people, classes] = [20_000, 400]
const institution = '0193a000-0000-7000-8000-000000000000'
const keyTexts = newKeyTexts()

const lines = function* (header: string, count: number, row: (n: number) => string): Generator<string> {
  yield `${header}\n`
  for (let n = 0; n < count; ) {
    let block = ''
    for (const end = Math.min(count, n + 500); n < end; n++) block += `${row(n)}\n`
    yield block
  }
}

const guid = (kind: string, n: number) => `${kind}-8a6e0804-2bd0-4672-${String(n).padStart(12, '0')}`

/** A package of a large university, with a million results. */
const writePackage = async (path: string): Promise<void> => {
  const files = [
    'orgs',
    'academicSessions',
    'users',
    'roles',
    'courses',
    'classes',
    'lineItems',
    'enrollments',
    'results',
  ]
  const zip = new ZipFile()
  const add = (name: string, content: Iterable<string>) => zip.addReadStream(Readable.from(content), `${name}.csv`)
  add('manifest', [`propertyName,value\noneroster.version,1.2\n${files.map(file => `file.${file},bulk\n`).join('')}`])
  add('orgs', ['sourcedId,name,type,parentSourcedId\nschool,校,school,\ndept,系,department,school\n'])
  add('academicSessions', ['sourcedId,title,type,startDate,endDate\nterm,学期,semester,2026-09-01,2027-01-21\n'])
  add(
    'users',
    lines(
      'sourcedId,givenName,familyName,identifier,grades,primaryOrgSourcedId',
      people,
      n => `${guid('u', n)},同学${n},王,n${n},2026,dept`,
    ),
  )
  add(
    'roles',
    lines('sourcedId,userSourcedId,role,orgSourcedId', people, n => `${guid('r', n)},${guid('u', n)},student,dept`),
  )
  add(
    'courses',
    lines('sourcedId,title,metadata.credits', classes, n => `${guid('c', n)},课程${n},3`),
  )
  add(
    'classes',
    lines(
      'sourcedId,title,courseSourcedId,termSourcedIds',
      classes,
      n => `${guid('k', n)},班${n},${guid('c', n)},term`,
    ),
  )
  add(
    'lineItems',
    lines(
      'sourcedId,title,classSourcedId,dueDate,resultValueMax',
      classes * 10,
      n => `${guid('l', n)},作业${n % 10},${guid('k', n % classes)},2026-10-01,20`,
    ),
  )
  add(
    'enrollments',
    lines(
      'sourcedId,classSourcedId,userSourcedId,role',
      people * 5,
      n => `${guid('e', n)},${guid('k', (n * 7) % classes)},${guid('u', n % people)},student`,
    ),
  )
  const result = (n: number) =>
    `${guid('x', n)},,,${guid('l', (n * 13) % (classes * 10))},${guid('u', (n * 17) % people)},fully graded,${n % 20},2025-10-03,`
  add(
    'results',
    lines(
      'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment',
      results,
      result,
    ),
  )
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
}

/** Resident memory of a process in MB: the highest so far. */
const peakRssMb = async (pid: number): Promise<number> =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

const token = makeIssuer({
  ...ownIssuer,
  privateKey: readKeys(keyTexts).signing.privateKey,
  kid: readKeys(keyTexts).signing.kid,
  wallClock: () => new Date(),
})({ subject: institution, institution, lifetimeSeconds: 86_000, scopes: ['roster:write'], clientId: institution })

const post = async (base: string, path: string, key: string): Promise<string> => {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/zip',
    'content-length': (await stat(path)).size,
    'idempotency-key': key,
  }
  const asked = request(`${base}/v1/imports?format=oneroster`, { method: 'POST', headers })
  createReadStream(path).pipe(asked)
  const [answer] = await once(asked, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const { id } = JSON.parse(Buffer.concat(chunks).toString())
  if (answer.statusCode !== 202) throw new Error(Buffer.concat(chunks).toString())
  return id
}

interface Operation {
  readonly status: string
  readonly progress: { readonly done: number }
  readonly result: { readonly created: number; readonly unchanged: number }
  readonly problem: unknown
}

/** Imports the package and waits for its end, telling the highest memory on the way. */
const importOnce = async (base: string, pid: number, path: string, key: string) => {
  const began = performance.now()
  const id = await post(base, path, key)
  const received = performance.now()
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, 500))
    const answer = await fetch(`${base}/v1/operations/${id}`, { headers: { authorization: `Bearer ${token}` } })
    const operation = (await answer.json()) as Operation
    if (operation.status === 'queued' || operation.status === 'running') continue
    if (operation.status !== 'succeeded') throw new Error(JSON.stringify(operation))
    const seconds = (performance.now() - received) / 1000
    const rows = operation.progress.done / 2
    const figures = {
      upload_s: ((received - began) / 1000).toFixed(1),
      work_s: seconds.toFixed(1),
      rows,
      created: operation.result.created,
      unchanged: operation.result.unchanged,
      rows_per_s: Math.round(rows / seconds),
      peak_rss_mb: await peakRssMb(pid),
    }
    process.stdout.write(`${key}\n${JSON.stringify(figures)}\n`)
    return figures
  }
}

const main = async (): Promise<void> => {
  const name = `bangfu_bench_imports_${process.pid}`
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const address = new URL(server)
  address.pathname = `/${name}`
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-bench-'))
  let stop = () => {}
  try {
    await migratePostgres(address.href)
    const client = new pg.Client({ connectionString: address.href })
    await client.connect()
    await client.query(`insert into institutions values ('${institution}', '校', 'School', 'Asia/Shanghai', now())`)
    await client.end()
    const path = join(folder, 'package.zip')
    await writePackage(path)
    process.stdout.write(`package: ${((await stat(path)).size / 1024 ** 2).toFixed(1)} MB\n`)
    const setup = JSON.stringify({ url: address.href, keys: keyTexts, sealing: true })
    const child = spawn(
      process.execPath,
      ['--max-old-space-size=1024', join(import.meta.dirname, 'server.js'), setup],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    stop = () => child.kill('SIGKILL')
    const [words] = (await once(child.stdout, 'data')) as [Buffer]
    const base = words.toString().replace('ready ', '').trim()
    const pid = child.pid as number
    process.stdout.write(`idle: ${await peakRssMb(pid)} MB\n`)
    const first = await importOnce(base, pid, path, 'first')
    const again = await importOnce(base, pid, path, 'again')
    child.kill('SIGTERM')
    await once(child, 'exit')
    const ok = first.peak_rss_mb < maxRssMb && again.peak_rss_mb < maxRssMb && again.created === 0
    process.stdout.write(`${ok ? 'ok' : 'MISSED'}: under ${maxRssMb} MB, and the same again creates nothing\n`)
    if (!ok) process.exitCode = 1
  } finally {
    stop()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
