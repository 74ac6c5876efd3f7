import t from 'tap'
import { declaredStatements } from '../../src/platform/database.ts'
import {
  allowsRelation,
  mayEver,
  type PermissionName,
  permissions,
  scopes,
  seeing,
} from '../../src/practice/permissions.ts'
import { act, alertsOf, givenAlert, givenCalendar } from '../support/alerts.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

/** An alert owned by `owner`, of which the counsellor of psychology is told and student 1 was notified. */
const givenKnownAlert = async (service: Service) => {
  const { staff, students } = await givenSchool(service)
  const given = await givenAlert(service, students['1'] as string, { kind: 'low_mood', severity: 'orange' })
  if (given.owner !== 'owner') await act(service, 'lineManager', given.id, 'owner', { toId: staff.owner })
  await act(service, 'owner', given.id, 'notices', { to: 'student', method: 'phone', outcome: 'given' })
  return { ...given, owner: 'owner', staff, students }
}

/** How each account stands to the alert. */
const standing: Readonly<
  Record<
    string,
    { readonly kind: 'staff' | 'student' | 'client'; readonly roles: string[]; readonly relations: string[] }
  >
> = {
  owner: { kind: 'staff', roles: ['counsellor'], relations: ['owner'] },
  coWorker: { kind: 'staff', roles: ['psychological_counsellor'], relations: ['told'] },
  colleague: { kind: 'staff', roles: ['counsellor'], relations: [] },
  outsider: { kind: 'staff', roles: ['counsellor'], relations: [] },
  lineManager: { kind: 'staff', roles: ['line_manager'], relations: ['line_manager', 'told'] },
  otherLineManager: { kind: 'staff', roles: ['line_manager'], relations: [] },
  formerLineManager: { kind: 'staff', roles: [], relations: [] },
  practiceSupervisor: { kind: 'staff', roles: ['practice_supervisor'], relations: [] },
  administrator: { kind: 'staff', roles: ['administrator'], relations: [] },
  auditor: { kind: 'staff', roles: ['auditor'], relations: [] },
  keyHolder: { kind: 'staff', roles: ['key_holder'], relations: [] },
  'student-1': { kind: 'student', roles: [], relations: ['student'] },
  'student-2': { kind: 'student', roles: [], relations: [] },
  machine: { kind: 'client', roles: [], relations: [] },
}

const expected = (account: string, name: PermissionName): 'through' | 403 | 404 => {
  const who = standing[account] as (typeof standing)[string]
  const ever = mayEver({ kind: who.kind, roles: who.roles, scopes }, name)
  if (ever !== 'yes') return ever === 'no' ? 403 : 404
  if (!('relations' in permissions[name])) return 'through'
  if (allowsRelation(name, who.relations)) return 'through'
  return who.relations.some(relation => seeing.includes(relation as 'owner')) ? 403 : 404
}

const other = '01936d3e-7c00-7000-8000-00000000ffff'
const bodies: Readonly<Record<string, object | undefined>> = {
  moveAlert: { to: 'acknowledged' },
  disposeAlert: { kind: 'talk', words: '话。' },
  notifyOfAlert: { to: 'family', method: 'phone', outcome: 'attempted', on: '2099-01-01' },
  objectToAlert: { words: '话。' },
  answerObjection: { answer: 'upheld', words: '话。' },
  mergeAlerts: { into: other },
  splitAlert: { signalIds: [other] },
  reassignAlert: { toId: other },
}

t.test('every role and relation × every operation on an alert', async t => {
  const service = await givenService(t)
  const { id } = await givenKnownAlert(service)
  const routes = service.app.routes.filter(route => route.path.startsWith('/v1/alerts/:alertId'))
  t.ok(routes.length >= 12)
  for (const route of routes)
    for (const account of Object.keys(standing)) {
      const url = route.path.replace(':alertId', id).replace(':objectionId', other)
      const answer = await service.call(account, route.method, url, bodies[route.operationId], {
        'if-match': '"999999"',
      })
      const due = expected(account, route.permission)
      const shown = `${account} ${route.operationId}: ${answer.status} for ${due}`
      if (due === 'through') t.notOk([401, 403].includes(answer.status), shown)
      else t.equal(answer.status, due, shown)
      const nowhere = await service.call(account, route.method, url.replace(id, other), bodies[route.operationId], {
        'if-match': '"999999"',
      })
      t.ok([403, 404].includes(nowhere.status), `${account} ${route.operationId} of no alert`)
      if (due === 404)
        t.same({ ...nowhere.body, instance: '', requestId: '' }, { ...answer.body, instance: '', requestId: '' })
    }
})

