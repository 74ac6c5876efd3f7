import t, { type Test } from 'tap'
import { type Files, manifest, operationOf, postImport, runImport, smallPackage, zipOf } from '../support/imports.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const given = async (t: Test) => {
  const service = await givenService(t)
  await givenSchool(service)
  return service
}

const nothingIsLeft = async (t: Test, service: Service) => {
  t.same(await service.asOwner('select 1 from uploads'), [], 'no upload is left')
  t.same(await service.asOwner('select 1 from upload_chunks'), [], 'no piece is left')
  t.same(await service.asOwner('select 1 from students where source_id is not null'), [], 'nobody was brought')
}

/** Every occurrence of a name in a zip, in the local header and in the directory, written over by one of the same length. */
const renamed = (zip: Buffer, from: string, to: string): Buffer => {
  if (Buffer.byteLength(from) !== Buffer.byteLength(to)) throw new Error('names of one length')
  const copy = Buffer.from(zip)
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) copy.write(to, at)
  return copy
}

const central = Buffer.from([0x50, 0x4b, 0x01, 0x02])

/** The zip with a field of its first directory entry changed. */
const withEntry = (zip: Buffer, change: (entry: Buffer) => void): Buffer => {
  const copy = Buffer.from(zip)
  change(copy.subarray(copy.indexOf(central)))
  return copy
}

t.test('hostile archives are refused with their reason, before any work is asked for', async t => {
  const service = await given(t)
  const plain = await zipOf({ 'manifest.csv': manifest({}), 'aaaaaaaaaaaa.csv': 'x' })
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`f${n}.csv`, 'x']))
  const zeros = Buffer.alloc(20 * 1024 * 1024, 'a')
  const hostile: Record<string, readonly [Buffer, string]> = {
    'no archive': [Buffer.from('sourcedId,status\n1,active\n'), 'not_an_archive'],
    'a truncated archive': [plain.subarray(0, plain.length - 30), 'not_an_archive'],
    'a name that climbs': [renamed(plain, 'aaaaaaaaaaaa.csv', '../../etc/xx.csv'), 'unsafe_name'],
    'a name that climbs by backslash': [renamed(plain, 'aaaaaaaaaaaa.csv', '..\\..\\etc\\xx.csv'), 'unsafe_name'],
    'an absolute name': [renamed(plain, 'aaaaaaaaaaaa.csv', '/etc/passwd/.csv'), 'unsafe_name'],
    'a drive letter': [renamed(plain, 'aaaaaaaaaaaa.csv', 'C:aaaaaaaaaa.csv'), 'unsafe_name'],
    'a folder': [await zipOf({ 'export/manifest.csv': manifest({}) }), 'unsafe_name'],
    'a hidden file': [await zipOf({ '.manifest.csv': manifest({}) }), 'unsafe_name'],
    'too many entries': [await zipOf(many), 'too_many_entries'],
    'a bomb': [await zipOf({ 'manifest.csv': manifest({}), 'users.csv': zeros }), 'too_dense'],
    'an archive in an archive': [await zipOf({ 'manifest.csv': manifest({}), 'more.zip': plain }), 'nested'],
    'something else': [await zipOf({ 'manifest.csv': manifest({}), 'run.exe': 'MZ' }), 'not_csv'],
    'a name twice': [renamed(await zipOf({ 'a1.csv': 'x', 'a2.csv': 'y' }), 'a2.csv', 'a1.csv'), 'duplicate_name'],
    'a name twice but for case': [await zipOf({ 'users.csv': 'x', 'USERS.csv': 'y' }), 'duplicate_name'],
    'an encrypted entry': [withEntry(plain, entry => entry.writeUInt16LE(1, 8)), 'encrypted'],
    'a method of its own': [withEntry(plain, entry => entry.writeUInt16LE(99, 10)), 'unknown_method'],
    'a link': [withEntry(plain, entry => entry.writeUInt32LE((0o120777 << 16) >>> 0, 38)), 'unsafe_name'],
    'entries that share their bytes': [
      withEntry(plain, entry => {
        entry.writeUInt32LE(plain.length + 1, 20)
        entry.writeUInt32LE(plain.length + 1, 24)
      }),
      'overlapping',
    ],
    'more than fits': [
      withEntry(plain, entry => {
        entry.writeUInt32LE(40_000_000, 20)
        entry.writeUInt32LE(3_000_000_000, 24)
      }),
      'too_large',
    ],
  }
  for (const [name, [zip, reason]] of Object.entries(hostile)) {
    const refused = await postImport(service, 'format=oneroster', zip)
    t.match(refused, { status: 422, body: { code: 'archive_refused', reason } }, name)
  }
  t.same(await service.asOwner('select 1 from operations'), [])
  await nothingIsLeft(t, service)
})

