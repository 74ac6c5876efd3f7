import { randomUUID } from 'node:crypto'
import t from 'tap'
import { takeSignals } from '../../src/warnings/take-signals.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource, ruled, storedSignals } from '../support/signals.ts'

const raise = (service: Service, account: string, body: object, headers = {}) =>
  service.call(account, 'POST', '/v1/signals', body, { 'content-type': 'application/json', ...headers })

t.test('staff raise signals by hand, with little to fill in', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const absence = { student: '1', kind: 'absence', severity: 'yellow', figures: { count: 3 }, note: '连续三次缺课。' }
  const first = await raise(service, 'owner', absence, { 'idempotency-key': 'k1' })
  t.equal(first.status, 202)
  t.equal(first.body.result, 'accepted')
  t.same(
    (await raise(service, 'owner', absence, { 'idempotency-key': 'k1' })).body,
    first.body,
    'the id given is given again',
  )
  t.match(await storedSignals(service), [
    {
      origin: 'people',
      raised_by: staff.owner,
      student_id: students['1'],
      pending: true,
      external_id: `${staff.owner}:${first.body.externalId}`,
    },
  ])
  const clear = { ...absence, externalId: first.body.externalId, status: 'cleared' }
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  t.equal((await raise(service, 'colleague', clear)).body.result, 'accepted', 'nobody touches the signals of others')
  t.equal((await raise(service, 'owner', clear)).body.result, 'updated')
  t.equal(
    (await raise(service, 'outsider', { ...absence, student: '2' })).status,
    202,
    'any casework role, about any student',
  )
  const nobody = await raise(service, 'owner', { kind: 'absence', severity: 'yellow' })
  t.match(nobody.body, { code: 'invalid_request', errors: [{ pointer: '/student' }] })
  const [entry] = await service.asOwner("select entry from journal where type = 'signals.received' limit 1")
  t.match(JSON.parse(String(entry?.entry)), {
    actor: { kind: 'staff', id: staff.owner },
    data: { origin: 'people', counts: { accepted: 1 } },
  })
  t.notMatch(String(entry?.entry), /缺课|absence/)
  for (const account of ['administrator', 'auditor', 'keyHolder', 'formerLineManager', 'nobody'])
    t.equal((await raise(service, account, absence)).status, 403, account)
})

t.test('students raise signals about themselves alone', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const help = { kind: 'request_for_help', severity: 'yellow', note: '想找老师聊聊。' }
  t.equal((await raise(service, 'student-1', help)).status, 202)
  t.equal((await raise(service, 'student-1', { ...help, student: '1' })).status, 202)
  t.equal((await raise(service, 'student-1', { ...help, student: '2' })).body.code, 'not_permitted')
  t.equal((await raise(service, 'student-1', { ...help, student: 'x' })).body.code, 'not_permitted')
  const batch = await service.call('student-1', 'POST', '/v1/signals/batch', {
    items: [help, { ...help, student: '2' }],
  })
  t.match(batch.body.items, [{ result: 'accepted' }, { result: 'refused', code: 'not_permitted' }])
  const rows = await storedSignals(service)
  t.equal(rows.length, 3)
  for (const row of rows)
    t.match(row, { student_id: students['1'], student_number: '1', raised_by: students['1'], origin: 'people' })
  t.equal(
    (await service.call('student-1', 'GET', `/v1/students/${students['1']}/signals`)).status,
    404,
    'what others say is not theirs to read',
  )
  t.equal((await service.call('student-1', 'GET', '/v1/signals/quarantine')).status, 403)
})

