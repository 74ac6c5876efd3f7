import { createPrivateKey, createPublicKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { verify } from '../src/commands.ts'
import { chainHash, genesisHash } from '../src/kernel/signature.ts'
import { newKeyTexts, readKeys } from '../src/platform/keys.ts'
import { type Checkpoint, sealOnce } from '../src/platform/sealer.ts'
import { givenCase, givenCaseAt, givenRecord, move } from './support/cases.ts'
import { givenSchool, givenService, type Service } from './support/service.ts'

const tables = ['institutions', 'journal', 'journal_heads', 'cases', 'case_moves']

/** Runs SQL as one who holds the whole database: no trigger, no foreign key stands in the way. */
const forge = (service: Service, sql: string) =>
  service.asOwner(`set session_replication_role = replica; ${sql}; set session_replication_role = origin`)

/** A school with a case that went two steps, a checkpoint signed on the way, and a copy of all of it. */
const givenHistory = async (t: Test) => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await service.seal()
  const { signing } = readKeys(service.keyTexts)
  const later = () => new Date(service.clock.now.getTime() + 3_600_000)
  const made: Checkpoint[] = []
  for (;;) {
    const pass = await sealOnce(service.db, { wallClock: later, newId: v7, signing })
    made.push(...pass.made)
    if (!pass.full) break
  }
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await service.seal()
  for (const table of tables) await service.asOwner(`create table copy_of_${table} as table ${table}`)
  const restore = async () => {
    for (const table of tables)
      await forge(
        service,
        `delete from ${table}; insert into ${table} ${table === 'journal' ? 'overriding system value' : ''} select * from copy_of_${table}`,
      )
  }
  const [last] = await service.asOwner('select position::int from journal_heads')
  return { service, caseId, made, restore, last: Number(last?.position) }
}

const run = async (service: Service, args: readonly string[] = [], keyTexts = service.keyTexts) => {
  const lines: string[] = []
  const clean = await verify(service.db, readKeys(keyTexts), args, line => lines.push(line))
  return { clean, said: lines.join('\n') }
}

/** Writes the whole chain anew after changing it, as one who knows how hashes are made and holds no key. */
const rewrite = async (service: Service, change: (entry: string, position: number) => string | null) => {
  const rows = await service.asOwner('select seq, entry from journal where position is not null order by position')
  let [hash, position] = [genesisHash, 0]
  const statements = ['update journal set position = -position']
  for (const { seq, entry } of rows) {
    const text = change(String(entry), position + 1)
    if (text === null) statements.push(`delete from journal where seq = ${seq}`)
    else {
      position += 1
      hash = chainHash(hash, position, text)
      statements.push(
        `update journal set position = ${position}, hash = '${hash}', entry = '${text.replaceAll("'", "''")}' where seq = ${seq}`,
      )
    }
  }
  statements.push(`update journal_heads set position = ${position}, hash = '${hash}'`)
  await forge(service, statements.join('; '))
}

const at3 = (change: string) => `update journal set ${change} where position = 3`

