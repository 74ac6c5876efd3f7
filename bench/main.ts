import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { declaredStatements } from '../src/platform/database.ts'
import { makeIssuer, ownIssuer } from '../src/platform/identity.ts'
import { newKeyTexts, readKeys } from '../src/platform/keys.ts'
import { migratePostgres } from '../src/platform/postgres.ts'
import { makeVault } from '../src/platform/vault.ts'
import { newSubjectKey } from '../src/platform/words.ts'
import { inlined, pgbench } from './pgbench.ts'

const server = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const seconds = Number(process.env.BENCH_SECONDS ?? 8)
const clients = 16
const institution = '0193a000-0000-7000-8000-000000000000'
const ownerId = '0193a000-0000-7000-8000-0000000000aa'
const caseId = (client: number) => `00000000-0000-7000-8000-0000000000${String(client).padStart(2, '0')}`
const keyTexts = newKeyTexts()
const keys = readKeys(keyTexts)
const vault = makeVault(keys.kek)
const ambient = { now: () => new Date(), wallClock: () => new Date(), newId: v7, vault, keys }
const agent = new Agent({ keepAlive: true, maxSockets: clients })

/** A believable amount of data: 20,000 students with a closed case each, 2,000 open ones, and one case a client to move. */
const fill = async (client: pg.Client): Promise<void> => {
  const i = `'${institution}'::uuid`
  await client.query(`
    insert into institutions values (${i}, '校', 'School', 'Asia/Shanghai', now());
    insert into org_units values (${i}, '0193a000-0000-7000-8000-00000000000a', 'u', null, 'college', '院', 'College');
    insert into org_ancestors values (${i}, '0193a000-0000-7000-8000-00000000000a', '0193a000-0000-7000-8000-00000000000a', 0);
    insert into staff select ${i}, ('0193a000-0000-7000-8000-0000000' || lpad(n::text, 5, '0'))::uuid, 's' || n, '员' || n from generate_series(1, 100) n;
    insert into staff values (${i}, '${ownerId}', 'owner', '李老师');
    insert into identities values (${i}, 'bangfu', 'owner', '${ownerId}', null, now());
    insert into staff_roles select ${i}, id, 'counsellor', '0193a000-0000-7000-8000-00000000000a', '2020-01-01', null from staff;
    insert into students select ${i}, ('0193a001-0000-7000-8000-0000' || lpad(n::text, 8, '0'))::uuid, 'n' || n, '学生' || n, null, null, '软件', '2025',
      '0193a000-0000-7000-8000-00000000000a', 'enrolled' from generate_series(1, 22016) n;
    insert into cases (institution_id, id, number, kind, student_id, org_unit_id, owner_id, owner_since, source, step, step_since, version, move_count,
        opened_at, updated_at, moved_by, writes, draft_count, data_key, reached, counts_as_open)
      select ${i}, case when n > 22000 then ('00000000-0000-7000-8000-0000000000' || lpad((n - 22001)::text, 2, '0'))::uuid else gen_random_uuid() end,
        'x-' || n, 'academic', s.id, s.org_unit_id,
        case when n <= 500 or n > 22000 then '${ownerId}'::uuid else ('0193a000-0000-7000-8000-0000000' || lpad((1 + n % 100)::text, 5, '0'))::uuid end,
        0, 'self', 'investigation', 1, 1, 0, now() - n * interval '1 minute', now(), '${ownerId}', 1, 0, null, '{}', true
      from generate_series(1, 22016) n join students s on s.number = 'n' || n`)
  for (let n = 0; n < clients; n++) {
    const key = newSubjectKey(ambient, { institution, subject: caseId(n) })
    await client.query("update cases set data_key = decode($1, 'base64') where id = $2", [key, caseId(n)])
  }
  await client.query(
    "update cases set step = 'closure', close_reason = 'other', version = 2, writes = 2 where number in (select 'x-' || n from generate_series(2001, 22000) n)",
  )
  await client.query(
    "update cases set step = 'closed', closed_at = now(), version = 3, writes = 3 where step = 'closure'",
  )
  await client.query('vacuum analyze')
}

const startService = async (url: string, sealing: boolean): Promise<{ child: ChildProcess; base: string }> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server.js'), JSON.stringify({ url, keys: keyTexts, sealing })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [words] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { child, base: words.toString().replace('ready ', '').trim() }
}

const issue = makeIssuer({
  ...ownIssuer,
  privateKey: keys.signing.privateKey,
  kid: keys.signing.kid,
  wallClock: () => new Date(),
})
const token = issue({ subject: 'owner', institution, lifetimeSeconds: 86_000 })

const send = (base: string, method: string, path: string, headers: Record<string, string>, body?: string) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(
      `${base}${path}`,
      { method, agent, headers: { authorization: `Bearer ${token}`, ...headers } },
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })

/** Runs workers for the time of a bench. @returns operations per second */
const rate = async (work: (client: number) => () => Promise<void>): Promise<number> => {
  const end = performance.now() + seconds * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const step = work(client)
      while (performance.now() < end) {
        await step()
        done++
      }
    }),
  )
  return done / seconds
}

const versions = Array.from({ length: clients }, () => ({ version: 1, step: 'investigation' }))

const mover = (base: string) => (client: number) => async () => {
  const at = versions[client] as { version: number; step: string }
  const body = at.step === 'closure' ? { to: 'investigation', note: '撤回' } : { to: 'closure', reason: 'declined' }
  const headers = { 'content-type': 'application/json', 'idempotency-key': v7(), 'if-match': `"${at.version}"` }
  const answer = await send(base, 'POST', `/v1/cases/${caseId(client)}/transitions`, headers, JSON.stringify(body))
  if (answer.status !== 201) throw new Error(answer.text)
  at.version++
  at.step = body.to
}