t.test('signals of a student are read by those over the student, and reading words is journalled', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const source = await givenSource(service)
  const url = `/v1/students/${students['1']}/signals`
  const { severity: _, ...good } = aSignal({ externalId: 'p', kind: 'progress', observedAt: '2026-09-14T01:50:00Z' })
  await source.send('', good)
  await service.call('owner', 'GET', url)
  t.same(await service.asOwner("select 1 from journal where type = 'signals.read'"), [], 'no words, no reading')
  await source.send('', aSignal({ externalId: 's', note: '家里出了事。' }))
  await raise(service, 'student-1', { kind: 'request_for_help', severity: 'blue', note: '求助' })
  const told = await service.call('owner', 'GET', url, undefined, { 'x-access-reason': 'handover' })
  t.match(told.body.items, [
    {
      origin: 'people',
      source: null,
      raisedBy: { id: students['1'], name: '王晓明' },
      kind: 'request_for_help',
      note: '求助',
    },
    { origin: 'source', source: { id: source.id }, externalId: 'p', kind: 'progress', severity: null, note: null },
    {
      externalId: 's',
      kind: 'failed_course',
      note: '家里出了事。',
      figures: { score: 43 },
      revision: 1,
      alertId: null,
    },
  ])
  await service.call('owner', 'GET', url)
  const reads = await service.asOwner("select entry::json as entry from journal where type = 'signals.read'")
  t.equal(reads.length, 1, 'once an hour')
  t.match(reads[0]?.entry, {
    actor: { kind: 'staff', id: staff.owner },
    subject: { kind: 'student', id: students['1'] },
    reason: 'handover',
  })
  await source.send('', aSignal({ externalId: 's', note: '已联系家长。', observedAt: '2026-09-14T01:55:00Z' }))
  t.equal((await service.call('colleague', 'GET', url)).body.items[1].note, '已联系家长。')
  const first = await service.call('owner', 'GET', `${url}?limit=2`)
  t.equal(first.body.items.length, 2)
  const rest = await service.call('owner', 'GET', `${url}?limit=2&cursor=${first.body.next}`)
  t.match(rest.body, { items: [{ externalId: 'p' }], next: null })
  t.equal((await service.call('owner', 'GET', `${url}?cursor=x`)).body.code, 'bad_cursor')
  for (const account of ['outsider', 'otherLineManager'])
    t.equal((await service.call(account, 'GET', url)).status, 404, account)
  for (const account of ['administrator', 'auditor', 'keyHolder', 'machine', 'nobody'])
    t.equal((await service.call(account, 'GET', url)).status, 403, account)
  await service.asOwner('update signal_keys set data_key = null')
  t.match(
    (await service.call('owner', 'GET', url)).body.items,
    [{ note: null }, { note: null }, { note: null }],
    'erased with the key of the month',
  )
  t.equal((await source.send('', aSignal({ note: '又一条' }))).body.code, 'key_is_erased')
  service.clock.now = new Date('2026-10-01T00:00:00.000Z')
  t.equal((await source.send('', aSignal({ note: '新月' }))).status, 202)
  t.equal((await service.asOwner('select 1 from signal_keys')).length, 2, 'a key a month')
  await service.seal()
  const feed = await service.call('auditor', 'GET', '/v1/journal?limit=200')
  t.notOk(
    feed.body.items.some((item: { type: string }) => item.type === 'signals.read'),
    'readings are not in the feed',
  )
})

t.test('an unknown student is quarantined in silence, until the roster catches up', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const known = await source.send('', aSignal({ externalId: 'k' }))
  const unknown = await source.send('', aSignal({ externalId: 'u', student: '99', note: '字' }))
  t.equal(unknown.status, 202)
  t.equal(unknown.body.result, known.body.result, 'the sender cannot tell')
  await source.send('', aSignal({ externalId: 'c', student: '99', status: 'cleared' }))
  await raise(service, 'owner', { student: '98', kind: 'absence', severity: 'red' })
  t.match((await source.receipts()).body.items, [{ state: 'received' }, { state: 'received' }, { state: 'received' }])
  t.equal((await storedSignals(service)).filter(row => row.pending).length, 1, 'nothing to fuse without a student')
  const list = await service.call('administrator', 'GET', '/v1/signals/quarantine?limit=2')
  t.match(list.body.items, [
    { studentNumber: '98', origin: 'people', raisedBy: { name: '李老师' } },
    { studentNumber: '99', origin: 'source', source: { id: source.id }, externalId: 'u' },
  ])
  t.notMatch(list.text, /failed_course|orange|score|字/, 'not what they say')
  t.match(String(list.headers.link), /rel="next"/)
  const rest = await service.call('administrator', 'GET', `/v1/signals/quarantine?cursor=${list.body.next}`)
  t.match(rest.body, { items: [{ externalId: 'c' }], next: null })
  t.equal((await service.call('administrator', 'GET', '/v1/signals/quarantine?cursor=x')).body.code, 'bad_cursor')
  for (const account of ['owner', 'lineManager', 'auditor', 'keyHolder', 'machine'])
    t.equal((await service.call(account, 'GET', '/v1/signals/quarantine')).status, 403, account)
  await service.work('match-signals')
  t.equal((await service.call('administrator', 'GET', '/v1/signals/quarantine')).body.items.length, 3, 'still nobody')
  await service.roster('students', [{ number: '99', name: '新生', major: '软件工程', grade: '2026', orgUnit: 'class' }])
  const before = service.roundTrips()
  await service.work('match-signals')
  t.equal(service.roundTrips() - before, 2, 'one look, one statement')
  t.match(
    (await storedSignals(service, 'external_id, student_id is not null as known, pending')).filter(row =>
      ['u', 'c'].includes(String(row.external_id)),
    ),
    [
      { external_id: 'u', known: true, pending: true },
      { external_id: 'c', known: true, pending: false },
    ],
  )
  t.equal((await service.asOwner("select 1 from journal where type = 'signals.matched'")).length, 1)
  const idle = service.roundTrips()
  await service.work('match-signals')
  t.equal(service.roundTrips() - idle, 1, 'cheap when nothing changed')
  await service.roster('students', [{ number: '98', name: '又一', major: '软件工程', grade: '2026', orgUnit: 'class' }])
  await raise(service, 'owner', { student: '98', kind: 'absence', severity: 'red' })
  await service.work('match-signals')
  t.equal((await service.call('administrator', 'GET', '/v1/signals/quarantine')).body.items.length, 0)
})

