import t from 'tap'
import {
  allowsRelation,
  mayEver,
  type PermissionName,
  permissions,
  scopes,
  seeing,
} from '../../src/practice/permissions.ts'
import { givenCase } from '../support/cases.ts'
import { askCrisis, givenCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** How each account of the school stands to the crisis of the table. */
const standing: Readonly<
  Record<
    string,
    { readonly kind: 'staff' | 'student' | 'client'; readonly roles: string[]; readonly relations: string[] }
  >
> = {
  owner: { kind: 'staff', roles: ['counsellor'], relations: ['lead'] },
  colleague: { kind: 'staff', roles: ['counsellor'], relations: ['told'] },
  outsider: { kind: 'staff', roles: ['counsellor'], relations: ['responder'] },
  pastCoWorker: { kind: 'staff', roles: ['counsellor'], relations: [] },
  coWorker: { kind: 'staff', roles: ['psychological_counsellor'], relations: [] },
  practiceSupervisor: { kind: 'staff', roles: ['practice_supervisor'], relations: [] },
  lineManager: { kind: 'staff', roles: ['line_manager'], relations: ['line_manager'] },
  otherLineManager: { kind: 'staff', roles: ['line_manager'], relations: [] },
  formerLineManager: { kind: 'staff', roles: [], relations: [] },
  administrator: { kind: 'staff', roles: ['administrator'], relations: [] },
  auditor: { kind: 'staff', roles: ['auditor'], relations: [] },
  keyHolder: { kind: 'staff', roles: ['key_holder'], relations: [] },
  'student-1': { kind: 'student', roles: [], relations: [] },
  'student-2': { kind: 'student', roles: [], relations: [] },
  machine: { kind: 'client', roles: [], relations: [] },
}

const expected = (account: string, name: PermissionName): 'through' | 403 | 404 => {
  const who = standing[account] as (typeof standing)[string]
  const ever = mayEver({ kind: who.kind, roles: who.roles, scopes }, name)
  if (ever !== 'yes') return ever === 'no' ? 403 : 404
  if (!('relations' in permissions[name])) return 'through'
  if (allowsRelation(name, who.relations)) return 'through'
  return who.relations.some(relation => seeing.includes(relation as 'lead')) ? 403 : 404
}

/** Written out, so that it does not follow the rules by itself: reading, timeline, minutes; minute, measure. */
const written: Readonly<Record<string, readonly number[]>> = {
  owner: [200, 200, 200, 201, 201],
  colleague: [200, 200, 200, 403, 403],
  outsider: [200, 200, 200, 201, 403],
  pastCoWorker: [404, 404, 404, 404, 404],
  coWorker: [404, 404, 404, 404, 404],
  practiceSupervisor: [404, 404, 404, 404, 404],
  lineManager: [200, 200, 200, 201, 201],
  otherLineManager: [404, 404, 404, 404, 404],
  formerLineManager: [403, 403, 403, 403, 403],
  administrator: [403, 403, 403, 403, 403],
  auditor: [403, 403, 403, 403, 403],
  keyHolder: [403, 403, 403, 403, 403],
  'student-1': [404, 404, 404, 404, 404],
  'student-2': [404, 404, 404, 404, 404],
  machine: [403, 403, 403, 403, 403],
}

t.test('every role and relation × every operation on a crisis', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string, { leadId: staff.owner }, 'colleague')
  await onCrisis(service, crisisId, 'responders', { kind: 'staff', staffId: staff.outsider })
  const other = '01936d3e-7c00-7000-8000-00000000ffff'
  for (const [account, row] of Object.entries(written)) {
    const minute = { happenedAt: '2026-09-14T01:30:00Z', text: '记录。' }
    const measure = { kind: 'companion', basis: 'student_consent', from: '2026-09-14T01:30:00Z', note: '陪护。' }
    const answers = [
      await service.call(account, 'GET', `/v1/crises/${crisisId}`),
      await service.call(account, 'GET', `/v1/crises/${crisisId}/timeline`),
      await service.call(account, 'GET', `/v1/crises/${crisisId}/minutes`),
      await service.call(account, 'POST', `/v1/crises/${crisisId}/minutes`, minute),
      await service.call(account, 'POST', `/v1/crises/${crisisId}/measures`, measure),
    ]
    t.same(
      answers.map(each => each.status),
      row,
      account,
    )
  }
  const routes = service.app.routes.filter(route => route.path.startsWith('/v1/crises'))
  t.ok(routes.length > 20)
  for (const route of routes) {
    if (route.operationId === 'openCrisis' || route.operationId === 'releaseCrisisResponder') continue
    const url = route.path.replace(':crisisId', crisisId).replace(/:\w+/g, other)
    const body = route.body ? (route.body.meta() as { examples?: unknown[] }).examples?.[0] : undefined
    for (const account of Object.keys(standing)) {
      const headers = route.method === 'GET' ? {} : { 'if-match': '"999999"' }
      const answer = await service.call(account, route.method, url, body, headers)
      const due = expected(account, route.permission)
      const shown = `${account} ${route.operationId}: ${answer.status} ${answer.body?.code ?? ''}`
      if (due === 'through') t.not(answer.body?.code, 'not_permitted', shown)
      else t.equal(answer.status, due, shown)
    }
  }
  const list = async (account: string) => (await service.call(account, 'GET', '/v1/crises')).body.items?.length
  for (const [account, who] of Object.entries(standing)) {
    if (expected(account, 'crisis:list') !== 'through') continue
    t.equal(await list(account), who.relations.length > 0 ? 1 : 0, `${account} list`)
  }
  await service.seal()
  for (const [account, who] of Object.entries(standing)) {
    const feed = await service.call(account, 'GET', '/v1/journal?limit=200')
    if (feed.status !== 200) continue
    // A machine client is told of the types it was granted: of none here.
    const sees = who.relations.length > 0 || account === 'auditor'
    const shown = feed.body.items.some((item: { type: string }) => item.type === 'crisis.opened')
    t.equal(shown, sees, `${account} feed`)
  }
})