/** The row of alerts, written out: it must not follow the rules by itself. */
const paths = ['', '/transitions', '/timeline'] as const
const written: Readonly<Record<string, readonly number[]>> = {
  owner: [200, 200, 200],
  coWorker: [200, 200, 200],
  colleague: [404, 404, 404],
  outsider: [404, 404, 404],
  lineManager: [200, 200, 200],
  otherLineManager: [404, 404, 404],
  formerLineManager: [403, 403, 403],
  practiceSupervisor: [404, 404, 404],
  administrator: [403, 403, 403],
  auditor: [403, 403, 403],
  keyHolder: [403, 403, 403],
  'student-1': [200, 404, 404],
  'student-2': [404, 404, 404],
  machine: [403, 403, 403],
}

t.test('the access row, written out; lists, search, counters and feed know the same people', async t => {
  const service = await givenService(t)
  const { id, students } = await givenKnownAlert(service)
  await service.seal()
  const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(each => each.id)
  for (const [account, row] of Object.entries(written)) {
    for (const [index, path] of paths.entries()) {
      const { status } = await service.call(account, 'GET', `/v1/alerts/${id}${path}`)
      t.equal(status, row[index], `${account} ${path}`)
    }
    const knows = row[0] === 200
    const list = await service.call(account, 'GET', `/v1/alerts?studentId=${students['1']}`)
    if (list.status === 200) t.same(ids(list as never), knows ? [id] : [], `${account} lists`)
    else t.equal(list.status, 403)
    const search = await service.call(account, 'POST', '/v1/alerts/search', { text: '晓明' })
    if (search.status === 200) t.same(ids(search as never), knows ? [id] : [], `${account} searches`)
    const counters = await service.call(account, 'GET', '/v1/alerts/counters')
    if (counters.status === 200) t.equal(counters.body.open, knows ? 1 : 0, `${account} counts`)
    const feed = await service.call(account, 'GET', '/v1/journal?limit=200')
    if (feed.status === 200 && !['auditor', 'machine'].includes(account))
      t.equal(feed.text.includes(id), knows, `${account} follows`)
  }
})

t.test('inbox: filters, pages, search and counters, each in one round trip', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCalendar(service)
  const start = service.clock.now.getTime()
  const made: string[] = []
  for (const [index, severity] of ['blue', 'yellow', 'orange', 'red', 'red'].entries()) {
    service.clock.now = new Date(start + index * 60_000)
    const studentId = students[String((index % 3) + 1)] as string
    made.push(
      (
        await givenAlert(service, studentId, {
          severity,
          observedAt: new Date(start - index * 4 * 86_400_000).toISOString(),
        })
      ).id,
    )
  }
  t.equal(new Set(made).size, 3, 'two joined: the window of the first reaches back')
  const [first, second, third] = made as [string, string, string]
  const inbox = async (query: string, account = 'lineManager') => {
    const before = service.roundTrips()
    const answer = await service.call(account, 'GET', `/v1/alerts${query}`)
    t.equal(service.roundTrips() - before, 1, `one round trip ${query}`)
    t.equal(answer.status, 200, query)
    return answer
  }
  const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(each => each.id)
  t.same(ids(await inbox('')), [third, second, first], 'newest first')
  t.same(ids(await inbox('?severity=red')), [second, first])
  t.same(ids(await inbox('?severity=orange')), [third])
  t.same(ids(await inbox('?step=acknowledged')), [])
  t.same(ids(await inbox('?scope=mine')), [])
  t.same(ids(await inbox('?scope=unit')), [third, second, first])
  t.same(ids(await inbox('?scope=told')), [second, first])
  t.same(ids(await inbox(`?studentId=${students['2']}`)), [second])
  t.same(ids(await inbox('?status=resolved')), [])
  const page = await inbox('?limit=2')
  t.same(ids(page), [third, second])
  t.match(page.headers.link, /rel="next"/)
  t.same(ids(await inbox(`?limit=2&cursor=${encodeURIComponent(page.body.next)}`)), [first])
  t.equal((await service.call('owner', 'GET', '/v1/alerts?cursor=forged')).body.code, 'bad_cursor')
  t.equal((await service.call('owner', 'GET', '/v1/alerts?page=2')).status, 400)
  const [item] = (await inbox('')).body.items
  t.match(item, {
    student: { name: '陈未成年' },
    severity: 'orange',
    signalCount: 1,
    ageMinutes: 2,
    overdue: false,
    kinds: ['failed_course'],
    acknowledgedAt: null,
    resolvedAt: null,
  })
  t.ok(item.acknowledgeBy <= item.resolveBy)
  service.clock.now = new Date(start + 26 * 3_600_000)
  t.same(ids(await inbox('?overdue=true')), [third, second, first])
  t.same(ids(await inbox('?overdue=false')), [])
  const counting = service.roundTrips()
  const counters = (await service.call('lineManager', 'GET', '/v1/alerts/counters')).body
  t.equal(service.roundTrips() - counting, 1)
  t.same(counters, {
    open: 3,
    steps: { raised: 3, acknowledged: 0 },
    severities: { blue: 0, yellow: 0, orange: 1, red: 2 },
    overdue: 3,
    beyondHorizon: 0,
    unowned: 0,
  })
  const search = async (text: string) => ids(await service.call('lineManager', 'POST', '/v1/alerts/search', { text }))
  t.same(await search('思雨'), [second])
  t.same(await search('雨思'), [])
  t.equal((await service.call('lineManager', 'POST', '/v1/alerts/search', { text: '晓' })).status, 400)
  const [row] = await alertsOf(service, students['1'] as string)
  const owner = String(row?.owner)
  const getting = service.roundTrips()
  t.equal((await service.call(owner, 'GET', `/v1/alerts/${row?.id}`)).status, 200)
  t.equal(service.roundTrips() - getting, 1, 'reading one, journalled, is one round trip')
  const version = Number(row?.version)
  const moving = service.roundTrips()
  t.equal((await act(service, owner, String(row?.id), 'transitions', { to: 'acknowledged' }, { version })).status, 201)
  t.equal(service.roundTrips() - moving, 2, 'a move is two')
  const [seen] = (await inbox('?step=acknowledged')).body.items
  t.equal(seen.acknowledgedAt, service.clock.now.toISOString(), 'a list proves what was in time')
  const walking = (await service.call(owner, 'GET', `/v1/alerts/${row?.id}/timeline?limit=1`)).body
  t.equal(walking.items[0].entry.type, 'alert.raised')
  const rest = await service.call(
    owner,
    'GET',
    `/v1/alerts/${row?.id}/timeline?cursor=${encodeURIComponent(walking.next)}`,
  )
  t.same(rest.body.items.map((each: { entry: { type: string } }) => each.entry.type).at(-1), 'alert.moved')
  t.ok(rest.body.items.at(-1).actorName)
})

