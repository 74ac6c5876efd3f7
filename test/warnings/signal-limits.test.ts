import t from 'tap'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource, storedSignals } from '../support/signals.ts'

const raise = (service: Service, account: string, body: object, headers = {}) =>
  service.call(account, 'POST', '/v1/signals', body, { 'content-type': 'application/json', ...headers })

t.test('what is raised by hand is of the last 30 days', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const help = (observedAt: string) => ({ kind: 'request_for_help', severity: 'red', observedAt })
  t.equal((await raise(service, 'student-1', help('2026-08-15T02:00:00.000Z'))).status, 202, 'to the minute')
  const old = { ...help('2026-08-15T01:59:59.999Z'), externalId: 'old' }
  t.match((await raise(service, 'student-1', old)).body, { status: 422, code: 'observed_too_long_ago' })
  t.equal((await raise(service, 'owner', { ...old, student: '2' })).body.code, 'observed_too_long_ago', 'staff as well')
  const batch = { items: [old, help('2001-01-01T00:00:00Z'), { kind: 'request_for_help', severity: 'red' }] }
  const key = { 'idempotency-key': 'k' }
  const told = await service.call('student-1', 'POST', '/v1/signals/batch', batch, key)
  const refused = { result: 'refused', code: 'observed_too_long_ago' }
  t.match(told.body.items, [{ externalId: 'old', ...refused }, refused, { result: 'accepted' }])
  t.same((await service.call('student-1', 'POST', '/v1/signals/batch', batch, key)).body, told.body, 'and again')
  const source = await givenSource(service)
  t.equal((await source.send('', aSignal({ observedAt: '2016-01-01T00:00:00Z' }))).status, 202, 'a system may be late')
})

t.test('a student raises 20 signals a day, staff 1,000, each counted for themselves', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const many = (count: number, more: object = {}) => ({
    items: Array.from({ length: count }, (_, at) => ({
      kind: 'request_for_help',
      severity: 'red',
      observedAt: new Date(service.clock.now.getTime() - at * 60_000).toISOString(),
      externalId: `n${at}`,
      ...more,
    })),
  })
  const send = (account: string, body: object) => service.call(account, 'POST', '/v1/signals/batch', body)
  t.match((await send('student-1', many(21))).body, { status: 429, code: 'quota_exhausted', dailyQuota: 20 })
  t.equal((await storedSignals(service)).length, 0, 'nothing of it is taken')
  t.equal((await send('student-1', many(20))).status, 202)
  const help = { kind: 'request_for_help', severity: 'red', externalId: 'more' }
  const refused = await raise(service, 'student-1', help)
  t.match(refused.body, { status: 429, code: 'quota_exhausted', dailyQuota: 20 })
  t.equal(Number(refused.headers['retry-after']), 14 * 3600, 'until the next day begins where the school is')
  t.equal((await send('student-1', many(20))).body.items[19].result, 'duplicate', 'what is known costs nothing')
  t.equal((await raise(service, 'student-2', help)).status, 202, 'another student is not held back')
  t.equal((await send('owner', many(1000, { student: '1' }))).status, 202)
  t.match((await raise(service, 'owner', { ...help, student: '1' })).body, { dailyQuota: 1000 })
  service.clock.now = new Date(service.clock.now.getTime() + 14 * 3_600_000)
  t.equal((await raise(service, 'student-1', help)).status, 202, 'a new day')
})