t.test('every tampering with the journal is named with its kind and place', async t => {
  const { service, restore, last } = await givenHistory(t)
  const whole = await run(service)
  t.ok(whole.clean, whole.said)
  const [third] = await service.asOwner('select id from journal where position = 3')
  const rows: readonly (readonly [what: string, sql: string, told: RegExp])[] = [
    ['text that is no JSON', at3("entry = '{'"), /BAD flipped_or_reordered at position 3 entry/],
    ['no text', at3("entry = ''"), /BAD flipped_or_reordered at position 3 entry/],
    ['another JSON', at3("entry = 'null'"), /BAD flipped_or_reordered at position 3 entry/],
    [
      'a time that is none',
      at3(`entry = regexp_replace(entry, '"at":"[^"]*"', '"at":"yesterday"')`),
      /BAD flipped_or_reordered at position 3 entry/,
    ],
    ['a hash', at3("hash = repeat('f', 64)"), /BAD flipped_or_reordered at position 3 entry/],
    ['a column: type', at3("type = 'case.opened'"), /BAD columns_differ at position 3 entry/],
    ['a column: time', at3("at = at + interval '1 microsecond'"), /BAD columns_differ at position 3 entry/],
    ['a column: no time at all', at3("at = 'infinity'"), /BAD columns_differ at position 3 entry/],
    ['a column: actor', at3('actor_id = gen_random_uuid()'), /BAD columns_differ at position 3 entry/],
    ['a column: subject', at3('subject_id = gen_random_uuid()'), /BAD columns_differ at position 3 entry/],
    ['a column: case', at3('case_id = gen_random_uuid()'), /BAD columns_differ at position 3 entry/],
    ['a column: version', at3('subject_version = 99'), /BAD columns_differ at position 3 entry/],
    ['an id', at3('id = gen_random_uuid()'), /BAD columns_differ at position 3 entry/],
    ['an entry gone', 'delete from journal where position = 3', /BAD deleted at position 3 /],
    ['an entry given away', at3('institution_id = gen_random_uuid()'), /BAD deleted at position 3 /],
    ['an entry unsealed', at3('position = null, hash = null'), /BAD deleted at position 3 /],
    ['a position out of all reason', at3('position = 9223372036854775807'), /BAD deleted at position 3 /],
    [
      'two entries the other way round',
      `update journal set position = -3 where position = 3; update journal set position = 3 where position = 4; update journal set position = 4 where position = -3`,
      /BAD flipped_or_reordered at position 3 /,
    ],
    [
      'the end gone',
      `delete from journal where position > ${last - 2}`,
      new RegExp(`BAD cut_tail at position ${last - 1} `),
    ],
    ['no head', 'delete from journal_heads', new RegExp(`BAD flipped_or_reordered at position ${last} `)],
    [
      'another head',
      "update journal_heads set hash = 'x'",
      new RegExp(`BAD flipped_or_reordered at position ${last} `),
    ],
    [
      'an institution struck out',
      "delete from institutions; update journal set entry = '' where position = 3",
      /BAD flipped/,
    ],
  ]
  for (const [what, sql, told] of rows) {
    await forge(service, sql)
    const { clean, said } = await run(service)
    t.notOk(clean, what)
    t.match(said, told, what)
    if (/position 3 entry/.test(told.source) && what !== 'an id')
      t.match(said, String(third?.id), `${what}: the entry is named`)
    await restore()
  }
  t.ok((await run(service)).clean, 'restored')
})

t.test('a journal written anew as a whole shows against the checkpoints it tells of itself', async t => {
  const { service, made, restore } = await givenHistory(t)
  const signedAt = made[0]?.position as number
  const flip = (entry: string, position: number) =>
    position === 3 ? entry.replace('"request":"', '"request":"x') : entry
  await rewrite(service, flip)
  t.match((await run(service)).said, new RegExp(`BAD rewritten at position ${signedAt} entry [0-9a-f-]{36}`))
  await restore()
  await rewrite(service, (entry, position) =>
    entry.includes('journal.checkpointed')
      ? entry.replace(made[0]?.hash as string, 'f'.repeat(64))
      : flip(entry, position),
  )
  t.match((await run(service)).said, /BAD forged_checkpoint at position \d+ entry [0-9a-f-]{36}/)
  await restore()
  await rewrite(service, (entry, position) => (position === 3 ? 'no JSON' : entry))
  t.match((await run(service)).said, /BAD columns_differ at position 3 entry/)
  await restore()
  const path = join(t.testdir(), 'checkpoints.jsonl')
  await writeFile(path, `${made.map(checkpoint => JSON.stringify(checkpoint)).join('\n')}\n`)
  t.ok((await run(service, ['--checkpoint', path])).clean)
  await rewrite(service, (entry, position) => (entry.includes('journal.checkpointed') ? null : flip(entry, position)))
  t.match(
    (await run(service, ['--checkpoint', path])).said,
    new RegExp(`BAD rewritten at position ${signedAt} `),
    'without the entry that tells of it only the one kept elsewhere knows',
  )
  await restore()
  await rewrite(service, (entry, position) => (position < signedAt ? entry : null))
  t.match((await run(service, ['--checkpoint', path])).said, new RegExp(`BAD cut_tail at position ${signedAt} `))
  await restore()
  await forge(service, tables.map(table => `delete from ${table}`).join('; '))
  const gone = await run(service, ['--checkpoint', path])
  t.notOk(gone.clean)
  t.match(gone.said, new RegExp(`institution ${service.institution}: 0 entries`))
  t.match(gone.said, /BAD cut_tail at position 1 /, 'an institution taken away whole')
})

