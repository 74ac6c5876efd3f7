import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { canonicalJson, chainHash, genesisHash, signText, verifyText } from '../../src/kernel/signature.ts'
import { type Database, systemStatement } from '../../src/platform/database.ts'
import { entryRow, insertEntries } from '../../src/platform/journal.ts'
import { generateServiceKeys } from '../../src/platform/keys.ts'
import { type Checkpoint, checkpointText, sealOnce, startSealer } from '../../src/platform/sealer.ts'
import { verifyJournal } from '../../src/platform/verify.ts'
import { openTestDatabase, postgresUrl, type TestDatabase } from '../support/database.ts'

const keys = generateServiceKeys()
const publicKeys = [keys.signing.publicKey]
const write = systemStatement('test.write_entry', insertEntries('$2::jsonb'))
const at = '2026-09-14T02:00:00.000Z'
const options = { wallClock: () => new Date(at), newId: v7, signing: keys.signing }

const givenJournal = async (t: Test) => {
  const database = await openTestDatabase(t)
  const institution = randomUUID()
  await database.asOwner(`insert into institutions values ('${institution}', '校', 'School', 'UTC', now())`)
  const append = (subject: string, version: number) =>
    database.db.system.rows(
      write,
      institution,
      JSON.stringify([
        entryRow({
          id: v7(),
          type: 'case.moved',
          at,
          institution,
          actor: { kind: 'service', id: null },
          subject: { kind: 'case', id: subject, version },
          caseId: null,
          request: 'test',
        }),
      ]),
    )
  return { ...database, institution, append }
}

const sealAll = async ({ db }: Pick<TestDatabase, 'db'>) => {
  while ((await sealOnce(db, options)).full);
}

const faultsAfter = async (
  t: Test,
  tamper: (institution: string) => string,
  checkpoints: (institution: string) => Checkpoint[] = () => [],
) => {
  const journal = await givenJournal(t)
  const subject = randomUUID()
  for (let version = 1; version <= 6; version++) await journal.append(subject, version)
  await sealAll(journal)
  const clean = await verifyJournal(journal.db, { checkpoints: [], publicKeys })
  t.same(clean[0]?.faults, [], 'clean before')
  await journal.asOwner(`alter table journal disable trigger journal_append_only; ${tamper(journal.institution)}`)
  const [report] = await verifyJournal(journal.db, { checkpoints: checkpoints(journal.institution), publicKeys })
  return report?.faults ?? []
}

t.test('canonical JSON and the chain are unambiguous', async t => {
  t.equal(canonicalJson({ b: 1, a: [true, null, { d: 'é', c: undefined }] }), '{"a":[true,null,{"d":"é"}],"b":1}')
  t.throws(() => canonicalJson(Number.NaN))
  t.throws(() => canonicalJson('\ud800'))
  t.throws(() => canonicalJson(new Date()))
  t.not(chainHash(genesisHash, 1, '2x'), chainHash(genesisHash, 12, 'x'))
  const signature = signText(keys.signing.privateKey, 'text')
  t.ok(verifyText(keys.signing.publicKey, 'text', signature))
  t.notOk(verifyText(keys.signing.publicKey, 'texT', signature))
  t.notOk(verifyText(keys.signing.publicKey, 'text', 'garbage'))
})

t.test('every kind of tampering is named at the first bad entry', async t => {
  const flipped = await faultsAfter(
    t,
    i =>
      `update journal set entry = replace(entry, 'case.moved', 'case.maved') where institution_id = '${i}' and position = 3`,
  )
  t.match(flipped, [{ kind: 'flipped_or_reordered', position: 3 }])
  const deleted = await faultsAfter(t, i => `delete from journal where institution_id = '${i}' and position = 4`)
  t.match(deleted, [{ kind: 'deleted', position: 4 }])
  const reordered = await faultsAfter(
    t,
    i => `update journal set position = -2 where institution_id = '${i}' and position = 2;
      update journal set position = 2 where institution_id = '${i}' and position = 5; update journal set position = 5 where institution_id = '${i}' and position = -2`,
  )
  t.match(reordered, [{ kind: 'flipped_or_reordered', position: 2 }])
  const columns = await faultsAfter(
    t,
    i => `update journal set type = 'case.opened' where institution_id = '${i}' and position = 2`,
  )
  t.match(columns, [{ kind: 'columns_differ', position: 2 }])
  const cut = await faultsAfter(t, i => `delete from journal where institution_id = '${i}' and position > 4`)
  t.match(cut, [{ kind: 'cut_tail', position: 5 }])
})

const signedAt = (institution: string, position: number, hash: string): Checkpoint => {
  const unsigned = { institution, position, hash, at, kid: keys.signing.kid, signature: '' }
  return { ...unsigned, signature: signText(keys.signing.privateKey, checkpointText(unsigned)) }
}

t.test('a journal cut with its head, or rewritten as a whole, shows against a checkpoint kept elsewhere', async t => {
  const cutClean = (i: string) => `delete from journal where institution_id = '${i}' and position > 4;
    update journal_heads h set position = 4, hash = j.hash from journal j where j.institution_id = '${i}' and j.position = 4 and h.institution_id = j.institution_id`
  t.same(await faultsAfter(t, cutClean), [], 'without one it does not show')
  t.match(await faultsAfter(t, cutClean, i => [signedAt(i, 6, 'x')]), [{ kind: 'cut_tail', position: 5 }])
  t.match(
    await faultsAfter(
      t,
      () => 'select 1',
      i => [signedAt(i, 6, 'another hash')],
    ),
    [{ kind: 'rewritten', position: 6 }],
  )
  const forged = (i: string) => [{ ...signedAt(i, 6, 'x'), hash: 'y' }]
  t.match(await faultsAfter(t, () => 'select 1', forged), [{ kind: 'forged_checkpoint' }])
})

