import { CloudEvent, HTTP } from 'cloudevents'
import t from 'tap'
import { givenSchool, givenService } from '../support/service.ts'
import { aSignal, givenSource, storedSignals } from '../support/signals.ts'

t.test('CloudEvents are understood: structured, binary and in batches, as their own library makes them', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const event = (externalId: string, more: object = {}) =>
    new CloudEvent({
      source: '/jwc',
      type: 'academic.signal.v1',
      datacontenttype: 'application/json',
      data: aSignal({ externalId }),
      comexampleext: 'x',
      ...more,
    })
  const structured = HTTP.structured(event('s'))
  t.equal(
    (await source.send('', String(structured.body), structured.headers as Record<string, string>)).body.result,
    'accepted',
  )
  const binary = HTTP.binary(event('b'))
  t.equal((await source.send('', String(binary.body), binary.headers as Record<string, string>)).body.externalId, 'b')
  const batch = JSON.stringify([
    event('x').toJSON(),
    event('y').toJSON(),
    { ...event('z').toJSON(), specversion: '0.3' },
    { ...event('w').toJSON(), type: 'other' },
    { ...event('v').toJSON(), data: undefined, data_base64: Buffer.from('{').toString('base64') },
  ])
  const headers = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }
  t.match((await source.send('/batch', batch, headers)).body.items, [
    { externalId: 'x', result: 'accepted' },
    { externalId: 'y', result: 'accepted' },
    { result: 'refused', errors: [{ pointer: '/specversion' }] },
    { result: 'refused', errors: [{ pointer: '/type' }] },
    { result: 'refused', errors: [{ pointer: '/data_base64', code: 'bad_json' }] },
  ])
  t.equal(
    (await source.sign('/batch', batch, { contentType: headers['content-type'] })).body.items[0].result,
    'duplicate',
  )
  const { data, ...rest } = event('64').toJSON() as Record<string, unknown>
  const encoded = { ...rest, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') }
  const json = { 'content-type': 'application/cloudevents+json' }
  t.equal((await source.send('', JSON.stringify(encoded), json)).body.externalId, '64')
  t.match((await source.send('', JSON.stringify({ ...rest, data: 7 }), json)).body, { code: 'invalid_request' })
  t.match((await source.send('', JSON.stringify(aSignal()), { 'ce-specversion': '1.0' })).body, {
    code: 'invalid_request',
    errors: [{ pointer: '/header/id' }, { pointer: '/header/source' }, { pointer: '/header/type' }],
  })
  t.equal((await storedSignals(service)).length, 5)
})

t.test('the CSV twin', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const csv = (body: string | Buffer) => source.send('/batch', body, { 'content-type': 'text/csv' })
  const told = await csv(
    '\ufeffexternalId,student,kind,severity,status,observedAt,note,course,score,dueOn\r\n' +
      'c1,1,failed_course,red,,2026-09-14T01:00:00Z,"缺考, ""两次""",MATH1001,43.5,\r\n' +
      'c2,2,progress,,,2026-09-14T01:00:00Z,,,,2026-09-01\r\n' +
      'c3,2,absence,purple,,2026-09-14T01:00:00Z,,,,\r\n' +
      'c4,2,absence,red,cleared,2026-09-14T01:00:00Z,,,很高,\r\n' +
      'c5,2,absence,red\r\n' +
      'c6,2,absence,red,,2026-09-14T01:00:00Z,,,,,,more\r\n',
  )
  t.match(told.body.items, [
    { externalId: 'c1', result: 'accepted' },
    { externalId: 'c2', result: 'accepted' },
    { externalId: 'c3', result: 'refused', errors: [{ pointer: '/severity' }] },
    { externalId: 'c4', result: 'refused', errors: [{ pointer: '/figures/score' }] },
    { externalId: null, result: 'refused', errors: [{ code: 'malformed_row' }] },
    { externalId: null, result: 'refused', errors: [{ code: 'malformed_row' }] },
  ])
  t.match(await storedSignals(service, 'figures'), [
    { figures: { course: 'MATH1001', score: 43.5 } },
    { figures: { dueOn: '2026-09-01' } },
  ])
  const head = 'externalId,student,kind,severity,observedAt'
  const bad = async (body: string | Buffer) => {
    const refused = await csv(body)
    t.equal(refused.status, 400)
    return `${refused.body.code} ${refused.body.errors?.[0]?.code ?? ''}`
  }
  t.equal(await bad('externalId,student,kind,severity\n'), 'bad_csv missing_column')
  t.equal(await bad(`${head},colour\n`), 'bad_csv unknown_column')
  t.equal(await bad(`${head},student\n`), 'bad_csv duplicate_column')
  t.equal(await bad(''), 'bad_json ')
  t.equal(await bad('\n'), 'bad_csv missing_column')
  t.equal(await bad(`${head}\n"a,1,absence,red,2026-09-14T01:00:00Z\n`), 'bad_csv malformed_row')
  const row = '1,absence,red,2026-09-14T01:00:00Z'
  t.match(
    (await csv(`${head}\nn\0,${row}\nn2,${row}\n`)).body.items,
    [{ result: 'refused', errors: [{ pointer: '/externalId', code: 'bad_item' }] }, { result: 'accepted' }],
    'a NUL holds up its own row only',
  )
  t.equal(await bad(Buffer.from([...Buffer.from(`${head}\n`), 0xc4, 0xe3])), 'bad_csv not_utf8', 'GB18030 is none')
  t.equal(await bad(`${head}\n${'x'.repeat(30_000)},1,absence,red,2026-09-14T01:00:00Z\n`), 'bad_csv malformed_row')
  t.equal(await bad(head), 'invalid_request too_small')
  const many = Array.from({ length: 1001 }, (_, n) => `m${n},1,absence,red,2026-09-14T01:00:00Z`).join('\n')
  t.equal(await bad(`${head}\n${many}`), 'invalid_request too_big')
})

