import t from 'tap'
import { earn, givenCase, givenDraft, givenRecord, move, sign } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

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

t.test('the student’s own entry is nobody else’s to read, sign or clear until the student has signed it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const at = `/v1/cases/${caseId}/records`
  const kept = (await givenDraft(service, caseId, 'student_entry', {}, 'student-1')).body.id
  const dropped = (await givenDraft(service, caseId, 'student_entry', {}, 'student-1')).body.id
  const changed = (account: string, method: string, id: string, body?: object) =>
    service.call(account, method, `${at}/${id}`, body, { 'if-match': '"1"' })
  t.equal((await changed('student-1', 'DELETE', dropped)).status, 200)
  const seen = async (account: string) => {
    const listed = []
    for (const query of ['', '?kind=student_entry', '?status=draft', '?status=discarded'])
      listed.push(...(await service.call(account, 'GET', `${at}${query}`)).body.items)
    const { drafts } = (await service.call(account, 'GET', `/v1/cases/${caseId}`)).body
    return [listed.length, drafts, (await service.call(account, 'GET', `${at}/${kept}`)).status]
  }
  for (const account of ['owner', 'lineManager', 'practiceSupervisor'])
    t.same(await seen(account), [0, 0, 404], account)
  t.equal((await service.call('student-1', 'GET', `${at}/${kept}`)).status, 200)
  const oral = { party: 'student', method: 'oral', evidence: { words: '面谈中口头确认。' } }
  for (const account of ['owner', 'lineManager'])
    t.equal((await sign(service, account, caseId, kept, oral)).body.code, 'signature_not_yours', account)
  t.equal((await changed('owner', 'PUT', kept, { content: { on: '2026-09-14', words: '替写' } })).status, 403)
  t.equal((await changed('owner', 'DELETE', kept)).status, 403)
  t.equal((await sign(service, 'student-1', caseId, kept, { party: 'student' })).status, 201)
  t.same(await seen('owner'), [2, 0, 200], 'signed, it stands beside the others’')
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

t.test(
  'break-glass is for who stands outside: never taken in advance, never kept after a part in the case',
  async t => {
    const service = await givenService(t)
    const { staff, students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const justification = '学生失联超过十二小时,负责人无法联系,需要立即查看。'
    const breakGlass = (account: string, body = {}) =>
      service.call(account, 'POST', `/v1/cases/${caseId}/break-glass`, {
        reason: 'danger_to_life',
        justification,
        hours: 24,
        ...body,
      })
    const change = async (account: string, method: string, path: string, body?: object) => {
      const { version } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
      const at = `/v1/cases/${caseId}/${path}`
      const answer = await service.call(account, method, at, body, { 'if-match': `"${version}"` })
      t.ok(answer.status < 300, `${method} ${path} ${answer.text}`)
      return answer.body
    }
    const reads = async (account: string) => (await service.call(account, 'GET', `/v1/cases/${caseId}`)).status === 200
    const reassign = (to: string) =>
      change('lineManager', 'POST', 'reassignments', { toId: staff[to], reason: 'conflict_of_interest' })

    await change('owner', 'POST', 'co-workers', { staffId: staff.coWorker })
    for (const account of ['owner', 'coWorker', 'lineManager', 'practiceSupervisor'])
      t.same([(await breakGlass(account)).body.code, account], ['reads_already', account])
    for (const blank of [
      `a${' '.repeat(30)}b`,
      `a${'\u200b'.repeat(30)}b`,
      '　'.repeat(25),
      '十九个字十九个字十九个字十九个字十九个',
    ])
      t.equal((await breakGlass('colleague', { justification: blank })).status, 400, JSON.stringify(blank))
    t.equal(
      (await breakGlass('colleague', { justification: '二十个字 二十个字 二十个字 二十个字 二十个字' })).status,
      201,
    )
    t.equal((await breakGlass('colleague')).status, 201, 'who holds it may take it again, told and reviewed again')

    await reassign('colleague')
    t.same([await reads('owner'), await reads('colleague')], [false, true])
    t.equal((await breakGlass('owner')).status, 201, 'a former owner stands outside')
    await reassign('owner')
    t.same([await reads('owner'), await reads('colleague')], [true, false], 'the grant of before went with the case')

    t.equal((await breakGlass('colleague')).status, 201)
    const toColleague = await change('owner', 'POST', 'transfers', { toId: staff.colleague, note: '移交' })
    await change('colleague', 'POST', `transfers/${toColleague.id}/acceptance`, {})
    t.same([await reads('owner'), await reads('colleague')], [false, true], 'a transfer ends it too')
    t.equal((await breakGlass('owner')).status, 201)
    const back = await change('colleague', 'POST', 'transfers', { toId: staff.owner, note: '移交' })
    await change('owner', 'POST', `transfers/${back.id}/rejection`, {})
    t.equal(await reads('owner'), true, 'an offer turned down ends nothing')

    t.equal((await breakGlass('outsider')).status, 201)
    await change('colleague', 'POST', 'co-workers', { staffId: staff.outsider })
    await change('colleague', 'DELETE', `co-workers/${staff.outsider}`)
    t.equal(await reads('outsider'), false, 'nor does it outlive a part in the case')
    const { openGrants } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
    t.equal(openGrants.length, 6, 'ended, and to be reviewed still')
  },
)
