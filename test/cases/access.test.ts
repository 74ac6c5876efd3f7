import t from 'tap'
import {
  allowsRelation,
  mayEver,
  type PermissionName,
  permissions,
  scopes,
  seeing,
} from '../../src/practice/permissions.ts'
import { earn, givenCase, givenDraft, givenRecord, move, versionOf } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** How each account of the school stands to the case of the table. */
const standing: Readonly<
  Record<
    string,
    { readonly kind: 'staff' | 'student' | 'client'; readonly roles: string[]; readonly relations: string[] }
  >
> = {
  owner: { kind: 'staff', roles: ['counsellor'], relations: ['owner'] },
  coWorker: { kind: 'staff', roles: ['psychological_counsellor'], relations: ['co_worker'] },
  pastCoWorker: { kind: 'staff', roles: ['counsellor'], relations: [] },
  colleague: { kind: 'staff', roles: ['counsellor'], relations: [] },
  outsider: { kind: 'staff', roles: ['counsellor'], relations: [] },
  lineManager: { kind: 'staff', roles: ['line_manager'], relations: ['line_manager'] },
  otherLineManager: { kind: 'staff', roles: ['line_manager'], relations: [] },
  formerLineManager: { kind: 'staff', roles: [], relations: [] },
  practiceSupervisor: { kind: 'staff', roles: ['practice_supervisor'], relations: ['practice_supervisor'] },
  administrator: { kind: 'staff', roles: ['administrator'], relations: [] },
  auditor: { kind: 'staff', roles: ['auditor'], relations: [] },
  keyHolder: { kind: 'staff', roles: ['key_holder'], relations: [] },
  'student-1': { kind: 'student', roles: [], relations: ['student'] },
  'student-2': { kind: 'student', roles: [], relations: [] },
  machine: { kind: 'client', roles: [], relations: [] },
}

/** What the rules expect: the answer to a request that is otherwise in order, or else refused for access. */
const expected = (account: string, name: PermissionName): 'through' | 403 | 404 => {
  const who = standing[account] as (typeof standing)[string]
  const ever = mayEver({ kind: who.kind, roles: who.roles, scopes }, name)
  if (ever !== 'yes') return ever === 'no' ? 403 : 404
  if (!('relations' in permissions[name])) return 'through'
  if (allowsRelation(name, who.relations)) return 'through'
  return who.relations.some(relation => seeing.includes(relation as 'owner')) ? 403 : 404
}