t.test('bodies from hell are clear problems, and nothing is stored', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const code = async (path: string, body: string, headers = {}) => {
    const told = await source.send(path, body, headers)
    t.ok(told.status >= 400, told.text.slice(0, 100))
    return `${told.status} ${told.body.code}`
  }
  const text = (more: Record<string, unknown>) => JSON.stringify(aSignal(more))
  t.equal(await code('', text({ note: 'a\u0000b' })), '400 bad_json')
  t.equal(await code('', '{"externalId":"\\ud800"}'), '400 bad_json')
  t.equal(await code('', ''), '400 bad_json')
  t.equal(await code('', '{'), '400 bad_json')
  t.equal(await code('', '[]'), '400 invalid_request')
  t.equal(await code('', 'x', { 'content-type': 'text/plain' }), '415 unsupported_media_type')
  t.equal(await code('', 'x', { 'content-type': 'text/csv' }), '415 unsupported_media_type', 'only batches are CSV')
  t.equal(await code('/batch', '{}'), '400 invalid_request')
  t.equal(await code('/batch', '{"items":[]}'), '400 invalid_request')
  t.equal(await code('/batch', '{"items":[],"more":1}'), '400 invalid_request')
  t.equal(await code('/batch', '[]', { 'content-type': 'application/cloudevents-batch+json' }), '400 invalid_request')
  t.equal(await code('/batch', JSON.stringify({ items: Array.from({ length: 1001 }, () => 1) })), '400 invalid_request')
  t.equal(await code('', text({ note: 'x'.repeat(1_048_576) })), '413 payload_too_large')
  t.equal(await code('/batch', `{"items":["${'x'.repeat(5_242_880)}"]}`), '413 payload_too_large')
  for (const more of [
    { externalId: '' },
    { externalId: 'x'.repeat(201) },
    { externalId: 'a\u0007b' },
    { student: '' },
    { kind: 'nonsense' },
    { severity: 'pink' },
    { status: 'gone' },
    { observedAt: 'yesterday' },
    { observedAt: '1999-12-31T23:59:59Z' },
    { observedAt: '2026-02-30T00:00:00Z' },
    { figures: { score: 1e12 } },
    { figures: { course: '高等数学 A' } },
    { figures: { words: 'free text' } },
    { figures: [] },
    { note: '' },
    { note: 'x'.repeat(2001) },
    { note: 7 },
  ])
    t.equal(await code('', text(more)), '400 invalid_request', JSON.stringify(more).slice(0, 60))
  t.equal(await code('', text({ observedAt: '2026-09-14T02:05:01Z' })), '422 observed_in_future')
  t.equal(
    (await source.send('', aSignal({ observedAt: '2026-09-14T02:05:00Z' }))).status,
    202,
    'clocks may differ a little',
  )
  t.equal((await storedSignals(service)).length, 1)
  const json = await service.call('owner', 'POST', '/v1/students/search', 'a,b', { 'content-type': 'text/csv' })
  t.equal(json.status, 415, 'a route that reads JSON takes no CSV')
})

