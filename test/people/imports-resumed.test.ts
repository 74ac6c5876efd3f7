import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { ImportQuery } from '../../src/people/imports/import-schemas.ts'
import { importOperation } from '../../src/people/imports/run-import.ts'
import { startImport } from '../../src/people/imports/start-import.ts'
import { type Database, DatabaseUnavailable, type Queries } from '../../src/platform/database.ts'
import { readKeys } from '../../src/platform/keys.ts'
import { leaseMs, operationWork } from '../../src/platform/operation-work.ts'
import { makeVault } from '../../src/platform/vault.ts'
import { csv, operationOf, postImport, smallPackage, zipOf } from '../support/imports.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

/** The process died: nothing it does after this reaches the database. */
class Died extends Error {}

/** A database whose process dies at a step: before it begins, or after its transaction but before it is known. */
const dyingAt = (db: Database, step: number): Database => {
  let steps = 0
  const dead = () => {
    if (steps >= step) throw new Died()
  }
  const alive = (queries: Queries): Queries => ({
    rows: async (...args) => {
      dead()
      return queries.rows(...args)
    },
  })
  return {
    ...db,
    as: institution => ({ institution, ...alive(db.as(institution)) }),
    system: alive(db.system),
    transaction: async work => {
      dead()
      const result = await db.transaction(work)
      steps++
      dead()
      return result
    },
  }
}

const workOn = (service: Service, db: Database) => {
  const keys = readKeys(service.keyTexts)
  const now = () => service.clock.now
  const ambient = { now, wallClock: now, newId: v7, vault: makeVault(keys.kek), keys }
  return operationWork({ db, ambient, kinds: [importOperation], draining: new AbortController().signal })
}

const later = (service: Service, ms = leaseMs + 1) => {
  service.clock.now = new Date(service.clock.now.getTime() + ms)
}

/** A package of several batches: 2,300 results of 30 students. */
const largePackage = () => {
  const people = Array.from({ length: 30 }, (_, n) => n)
  return smallPackage({
    'users.csv': csv(
      'sourcedId,givenName,familyName,identifier,grades,primaryOrgSourcedId',
      ...people.map(n => `u-${n},同学${n},王,2026${n},2026,o-class`),
    ),
    'roles.csv': csv('sourcedId,userSourcedId,role,orgSourcedId', ...people.map(n => `r-${n},u-${n},student,o-class`)),
    'enrollments.csv': csv(
      'sourcedId,classSourcedId,userSourcedId,role',
      ...people.map(n => `e-${n},k-1,u-${n},student`),
    ),
    'results.csv': csv(
      'sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate',
      ...Array.from({ length: 2300 }, (_, n) => `x-${n},l-1,u-${n % 30},fully graded,${n % 20},2026-09-10`),
    ),
  })
}

const given = async (t: Test) => {
  const service = await givenService(t)
  await givenSchool(service)
  return service
}

const start = async (service: Service, query = '') =>
  (await postImport(service, `format=oneroster${query}`, await zipOf(largePackage()))).body.id as string

t.test('an import that dies at any step is carried to the same end by another process', async t => {
  const service = await given(t)
  const id = await start(service)
  let deaths = 0
  // Each process lives a little longer than the one before; together they must get there.
  for (let life = 1; (await operationOf(service, id)).status !== 'succeeded'; life++) {
    await workOn(service, dyingAt(service.db, life))
      .pass()
      .catch(error => {
        if (!(error instanceof Died)) throw error
        deaths++
      })
    later(service)
    if (life > 60) break
  }
  t.ok(deaths > 10, `${deaths} processes died`)
  const done = await operationOf(service, id)
  t.match(done, {
    status: 'succeeded',
    result: { created: 2369, updated: 0, unchanged: 0, errorCount: 0 },
  })
  const counts = await service.asOwner(
    'select count(*)::int as n, count(distinct external_id)::int as ids from results',
  )
  t.same(counts, [{ n: 2300, ids: 2300 }])
  const told = await service.asOwner(
    `select sum((entry::json->'data'->>'created')::int)::int as n from journal where type = 'roster.changed' and entry::json->'data'->>'collection' = 'results'`,
  )
  t.same(told, [{ n: 2300 }], 'every row is told of once')
  t.equal((await service.asOwner("select 1 from journal where type = 'import.finished'")).length, 1)
})

