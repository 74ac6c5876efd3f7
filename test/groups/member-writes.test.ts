import t, { type Test } from 'tap'
import { postgresUrl } from '../support/database.ts'
import { done } from '../support/group-life.ts'
import { givenGroup, givenGroupRecord, givenMember, memberOf } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

const given = async (t: Test) => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  for (const number of ['1', '2']) await givenMember(service, groupId, { studentId: students[number] })
  const contract = await givenGroupRecord(service, groupId, 'group_contract')
  const records = `/v1/groups/${groupId}/records`
  const draft = (account: string, memberId: string) =>
    service.call(account, 'POST', records, { kind: 'contract_acceptance', content: { memberId } })
  return { service, groupId, contract, records, draft }
}

t.test('a member drafts, changes and discards acceptances of their own alone, one at a time', async t => {
  const { service, records, draft } = await given(t)
  const refused = { status: 403, body: { code: 'writer_not_allowed' } }
  t.match(await draft('student-1', 'm2'), refused)
  const other = done(await draft('owner', 'm2')).body.id
  const ifMatch = { 'if-match': '"1"' }
  const put = (account: string, id: string, memberId: string) =>
    service.call(account, 'PUT', `${records}/${id}`, { content: { memberId } }, ifMatch)
  t.match(await put('student-1', other, 'm1'), refused, 'not even to make it theirs')
  t.match(await service.call('student-1', 'DELETE', `${records}/${other}`, undefined, ifMatch), refused)
  const own = done(await draft('student-1', 'm1')).body.id
  t.match(await put('student-1', own, 'm2'), refused)
  t.match(await draft('student-1', 'm1'), { status: 409, body: { code: 'draft_is_open' } })
  t.match(await draft('student-2', 'm2'), { status: 201 }, 'what others have open is no matter')
  t.match(await draft('owner', 'm2'), { status: 201 }, 'who leads drafts as many as it takes')
  t.match(await service.call('student-1', 'DELETE', `${records}/${own}`, undefined, ifMatch), { status: 200 })
  const again = done(await draft('student-1', 'm1')).body.id
  const sign = { party: 'member' }
  t.match(await service.call('student-1', 'POST', `${records}/${again}/signatures`, sign, ifMatch), { status: 201 })
  t.match(await draft('student-1', 'm1'), { status: 201 }, 'norms put in force anew are accepted anew')
})

t.test('of 16 drafts of one member at once, one is kept', { skip: !postgresUrl }, async t => {
  const { service, draft } = await given(t)
  const answers = await Promise.all(Array.from({ length: 16 }, () => draft('student-1', 'm1')))
  t.equal(answers.filter(each => each.status === 201).length, 1)
  t.ok(answers.every(each => each.status === 201 || ['draft_is_open', 'version_stale'].includes(each.body.code)))
  const rows = await service.asOwner("select 1 from group_records where kind = 'contract_acceptance'")
  t.equal(rows.length, 1)
})

t.test('what is added to the norms is read with them; what is added to anything else is not', async t => {
  const { service, groupId, contract, records } = await given(t)
  const add = async (to: string, text: string) => {
    const { id } = done(await service.call('owner', 'POST', `${records}/${to}/amendments`, { text })).body
    const read = async (account: string) => (await service.call(account, 'GET', `${records}/${id}`)).body
    t.match(await read('student-1'), { code: 'not_found' }, 'no draft')
    const signing = `${records}/${id}/signatures`
    done(await service.call('owner', 'POST', signing, { party: 'worker' }, { 'if-match': '"1"' }))
    const listed = async (account: string) =>
      (await service.call(account, 'GET', records)).body.items.some((each: { id: string }) => each.id === id)
    return { id, read, listed }
  }
  const text = '补充:手机静音。'
  const added = await add(contract, text)
  const further = await add(added.id, text)
  for (const { read, listed } of [added, further]) {
    t.match(await read('student-1'), { content: { text } })
    t.ok(await listed('student-2'))
    t.match(await read('student-3'), { code: 'not_found' }, 'nobody outside')
  }
  const acceptance = await add(
    await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId: 'm1' }),
    text,
  )
  t.match(await acceptance.read('student-1'), { content: { text } })
  t.match(await acceptance.read('student-2'), { code: 'not_found' }, 'not what is about another member')
  t.notOk(await acceptance.listed('student-2'))
  const note = { memberId: 'm1', on: '2026-09-14' }
  for (const [kind, overlay] of [
    ['group_plan', {}],
    ['recruitment_plan', {}],
    ['member_profile', { memberId: 'm1' }],
    ['member_note', note],
  ] as const) {
    const other = await add(await givenGroupRecord(service, groupId, kind, overlay), text)
    t.match(await other.read('student-1'), { code: 'not_found' }, kind)
    t.notOk(await other.listed('student-1'), kind)
  }
})

t.test('norms count as accepted as long as they are in force', async t => {
  const { service, groupId } = await given(t)
  const accepted = async () => (await memberOf(service, groupId, 'm1')).normsAccepted
  t.equal(await accepted(), false)
  await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId: 'm1' })
  t.equal(await accepted(), true)
  await givenGroupRecord(service, groupId, 'group_contract')
  t.equal(await accepted(), false)
  await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId: 'm1' })
  t.equal(await accepted(), true)
})
