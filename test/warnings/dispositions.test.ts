import t from 'tap'
import { act, alertsOf, alertVersion, entriesOf, fuse, givenAlert, versionsOf, workOf } from '../support/alerts.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('each disposition leaves its record, sealed; moves and replays answer as cases do', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, {
    severity: 'blue',
    observedAt: '2026-08-31T16:00:00Z',
  })
  const dry = await act(service, owner, id, 'transitions?dryRun=true', { to: 'acknowledged' })
  t.same([dry.status, dry.body], [200, { alertId: id, from: 'raised', to: 'acknowledged', allowed: true }])
  const moved = await act(
    service,
    owner,
    id,
    'transitions',
    { to: 'acknowledged', note: '已受理canary。' },
    { key: 'once', version: 1 },
  )
  t.equal(moved.status, 201)
  t.same(moved.body, { alertId: id, from: 'raised', to: 'acknowledged', alertVersion: 2 })
  t.equal(moved.headers.etag, '"2"')
  const again = await act(
    service,
    owner,
    id,
    'transitions',
    { to: 'acknowledged', note: '已受理canary。' },
    { key: 'once', version: 1 },
  )
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.same(again.body, moved.body)
  const other = await act(service, owner, id, 'transitions', { to: 'resolved' }, { key: 'once' })
  t.equal(other.body.code, 'idempotency_key_reused')
  const early = await act(service, owner, id, 'transitions', { to: 'resolved' })
  t.equal(early.body.code, 'requirements_unmet')
  t.same(early.body.missing[0].check, 'disposition_on_file')
  t.equal(
    (await act(service, owner, id, 'transitions', { to: 'resolved', reason: 'x' })).body.code,
    'reason_not_allowed',
  )
  t.equal((await act(service, owner, id, 'transitions', { to: 'raised' })).body.code, 'step_not_reachable')
  t.equal((await act(service, owner, id, 'transitions', { to: 'resolved' }, { version: 1 })).status, 412)
  t.equal((await service.call(owner, 'POST', `/v1/alerts/${id}/transitions`, { to: 'resolved' })).status, 428)
  const words = '谈话canary内容。'
  for (const body of [
    { kind: 'talk', words },
    { kind: 'study_discussion', words, on: '2026-09-01' },
    { kind: 'interest_group', words },
    { kind: 'declined', words },
    { kind: 'not_reached', words, attempts: 3 },
    { kind: 'no_action', words },
    { kind: 'watch', until: '2026-10-01', words },
  ]) {
    const filed = await act(service, owner, id, 'dispositions', body)
    t.equal(filed.status, 201, body.kind)
    t.equal(filed.body.kind, body.kind)
  }
  for (const [body, status, code] of [
    [{ kind: 'talk' }, 400, 'invalid_request'],
    [{ kind: 'merged', words }, 400, 'invalid_request'],
    [{ kind: 'not_reached', words }, 400, 'invalid_request'],
    [{ kind: 'watch', until: '2026-09-14' }, 422, 'day_unfit'],
    [{ kind: 'watch', until: '2027-09-16' }, 422, 'day_unfit'],
    [{ kind: 'talk', words, on: '2026-09-15' }, 422, 'day_unfit'],
    [{ kind: 'talk', words, on: '2026-08-31' }, 422, 'day_unfit'],
    [{ kind: 'talk', words, on: '1900-01-01' }, 422, 'day_unfit'],
    [{ kind: 'objection_upheld', words }, 409, 'no_objection_upheld'],
  ] as const) {
    const refused = await act(service, owner, id, 'dispositions', body)
    t.same([refused.status, refused.body.code], [status, code])
  }
  const seen = (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body
  t.same(
    seen.dispositions.map((each: { kind: string }) => each.kind),
    ['talk', 'study_discussion', 'interest_group', 'declined', 'not_reached', 'no_action', 'watch'],
  )
  t.equal(seen.dispositions[0].words, words)
  t.equal(seen.dispositions[1].on, '2026-09-01')
  t.equal(seen.dispositions[4].attempts, 3)
  t.equal(seen.dispositions[6].until, '2026-10-01')
  t.same(
    seen.notes.map((each: { words: string; type: string }) => [each.type, each.words]),
    [['alert.moved', '已受理canary。']],
  )
  t.equal((await act(service, owner, id, 'transitions', { to: 'resolved' })).status, 201)
  for (const path of ['dispositions', 'notices'] as const) {
    const body = path === 'notices' ? { to: 'student', method: 'phone', outcome: 'given' } : { kind: 'talk', words }
    t.equal((await act(service, owner, id, path, body)).body.code, 'alert_is_resolved')
  }
  t.same(await versionsOf(service, id), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  const [row] = await service.asOwner(`select * from alerts where id = '${id}'`)
  t.ok(row?.acknowledged_at && row.resolved_at && row.escalates_at === null)
  for (const table of ['journal', 'alert_dispositions', 'vault', 'idempotency_keys', 'alerts'])
    t.same(
      await service.asOwner(
        `select 1 from ${table} x where x::text like '%canary%' or x::text like '%${Buffer.from('canary').toString('hex')}%'`,
      ),
      [],
      `${table} holds no words`,
    )
})