const lister = (base: string) => () => async () => {
  const answer = await send(base, 'GET', '/v1/cases?limit=50', {})
  if (answer.status !== 200) throw new Error(answer.text)
}

const statement = (name: string): string => {
  const text = declaredStatements().get(name)
  if (!text) throw new Error(`no statement ${name}`)
  return text
}

/** Two moves, there and back, as the service's own statements; `w` counts the writes of the client's case. */
const moveScript = (): string => {
  const id = `('00000000-0000-7000-8000-0000000000' || lpad((:client_id)::text, 2, '0'))`
  // A variable: a function that draws anew for every row could not use the index.
  const key = "lpad((:k)::text, 36, '0')"
  const now = new Date().toISOString()
  const load = inlined(statement('cases.load'), [institution, 'bangfu', 'owner', now, null, null], {
    5: id,
    6: key,
  })
  const save = (to: string, reason: string, words: string) => {
    const entry = `jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'type', 'case.moved', 'at', '${now}', 'actor_id', '${ownerId}', 'case_id', ${id}, 'subject_id', ${id}, 'subject_version', (:w)::int + 1, 'read_hour', null, 'entry', repeat('x', 420)))`
    const effects = `jsonb_build_object('to', '${to}', 'reason', ${reason}, 'closeReason', ${reason}, 'closedAt', null, 'caseId', ${id}, 'version', (:w)::int, 'writes', (:w)::int, 'at', '${now}', 'entryId', gen_random_uuid(), 'words', ${words})`
    return inlined(
      statement('cases.move'),
      [institution, ownerId, null, 'f', now, 201, '{"caseId":"x","caseVersion":7}'],
      { 3: key, 8: entry, 9: effects },
    )
  }
  const next = '\\set w :w + 1\n'
  const draw = '\\set k random(1, 9000000000000000000)\n'
  return `${draw}${load}${save('closure', "'declined'", 'null')}${next}${draw}${load}${save('investigation', 'null', "'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB'")}${next}`
}

const reset = async (client: pg.Client): Promise<void> => {
  await client.query('alter table cases disable trigger cases_keep_history')
  await client.query(
    `update cases set step = 'investigation', close_reason = null, came_from = null, came_from_since = null, version = 1, writes = 1, move_count = 0 where id::text like '00000000-0000-7000-8000-0000000000%'`,
  )
  await client.query(`delete from case_moves where n > 0 and case_id::text like '00000000-0000-7000-8000-0000000000%'`)
  await client.query('truncate journal, idempotency_keys, vault, journal_heads')
  await client.query('alter table cases enable trigger cases_keep_history')
  for (const at of versions) Object.assign(at, { version: 1, step: 'investigation' })
}

const show = (name: string, value: number, unit: string, ratio?: string) =>
  process.stdout.write(`${name.padEnd(52)}${value.toFixed(0).padStart(8)} ${unit.padEnd(8)}${ratio ?? ''}\n`)

const measured = async (
  url: string,
  client: pg.Client,
  sealing: boolean,
  work: (base: string) => (client: number) => () => Promise<void>,
) => {
  await reset(client)
  const { child, base } = await startService(url, sealing)
  await rateShort(work(base))
  const found = await rate(work(base))
  child.kill('SIGTERM')
  await once(child, 'exit')
  return found
}

/** A second to get warm. */
const rateShort = async (work: (client: number) => () => Promise<void>) => {
  const end = performance.now() + 1500
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const step = work(client)
      while (performance.now() < end) await step()
    }),
  )
}

const books = async (client: pg.Client): Promise<void> => {
  const { rows } =
    await client.query(`select (select sum(move_count) from cases)::int = (select count(*) from case_moves where n > 0)::int as moves,
    not exists (select from journal where subject_version is not null group by subject_id having count(*) <> max(subject_version) - min(subject_version) + 1) as versions`)
  if (!rows[0].moves || !rows[0].versions) throw new Error('the books do not balance')
}

const main = async (): Promise<void> => {
  const name = `bangfu_bench_${process.pid}`
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const address = new URL(server)
  address.pathname = `/${name}`
  const url = address.href
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-bench-'))
  const client = new pg.Client({ connectionString: url })
  try {
    await migratePostgres(url)
    await client.connect()
    await fill(client)
    const on = await measured(url, client, true, mover)
    await books(client)
    const off = await measured(url, client, false, mover)
    await reset(client)
    const options = { clients, seconds, prepared: true }
    const bare = 2 * (await pgbench(url, folder, 'move', moveScript(), options))
    const lists = await measured(url, client, true, lister)
    const listText = inlined(statement('cases.list_open'), [
      institution,
      'bangfu',
      'owner',
      new Date().toISOString(),
      50,
      null,
      null,
      null,
      null,
      null,
    ])
    const bareLists = await pgbench(url, folder, 'list', listText, options)
    show('moves, everything on', on, 'moves/s')
    show('its own statements in pgbench', bare, 'moves/s', `G1 ${(on / bare).toFixed(2)} (floor 0.50)`)
    show('moves, sealer off', off, 'moves/s', `G3 ${(on / off).toFixed(2)} (floor 0.80)`)
    show('pages of 50 open cases', lists, 'pages/s')
    show('its own statement in pgbench', bareLists, 'pages/s', `G4 ${(lists / bareLists).toFixed(2)} (floor 0.25)`)
  } finally {
    await client.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
    await rm(folder, { recursive: true })
    agent.destroy()
  }
}

await main()