t.test('a hole in a subject’s versions is found', async t => {
  const journal = await givenJournal(t)
  const subject = randomUUID()
  for (const version of [1, 2, 4]) await journal.append(subject, version)
  await sealAll(journal)
  const [report] = await verifyJournal(journal.db, { checkpoints: [], publicKeys })
  t.match(report?.faults, [{ kind: 'version_gap' }])
})

t.test('the application role can neither change, delete nor seal an entry again', async t => {
  const journal = await givenJournal(t)
  await journal.append(randomUUID(), 1)
  await t.rejects(journal.asApplication(`update journal set type = 'x'`))
  await t.rejects(journal.asApplication('delete from journal'))
  await t.rejects(journal.asApplication('truncate journal'))
  await sealAll(journal)
  await t.rejects(journal.asApplication("update journal set position = 7, hash = 'x'"))
  await t.rejects(journal.asApplication('update journal set position = null, hash = null'))
})

t.test('writers beside each other leave no gap and no inversion', async t => {
  const journal = await givenJournal(t)
  const sealer = startSealer(journal.db, {
    ...options,
    idleMs: 20,
    onError: error => t.fail(String(error)),
  })
  const subjects = Array.from({ length: 8 }, () => randomUUID())
  const each = postgresUrl ? 100 : 20
  await Promise.all(
    subjects.map(async subject => {
      for (let version = 1; version <= each; version++) await journal.append(subject, version)
    }),
  )
  await Promise.all([sealOnce(journal.db, options), sealOnce(journal.db, options)])
  await new Promise(resolve => setTimeout(resolve, 300))
  await sealer.stop()
  await sealAll(journal)
  const [report] = await verifyJournal(journal.db, { checkpoints: [], publicKeys })
  t.match(report, { entries: subjects.length * each, unsealed: 0, faults: [] })
  const inversions = await journal.asOwner(
    'select 1 from journal a join journal b on a.subject_id = b.subject_id and a.subject_version < b.subject_version and a.position > b.position limit 1',
  )
  t.same(inversions, [])
})

t.test(
  'only one sealer is at work, wherever it runs',
  { skip: postgresUrl ? false : 'needs DATABASE_URL' },
  async t => {
    const journal = await givenJournal(t)
    for (let version = 1; version <= 5; version++) await journal.append(randomUUID(), 1)
    const barrier = { reached: () => {}, open: () => {} }
    const reached = new Promise<void>(resolve => (barrier.reached = resolve))
    const opened = new Promise<void>(resolve => (barrier.open = resolve))
    const held: Database = {
      ...journal.db,
      transaction: work =>
        journal.db.transaction(tx =>
          work({
            ...tx,
            system: {
              rows: async (statement, ...params) => {
                if (statement.name === 'journal.seal') {
                  barrier.reached()
                  await opened
                }
                return tx.system.rows(statement, ...params)
              },
            },
          }),
        ),
    }
    const first = sealOnce(held, options)
    await reached
    const second = await sealOnce(journal.db, options)
    t.match(second, { sealed: 0, full: false }, 'the second finds it taken and does nothing')
    t.same(await journal.asOwner('select 1 from journal where position is not null'), [])
    barrier.open()
    t.equal((await first).sealed, 5)
    t.equal((await sealOnce(journal.db, options)).sealed, 0)
    const [report] = await verifyJournal(journal.db, { checkpoints: [], publicKeys })
    t.match(report, { entries: 5, unsealed: 0, faults: [] })
  },
)

t.test('a new journal has its first checkpoint after a minute', async t => {
  const journal = await givenJournal(t)
  await journal.append(randomUUID(), 1)
  await sealAll(journal)
  const later = (seconds: number) => ({ ...options, wallClock: () => new Date(Date.parse(at) + seconds * 1_000) })
  t.same((await sealOnce(journal.db, later(59))).made, [])
  const { made } = await sealOnce(journal.db, later(60))
  t.match(made, [{ institution: journal.institution, position: 1 }])
  await sealOnce(journal.db, later(60))
  await journal.append(randomUUID(), 1)
  while ((await sealOnce(journal.db, later(61))).full);
  t.same((await sealOnce(journal.db, later(3_659))).made, [], 'the next after an hour')
  t.equal((await sealOnce(journal.db, later(3_661))).made.length, 1)
})

t.test('a checkpoint is signed each hour, and only when something is new', async t => {
  const journal = await givenJournal(t)
  await journal.append(randomUUID(), 1)
  await sealAll(journal)
  const later = (hours: number) => ({ ...options, wallClock: () => new Date(Date.parse(at) + hours * 3_600_000) })
  t.same((await sealOnce(journal.db, options)).made, [], 'not yet')
  const { made } = await sealOnce(journal.db, later(1))
  t.equal(made.length, 1)
  await sealOnce(journal.db, later(1))
  t.same((await sealOnce(journal.db, later(3))).made, [], 'nothing new but the checkpoint itself')
  const [report] = await verifyJournal(journal.db, { checkpoints: made, publicKeys })
  t.match(report, { entries: 2, faults: [] })
})