t.test('an archive whose content is not what its directory says fails the operation', async t => {
  const service = await given(t)
  const zip = await zipOf(smallPackage())
  const flipped = Buffer.from(zip)
  const data = flipped.indexOf('users.csv') + 60
  flipped[data] = (flipped[data] ?? 0) ^ 0xff
  const wrongSum = withEntry(zip, entry => entry.writeUInt32LE(1, 16))
  const tooShort = withEntry(zip, entry => entry.writeUInt32LE(entry.readUInt32LE(24) - 5, 24))
  for (const [name, bytes] of Object.entries({ flipped, wrongSum, tooShort })) {
    const done = await runImport(service, 'format=oneroster', bytes)
    t.match(done, { status: 'failed', problem: { code: 'archive_refused', reason: 'corrupt' } }, name)
  }
  await nothingIsLeft(t, service)
})

const usersHeader = 'sourcedId,givenName,familyName,identifier,grades,primaryOrgSourcedId'

t.test('a file that cannot be read as a whole fails the operation and changes nothing', async t => {
  const service = await given(t)
  const users = (...lines: string[]) => ({ 'users.csv': [usersHeader, ...lines].join('\n') })
  const bad: Record<string, readonly [Files, object]> = {
    'a quote never closed': [
      users('u-1,"晓明,王,1,2026,o-class'),
      { file: 'users.csv', row: 2, code: 'unterminated_quote' },
    ],
    'a quote never closed in a long file': [
      users(
        'u-1,"晓明,王,1,2026,o-class',
        ...Array.from({ length: 9000 }, (_, n) => `u-${n + 2},a,b,${n + 2},2026,o-class`),
      ),
      { code: 'record_too_long' },
    ],
    'a quote inside a field': [users('u-1,晓"明,王,1,2026,o-class'), { row: 2, code: 'bad_quote' }],
    'text after a closing quote': [users('u-1,"晓"明,王,1,2026,o-class'), { row: 2, code: 'bad_quote' }],
    'a huge field': [users(`u-1,${'晓'.repeat(70_000)},王,1,2026,o-class`), { row: 2, code: 'record_too_long' }],
    'a NUL': [users('u-1,晓\0明,王,1,2026,o-class'), { code: 'nul_character' }],
    'another encoding': [
      {
        'users.csv': Buffer.concat([
          Buffer.from(`${usersHeader}\nu-1,`),
          Buffer.from([0xd0, 0xa1, 0xff]),
          Buffer.from(',王,1,2026,o-class'),
        ]),
      },
      { row: 0, code: 'bad_encoding' },
    ],
    'UTF-16': [{ 'users.csv': Buffer.from(`\ufeff${usersHeader}\n`, 'utf16le') }, { code: 'bad_encoding' }],
    'an empty file': [{ 'users.csv': '' }, { row: 0, code: 'empty_file' }],
    'a file of blank lines': [{ 'users.csv': '\r\n\r\n' }, { code: 'empty_file' }],
    'no header': [
      { 'users.csv': 'u-1,晓明,王,1,2026,o-class\n' },
      { row: 1, code: 'missing_header', detail: /sourcedId/ },
    ],
    'a column twice': [
      { 'users.csv': `${usersHeader},sourcedId\n` },
      { row: 1, code: 'duplicate_header', detail: /columns 7 and 1/ },
    ],
    'columns without end': [
      { 'users.csv': `${usersHeader}${',x'.repeat(300)}\n` },
      { row: 1, code: 'too_many_columns' },
    ],
    'a mode nobody knows': [
      { 'manifest.csv': manifest({ users: 'some' as 'bulk' }) },
      { file: 'manifest.csv', row: 4, code: 'unknown_mode' },
    ],
    'another version': [
      { 'manifest.csv': manifest({ users: 'bulk' }).replace('1.2', '1.1') },
      { code: 'unknown_version' },
    ],
  }
  for (const [name, [overlay, error]] of Object.entries(bad)) {
    const done = await runImport(service, 'format=oneroster&mode=per_row', await zipOf(smallPackage(overlay)))
    t.match(done, { status: 'failed', problem: { code: 'import_file_refused', errors: [error] } }, name)
    t.notMatch(JSON.stringify(done.problem), /晓/, `${name}: nothing is echoed`)
  }
  for (const left of ['manifest.csv', 'users.csv']) {
    const { [left]: _left, ...files } = smallPackage()
    const done = await runImport(service, 'format=oneroster', await zipOf(files))
    t.match(done, { status: 'failed', problem: { errors: [{ file: left, row: 0, code: 'missing_file' }] } })
  }
  await nothingIsLeft(t, service)
})

