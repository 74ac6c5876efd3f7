import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import t, { type Test } from 'tap'
import { verify } from '../../src/commands.ts'
import type { Database } from '../../src/platform/database.ts'
import { type EmbeddedDatabase, openEmbedded } from '../../src/platform/embedded.ts'
import { readKeys } from '../../src/platform/keys.ts'
import { root } from '../../src/platform/migrations.ts'
import { openPostgres } from '../../src/platform/postgres.ts'
import { givenCaseAt, move } from '../support/cases.ts'
import { givenCluster, withoutCluster } from '../support/cluster.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const run = promisify(execFile)

/** A school with a case that went some way: part of its journal sealed, part not yet. */
const givenHistory = async (t: Test) => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await service.seal()
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  return { service, caseId }
}

/** A copy works on: what was encrypted opens, the case moves, the journal is sealed and verifies clean. */
const worksOn = async (t: Test, service: Service, db: Database, caseId: string) => {
  t.teardown(() => db.close())
  const copy = await givenService(t, { restored: { from: service, db } })
  const records = (await copy.call('owner', 'GET', `/v1/cases/${caseId}/records?kind=risk_screening`)).body.items
  t.equal((await copy.call('owner', 'GET', `/v1/cases/${caseId}/records/${records[0].id}`)).status, 200)
  t.equal((await move(copy, caseId, { to: 'agreement', note: '撤回结案' })).status, 201)
  await copy.seal()
  const words: string[] = []
  const clean = await verify(db, readKeys(service.keyTexts), [], line => words.push(line))
  t.ok(clean, words.join('; '))
  t.match(words.join(), / 0 not yet/)
}

t.test(
  'an embedded database opened from its dump works on',
  { skip: postgresUrl ? 'an embedded matter' : false },
  async t => {
    const { service, caseId } = await givenHistory(t)
    await worksOn(
      t,
      service,
      await openEmbedded(null, { snapshot: await (service.db as EmbeddedDatabase).dump() }),
      caseId,
    )
  },
)

t.test(
  'a dump of PostgreSQL restored into a fresh database, and into the embedded one, works on',
  { skip: postgresUrl ? false : 'needs DATABASE_URL' },
  async t => {
    const { service, caseId } = await givenHistory(t)
    const dump = async (...options: string[]) =>
      (await run('pg_dump', [...options, '--no-owner', service.url as string], { maxBuffer: 1e9 })).stdout
    const name = `bangfu_restored_${randomUUID().slice(0, 8)}`
    const fresh = new URL(service.url as string)
    fresh.pathname = `/${name}`
    const psql = (url: string, ...args: string[]) => run('psql', ['-v', 'ON_ERROR_STOP=1', '-q', url, ...args])
    await psql(postgresUrl as string, '-c', `create database ${name}`)
    t.teardown(() => psql(postgresUrl as string, '-c', `drop database ${name} with (force)`))
    const folder = t.testdir({ 'dump.sql': await dump() })
    await psql(fresh.href, '-f', `${folder}/dump.sql`)
    await worksOn(t, service, await openPostgres(fresh.href), caseId)
    const lite = await PGlite.create()
    await lite.exec('create role bangfu_app')
    const rows = (await dump('--inserts'))
      .split('\n')
      .filter(line => !line.startsWith('\\'))
      .join('\n')
    await lite.exec(rows)
    const snapshot = await lite.dumpDataDir('none')
    await lite.close()
    await worksOn(t, service, await openEmbedded(null, { snapshot }), caseId)
  },
)

const noCluster = postgresUrl ? await withoutCluster() : 'needs DATABASE_URL'

t.test('a dump restored into a fresh cluster works on once the role is made there', { skip: noCluster }, async t => {
  const { service, caseId } = await givenHistory(t)
  const fresh = await givenCluster(t)
  const { stdout } = await run('pg_dump', ['--no-owner', service.url as string], { maxBuffer: 1e9 })
  const folder = t.testdir({ 'dump.sql': stdout })
  const psql = (...args: string[]) => run('psql', ['-v', 'ON_ERROR_STOP=1', '-q', fresh, ...args])
  await t.rejects(psql('--single-transaction', '-f', `${folder}/dump.sql`), /role "bangfu_app" does not exist/)
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, documented = ''] = /psql "\$FRESH" -c '([^']+)'/.exec(readme) ?? []
  t.match(documented, /bangfu_app/, 'the documentation says how')
  await psql('-c', documented)
  await psql('-f', `${folder}/dump.sql`)
  await worksOn(t, service, await openPostgres(fresh), caseId)
})