t.test(
  'all or nothing cannot be cancelled once it is being applied; row by row can, and says what was done',
  async t => {
    const service = await given(t)
    for (const mode of ['all_or_nothing', 'per_row'] as const) {
      const id = await start(service, `&mode=${mode}`)
      // The first lives check; then each applies one batch, until there is a result.
      const some = async (sql: string) => (await service.asOwner(sql)).length > 0
      for (let life = 20; !(await some('select 1 from results limit 1')); life++) {
        const applying = await some('select 1 from operations where state is not null')
        await workOn(service, dyingAt(service.db, applying ? 1 : life))
          .pass()
          .catch(() => {})
        later(service)
      }
      const asked = await service.call('administrator', 'POST', `/v1/operations/${id}/cancellation`)
      if (mode === 'all_or_nothing') {
        t.equal(asked.body.code, 'operation_not_cancellable')
        await workOn(service, service.db).pass()
        t.equal((await operationOf(service, id)).status, 'succeeded')
        await service.asOwner('delete from results')
      } else {
        t.equal(asked.status, 202)
        await workOn(service, service.db).pass()
        const done = await operationOf(service, id)
        const [stored] = await service.asOwner('select count(*)::int as n from results')
        t.match(done, { status: 'cancelled', result: { applied: true, created: stored?.n } })
        t.ok((stored?.n as number) < 2300)
        const [told] = await service.asOwner(
          "select entry::json->'data' as data from journal where type = 'import.finished' order by seq desc limit 1",
        )
        t.match(told?.data, { status: 'cancelled', created: stored?.n })
      }
    }
  },
)

const finishedImports = (service: Service) =>
  service.asOwner(
    "select entry::json->'data'->>'status' as status, entry::json->'data'->>'created' as created from journal where type = 'import.finished'",
  )

t.test('an import that waits is cancelled with its file, and told as ended', async t => {
  const service = await given(t)
  const id = await start(service)
  t.equal((await service.call('administrator', 'POST', `/v1/operations/${id}/cancellation`)).body.status, 'cancelled')
  t.same(await service.asOwner('select 1 from upload_chunks'), [])
  await service.work('operations')
  t.match(await operationOf(service, id), { status: 'cancelled', result: { applied: false, created: 0 } })
  t.same(await finishedImports(service), [{ status: 'cancelled', created: '0' }])
  t.same(await service.asOwner('select 1 from students where source_id is not null'), [])
})

/** A database whose connection dies after a statement has taken effect, before its answer is read. */
const silentAfter = (db: Database, name: string): Database => ({
  ...db,
  as: institution => ({
    institution,
    rows: async (statement, ...params) => {
      const rows = await db.as(institution).rows(statement, ...params)
      if (statement.name === name) throw new DatabaseUnavailable()
      return rows
    },
  }),
})

t.test('an import whose acceptance nobody heard of keeps its file, and a retry is told of it', async t => {
  const service = await given(t)
  const body = await zipOf(smallPackage())
  const begin = (db: Database) =>
    startImport(
      { ...service.deps, db },
      {
        caller: {
          issuer: 'bangfu',
          subject: 'administrator',
          institution: service.institution,
          clientId: null,
          scopes: [],
        },
        requestId: v7(),
        contentType: 'application/zip',
        contentTypeHeader: 'application/zip',
        contentLength: body.length,
        stream: Readable.from([body]),
        idempotencyOver: fingerprint => ({ key: 'unheard', fingerprint, askedAt: service.clock.now }),
      },
      ImportQuery.parse({ format: 'oneroster' }),
    )
  await t.rejects(begin(silentAfter(service.db, 'operations.start')), { name: 'DatabaseUnavailable' })
  const again = await begin(service.db)
  t.match(again, { status: 202, replayed: true })
  t.equal((await service.asOwner('select 1 from uploads')).length, 1, 'only the file sent again is dropped')
  await service.work('operations')
  const { id } = again.body as { id: string }
  t.match(await operationOf(service, id), { status: 'succeeded', problem: null })
  t.same(await service.asOwner('select 1 from uploads'), [])
})