t.test('a source reads receipts of its own signals only', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const [one, two] = [await givenSource(service), await givenSource(service)]
  await one.send('/batch', { items: ['a', 'b', 'c'].map(externalId => aSignal({ externalId })) })
  await two.send('', aSignal({ externalId: 'other' }))
  await raise(service, 'owner', { student: '1', kind: 'absence', severity: 'red' })
  const page = await one.receipts('?limit=2')
  t.same(
    page.body.items,
    ['a', 'b'].map(externalId => ({ externalId, receivedAt: '2026-09-14T02:00:00.000Z', state: 'received' })),
  )
  const rest = await one.receipts(`?after=${page.body.next}`)
  t.match(rest.body.items, [{ externalId: 'c' }])
  t.same(
    (await one.receipts(`?after=${rest.body.next}`)).body,
    { items: [], next: rest.body.next },
    'go on from here later',
  )
  t.match((await two.receipts()).body.items, [{ externalId: 'other' }])
  t.equal((await one.receipts('?after=x')).body.code, 'bad_cursor')
})

t.test('people read receipts of what they raised themselves, without content', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const receipts = async (account: string, query = '') =>
    (await service.call(account, 'GET', `/v1/signals/receipts${query}`)).body
  const about = { kind: 'absence', severity: 'red' }
  await raise(service, 'colleague', { ...about, student: '1', externalId: 'one', note: '旷课canary。' })
  await raise(service, 'colleague', { ...about, student: '2', externalId: 'two' })
  await raise(service, 'owner', { ...about, student: '1', externalId: 'other' })
  await raise(service, 'student-1', { kind: 'request_for_help', severity: 'blue', externalId: 'help' })
  const receivedAt = '2026-09-14T02:00:00.000Z'
  const page = await receipts('colleague', '?limit=1')
  t.same(page.items, [{ externalId: 'one', receivedAt, state: 'received' }])
  t.same((await receipts('colleague', `?after=${page.next}`)).items, [
    { externalId: 'two', receivedAt, state: 'received' },
  ])
  t.same((await receipts('student-1')).items, [{ externalId: 'help', receivedAt, state: 'received' }])
  t.same((await receipts('student-2')).items, [])
  await service.work('fuse-signals')
  await service.asOwner(
    "update alerts set step = 'acknowledged', acknowledged_at = now(), version = 2, writes = 2, seen_version = 2 where student_id = (select id from students where number = '1')",
  )
  t.same(
    (await receipts('colleague')).items.map((each: { state: string }) => each.state),
    ['acknowledged', 'received'],
  )
  t.equal((await receipts('student-1')).items[0].state, 'acknowledged')
  t.equal((await service.call('administrator', 'GET', '/v1/signals/receipts')).status, 403)
})

t.test('institutions do not see one another', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const source = await givenSource(service)
  const foreign = randomUUID()
  await service.asOwner(`insert into institutions values ('${foreign}', '他校', 'Other', 'Asia/Shanghai', now())`)
  const token = service.token(source.clientId, {
    scopes: ['signals:write'],
    clientId: source.clientId,
    institution: foreign,
  })
  t.equal((await source.send('', aSignal(), { authorization: `Bearer ${token}` })).body.code, 'no_source_linked')
  await source.send('', aSignal({ externalId: 'x' }))
  const own = {
    institution: foreign,
    origin: 'rules' as const,
    actor: { kind: 'service' as const, id: null },
    requestId: 'r',
  }
  t.match(await takeSignals(service.deps, { ...own, items: [ruled('x')] }), [{ result: 'accepted' }])
  t.same(
    await service.asOwner(`select student_id from signals where institution_id = '${foreign}'`),
    [{ student_id: null }],
    'a number of another school is nobody’s',
  )
})
