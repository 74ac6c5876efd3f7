import t from 'tap'
import { givenSchool, givenService } from '../support/service.ts'
import { aSignal, givenSource, storedSignals } from '../support/signals.ts'

t.test('a signal is stored once for ever, whatever the door', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const source = await givenSource(service)
  const signal = aSignal({ externalId: 'g-1', note: '补考仍未通过。' })
  const first = await source.send('', signal)
  t.equal(first.status, 202)
  t.same(first.body, { externalId: 'g-1', result: 'accepted' })
  t.same((await source.send('', signal)).body, { externalId: 'g-1', result: 'duplicate' })
  t.same((await source.sign('', signal)).body.result, 'duplicate', 'by signature it is the same source')
  t.same((await source.send('/batch', { items: [signal] })).body, {
    items: [{ externalId: 'g-1', result: 'duplicate' }],
  })
  const [row, ...more] = await storedSignals(service)
  t.same(more, [])
  t.match(row, {
    origin: source.id,
    external_id: 'g-1',
    student_number: '1',
    student_id: students['1'],
    kind: 'failed_course',
    severity: 'orange',
    status: 'open',
    revision: 1,
    figures: { course: 'MATH1001', score: 43, threshold: 60 },
    pending: true,
    raised_by: null,
  })
  t.notMatch(JSON.stringify(row), /补考/, 'words are not in the open')
  const entries = await service.asOwner("select entry::json as entry from journal where type = 'signals.received'")
  t.equal(entries.length, 1, 'nothing stored, nothing told')
  t.match(entries[0]?.entry, {
    actor: { kind: 'client', id: source.clientId },
    subject: { kind: 'institution' },
    data: { origin: source.id, counts: { accepted: 1 } },
  })
  t.notMatch(
    JSON.stringify(await service.asOwner('select entry, receipt from journal left join idempotency_keys on true')),
    /补考/,
  )
})

t.test('an older observation never replaces a newer one, and nothing observed is lost', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const at = (time: string, more: Record<string, unknown> = {}) =>
    aSignal({ externalId: 'x', observedAt: `2026-09-13T${time}:00Z`, ...more })
  const send = async (signal: object) => (await source.send('', signal)).body.result
  t.equal(await send(at('10:00', { figures: { score: 50 } })), 'accepted')
  t.equal(await send(at('09:00', { figures: { score: 40 }, note: '旧' })), 'older')
  t.equal(await send(at('09:00', { figures: { score: 40 }, note: '旧' })), 'older', 'kept once')
  t.equal(await send(at('11:00', { figures: { score: 55 }, severity: 'yellow' })), 'updated')
  t.equal(await send(at('11:00', { figures: { score: 55 }, severity: 'yellow' })), 'duplicate')
  t.equal(await send({ ...at('11:00'), observedAt: '2026-09-13T19:00:00+08:00' }), 'duplicate', 'one moment, two zones')
  t.match(await storedSignals(service), [{ revision: 2, severity: 'yellow', figures: { score: 55 }, pending: true }])
  t.equal(await send(at('11:00', { status: 'cleared' })), 'updated', 'of one moment, cleared comes after open')
  t.equal(await send(at('11:00')), 'older', 'in whatever order they arrive')
  const history = await service.asOwner(
    "select status, observation->'figures'->>'score' as score, sealed is not null as words from signal_history order by observed_at, status",
  )
  t.same(history, [
    { status: 'open', score: '40', words: true },
    { status: 'open', score: '50', words: false },
    { status: 'open', score: '55', words: false },
  ])
  t.match(
    await storedSignals(service),
    [{ revision: 3, status: 'cleared', pending: false }],
    'no alert, nothing to fuse',
  )
  t.equal(await send(at('12:00')), 'updated')
  t.match(await storedSignals(service), [{ status: 'open', pending: true }], 'it may come back')
  t.equal((await source.send('', at('13:00', { student: '2' }))).body.code, 'signal_keeps_student')
})

t.test('a signal stays with its student through a corrected number', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const source = await givenSource(service)
  const at = (time: string, student: string, status = 'open') =>
    aSignal({ externalId: 'x', student, status, observedAt: `2026-09-13T${time}:00Z` })
  await source.send('', at('10:00', '1'))
  await service.asOwner("update students set number = '1B' where number = '1'")
  const told = await source.send('/batch', {
    items: [at('11:00', '1'), at('12:00', '1B'), at('13:00', '2'), at('14:00', '1B', 'cleared')],
  })
  t.match(told.body.items, [
    { result: 'updated' },
    { result: 'updated' },
    { result: 'refused', code: 'signal_keeps_student' },
    { result: 'updated' },
  ])
  t.match(await storedSignals(service), [{ status: 'cleared', student_id: students['1'] }])
  await service.asOwner("update students set number = '1' where number = '2'")
  const reused = await source.send('', at('15:00', '1'))
  t.equal(reused.body.code, 'signal_keeps_student', 'the old number is now that of another')
})

