import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { newKeyTexts } from '../src/platform/keys.ts'
import { postgresUrl } from './support/database.ts'
import { finished, folderFor, onEmbedded, ready, start } from './support/process.ts'

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

t.test('a first start that is killed is begun anew by the next', onEmbedded, async t => {
  const folder = await folderFor(t)
  const environment = { BANGFU_DATA_DIR: folder, PORT: '0' }
  const killed = start([], environment)
  while (!killed.said().includes('making the demo institution')) await pause(20)
  await pause(400)
  killed.kill('SIGKILL')
  await finished(killed)
  t.ok((await readdir(folder)).includes('unsettled'))
  t.match((await finished(start(['token', 'counsellor'], environment))).said, /start the service once first/)
  const ended = start([], environment)
  while (!ended.said().includes('making the demo institution')) await pause(20)
  ended.kill('SIGTERM')
  t.equal((await finished(ended)).code, 0, 'a polite end while seeding is no fault')
  const third = start([], environment)
  const base = await ready(third)
  const { accounts } = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8'))
  const headers = { authorization: `Bearer ${accounts.counsellor.token}` }
  const { items } = (await (await fetch(`${base}/v1/cases?status=all`, { headers })).json()) as { items: unknown[] }
  t.equal(items.length, 6, 'every case of the demo is there once')
  const groups = await (await fetch(`${base}/v1/groups?status=all`, { headers })).json()
  t.match(groups, { items: [{ step: 'early', members: 4 }] }, 'and so is its group')
  t.equal((groups as { items: unknown[] }).items.length, 1)
  third.kill('SIGTERM')
  await finished(third)
  t.notOk((await readdir(folder)).some(name => name.startsWith('lock') || name === 'unsettled'))
})

t.test('of starters in one directory at once only one gets it', onEmbedded, async t => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'lock'), '999999 1')
  const starters = Array.from({ length: 4 }, () => start([], { BANGFU_DATA_DIR: folder, PORT: '0' }))
  const ends = await Promise.all(
    starters.map(child =>
      Promise.race([
        once(child, 'exit').then(() => 'ended'),
        ready(child).then(
          () => 'ready',
          () => 'ended',
        ),
      ]),
    ),
  )
  t.equal(ends.filter(end => end === 'ready').length, 1)
  for (const [index, child] of starters.entries())
    if (ends[index] === 'ended') t.match((await finished(child)).said, /in use by process/)
  for (const child of starters) child.kill('SIGTERM')
  await Promise.all(starters.map(finished))
})

t.test('faults of the environment are told together, one line each, without their values', async t => {
  const folder = await folderFor(t)
  const file = join(folder, 'file')
  await writeFile(file, '')
  const issuer = { issuer: 'bangfu', audience: 'a', algorithms: ['RS256'], publicKey: 'garbage-key' }
  const { code, said } = await finished(
    start([], {
      PORT: '',
      DATABASE_URL: 'postgres://u@127.0.0.1:1/d',
      DATABASE_PASSWORD_FILE: '/nowhere',
      BANGFU_KEY_RING: 'garbage-ring',
      BANGFU_SIGNING_KEY_FILE: folder,
      CORS_ORIGINS: 'https://front.example,not-an-origin',
      CHECKPOINT_DIR: join(file, 'below'),
      TOKEN_ISSUERS: JSON.stringify([issuer]),
    }),
  )
  t.equal(code, 1)
  for (const line of [
    /^PORT: /m,
    /^DATABASE_PASSWORD_FILE: .*ENOENT/m,
    /^BANGFU_KEY_RING: not JSON/m,
    /^BANGFU_SIGNING_KEY_FILE: .*EISDIR/m,
    /^BANGFU_SECRET: needed/m,
    /^CORS_ORIGINS: not-an-origin/m,
    /^CHECKPOINT_DIR: /m,
    /^TOKEN_ISSUERS: 0 .*own/m,
    /^TOKEN_ISSUERS: 0 .*public key/m,
  ])
    t.match(said, line)
  t.notMatch(said, /garbage|at .*\.js:/)
  t.equal(said.match(/^TOKEN_ISSUERS: /gm)?.length, 3, 'a fault is told once')
})

t.test('where it cannot listen or store is one line', onEmbedded, async t => {
  const folder = await folderFor(t)
  const far = await finished(start([], { BANGFU_DATA_DIR: folder, PORT: '0', HOST: '203.0.113.1' }))
  t.equal(far.code, 1)
  t.match(far.said, /^HOST, PORT: cannot listen on 203.0.113.1/m)
  await mkdir(join(folder, 'x'))
  await writeFile(join(folder, 'x', 'file'), '')
  const odd = await finished(start([], { BANGFU_DATA_DIR: join(folder, 'x', 'file'), PORT: '0' }))
  t.equal(odd.code, 1)
  t.match(odd.said, /^BANGFU_DATA_DIR: cannot be written/m)
  const nowhere = await finished(start([], { BANGFU_DATA_DIR: '/proc/bangfu', PORT: '0' }))
  t.equal(nowhere.code, 1)
  t.match(nowhere.said, /^BANGFU_DATA_DIR: cannot be written/m)
})

const keys = () => {
  const { kekRing, signingKey, secret } = newKeyTexts()
  return { BANGFU_KEY_RING: kekRing, BANGFU_SIGNING_KEY: signingKey, BANGFU_SECRET: secret, PORT: '0' }
}

t.test('a database that is not there is one line', async t => {
  const { code, said } = await finished(start([], { ...keys(), DATABASE_URL: 'postgres://u@127.0.0.1:1/d' }))
  t.equal(code, 1)
  t.match(said, /^DATABASE_URL: the database cannot be reached \(ECONNREFUSED\)$/m)
  if (!postgresUrl) return
  const address = new URL(postgresUrl)
  address.pathname = '/no_such_database'
  t.match((await finished(start([], { ...keys(), DATABASE_URL: address.href }))).said, /there is no such database$/m)
})

t.test(
  'several processes start together on an empty database',
  { skip: postgresUrl ? false : 'PostgreSQL only' },
  async t => {
    const name = `bangfu_start_${process.pid}`
    const admin = new pg.Client({ connectionString: postgresUrl })
    await admin.connect()
    await admin.query(`create database ${name}`)
    t.teardown(async () => {
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    })
    const address = new URL(postgresUrl as string)
    address.pathname = `/${name}`
    const environment = { ...keys(), DATABASE_URL: address.href }
    const children = Array.from({ length: 4 }, () => start([], environment))
    for (const child of children) {
      const answer = await fetch(`${await ready(child)}/readyz`)
      t.equal(answer.status, 200, await answer.text())
    }
    for (const child of children) child.kill('SIGTERM')
    for (const child of children) t.equal((await finished(child)).code, 0)
  },
)