t.test('an import is asked for by an administrator or a client that may, with a file of the right type', async t => {
  const service = await given(t)
  const zip = await zipOf(smallPackage())
  for (const account of ['owner', 'lineManager', 'auditor', 'keyHolder', 'student-1', 'stranger'])
    t.match(
      await postImport(service, 'format=oneroster', zip, { account }),
      { status: 403, body: { code: 'not_permitted' } },
      account,
    )
  await nothingIsLeft(t, service)
  const post = (query: string, body: Buffer | string, type: string) => postImport(service, query, body, { type })
  t.equal((await post('format=oneroster', zip, 'text/csv')).body.code, 'unsupported_media_type')
  t.equal((await post('format=csv&mapping=x', 'a,b', 'application/zip')).body.code, 'unsupported_media_type')
  t.equal((await post('format=oneroster', '{}', 'application/json')).body.code, 'unsupported_media_type')
  t.equal((await post('format=oneroster', zip, 'image/gif')).body.code, 'unsupported_media_type')
  t.equal((await post('format=xml', zip, 'application/zip')).body.code, 'invalid_request')
  t.equal((await post('format=oneroster&maxDisappear=101', zip, 'application/zip')).body.code, 'invalid_request')
  t.equal((await post('format=csv', 'a,b', 'text/csv')).body.code, 'invalid_request', 'CSV needs a mapping')
  t.equal((await post('format=csv&mapping=unknown', 'a,b', 'text/csv')).body.code, 'not_found')
  t.match((await post('format=oneroster', '', 'application/zip')).body, {
    code: 'import_file_refused',
    errors: [{ code: 'empty_file' }],
  })
  t.equal(
    (await service.call('administrator', 'POST', '/v1/signals-not-here', zip, { 'content-type': 'application/zip' }))
      .status,
    404,
  )
  const elsewhere = await service.call('administrator', 'POST', '/v1/clients', zip, {
    'content-type': 'application/zip',
  })
  t.ok(elsewhere.status === 400 || elsewhere.status === 415, 'other operations take no zip')
  const large = await service.call('administrator', 'POST', '/v1/imports?format=oneroster', zip, {
    'content-type': 'application/zip',
    'content-length': String(300 * 1024 * 1024),
  })
  t.equal(large.body.code, 'payload_too_large')
  const machine = await postImport(service, 'format=oneroster', zip, { account: 'machine' })
  t.equal(machine.status, 202)
  t.equal((await operationOf(service, machine.body.id, 'machine')).status, 'queued')
  t.equal((await operationOf(service, machine.body.id, 'owner')).code, 'not_found')
})