t.test('a cleared signal whose alert is open is looked at again', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const source = await givenSource(service)
  await source.send('', aSignal({ externalId: 'a' }))
  await service.asOwner(`insert into alerts (institution_id, id, student_id, org_unit_id, owner_id, severity, joins_until, signal_count, beyond_horizon, rules_version, escalation,
      step, step_since, version, writes, move_count, opened_at, updated_at, moved_by)
    select institution_id, gen_random_uuid(), id, org_unit_id, '${staff.owner}', 'orange', now(), 1, false, 0, 0, 'raised', 1, 1, 1, 0, now(), now(), '${staff.owner}'
      from students where id = '${students['1']}';
    update signals set pending = false, alert_id = (select id from alerts)`)
  await source.send('', aSignal({ externalId: 'a', status: 'cleared', observedAt: '2026-09-14T01:30:00Z' }))
  t.match(await storedSignals(service), [{ status: 'cleared', pending: true }])
  t.equal((await source.receipts()).body.items[0].state, 'received')
  await service.asOwner(
    "update signals set pending = false; update alerts set step = 'acknowledged', version = 2, writes = 2",
  )
  t.equal((await source.receipts()).body.items[0].state, 'acknowledged')
  await service.asOwner("update alerts set step = 'resolved', version = 3, writes = 3")
  t.equal((await source.receipts()).body.items[0].state, 'resolved')
  await source.send('', aSignal({ externalId: 'a', status: 'cleared', observedAt: '2026-09-14T01:40:00Z' }))
  t.match(await storedSignals(service), [{ pending: false }], 'a resolved alert is not woken by a clearing')
})

t.test('positive signals are kept and wait for no alert', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const { severity: _, ...praise } = aSignal({ kind: 'praise' })
  t.equal((await source.send('', praise)).body.result, 'accepted')
  t.match(await storedSignals(service), [{ kind: 'praise', severity: null, pending: false }])
  t.equal((await source.send('', aSignal({ kind: 'praise' }))).status, 400, 'nothing good is grave')
  const { severity: __, ...bare } = aSignal()
  t.equal((await source.send('', bare)).status, 400, 'a warning has a severity')
})

t.test('a batch answers for each signal, as if each came alone', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service, { kinds: ['failed_course', 'absence'] })
  const told = await source.send('/batch', {
    items: [
      aSignal({ externalId: 'a' }),
      aSignal({ externalId: 'a' }),
      aSignal({ externalId: 'a', observedAt: '2026-09-14T01:30:00Z', severity: 'red' }),
      aSignal({ externalId: 'a', observedAt: '2026-09-14T00:30:00Z' }),
      aSignal({ externalId: 'b', kind: 'low_mood' }),
      aSignal({ externalId: 'c', figures: { score: '43' } }),
      { ...aSignal({ externalId: 'd' }), extra: 1 },
      7,
      aSignal({ externalId: 'e', observedAt: '2026-09-14T03:00:00Z' }),
      aSignal({ externalId: 'f', student: '2', kind: 'absence' }),
      aSignal({ externalId: 'f', student: '3', observedAt: '2026-09-14T01:30:00Z' }),
      aSignal({ externalId: '__proto__' }),
    ],
  })
  t.equal(told.status, 202)
  t.match(told.body.items, [
    { externalId: 'a', result: 'accepted' },
    { externalId: 'a', result: 'duplicate' },
    { externalId: 'a', result: 'updated' },
    { externalId: 'a', result: 'older' },
    { externalId: 'b', result: 'refused', code: 'kind_not_permitted' },
    { externalId: 'c', result: 'refused', code: 'invalid_request', errors: [{ pointer: '/figures/score' }] },
    { externalId: 'd', result: 'refused', errors: [{ pointer: '/extra', code: 'unknown_member' }] },
    { externalId: null, result: 'refused', code: 'invalid_request' },
    { externalId: 'e', result: 'refused', code: 'observed_in_future' },
    { externalId: 'f', result: 'accepted' },
    { externalId: 'f', result: 'refused', code: 'signal_keeps_student' },
    { externalId: '__proto__', result: 'accepted' },
  ])
  t.match(await storedSignals(service, 'external_id, revision, severity'), [
    { external_id: 'a', revision: 2, severity: 'red' },
    { external_id: 'f', revision: 1 },
    { external_id: '__proto__' },
  ])
  t.equal((await service.asOwner('select 1 from signal_history')).length, 2)
  const [entry] = await service.asOwner(
    "select entry::json->'data'->'counts' as counts from journal where type = 'signals.received'",
  )
  t.same(entry?.counts, { accepted: 3, duplicate: 1, updated: 1, older: 1, refused: 6 })
})

t.test('an idempotency key gives the first answer again, byte for byte', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service, { kinds: ['failed_course'] })
  const items = [aSignal(), aSignal({ kind: 'absence' }), { nonsense: true }, aSignal()]
  const first = await source.send('/batch', { items }, { 'idempotency-key': 'k' })
  const again = await source.send('/batch', { items }, { 'idempotency-key': 'k' })
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.same(again.body, first.body)
  t.equal(
    (await source.send('/batch', { items: [aSignal()] }, { 'idempotency-key': 'k' })).body.code,
    'idempotency_key_reused',
  )
})
