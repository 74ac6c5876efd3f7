import t from 'tap'
import { earn, givenCase, givenCaseAt, givenDraft, givenRecord, move, sign, versionOf } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const post = async (service: Service, account: string, caseId: string, path: string, body?: object) =>
  service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${await versionOf(service, caseId)}"`,
  })
const defer = (service: Service, caseId: string, needs: string[], dueOn = '2026-09-20') =>
  post(service, 'lineManager', caseId, 'waivers', { needs, mode: 'deferred', dueOn, reason: '学生住院' })
const viewOf = async (service: Service, caseId: string) =>
  (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
const listed = async (service: Service, account: string, query: string): Promise<string[]> =>
  (await service.call(account, 'GET', `/v1/cases?${query}`)).body.items.map((each: { id: string }) => each.id)
const at = (service: Service, day: string) => {
  service.clock.now = new Date(`${day}T02:00:00Z`)
}

/** Flags of a case as itself, as its list item, and by which filters it is found: these must agree. */
const flagsOf = async (service: Service, caseId: string, account = 'owner', status = 'all'): Promise<string[]> => {
  const own = (await service.call(account, 'GET', `/v1/cases/${caseId}`)).body.flags as string[]
  const { items } = (await service.call(account, 'GET', `/v1/cases?status=${status}`)).body
  const item = items.find((each: { id: string }) => each.id === caseId).flags as string[]
  const names = Object.keys((await service.call('owner', 'GET', '/v1/codes')).body.caseFlags)
  const by: string[] = []
  for (const flag of names)
    if ((await listed(service, account, `status=${status}&flag=${flag}`)).includes(caseId)) by.push(flag)
  if (JSON.stringify([own, item]) !== JSON.stringify([by, by])) throw new Error(JSON.stringify({ own, item, by }))
  return own
}

t.test('every flag stands in the case, in the lists, and is a filter', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const other = await givenCase(service, students['2'] as string)
  t.same(await flagsOf(service, caseId), [])
  await defer(service, caseId, ['environment'])
  t.same(await flagsOf(service, caseId), [], 'owed, not overdue')
  at(service, '2026-09-20')
  t.same(await flagsOf(service, caseId), [], 'on its last day neither')
  at(service, '2026-09-21')
  t.same(await flagsOf(service, caseId), ['deferral_overdue'])
  t.same(await flagsOf(service, caseId, 'lineManager', 'open'), ['deferral_overdue'])
  await post(service, 'owner', caseId, 'holds', { kind: 'safety_crisis', note: '失联' })
  t.same(await flagsOf(service, caseId), ['deferral_overdue', 'crisis_open'])
  await post(service, 'owner', caseId, 'pause', { reason: 'illness', expectedReturn: '2026-09-25' })
  t.same(await flagsOf(service, caseId), ['crisis_open'], 'its clocks stand still')
  at(service, '2026-09-25')
  t.same(await flagsOf(service, caseId), ['crisis_open'])
  at(service, '2026-09-26')
  t.same(await flagsOf(service, caseId), ['return_overdue', 'crisis_open'])
  const glass = await service.call('outsider', 'POST', `/v1/cases/${caseId}/break-glass`, {
    reason: 'danger_to_life',
    justification: '学生失联超过十二小时,负责人无法联系,需要立即查看。',
    hours: 2,
  })
  t.equal(glass.status, 201)
  t.same(await flagsOf(service, caseId), ['return_overdue', 'crisis_open', 'glass_broken'])
  await service.roster('students', [
    {
      number: '1',
      name: '王晓明',
      birthDate: '2006-01-01',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
      enrolmentStatus: 'withdrew',
    },
  ])
  t.ok((await flagsOf(service, caseId)).includes('student_left'))
  t.same(await flagsOf(service, other), [], 'nothing of one case shows in another')
  t.same(await listed(service, 'student-1', 'flag=crisis_open'), [], 'students do not ask for flags')
  const { items } = (await service.call('student-1', 'GET', '/v1/cases')).body
  t.same(items[0]?.flags ?? [], [])
  t.equal((await service.call('owner', 'GET', '/v1/cases?flag=nonsense')).status, 400)
})