t.test('who may open a crisis, for whom, linked to what', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const student = students['1'] as string
  for (const [account, status] of [
    ['outsider', 404],
    ['otherLineManager', 404],
    ['student-1', 404],
    ['administrator', 403],
    ['auditor', 403],
    ['machine', 403],
  ] as const)
    t.equal((await askCrisis(service, student, {}, account)).status, status, account)
  t.equal((await askCrisis(service, '01936d3e-7c00-7000-8000-00000000ffff')).status, 404)
  const caseId = await givenCase(service, student)
  const stranger = await askCrisis(service, student, { caseId }, 'coWorker')
  t.equal(stranger.body.code, 'crisis_link_unfit', 'a case one does not work on cannot be named')
  const unknown = await askCrisis(service, student, { caseId: '01936d3e-7c00-7000-8000-00000000ffff' }, 'coWorker')
  t.same([unknown.status, unknown.body.code], [stranger.status, stranger.body.code], 'whether it exists is not told')
  t.equal(
    (await askCrisis(service, students['2'] as string, { caseId })).body.code,
    'crisis_link_unfit',
    'of another student',
  )
  t.equal((await askCrisis(service, student, { alertId: caseId })).body.code, 'crisis_link_unfit')
  t.equal((await askCrisis(service, student, { kind: 'academic', subkind: null })).body.code, 'crisis_kind_unfit')
  t.equal((await askCrisis(service, student, { kind: 'academic' })).body.code, 'crisis_kind_unfit')
  t.equal((await askCrisis(service, student, { subkind: 'moved_down' })).body.code, 'crisis_kind_unfit')
  for (const leadId of [staff.administrator, staff.formerLineManager, student])
    t.equal((await askCrisis(service, student, { leadId })).body.code, 'staff_unfit')
  t.equal((await askCrisis(service, student, { note: '' })).status, 400)
  t.equal((await askCrisis(service, student, { kind: 'other' })).status, 400)
  const [{ n }] = (await service.asOwner('select count(*)::int as n from crises')) as [{ n: number }]
  t.equal(n, 0, 'nothing was written')
  const opened = await askCrisis(service, student, { caseId })
  t.equal(opened.status, 201)
  t.equal((await readCrisis(service, opened.body.crisisId)).caseId, caseId)
  await onCrisis(service, opened.body.crisisId, 'responders', { kind: 'staff', staffId: staff.coWorker })
  t.equal(
    (await readCrisis(service, opened.body.crisisId, 'coWorker')).caseId,
    null,
    'a responder does not learn of the case',
  )
  t.equal((await askCrisis(service, student, {}, 'coWorker')).body.code, 'crisis_is_open')
  await service.roster('students', [
    { number: '1', name: '王晓明', birthDate: '2006-01-01', major: '软件工程', grade: '2025', orgUnit: 'other' },
  ])
  const moved = await askCrisis(service, student, { kind: 'academic', subkind: 'moved_down' })
  t.equal(moved.status, 201, 'the owner of a case, though the student changed units')
  t.equal((await askCrisis(service, student, { kind: 'academic', subkind: 'moved_down' }, 'lineManager')).status, 404)
  const manages = await askCrisis(service, student, { kind: 'academic', subkind: 'moved_down', caseId }, 'lineManager')
  t.equal(manages.body.code, 'crisis_is_open', 'the line manager of the case named')
})

t.test('another institution sees nothing, not even that something is there', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const elsewhere = '01936d3e-7c00-7000-8000-0000000000aa'
  await service.asOwner(`insert into institutions values ('${elsewhere}', '别校', 'Elsewhere', 'Asia/Shanghai', now())`)
  await service.roster('org-units', [{ externalId: 'dept', kind: 'department', nameZh: '系' }], elsewhere)
  await service.roster(
    'staff',
    [
      {
        externalId: 'x',
        name: '他校',
        roles: [{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-01-01' }],
        identities: [{ issuer: 'bangfu', subject: 'owner' }],
      },
    ],
    elsewhere,
  )
  const authorization = `Bearer ${service.token('owner', { institution: elsewhere })}`
  const ask = (method: 'GET' | 'POST', url: string, payload?: object) =>
    service.app.server.inject({
      method,
      url,
      headers: { authorization, 'idempotency-key': `k-${url}`, 'if-match': '"1"' },
      ...(payload ? { payload } : {}),
    })
  for (const path of ['', '/transitions', '/timeline', '/minutes', '/words/01936d3e-7c00-7000-8000-00000000ffff'])
    t.equal((await ask('GET', `/v1/crises/${crisisId}${path}`)).statusCode, 404, path)
  t.equal((await ask('POST', `/v1/crises/${crisisId}/transitions`, { to: 'mobilised' })).statusCode, 404)
  t.equal(
    (await ask('POST', `/v1/crises/${crisisId}/minutes`, { happenedAt: '2026-09-14T01:30:00Z', text: 'x' })).statusCode,
    404,
  )
  t.equal((await ask('POST', '/v1/crises', { studentId: students['1'], kind: 'safety', note: 'x' })).statusCode, 404)
  t.same((await ask('GET', '/v1/crises?status=all')).json().items, [])
})