t.test('every role and relation × every operation on a case', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  for (const account of ['coWorker', 'pastCoWorker'])
    await service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/co-workers`,
      { staffId: staff[account] },
      { 'if-match': `"${await versionOf(service, caseId)}"` },
    )
  await service.call('owner', 'DELETE', `/v1/cases/${caseId}/co-workers/${staff.pastCoWorker}`, undefined, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
  const recordId = await givenRecord(service, caseId, 'risk_screening')
  const draftId = (await givenDraft(service, caseId, 'contact')).body.id
  const other = '01936d3e-7c00-7000-8000-00000000ffff'
  const stale = { 'if-match': '"999999"' }
  const reading = service.app.routes.filter(route => route.path.startsWith('/v1/cases/:caseId'))
  for (const route of reading) {
    const url = route.path
      .replace(':caseId', caseId)
      .replace(':recordId', route.method === 'GET' ? recordId : draftId)
      .replace(/:\w+/g, other)
    const body = route.body ? (route.body.meta() as { examples?: unknown[] }).examples?.[0] : undefined
    for (const account of Object.keys(standing)) {
      // Taking break-glass access would change how the account stands.
      if (route.operationId === 'breakGlass' && expected(account, route.permission) === 'through') continue
      const bytes = route.bytes ? { 'content-type': 'application/pdf' } : {}
      const answer = await service.call(account, route.method, url, route.bytes ? Buffer.from('no pdf') : body, {
        ...(route.method === 'GET' ? {} : stale),
        ...bytes,
      })
      const due = expected(account, route.permission)
      const shown = `${account} ${route.operationId}: ${answer.status} ${answer.body?.code ?? ''}`
      if (due === 'through') t.not(answer.body?.code, 'not_permitted', shown)
      else if (route.bytes) t.ok([due, 415].includes(answer.status), shown)
      else t.equal(answer.status, due, shown)
    }
  }
})

/** The access row of the API conventions, written out: it must not follow the rules by itself. */
const paths = ['', '/transitions', '/timeline', '/records', '/access-log']
const written: Readonly<Record<string, readonly number[]>> = {
  owner: [200, 200, 200, 200, 200],
  coWorker: [200, 200, 200, 200, 403],
  pastCoWorker: [404, 404, 404, 404, 404],
  colleague: [404, 404, 404, 404, 404],
  outsider: [404, 404, 404, 404, 404],
  lineManager: [200, 200, 200, 200, 200],
  otherLineManager: [404, 404, 404, 404, 404],
  formerLineManager: [403, 403, 403, 403, 403],
  practiceSupervisor: [200, 200, 200, 200, 403],
  administrator: [403, 403, 403, 403, 403],
  auditor: [403, 403, 403, 403, 403],
  keyHolder: [403, 403, 403, 403, 403],
  'student-1': [200, 404, 404, 200, 200],
  'student-2': [404, 404, 404, 404, 404],
  machine: [403, 403, 403, 403, 403],
}

t.test('the access row, written out', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  for (const staffId of [staff.coWorker, staff.pastCoWorker])
    await service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/co-workers`,
      { staffId },
      { 'if-match': `"${await versionOf(service, caseId)}"` },
    )
  await service.call('owner', 'DELETE', `/v1/cases/${caseId}/co-workers/${staff.pastCoWorker}`, undefined, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
  for (const [account, row] of Object.entries(written))
    for (const [index, path] of paths.entries())
      t.equal(
        (await service.call(account, 'GET', `/v1/cases/${caseId}${path}`)).status,
        row[index],
        `${account} ${path}`,
      )
})

