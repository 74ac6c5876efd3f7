import t from 'tap'
import { defaultSettings } from '../../src/practice/warning-settings.ts'
import { entriesOf, givenCalendar } from '../support/alerts.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService } from '../support/service.ts'

const url = '/v1/warning-settings'

t.test('settings are the defaults until the administrator puts others, whole', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const first = await service.call('owner', 'GET', url)
  t.equal(first.status, 200)
  t.equal(first.headers.etag, '"0"')
  t.same(first.body.settings, defaultSettings)
  t.same(
    [first.body.timeZone, first.body.updatedAt, first.body.calendar.horizon],
    ['Asia/Shanghai', null, '2000-01-01'],
  )
  const body = { settings: { ...defaultSettings, windowDays: 30 }, calendar: first.body.calendar }
  const put = (account: string, version: number | null, payload: unknown = body) =>
    service.call(account, 'PUT', url, payload, version === null ? {} : { 'if-match': `"${version}"` })
  t.equal((await put('administrator', null)).status, 428)
  t.equal((await put('administrator', 3)).status, 412)
  const done = await put('administrator', 0)
  t.same([done.status, done.body.version, done.headers.etag], [200, 1, '"1"'])
  t.equal((await put('administrator', 0)).body.code, 'version_stale')
  t.equal((await service.call('lineManager', 'GET', url)).body.settings.windowDays, 30)
  const entry = (await entriesOf(service, service.institution)).at(-1)
  t.same([entry?.type, entry?.version], ['warning_settings.changed', 1])
  for (const [account, reading, writing] of [
    ['owner', 200, 403],
    ['lineManager', 200, 403],
    ['practiceSupervisor', 200, 403],
    ['administrator', 200, 200],
    ['auditor', 403, 403],
    ['keyHolder', 403, 403],
    ['student-1', 403, 403],
    ['machine', 403, 403],
    ['formerLineManager', 403, 403],
  ] as const) {
    t.equal((await service.call(account, 'GET', url)).status, reading, `${account} reads`)
    t.equal((await put(account, 1)).status, writing, `${account} writes`)
  }
  t.equal((await service.call('administrator', 'GET', url)).body.version, 2)
})

t.test('settings that do not hold together are refused', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { settings, calendar } = (await service.call('administrator', 'GET', url)).body
  const bad: [string, object][] = [
    [
      'hours overlap',
      {
        settings,
        calendar: {
          ...calendar,
          hours: [
            { from: '08:00', until: '12:00' },
            { from: '11:00', until: '17:00' },
          ],
        },
      },
    ],
    [
      'a span ends before it begins',
      { settings, calendar: { ...calendar, hours: [{ from: '12:00', until: '08:00' }] } },
    ],
    ['no such time', { settings, calendar: { ...calendar, hours: [{ from: '24:00', until: '25:00' }] } }],
    ['no such weekday', { settings, calendar: { ...calendar, weekdays: [8] } }],
    ['no such day', { settings, calendar: { ...calendar, holidays: ['2026-02-30'] } }],
    [
      'a target of no time',
      {
        settings: {
          ...settings,
          targets: { ...settings.targets, red: { acknowledge: { clockHours: 0 }, resolve: { clockHours: 1 } } },
        },
        calendar,
      },
    ],
    ['an unknown role', { settings: { ...settings, routing: [{ owner: ['janitor'], tell: [] }] }, calendar }],
    ['an unknown member', { settings: { ...settings, more: 1 }, calendar }],
    ['half of it', { settings }],
  ]
  for (const [what, body] of bad) {
    const refused = await service.call('administrator', 'PUT', url, body, { 'if-match': '"0"' })
    t.same([refused.status, refused.body.code], [400, 'invalid_request'], what)
  }
})

t.test('settings that would switch warning off are refused, and say where', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { settings, calendar } = (await service.call('administrator', 'GET', url)).body
  const put = async (change: object) => {
    const body = { settings: { ...settings, ...change }, calendar }
    const told = await service.call('administrator', 'PUT', url, body, { 'if-match': '"0"' })
    return [
      told.status,
      ...(told.body.errors ?? []).map((each: { pointer: string; code: string }) => `${each.pointer} ${each.code}`),
    ]
  }
  const routing = '/settings/routing'
  t.same(await put({ routing: [] }), [400, `${routing} no_rule_for_all`])
  const some = { severities: ['red'], owner: ['counsellor'], tell: [] }
  t.same(await put({ routing: [some] }), [400, `${routing} no_rule_for_all`])
  const all = { owner: ['counsellor'], tell: [] }
  t.same(await put({ routing: [{ ...all, owner: [] }] }), [400, `${routing} no_rule_for_all`], 'nobody is named')
  t.same(await put({ routing: [some, { ...some, owner: [] }, all] }), [400, `${routing}/1/owner no_owner`])
  const nowhere = '01936d3e-7c00-7000-8000-00000000ffff'
  const [unit] = await service.asOwner("select id from org_units where external_id = 'college'")
  const of = (...units: unknown[]) => ({ routing: [{ ...all, units }, all] })
  t.same(await put(of(unit?.id, nowhere)), [422, `${routing}/0/units/1 unknown_reference`])
  const pair = (acknowledge: object, resolve: object) =>
    put({ targets: { ...settings.targets, red: { acknowledge, resolve } } })
  const early = [400, '/settings/targets/red/resolve before_acknowledge']
  t.same(await pair({ clockHours: 100 }, { clockHours: 1 }), early)
  t.same(await pair({ workingDays: 2 }, { workingHours: 13 }), early)
  t.same(await pair({ clockHours: 100 }, { workingDays: 1 }), early)
  t.same(await pair({ workingDays: 10 }, { clockHours: 72 }), early)
  t.same((await service.call('administrator', 'GET', url)).body.version, 0, 'nothing was set')
  t.same(await put({ ...of(String(unit?.id).toUpperCase()), windowDays: 20 }), [200], 'a rule for all, and known units')
})

t.test('the calendar proposed holds announced days only', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const proposed = await service.call('owner', 'GET', `${url}/calendar-proposal?year=2026`)
  t.equal(proposed.status, 200)
  t.ok(proposed.body.holidays.includes('2026-10-01'))
  t.ok(proposed.body.makeUpDays.includes('2026-10-10'))
  t.notOk(proposed.body.holidays.some((day: string) => day < '2026-01-01'))
  const newest = Number(proposed.body.horizon.slice(0, 4))
  t.equal(proposed.body.horizon, `${newest}-12-31`)
  t.ok(proposed.body.holidays.includes(`${newest}-10-01`), 'the horizon is that of the newest arrangement')
  const later = await service.call('owner', 'GET', `${url}/calendar-proposal?year=${newest + 1}`)
  t.same([later.status, later.body.code, later.body.newest], [422, 'year_not_announced', newest])
  t.equal((await service.call('owner', 'GET', `${url}/calendar-proposal?year=1999`)).status, 400)
  const put = await givenCalendar(service, { calendar: proposed.body })
  t.same(put.body.calendar, proposed.body, 'what is proposed can be put as it stands')
})

t.test('of two administrators at once one wins', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { settings, calendar } = (await service.call('administrator', 'GET', url)).body
  for (const version of [0, 1]) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        service.call('administrator', 'PUT', url, { settings, calendar }, { 'if-match': `"${version}"` }),
      ),
    )
    t.equal(answers.filter(answer => answer.status === 200).length, 1)
    t.ok(answers.every(answer => answer.status === 200 || answer.status === 412))
  }
})