t.test('an agreement over, and consent withdrawn, are flagged while the case is open', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await givenRecord(service, caseId, 'service_agreement', { validUntil: '2026-09-30' })
  at(service, '2026-09-30')
  t.same(await flagsOf(service, caseId), [])
  at(service, '2026-10-01')
  t.same(await flagsOf(service, caseId), ['agreement_expired'])
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await givenRecord(service, caseId, 'service_agreement', { validFrom: '2026-10-01', validUntil: '2026-12-31' })
  t.same(await flagsOf(service, caseId), [], 'renewed, in closure too')
  const { consents } = await viewOf(service, caseId)
  const inForce = consents.find(
    (each: { purpose: string; inForce: boolean }) => each.purpose === 'service' && each.inForce,
  )
  await service.call('student-1', 'POST', `/v1/cases/${caseId}/consents/${inForce.id}/withdrawal`, {})
  t.same(await flagsOf(service, caseId), ['service_consent_withdrawn'])
  await earn(service, caseId, 'closed', 'declined')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  at(service, '2027-01-01')
  t.same(await flagsOf(service, caseId, 'owner', 'closed'), [])
})

t.test('an agreement that begins later is not in force yet', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await givenRecord(service, caseId, 'service_agreement', { validFrom: '2026-09-16' })
  t.match((await move(service, caseId, { to: 'plan' })).body.missing, [
    { check: 'agreement_in_force', recordKind: 'service_agreement' },
  ])
  at(service, '2026-09-16')
  t.equal((await move(service, caseId, { to: 'plan' })).status, 201)
})

t.test('a renewal that begins later does not take the place of the agreement that runs', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  await givenRecord(service, caseId, 'service_agreement', { validUntil: '2026-09-30' })
  const renewal = await givenDraft(service, caseId, 'service_agreement', { validFrom: '2026-10-01' })
  const signs = (party: Record<string, unknown>) => sign(service, 'owner', caseId, renewal.body.id, party)
  const refused = await signs({ party: 'worker' })
  t.match(refused.body, {
    code: 'signing_refused',
    errors: [
      { pointer: '/content/validFrom', code: 'not_in_force_yet', detail: /until 2026-09-30.* from 2026-10-01 on/ },
    ],
  })
  t.equal((await move(service, caseId, { to: 'plan' }, { dryRun: true })).status, 200, 'the one that runs counts')
  at(service, '2026-10-01')
  t.equal((await signs({ party: 'worker' })).status, 201)
  const oral = { party: 'student', method: 'oral', evidence: { words: '面谈中口头确认。' } }
  t.match((await signs(oral)).body, { status: 'signed' })
  t.equal((await move(service, caseId, { to: 'plan' })).status, 201)
})

t.test('what is owed follows what is signed, waived and deferred anew', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await defer(service, caseId, ['environment'])
  await defer(service, caseId, ['cause_attribution', 'goals_graded'], '2026-09-25')
  const due = async () =>
    (await service.asOwner(`select deferral_due_on::text as day from cases where id = '${caseId}'`))[0]?.day
  t.equal(await due(), '2026-09-20')
  await givenRecord(service, caseId, 'contact')
  t.equal(await due(), '2026-09-20')
  const draft = (await givenDraft(service, caseId, 'environment')).body.id
  t.equal(await due(), '2026-09-20', 'a draft settles nothing')
  await sign(service, 'owner', caseId, draft, { party: 'worker' })
  t.equal(await due(), '2026-09-25')
  await defer(service, caseId, ['cause_attribution'], '2026-10-05')
  t.equal(await due(), '2026-09-25')
  const waived = { needs: ['goals_graded'], mode: 'waived', reason: '不适用' }
  await post(service, 'lineManager', caseId, 'waivers', waived)
  t.equal(await due(), '2026-10-05')
  await givenRecord(service, caseId, 'cause_attribution')
  t.equal(await due(), null)
})

