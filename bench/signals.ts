import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type pg from 'pg'
import { signalKinds } from '../src/practice/signals.ts'
import { send, startService } from './load.ts'
import { show } from './show.ts'
import { ambient, institution, inWorld, issue, seconds } from './world.ts'

const clientId = '0193a000-0000-7000-8000-0000000000cc'
const sourceId = '0193a000-0000-7000-8000-0000000000dd'
const unitId = '0193a000-0000-7000-8000-00000000000a'
const token = issue({ subject: clientId, institution, lifetimeSeconds: 86_000, clientId, scopes: ['signals:write'] })
const batchSize = 1000
const studentCount = 20_000

/** Students, and a source linked to a machine client. */
const fill = async (client: pg.Client): Promise<void> => {
  const i = `'${institution}'::uuid`
  const { wrapped } = ambient.vault.newDataKey(`${institution}|${sourceId}`)
  await client.query(`
    insert into institutions values (${i}, '校', 'School', 'Asia/Shanghai', now());
    insert into org_units values (${i}, '${unitId}', 'u', null, 'college', '院', 'College');
    insert into students select ${i}, ('0193a001-0000-7000-8000-0000' || lpad(n::text, 8, '0'))::uuid, 'n' || n, '学生' || n, null, null, '软件', '2025',
      '${unitId}', 'enrolled' from generate_series(0, ${studentCount - 1}) n;
    insert into clients values (${i}, '${clientId}', '预警', 'x', '["signals:write"]', now(), null);
    insert into signal_sources values (${i}, '${sourceId}', '预警', '${JSON.stringify(Object.keys(signalKinds))}', 1000000000, '${clientId}',
      decode('${wrapped.toString('base64')}', 'base64'), null, null, 1, now(), null)`)
  await client.query('vacuum analyze')
}

const signal = (externalId: string, student: number, words: boolean) => ({
  externalId,
  student: `n${student % studentCount}`,
  kind: 'failed_course',
  severity: 'orange',
  observedAt: '2026-09-14T01:30:00.000Z',
  figures: { course: 'MATH1001', term: '2026-1', score: student % 60, threshold: 60 },
  ...(words ? { note: '补考仍未通过,缺课三次。' } : {}),
})

/** Bodies of batches, made cheaply: the sender shares the cores. */
const bodies = (words: boolean): ((batch: string) => string) => {
  const text = JSON.stringify({
    items: Array.from({ length: batchSize }, (_, n) => signal(`@-${n}`, n * 7919, words)),
  })
  return batch => text.replaceAll('"@-', `"${batch}-`)
}

/** Requests by some connections for the time of a bench. @returns requests per second */
const rate = async (connections: number, one: (at: number, n: number) => Promise<void>): Promise<number> => {
  const run = async (ms: number, offset: number): Promise<number> => {
    const began = performance.now()
    let done = 0
    await Promise.all(
      Array.from({ length: connections }, async (_, at) => {
        for (let n = offset; performance.now() - began < ms; n++) {
          await one(at, n)
          done++
        }
      }),
    )
    return (done * 1000) / (performance.now() - began)
  }
  await run(1500, 1_000_000)
  return run(seconds * 1000, 0)
}

const post = async (base: string, path: string, body: string): Promise<void> => {
  const answer = await send(token, base, 'POST', path, { 'content-type': 'application/json' }, body)
  if (answer.status !== 202) throw new Error(answer.text)
}

const psql = async (url: string, command: string): Promise<void> => {
  const child = spawn('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', '-c', command], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`psql: ${command}`)
}

/** COPY of the rows the service stored into the same table definition: indexes, checks and foreign key. @returns rows per second */
const copied = async (url: string, client: pg.Client, folder: string): Promise<number> => {
  const path = join(folder, 'signals.copy')
  await client.query(`create table copied (like signals including all);
    alter table copied add foreign key (institution_id, student_id) references students (institution_id, id)`)
  await psql(url, `\\copy (select * from signals order by id limit 400000) to '${path}'`)
  await client.query('checkpoint')
  const began = performance.now()
  await psql(url, `\\copy copied from '${path}'`)
  const took = performance.now() - began
  const { rows } = await client.query('select count(*)::int as n from copied')
  return (rows[0].n * 1000) / took
}

const books = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query(`select (select count(*) from signals)::int as stored,
    (select sum((entry::json->'data'->'counts'->>'accepted')::int) from journal where type = 'signals.received')::int as told,
    (select sum(taken) from signal_usage)::int as counted`)
  const { stored, told, counted } = rows[0]
  if (stored !== told || stored !== counted) throw new Error(`the books do not balance: ${JSON.stringify(rows[0])}`)
}

/** Signals through HTTP against COPY. @returns whether the floor is kept */
export const benchSignals = (): Promise<boolean> =>
  inWorld('signals', async ({ url, client, folder }) => {
    await fill(client)
    const { child, base } = await startService(url, true)
    const batches = async (words: boolean, connections: number) => {
      const body = bodies(words)
      const name = `${words ? 'w' : 'f'}${connections}`
      return (
        batchSize * (await rate(connections, (at, n) => post(base, '/v1/signals/batch', body(`${name}-${at}-${n}`))))
      )
    }
    const many = await batches(false, 4)
    const copy = await copied(url, client, folder)
    const alone = await batches(false, 1)
    const worded = await batches(true, 4)
    const single = await rate(16, (at, n) =>
      post(base, '/v1/signals', JSON.stringify(signal(`s-${at}-${n}`, n, false))),
    )
    await books(client)
    child.kill('SIGTERM')
    await once(child, 'exit')
    const told = (value: number, of = '') => `${value.toFixed(0)} a second (${(value / copy).toFixed(2)} of COPY${of})`
    show('COPY of the same rows, one connection', `${copy.toFixed(0)} rows a second`)
    show('G9 signals in batches of 1,000, four connections', told(many, '; floor 0.15'))
    show('the same, one connection', told(alone))
    show('the same with words, four connections', told(worded))
    show('signals one by one, sixteen connections', told(single))
    return many / copy >= 0.15
  })