t.test('a form brings one file, whatever its part says of itself', async t => {
  const service = await given(t)
  const zip = await zipOf(smallPackage())
  const part = (name: string, content: Buffer | string, more = '; filename="任意.bin"') =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ])
  const form = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from('--b--\r\n')])
  const post = (body: Buffer | string, { type = 'multipart/form-data; boundary=b', key = '' } = {}) =>
    postImport(service, 'format=oneroster', body, { type, key })
  const refused = async (name: string, body: Buffer | string, code: string, options = {}) => {
    const told = await post(body, options)
    t.match(told, { status: 422, body: { code: 'import_file_refused', errors: [{ row: 0, code }] } }, name)
  }
  await refused('nothing', form(), 'one_file_expected')
  await refused('words', form(part('file', 'x', '')), 'one_file_expected')
  await refused('words first', form(part('format', 'csv', ''), part('file', zip)), 'one_file_expected')
  await refused('words last', form(part('file', zip), part('format', 'csv', '')), 'one_file_expected')
  await refused('two files', form(part('file', zip), part('file', zip)), 'one_file_expected')
  await refused('an empty file', form(part('file', '')), 'empty_file')
  await refused('cut off', form(part('file', zip)).subarray(0, 500), 'bad_form')
  await refused('no boundary', form(part('file', zip)), 'bad_form', { type: 'multipart/form-data' })
  await refused('another boundary', form(part('file', zip)), 'bad_form', { type: 'multipart/form-data; boundary=c' })
  await refused('no form', 'x', 'bad_form')
  t.equal((await post(form(part('file', 'no zip')))).body.code, 'archive_refused')
  await nothingIsLeft(t, service)
  const first = await post(form(part('file', zip)), { key: 'form' })
  t.equal(first.status, 202, first.text)
  const again = await postImport(service, 'format=oneroster', zip, { key: 'form' })
  t.equal(again.body.id, first.body.id, 'the same file, however it comes')
  await service.work('operations')
  t.match(await operationOf(service, first.body.id), { status: 'succeeded', result: { errorCount: 0 } })
})

t.test('the same key and file ask once; the same key and another file are refused', async t => {
  const service = await given(t)
  const [one, two] = [await zipOf(smallPackage()), await zipOf(smallPackage({ 'extra.csv': 'x' }))]
  const first = await postImport(service, 'format=oneroster', one, { key: 'nightly' })
  const again = await postImport(service, 'format=oneroster', one, { key: 'nightly' })
  t.equal(again.body.id, first.body.id)
  t.match(again.headers, { 'idempotent-replayed': 'true', location: first.headers.location })
  t.equal((await postImport(service, 'format=oneroster', two, { key: 'nightly' })).body.code, 'idempotency_key_reused')
  t.equal((await service.asOwner('select 1 from uploads')).length, 1)
  const call = await service.app.server.inject({
    method: 'POST',
    url: '/v1/imports?format=oneroster',
    headers: { authorization: `Bearer ${service.token('administrator')}`, 'content-type': 'application/zip' },
    payload: one,
  })
  t.equal(call.json().code, 'idempotency_key_required')
})

t.test('a real client streams its file over a socket', async t => {
  const service = await given(t)
  const address = await service.app.server.listen({ host: '127.0.0.1', port: 0 })
  const padding = Array.from({ length: 40_000 }, (_, n) => `${n},${(n * 7919) % 104_729},${(n * 104_729) % 7919}`).join(
    '\n',
  )
  const zip = await zipOf(smallPackage({ 'extra.csv': `a,b,c\n${padding}` }))
  const headers = {
    authorization: `Bearer ${service.token('administrator')}`,
    'content-type': 'application/zip',
    'idempotency-key': 'socket',
  }
  const body = new ReadableStream({
    start: controller => {
      for (let at = 0; at < zip.length; at += 10_000) controller.enqueue(zip.subarray(at, at + 10_000))
      controller.close()
    },
  })
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
  const posted = await fetch(`${address}/v1/imports?format=oneroster`, init)
  t.equal(posted.status, 202)
  const { id } = (await posted.json()) as { id: string }
  await service.work('operations')
  t.equal((await operationOf(service, id)).status, 'succeeded')
  const refused = await fetch(`${address}/v1/imports?format=oneroster`, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': 'socket-2' },
    body: new Uint8Array(3_000_000),
  })
  t.equal(refused.status, 422)
})