t.test('a pause stops the clocks: what is owed is owed as many days later', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await defer(service, caseId, ['environment', 'cause_attribution'])
  await givenRecord(service, caseId, 'cause_attribution')
  for (const expectedReturn of ['2026-09-13', '2026-09-14', '2027-09-16'])
    t.equal(
      (await post(service, 'owner', caseId, 'pause', { reason: 'illness', expectedReturn })).body.code,
      'day_not_ahead',
    )
  await post(service, 'owner', caseId, 'pause', { reason: 'illness', expectedReturn: '2026-09-24' })
  at(service, '2026-09-24')
  t.equal((await post(service, 'owner', caseId, 'resumption')).status, 201)
  const { owed, waivers, expectedReturn } = await viewOf(service, caseId)
  t.match(owed, [{ need: 'environment', dueOn: '2026-09-30' }])
  t.equal(expectedReturn, null)
  t.equal(
    waivers.find((each: { need: string }) => each.need === 'cause_attribution').dueOn,
    '2026-09-20',
    'what was settled stays as it was',
  )
  t.same(await flagsOf(service, caseId), [], 'and is not overdue at once')
  const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).body
  t.match(items.at(-1).entry, { type: 'case.resumed', data: { daysPaused: 10, shifted: ['environment'] } })
  at(service, '2026-10-01')
  t.same(await flagsOf(service, caseId), ['deferral_overdue'])
})

t.test('an early ending lists what stayed owed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await defer(service, caseId, ['environment', 'cause_attribution'])
  await givenRecord(service, caseId, 'environment')
  await move(service, caseId, { to: 'closure', reason: 'lost_contact' })
  await earn(service, caseId, 'closed', 'lost_contact')
  t.equal((await move(service, caseId, { to: 'closed' })).status, 201)
  const { items } = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline?limit=200`)).body
  const moves = items.map((item: { entry: { type: string; data: object } }) => item.entry)
  t.same(
    moves.filter((each: { type: string }) => each.type === 'case.moved').map((each: { data: object }) => each.data),
    [
      { from: 'investigation', to: 'closure', owed: ['cause_attribution'] },
      { from: 'closure', to: 'closed', owed: ['cause_attribution'] },
    ],
  )
})

t.test('a filtered list is paged by key in one round trip', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const more = Array.from({ length: 4 }, (_, index) => ({
    number: `f${index}`,
    name: `学生${index}`,
    birthDate: '2005-05-05',
    major: '软件工程',
    grade: '2025',
    orgUnit: 'class',
  }))
  await service.roster('students', more)
  const rows = await service.asOwner("select id from students where number like 'f%' order by number")
  const all: string[] = []
  for (const id of [students['1'], ...rows.map(row => row.id)]) {
    service.clock.now = new Date(service.clock.now.getTime() + 1000)
    all.push(await givenCase(service, String(id)))
  }
  const overdue = all.filter((_, index) => index % 2 === 0)
  for (const caseId of overdue) await defer(service, caseId, ['environment'])
  at(service, '2026-09-21')
  const before = service.roundTrips()
  const first = await service.call('lineManager', 'GET', '/v1/cases?flag=deferral_overdue&limit=2')
  t.equal(service.roundTrips() - before, 1)
  const second = await service.call(
    'lineManager',
    'GET',
    `/v1/cases?flag=deferral_overdue&limit=2&cursor=${encodeURIComponent(first.body.next)}`,
  )
  t.same(
    [...first.body.items, ...second.body.items].map(each => each.id),
    [...overdue].reverse(),
  )
  t.equal(second.body.next, null)
})
