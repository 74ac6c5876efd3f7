import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { givenGroup, givenMember, guardianAgrees, memberOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const said = { method: 'message', note: '母亲来电并短信确认同意。' }

/** A school and a group; the student of number 3 is 16 years old. */
const givenStage = async (t: Test, body: Record<string, unknown> = {}) => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const groupId = await givenGroup(service, body)
  const guardian = (memberId: string, more: object = {}, account = 'owner', headers: Record<string, string> = {}) =>
    service.call(
      account,
      'POST',
      `/v1/groups/${groupId}/members/${memberId}/guardian-consent`,
      { ...said, ...more },
      headers,
    )
  const consent = (memberId: string, account: string, more: object = {}) =>
    service.call(account, 'POST', `/v1/groups/${groupId}/members/${memberId}/consent`, more)
  return { service, students, staff, groupId, guardian, consent, minor: { studentId: students['3'] } }
}

const lastEntry = async (service: Service, groupId: string) =>
  (await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline?limit=200`)).body.items.at(-1).entry

const born = (service: Service, studentId: unknown, day: string | null) =>
  service.asOwner(`update students set birth_date = ${day ? `'${day}'` : 'null'} where id = '${studentId}'`)

const missing = { status: 422, body: { code: 'guardian_consent_missing' } }
const unneeded = { status: 422, body: { code: 'guardian_not_needed' } }

t.test('a minor cannot consent before their guardian has, by own token or filed', async t => {
  const { service, groupId, minor, guardian, consent } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  t.match(await consent(memberId, 'student-3'), missing)
  t.match(await consent(memberId, 'owner', { method: 'oral', note: '面谈同意。' }), missing)
  t.match(await memberOf(service, groupId, memberId), {
    status: 'selected',
    guardianConsentNeeded: true,
    guardianConsentedOn: null,
  })
  const filed = await guardian(memberId)
  t.match(filed, { status: 201, body: { groupId, memberId, guardianConsentedOn: '2026-09-14' } })
  t.equal(filed.headers.etag, `"${filed.body.groupVersion}"`)
  const seen = { status: 'selected', guardianConsentNeeded: false, guardianConsentedOn: '2026-09-14' }
  t.match(await memberOf(service, groupId, memberId), seen)
  t.match(await memberOf(service, groupId, memberId, 'student-3'), seen, 'the member sees their own')
  t.notOk(JSON.stringify(await memberOf(service, groupId, memberId)).includes('2010-03-03'), 'not the birth date')
  t.match(await consent(memberId, 'student-3'), { status: 201, body: { status: 'consented' } })
})

t.test('once it is on file a leader files the consent of the member too; each takes two round trips', async t => {
  const { service, groupId, minor, guardian, consent } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'proposed')
  t.match(await memberOf(service, groupId, memberId), { guardianConsentNeeded: true })
  const count = async (work: () => Promise<{ status: number }>) => {
    const before = service.roundTrips()
    return [(await work()).status, service.roundTrips() - before]
  }
  t.same(await count(() => guardian(memberId)), [201, 2], 'filed as soon as they are proposed')
  await post(service, groupId, `members/${memberId}/selection`)
  const filed = () => consent(memberId, 'owner', { method: 'paper', note: '同意书已归档。' })
  t.same(await count(filed), [201, 2])
  t.match(await memberOf(service, groupId, memberId), { status: 'consented', consentedOn: '2026-09-14' })
})

t.test('it is filed of minors only; an unknown birth date counts as of age, as in casework', async t => {
  const { service, groupId, students, guardian, consent } = await givenStage(t)
  const adult = await givenMember(service, groupId, { studentId: students['1'] }, 'selected')
  t.match(await memberOf(service, groupId, adult), { guardianConsentNeeded: false })
  t.match(await guardian(adult), unneeded)
  const supporter = await post(service, groupId, 'members', { name: '校友张先生', role: 'supporter' })
  t.match(await guardian(supporter.body.memberId), unneeded)
  t.match(await guardian('m9'), { status: 404 })
  const unknown = await givenMember(service, groupId, { studentId: students['2'] }, 'selected')
  await born(service, students['2'], null)
  t.match(await guardian(unknown), unneeded)
  t.match(await consent(unknown, 'student-2'), { status: 201 })
})

t.test('a volunteer who is a minor needs it like a student of the group', async t => {
  const { service, groupId, minor, consent } = await givenStage(t, { type: 'paired' })
  const memberId = await givenMember(service, groupId, { ...minor, role: 'volunteer' }, 'selected')
  t.match(await consent(memberId, 'student-3'), missing)
  await guardianAgrees(service, groupId, memberId)
  t.match(await consent(memberId, 'student-3'), { status: 201 })
})

t.test('who comes of age on the day, as the institution counts days, needs none', async t => {
  const { service, groupId, students, minor, guardian, consent } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  await born(service, students['3'], '2008-09-15')
  service.clock.now = new Date('2026-09-14T15:59:59.000Z')
  t.match(await consent(memberId, 'student-3'), missing)
  service.clock.now = new Date('2026-09-14T16:00:00.000Z')
  t.match(await memberOf(service, groupId, memberId), { guardianConsentNeeded: false })
  t.match(await guardian(memberId), unneeded)
  t.match(await consent(memberId, 'student-3'), { status: 201, body: { status: 'consented' } })
})

t.test('filed again the newest day counts, and every filing stays in the journal', async t => {
  const { service, groupId, minor, guardian } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor)
  service.clock.now = new Date('2026-09-20T02:00:00.000Z')
  t.match(await guardian(memberId, { method: 'paper' }), { status: 201, body: { guardianConsentedOn: '2026-09-20' } })
  t.match(await memberOf(service, groupId, memberId), { guardianConsentedOn: '2026-09-20', consentedOn: '2026-09-14' })
  const { items } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline?limit=200`)).body
  const filed = items.filter((each: { entry: { type: string } }) => each.entry.type === 'group.guardian_consented')
  t.equal(filed.length, 2)
})