t.test('a page of the inbox walks indexes: no scan and no sort of what is open', { skip: !postgresUrl }, async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await service.asOwner(
    `alter table alerts disable trigger user;
     insert into alerts (institution_id, id, step, step_since, version, writes, move_count, opened_at, updated_at, student_id, org_unit_id, owner_id,
       severity, joins_until, signal_count, beyond_horizon, escalation, rules_version)
     select '${service.institution}', gen_random_uuid(), case when g % 5 = 0 then 'raised' else 'resolved' end, 1, 1, 1, 0, now() - g * interval '1 minute', now(),
       '${students['1']}', s.org_unit_id, case when g % 2 = 0 then '${staff.owner}'::uuid else '${staff.colleague}'::uuid end, 'blue', now(), 1, false, 0, 0
     from generate_series(1, 40000) g cross join students s where s.id = '${students['1']}';
     insert into alert_told (institution_id, alert_id, staff_id, why, at, opened_at, open)
     select institution_id, id, '${staff.coWorker}', 'routed', now(), opened_at, step <> 'resolved' from alerts;
     alter table alerts enable trigger user; analyze alerts; analyze alert_told`,
  )
  const text = declaredStatements().get('alerts.list_all_open')
  for (const [account, index] of [
    ['owner', 'alerts_open_by_owner'],
    ['coWorker', 'alert_told_open_by_staff'],
    ['lineManager', 'alerts_open_by_unit'],
  ] as const) {
    const rows = await service.asOwner(
      `set plan_cache_mode = force_generic_plan; prepare inbox as ${text};
       explain (analyze, costs off, timing off) execute inbox('${service.institution}', 'bangfu', '${account}', '2026-09-14T02:00:00Z', 50, null, null, null, null, null, null)`,
    )
    const plan = rows.map(row => String(row['QUERY PLAN'])).join('\n')
    t.match(plan, index, account)
    t.notMatch(plan, /Seq Scan on (alerts|alert_told)/, account)
    const walked = [...plan.matchAll(/rows=(\d+)/g)].map(match => Number(match[1]))
    t.ok(Math.max(...walked) <= 100, `${account} touches ${Math.max(...walked)} rows for a page of 50\n${plan}`)
  }
})