t.test('lists, search and feed show the cases of one’s own need to know, and no others', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/co-workers`,
    { staffId: staff.coWorker },
    { 'if-match': '"1"' },
  )
  for (const [account, who] of Object.entries(standing)) {
    const allowed = mayEver({ kind: who.kind, roles: who.roles, scopes }, 'case:list') === 'yes'
    const sees = who.relations.length > 0
    const list = await service.call(account, 'GET', '/v1/cases')
    t.equal(list.status, allowed ? 200 : 403, `${account} lists`)
    if (allowed) t.equal(list.body.items.length, sees ? 1 : 0, `${account} list`)
    const found = await service.call(account, 'POST', '/v1/cases/search', { text: '晓明' })
    if (allowed) t.equal(found.body.items.length, sees ? 1 : 0, `${account} search`)
  }
  await service.seal()
  for (const [account, who] of Object.entries(standing)) {
    const feed = await service.call(account, 'GET', '/v1/journal?limit=200')
    if (feed.status !== 200) continue
    const sees = who.relations.length > 0 || account === 'auditor' || account === 'machine'
    t.equal(
      feed.body.items.some((item: { type: string }) => item.type === 'case.opened'),
      sees,
      `${account} feed`,
    )
  }
  const machine = service.token(service.institution, { scopes: ['journal:read'], clientId: service.institution })
  const fed = await service.app.server.inject({ url: '/v1/journal', headers: { authorization: `Bearer ${machine}` } })
  t.ok(fed.json().items.length > 0)
  t.notMatch(fed.body, /actor/, 'machine clients see no person')
})

t.test('another institution sees nothing, not even that something is there', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
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
  const bearer = { authorization: `Bearer ${service.token('owner', { institution: elsewhere })}` }
  for (const url of [
    `/v1/cases/${caseId}`,
    `/v1/cases/${caseId}/records`,
    `/v1/cases/${caseId}/timeline`,
    `/v1/students/${students['1']}`,
  ])
    t.equal((await service.app.server.inject({ url, headers: bearer })).statusCode, 404, url)
  const list = await service.app.server.inject({ url: '/v1/cases?status=all', headers: bearer })
  t.same(list.json().items, [])
})

t.test(
  'the student reads agreement and plan, not risk screening or workers’ notes; steps and timeline are not there',
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    await earn(service, caseId, 'agreement')
    await move(service, caseId, { to: 'agreement' })
    const agreement = await givenRecord(service, caseId, 'service_agreement')
    const kinds = (await service.call('student-1', 'GET', `/v1/cases/${caseId}/records`)).body.items.map(
      (item: { kind: string }) => item.kind,
    )
    t.ok(kinds.includes('service_agreement'))
    for (const hidden of ['risk_screening', 'environment', 'personal_profile', 'cause_attribution'])
      t.notOk(kinds.includes(hidden), hidden)
    const read = await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${agreement}`)
    t.equal(read.status, 200)
    t.ok(read.body.content.studentDuties)
    for (const path of ['transitions', 'timeline'])
      t.equal((await service.call('student-1', 'GET', `/v1/cases/${caseId}/${path}`)).status, 404)
    const session = await givenRecord(service, caseId, 'session', { progress: [] })
    const shown = (await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${session}`)).body
    t.notOk(shown.content.summary, 'the worker’s words stay the worker’s')
    t.ok(shown.content.nextStep)
    const log = await service.call('student-1', 'GET', `/v1/cases/${caseId}/access-log`)
    t.equal(log.status, 200)
  },
)

t.test('the student sees no unsigned work but their own and what they are asked to sign', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const draftOf = async (kind: string, account = 'owner') =>
    (await givenDraft(service, caseId, kind, kind === 'session' ? { progress: [] } : {}, account)).body.id as string
  const session = await draftOf('session')
  const entry = await draftOf('student_entry', 'student-1')
  const toSign = await draftOf('helper_confirmation')
  const dropped = await draftOf('helper_confirmation')
  await service.call('owner', 'DELETE', `/v1/cases/${caseId}/records/${dropped}`, undefined, { 'if-match': '"1"' })
  const listed = async (query = '') =>
    (await service.call('student-1', 'GET', `/v1/cases/${caseId}/records${query}`)).body.items.map(
      (item: { id: string }) => item.id,
    )
  const read = async (id: string) =>
    (await service.call('student-1', 'GET', `/v1/cases/${caseId}/records/${id}`)).status
  t.same((await listed()).sort(), [entry, toSign].sort())
  t.same(await listed('?status=discarded'), [], 'what was dropped was never theirs')
  t.same([await read(session), await read(dropped), await read(entry), await read(toSign)], [404, 404, 200, 200])
  await service.call(
    'owner',
    'POST',
    `/v1/cases/${caseId}/records/${session}/signatures`,
    { party: 'worker' },
    { 'if-match': '"1"' },
  )
  t.equal(await read(session), 200, 'signed, it opens what its kind opens')
})

t.test('break-glass opens reading for its time only, tells the owner at once, and is reviewed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const recordId = await givenRecord(service, caseId, 'risk_screening')
  const read = () => service.call('outsider', 'GET', `/v1/cases/${caseId}/records/${recordId}`)
  t.equal((await read()).status, 404)
  const body = { reason: 'danger_to_life', justification: '太短' }
  t.equal((await service.call('outsider', 'POST', `/v1/cases/${caseId}/break-glass`, body)).status, 400)
  const taken = await service.call('outsider', 'POST', `/v1/cases/${caseId}/break-glass`, {
    ...body,
    justification: '学生失联超过十二小时,负责人无法联系,需要立即查看。',
    hours: 2,
  })
  t.equal(taken.status, 201)
  t.equal((await read()).status, 200)
  t.ok((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.flags.includes('glass_broken'))
  t.equal(
    (await move(service, caseId, { to: 'agreement' }, { account: 'outsider' })).body.code,
    'edge_not_yours',
    'reading is not acting',
  )
  service.clock.now = new Date(service.clock.now.getTime() + 3 * 3_600_000)
  t.equal((await read()).status, 404, 'the time is over')
  const review = await service.call('lineManager', 'POST', `/v1/cases/${caseId}/break-glass/${taken.body.id}/review`, {
    justified: true,
    note: '情况属实。',
  })
  t.equal(review.status, 201)
})