t.test('an item that is no JSON to be taken is refused alone, with its place; the batch is taken', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`
  const text = (externalId: string, more: string) =>
    JSON.stringify(aSignal({ externalId })).replace('{', () => `{${more}${more ? ',' : ''}`)
  const items = [
    text('good', ''),
    text('nul', '"note":"a\\u0000b"'),
    text('twice', '"status":"open","status":"cleared"'),
    text('deep', `"note":${deep}`),
    text('half', '"a/b~":{"c":["","\\ud800"]}'),
    text('proto', '"__proto__":{"note":"x"}'),
    text('also-good', '"note":"a, {b} [c] \\"d\\""'),
    JSON.stringify(aSignal({ externalId: 'id\0' })),
  ]
  const verdicts = [
    { externalId: 'good', result: 'accepted' },
    { externalId: 'nul', result: 'refused', code: 'invalid_request', errors: [{ pointer: '/note', code: 'bad_item' }] },
    { externalId: 'twice', result: 'refused', errors: [{ pointer: '/status', code: 'bad_item' }] },
    { externalId: 'deep', result: 'refused', errors: [{ code: 'bad_item', detail: 'more than 32 levels' }] },
    { externalId: 'half', result: 'refused', errors: [{ pointer: '/a~1b~0/c/1', code: 'bad_item' }] },
    { externalId: 'proto', result: 'refused', errors: [{ pointer: '/__proto__', code: 'bad_item' }] },
    { externalId: 'also-good', result: 'accepted' },
    { externalId: null, result: 'refused', errors: [{ pointer: '/externalId', code: 'bad_item' }] },
  ]
  const told = await source.send('/batch', `{"items":[${items.join(',')}]}`)
  t.equal(told.status, 202)
  t.match(told.body.items, verdicts)
  t.equal((await storedSignals(service)).length, 2)
  const about = { specversion: '1.0', source: '/jwc', type: 'academic.signal.v1' }
  const events = items
    .slice(0, 3)
    .map((item, at) => `${JSON.stringify({ ...about, id: `e${at}` }).slice(0, -1)},"data":${item}}`)
  const json = { 'content-type': 'application/cloudevents-batch+json' }
  t.match((await source.send('/batch', `[${events.join(',')}]`, json)).body.items, [
    { externalId: 'good', result: 'duplicate' },
    { externalId: 'nul', result: 'refused', errors: [{ pointer: '/data/note', code: 'bad_item' }] },
    { externalId: 'twice', result: 'refused', errors: [{ pointer: '/data/status', code: 'bad_item' }] },
  ])
  for (const body of [
    `{"items":[${items[0]}],"items":[${items[0]}]}`,
    `{"items":[${items[0]}],"more":{"a":1,"a":1}}`,
    `{"items":[${items[0]}`,
    deep,
  ])
    t.match((await source.send('/batch', body)).body, { status: 400, code: 'bad_json' }, body.slice(0, 40))
  const sent = { items: [{ ...aSignal({ externalId: 'mine' }), note: 'a\0b' }, aSignal({ externalId: 'mine-too' })] }
  const byHand = await service.call('owner', 'POST', '/v1/signals/batch', sent)
  t.match(byHand.body.items, [{ externalId: 'mine', result: 'refused' }, { result: 'accepted' }], 'by hand as well')
})

t.test('the published schema says what is taken', async t => {
  const service = await givenService(t)
  const told = await service.app.server.inject('/schemas/academic.signal.v1.json')
  t.match(String(told.headers['content-type']), /^application\/schema\+json/)
  const schema = told.json()
  t.match(schema, {
    $id: '/schemas/academic.signal.v1.json',
    title: 'academic.signal v1',
    oneOf: [{ additionalProperties: false }, {}],
  })
  t.same(schema.oneOf[0].required, ['externalId', 'student', 'kind', 'severity', 'observedAt'])
  t.same(schema.oneOf[1].properties.kind.enum, ['progress', 'praise'])
  t.notOk('severity' in schema.oneOf[1].properties)
})