t.test('a watch that comes to its day flags the student again, once', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { severity: 'red' })
  const watched = await act(service, owner, id, 'dispositions', { kind: 'watch', until: '2026-10-20', words: '观察。' })
  await service.work('end-watches')
  t.same(await service.asOwner("select 1 from signals where kind = 'watch_ended'"), [], 'not before its day')
  service.clock.now = new Date('2026-10-19T15:59:00Z')
  await service.work('end-watches')
  t.same(await service.asOwner("select 1 from signals where kind = 'watch_ended'"), [], 'the institution’s day counts')
  service.clock.now = new Date('2026-10-19T16:01:00Z')
  if (postgresUrl) await Promise.all([1, 2, 3].map(() => workOf(service, 'end-watches').pass()))
  await service.work('end-watches')
  await fuse(service)
  const signals = await service.asOwner("select * from signals where kind = 'watch_ended'")
  t.equal(signals.length, 1)
  t.match(signals[0], {
    origin: 'service',
    severity: 'yellow',
    external_id: `watch:${watched.body.id}`,
    pending: false,
  })
  const [, anew] = await alertsOf(service, studentId)
  t.equal(anew?.step, 'raised')
  t.equal(anew?.owner, owner, 'who set it is told, not whoever has the fewest alerts')
  t.equal(
    (await service.call(owner, 'GET', `/v1/alerts/${id}`)).body.dispositions[0].flaggedAt,
    '2026-10-19T16:01:00.000Z',
  )
  const entry = (await entriesOf(service, id)).at(-1)
  t.equal(entry?.type, 'alert.watch_ended')
  t.equal(entry?.data.signalId, signals[0]?.id)
})

t.test('a watch that ends in an open alert is told to who set it, while they hold a role', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string
  const watch = async (until: string) => {
    const { id } = await givenAlert(service, studentId, { observedAt: service.clock.now.toISOString() })
    await act(service, 'lineManager', id, 'dispositions', { kind: 'watch', until, words: '观察。' })
    service.clock.now = new Date(`${until}T02:00:00Z`)
  }
  const told = async () =>
    (await service.asOwner(`select 1 from alert_told where staff_id = '${staff.lineManager}'`)).length
  await watch('2026-10-20')
  const open = await givenAlert(service, studentId)
  await service.work('end-watches')
  await fuse(service)
  t.equal(await told(), 1)
  t.match((await entriesOf(service, open.id)).at(-1), { type: 'alert.joined', data: { toldIds: [staff.lineManager] } })
  await watch('2026-11-20')
  await service.asOwner(`update staff_roles set valid_until = '2026-11-01' where staff_id = '${staff.lineManager}'`)
  await service.work('end-watches')
  await fuse(service)
  const last = (await alertsOf(service, studentId)).at(-1)
  t.not(last?.owner_id, staff.lineManager)
  t.equal(await told(), 1, 'not who holds no role any more')
})

t.test('a crisis is opened by the crises’ own command', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, { kind: 'safety_concern', severity: 'red' })
  const body = { kind: 'crisis_opened', crisis: 'safety', words: '立即启动。' }
  const opened = await act(service, owner, id, 'dispositions', body)
  t.equal(opened.status, 201)
  const told = await service.call('coWorker', 'GET', `/v1/alerts/${id}`)
  t.notMatch(told.text, opened.body.crisisId, 'who is told of the alert is not told of the crisis')
  t.match((await service.call(owner, 'GET', `/v1/alerts/${id}`)).text, opened.body.crisisId)
  const again = await act(service, owner, id, 'dispositions', body)
  t.equal(again.body.code, 'crisis_is_open')
  const bare = { kind: 'crisis_opened', crisis: 'academic', words: '濒临退学。' }
  t.equal((await act(service, owner, id, 'dispositions', bare)).body.code, 'crisis_kind_unfit')
  t.equal((await service.asOwner('select 1 from alert_dispositions')).length, 1, 'what is refused is not filed')
})

t.test('races: one move of many, one case of two', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  const moves = await Promise.all(
    Array.from({ length: 64 }, () => act(service, owner, id, 'transitions', { to: 'acknowledged' }, { version: 1 })),
  )
  t.equal(moves.filter(each => each.status === 201).length, 1)
  t.ok(moves.every(each => each.status === 201 || each.status === 412))
  t.same(await versionsOf(service, id), [1, 2])
  const cases = await Promise.all(
    Array.from({ length: 8 }, () => act(service, owner, id, 'dispositions', { kind: 'case_opened' }, { version: 2 })),
  )
  t.equal(cases.filter(each => each.status === 201).length, 1, cases.map(each => each.text).join('\n'))
  t.ok(cases.every(each => each.status === 201 || each.status === 412 || each.body.code === 'open_case_exists'))
  const talks = await Promise.all(
    ['a', 'b'].map(words => act(service, owner, id, 'dispositions', { kind: 'talk', words }, { version: 3 })),
  )
  t.same(talks.map(each => each.status).sort(), [201, 412])
  t.equal((await service.asOwner('select 1 from cases')).length, 1)
  t.equal((await service.asOwner('select 1 from alert_dispositions')).length, 2)
  t.same(await versionsOf(service, id), [1, 2, 3, 4])
  const same = await Promise.all(
    Array.from({ length: 8 }, () =>
      service.call(owner, 'POST', `/v1/alerts/${id}/notices`, { to: 'student', method: 'phone', outcome: 'attempted' }),
    ),
  )
  t.ok(same.every(each => each.status === 201 || each.status === 412))
  t.same(
    await versionsOf(service, id),
    Array.from({ length: await alertVersion(service, id) }, (_, index) => index + 1),
  )
})