t.test('of who has left nothing is filed; who is proposed anew is asked anew', async t => {
  const { service, groupId, minor, guardian, consent } = await givenStage(t)
  const first = await givenMember(service, groupId, minor)
  const leaving = { reason: 'no_time', exitTalk: '时间冲突。' }
  t.match(await post(service, groupId, `members/${first}/leaving`, leaving), { status: 201 })
  const refused = { code: 'member_not_movable', memberStatus: 'left', next: [] }
  t.match(await guardian(first), { status: 409, body: refused })
  const again = await givenMember(service, groupId, minor, 'selected')
  t.match(await memberOf(service, groupId, again), { guardianConsentNeeded: true })
  t.match(await consent(again, 'student-3'), missing)
})

t.test('of who left before their guardian agreed it is no longer needed', async t => {
  const { service, groupId, minor } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  t.match(await post(service, groupId, `members/${memberId}/leaving`, { reason: 'no_time' }), { status: 201 })
  t.match(await memberOf(service, groupId, memberId), { status: 'left', guardianConsentNeeded: false })
})

t.test('a minor who joins a running group late is active once guardian and member have agreed', async t => {
  const { service, groupId, students, minor, guardian, consent } = await givenStage(t)
  for (const number of ['1', '2']) await givenMember(service, groupId, { studentId: students[number] })
  await service.asOwner(
    `update groups set step = 'early', version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  const memberId = await givenMember(service, groupId, minor, 'selected')
  t.match(await consent(memberId, 'student-3'), missing)
  t.match(await guardian(memberId), { status: 201 })
  t.match(await consent(memberId, 'student-3'), { status: 201, body: { status: 'active' } })
})

t.test('leaders file it, and nobody else', async t => {
  const { service, groupId, staff, minor, guardian } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  await post(service, groupId, 'co-leaders', { staffId: staff.colleague })
  for (const [account, status] of [
    ['student-3', 404],
    ['student-1', 404],
    ['lineManager', 403],
    ['practiceSupervisor', 403],
    ['outsider', 404],
    ['otherLineManager', 404],
    ['administrator', 403],
    ['machine', 403],
  ] as const)
    t.equal((await guardian(memberId, {}, account)).status, status, account)
  t.match(await memberOf(service, groupId, memberId, 'lineManager'), { guardianConsentNeeded: true })
  t.match(await guardian(memberId, {}, 'colleague'), { status: 201 })
})

t.test('another institution is shown nothing of it', async t => {
  const { service, groupId, minor } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  const elsewhere = '01936d3e-7c00-7000-8000-0000000000aa'
  await service.asOwner(`insert into institutions values ('${elsewhere}', '别校', 'Elsewhere', 'Asia/Shanghai', now())`)
  await service.roster('org-units', [{ externalId: 'dept', kind: 'department', nameZh: '系' }], elsewhere)
  const role = { role: 'counsellor', orgUnit: 'dept', validFrom: '2020-01-01' }
  const identities = [{ issuer: 'bangfu', subject: 'owner' }]
  await service.roster('staff', [{ externalId: 'x', name: '他校', roles: [role], identities }], elsewhere)
  const answer = await service.app.server.inject({
    method: 'POST',
    url: `/v1/groups/${groupId}/members/${memberId}/guardian-consent`,
    headers: {
      authorization: `Bearer ${service.token('owner', { institution: elsewhere })}`,
      'idempotency-key': randomUUID(),
    },
    payload: said,
  })
  t.equal(answer.statusCode, 404)
  t.match(await memberOf(service, groupId, memberId), { guardianConsentedOn: null })
})

t.test('it is filed once by a key, of the version that was read, while the group goes on', async t => {
  const { service, groupId, minor, guardian } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  const stale = await guardian(memberId, {}, 'owner', { 'if-match': '"1"' })
  t.match(stale, { status: 412, body: { code: 'version_stale' } })
  const key = { 'idempotency-key': randomUUID() }
  const first = await guardian(memberId, {}, 'owner', key)
  const again = await guardian(memberId, {}, 'owner', key)
  t.same([again.status, again.body], [201, first.body])
  t.equal(again.headers['idempotent-replayed'], 'true')
  for (const body of [{ note: null }, { note: ' ' }, { method: 'own_token' }])
    t.equal((await guardian(memberId, body)).status, 400, JSON.stringify(body))
  await service.asOwner(
    `update groups set step = 'cancelled', ended_at = now(), version = version + 1, writes = writes + 1 where id = '${groupId}'`,
  )
  t.match(await guardian(memberId), { status: 409, body: { code: 'group_is_over' } })
})

t.test('the timeline says that it was filed and for whom, its words lie sealed', async t => {
  const { service, groupId, minor, guardian } = await givenStage(t)
  const memberId = await givenMember(service, groupId, minor, 'selected')
  const filed = await guardian(memberId)
  const entry = await lastEntry(service, groupId)
  t.match(entry, { type: 'group.guardian_consented', actor: { kind: 'staff' }, onBehalfOf: 'guardian' })
  t.equal(entry.reason, said.method)
  const { wordsId } = entry.data
  t.same(entry.data, { memberId, wordsId })
  t.notOk(`${JSON.stringify(entry)}${filed.text}`.includes('母亲'))
  const read = (account: string) => service.call(account, 'GET', `/v1/groups/${groupId}/words/${wordsId}`)
  t.match(await read('owner'), { status: 200, body: { words: said.note } })
  t.equal((await read('student-3')).status, 404)
})

t.test('the database keeps it to students', async t => {
  const { service, groupId, staff } = await givenStage(t, { type: 'mutual_aid' })
  await givenMember(service, groupId, { staffId: staff.colleague, role: 'worker' }, 'proposed')
  const stored = service.asApplication(
    `update group_members set guardian_consented_on = '2026-09-14' where group_id = '${groupId}'`,
  )
  await t.rejects(stored, /group_members_guardian_of_student/)
})