t.test('a case that does not follow from its moves and entries is named', async t => {
  const { service, caseId, restore } = await givenHistory(t)
  const rows: readonly (readonly [what: string, sql: string, told: RegExp])[] = [
    ['its step', "update cases set step = 'plan', close_reason = null", /step is not that of the last move/],
    ['its version', 'update cases set version = version + 1', /version is not that of the last journal entry/],
    ['its number of moves', 'update cases set move_count = 7', /move count is not the number of moves/],
    ['its drafts', 'update cases set draft_count = 7', /draft count is not the number of drafts/],
    ['a move between gone', 'delete from case_moves where n = 1', /a move is missing/],
    ['the last move gone', 'delete from case_moves where n = 2', /step is not that of the last move/],
    ['every move gone', 'delete from case_moves', /step is not that of the last move/],
    [
      'step and move alike',
      "update cases set step = 'plan', close_reason = null; update case_moves set from_step = 'agreement', to_step = 'plan', came_from = null where n = 2",
      /moves are not those the journal tells of/,
    ],
    [
      'a move too many',
      "update cases set step = 'closed', closed_at = now(), move_count = 3; insert into case_moves select institution_id, case_id, 3, 'closure', 'closed', came_from, version, at, by_id, reason from case_moves where n = 2",
      /moves are not those the journal tells of/,
    ],
    [
      'a move whose entry is no JSON',
      "update cases set step = 'plan', close_reason = null; update journal set entry = '{' where type = 'case.moved'",
      /step is not that of the last move/,
    ],
  ]
  for (const [what, sql, told] of rows) {
    await forge(service, sql)
    const { clean, said } = await run(service)
    t.notOk(clean, what)
    t.match(said, new RegExp(`BAD subject ${caseId}: .*${told.source}`), what)
    await restore()
  }
})

t.test('a reading is told and stored with one time, though the clock goes on', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const recordId = await givenRecord(service, caseId, 'contact')
  let time = service.clock.now.getTime()
  Object.defineProperty(service.clock, 'now', { get: () => new Date(time++) })
  t.equal((await service.call('lineManager', 'GET', `/v1/cases/${caseId}/records/${recordId}`)).status, 200)
  await service.seal()
  t.same(await service.asOwner("select 1 from journal where type = 'record.read'"), [{ '?column?': 1 }])
  const { clean, said } = await run(service)
  t.ok(clean, said)
})

t.test('after the signing key changed, the key before it is given', async t => {
  const { service } = await givenHistory(t)
  const next = { ...service.keyTexts, signingKey: newKeyTexts().signingKey }
  const unknown = await run(service, [], next)
  t.notOk(unknown.clean)
  t.match(unknown.said, /BAD forged_checkpoint .*none of the keys given made this signature \(key [0-9a-f]{16}\)/)
  const pem = createPublicKey(createPrivateKey(service.keyTexts.signingKey)).export({ type: 'spki', format: 'pem' })
  const folder = t.testdir({ 'before.pem': String(pem), 'other.pem': newKeyTexts().signingKey })
  const known = await run(service, ['--key', join(folder, 'other.pem'), '--key', join(folder, 'before.pem')], next)
  t.ok(known.clean, known.said)
})

t.test('options and files that do not fit are one line, and nothing is called clean', async t => {
  const service = await givenService(t)
  const folder = t.testdir({
    'empty.jsonl': '\n',
    'broken.jsonl': '{"institution":\n',
    'other.jsonl': '{"institution":"x"}\n',
    'no-key.pem': 'key',
  })
  const rows: readonly (readonly [args: string[], told: RegExp])[] = [
    [['--checkpoint'], /--checkpoint.* argument missing/],
    [['--chekpoint', 'x'], /Unknown option '--chekpoint'/],
    [['x'], /Unexpected argument 'x'/],
    [['--checkpoint', join(folder, 'none.jsonl')], /none\.jsonl: cannot be read \(ENOENT\)/],
    [['--checkpoint', folder], /cannot be read \(EISDIR\)/],
    [['--checkpoint', join(folder, 'empty.jsonl')], /there is no checkpoint in it/],
    [['--checkpoint', join(folder, 'broken.jsonl')], /line 1 is no checkpoint/],
    [['--checkpoint', join(folder, 'other.jsonl')], /line 1 is no checkpoint/],
    [['--key', join(folder, 'no-key.pem')], /not a P-256 key/],
  ]
  for (const [args, told] of rows) {
    const fault = await run(service, args).then(
      () => null,
      error => error,
    )
    t.match(fault, { name: 'ConfigInvalid', message: told }, args.join(' '))
    t.equal(fault?.faults.length, 1)
    t.notMatch(fault?.message, /\n/, 'one line')
  }
})
