import t from 'tap'
import { makeSandboxClock } from '../../src/platform/sandbox-clock.ts'
import { givenCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a sandbox clock runs ahead of another and only forward', async t => {
  let wall = 1_000
  const clock = makeSandboxClock(() => new Date(wall), 500)
  t.equal(clock.now().getTime(), 1_500)
  clock.advance(200)
  t.equal(clock.offsetMs(), 500)
  clock.advance(900)
  wall = 2_000
  t.equal(clock.now().getTime(), 2_900)
})

t.test('an administrator moves the clock forward: targets, escalations and days follow, tokens do not', async t => {
  const service = await givenService(t, { sandbox: true })
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const get = () => service.call('administrator', 'GET', '/v1/sandbox/clock')
  t.same((await get()).body, { now: '2026-09-14T02:00:00.000Z', offsetSeconds: 0 })
  const post = (now: string, account = 'administrator', headers = {}) =>
    service.call(account, 'POST', '/v1/sandbox/clock', { now }, headers)
  for (const account of ['owner', 'lineManager', 'auditor', 'student-1', 'machine'])
    t.equal((await post('2026-12-01T00:00:00Z', account)).status, 403, account)
  for (const now of ['2026-09-14T02:00:00Z', '2026-09-01T00:00:00Z', '2027-12-01T00:00:00Z']) {
    const refused = await post(now)
    t.match(
      [refused.status, refused.body.code, refused.body.now],
      [422, 'clock_step_refused', '2026-09-14T02:00:00.000Z'],
      now,
    )
  }
  t.equal((await post('tomorrow')).status, 400)
  const moved = await post('2026-12-01T08:00:00+08:00', 'administrator', { 'idempotency-key': 'term' })
  t.equal(moved.status, 201)
  t.same(moved.body, { now: '2026-12-01T00:00:00.000Z', offsetSeconds: 6_732_000 })
  const again = await post('2026-12-01T08:00:00+08:00', 'administrator', { 'idempotency-key': 'term' })
  t.same([again.status, again.headers['idempotent-replayed']], [201, 'true'])
  t.equal((await post('2026-11-01T00:00:00Z')).body.code, 'clock_step_refused', 'never back')

  t.equal((await service.call('owner', 'GET', '/v1/me')).status, 200, 'tokens live by the real time')
  t.match(await readCrisis(service, crisisId), { overdue: true })
  await service.work()
  t.equal((await readCrisis(service, crisisId)).escalation, 2, 'every level is told')
  service.clock.now = new Date(service.clock.now.getTime() + 60_000)
  t.equal((await get()).body.now, '2026-12-01T00:01:00.000Z', 'it runs on from there')
  const [row] = await service.asOwner(
    `select expires_at < '2026-09-16' as real from idempotency_keys where key = 'term'`,
  )
  t.equal(row?.real, true, 'keys expire by the real time')
  const entries = await service.asOwner(`select entry::json as entry from journal where type = 'clock.moved'`)
  t.match(entries, [
    {
      entry: {
        at: '2026-09-14T02:00:00.000Z',
        data: { from: '2026-09-14T02:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
        actor: { kind: 'staff' },
      },
    },
  ])
  t.equal(entries.length, 1)
  const restarted = await givenService(t, { sandbox: true, restored: { from: service, db: service.db } })
  t.same(
    (await restarted.call('administrator', 'GET', '/v1/sandbox/clock')).body.now,
    '2026-12-01T00:01:00.000Z',
    'kept over a restart',
  )
})

t.test('anywhere else there is no such clock', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  for (const method of ['GET', 'POST'] as const) {
    const body = method === 'POST' ? { now: '2026-12-01T00:00:00Z' } : undefined
    const answer = await service.call('administrator', method, '/v1/sandbox/clock', body)
    t.match([answer.status, answer.body.code], [409, 'not_in_sandbox'])
    t.equal((await service.call('owner', method, '/v1/sandbox/clock', body)).status, 403)
  }
  t.same(await service.asOwner('select 1 from sandbox_clock'), [])
})
