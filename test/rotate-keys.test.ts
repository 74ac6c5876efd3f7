import t from 'tap'
import { v7 } from 'uuid'
import { keyed } from '../src/commands.ts'
import { rewrapTable } from '../src/platform/data-keys.ts'
import type { Database } from '../src/platform/database.ts'
import { generateServiceKeys, readKeys } from '../src/platform/keys.ts'
import { type KeyRing, makeVault } from '../src/platform/vault.ts'
import { givenCase, givenDraft } from './support/cases.ts'
import { openTestDatabase, postgresUrl } from './support/database.ts'
import { environmentOf, finished, ready, start } from './support/process.ts'
import { givenSchool, givenService, type Service } from './support/service.ts'

const onPostgres = { skip: postgresUrl ? false : 'needs DATABASE_URL' }

/** Sealed under keys that are derived, never stored, and gone with the import: nothing of them is wrapped. */
const underDerivedKeys = ['upload_chunks.bytes']

t.test('every column of bytes is sealed, or is known to the rotation as a key', async t => {
  const { asOwner } = await openTestDatabase(t)
  const columns = await asOwner(
    "select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type = 'bytea' and column_name not like 'sealed%'",
  )
  t.same(
    columns.map(row => `${row.table_name}.${row.column_name}`).sort(),
    [...keyed.map(([table, column = 'data_key']) => `${table}.${column}`), ...underDerivedKeys].sort(),
  )
})

/** 600 months of signal keys and a source with two secrets, all wrapped by the service's ring. */
const givenKeys = async (service: Service, ring: KeyRing) => {
  const vault = makeVault(ring)
  const wrapped = (id: string) =>
    `decode('${vault.newDataKey(`${service.institution}|${id}`).wrapped.toString('hex')}', 'hex')`
  const months = Array.from({ length: 600 }, (_, at) => {
    const id = v7()
    return `('${service.institution}', '${id}', '${1900 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}', ${wrapped(id)})`
  })
  await service.asOwner(`insert into signal_keys (institution_id, id, month, data_key) values ${months.join(', ')}`)
  const source = v7()
  await service.asOwner(
    `insert into signal_sources (institution_id, id, name, kinds, daily_quota, secret, previous_secret, version, created_at)
     values ('${service.institution}', '${source}', 'source', '[]', 1, ${wrapped(source)}, ${wrapped(source)}, 1, now())`,
  )
}

const keyIds = async (service: Service) => {
  const selects = keyed.map(
    ([table, column = 'data_key']) =>
      `select convert_from(substring(${column} from 3 for get_byte(${column}, 1)), 'UTF8') as key from ${table} where ${column} is not null`,
  )
  const rows = await service.asOwner(
    `select key, count(*)::int as count from (${selects.join(' union all ')}) x group by key order by key`,
  )
  return Object.fromEntries(rows.map(row => [String(row.key), Number(row.count)]))
}

t.test('keys are rotated in three phases while the service runs', onPostgres, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const record = (await givenDraft(service, caseId, 'addendum', { text: '轮换之前' })).body.id
  const ring = readKeys(service.keyTexts).kek
  await givenKeys(service, ring)
  service.clock.now = new Date()
  const headers = { authorization: `Bearer ${service.token('owner')}` }
  const first = environmentOf(service)
  const read = async (base: string) => (await fetch(`${base}/v1/cases/${caseId}/records/${record}`, { headers })).status
  const running = start([], first)
  t.teardown(() => running.kill('SIGKILL'))
  const base = await ready(running)
  t.equal(await read(base), 200)

  const made = await finished(start(['rotate-keys'], first))
  t.equal(made.code, 0, made.said)
  const both = JSON.parse(made.printed) as KeyRing
  t.same(Object.keys(both.keys).length, 2)
  t.same(both.keys[ring.current], ring.keys[ring.current]?.toString('base64'), 'the old key is in the new ring')
  t.same(await keyIds(service), { [ring.current]: 603 }, 'no row was touched')
  t.equal(await read(base), 200, 'the running service knows nothing of it')

  const second = { ...first, BANGFU_KEY_RING: made.printed }
  const deployed = start([], second)
  t.teardown(() => deployed.kill('SIGKILL'))
  const next = await ready(deployed)
  t.equal(await read(next), 200, 'the new ring opens what the old one wrapped')
  const early = await finished(start(['rotate-keys', '--retire'], second))
  t.equal(early.code, 1)
  t.match(early.said, /603 data keys/)
  t.equal(early.printed, '', 'no ring is told that would lose data')

  running.kill('SIGTERM')
  await finished(running)
  const rewrapped = await finished(start(['rotate-keys', '--rewrap'], second))
  t.equal(rewrapped.code, 0, rewrapped.said)
  t.equal(rewrapped.printed, '')
  t.same(await keyIds(service), { [both.current]: 603 })
  t.equal(await read(next), 200)
  t.match((await finished(start(['rotate-keys', '--rewrap'], second))).said, /wrapped 0 data keys/)

  const done = await finished(start(['rotate-keys', '--retire'], second))
  t.equal(done.code, 0, done.said)
  const alone = JSON.parse(done.printed) as KeyRing
  t.same(alone, { current: both.current, keys: { [both.current]: both.keys[both.current] } })
  const last = start([], { ...first, BANGFU_KEY_RING: done.printed })
  t.teardown(() => last.kill('SIGKILL'))
  t.equal(await read(await ready(last)), 200, 'the ring that is left opens everything')
  const old = start([], first)
  t.teardown(() => old.kill('SIGKILL'))
  t.equal(await read(await ready(old)), 500, 'the retired key opens no case')
})

t.test('a data key added behind a pass of rewrapping is found by the next', async t => {
  const service = await givenService(t)
  const ring = readKeys(service.keyTexts).kek
  await givenKeys(service, ring)
  const newKey = generateServiceKeys().kek
  const both = { current: 'new', keys: { ...ring.keys, new: newKey.keys[newKey.current] as Buffer } }
  const late = '00000000-0000-7000-8000-000000000000'
  const wrapped = makeVault(ring).newDataKey(`${service.institution}|${late}`).wrapped.toString('hex')
  const vault = makeVault(both)
  let adding: Promise<unknown> | null = null
  const beside = {
    ...vault,
    rewrap: (context: string, key: Buffer) => {
      adding ??= service.asOwner(
        `insert into signal_keys (institution_id, id, month, data_key) values ('${service.institution}', '${late}', '2026-09', decode('${wrapped}', 'hex'))`,
      )
      return vault.rewrap(context, key)
    },
  }
  const waiting: Database = {
    ...service.db,
    system: {
      rows: async (statement, ...params) => {
        await adding
        return service.db.system.rows(statement, ...params)
      },
    },
  }
  t.equal(await rewrapTable(waiting, beside, 'new', 'signal_keys'), 601)
  t.same(await keyIds(service), { [ring.current]: 2, new: 601 }, 'the source has its own turn')
})
