import t from 'tap'
import { verify } from '../../src/commands.ts'
import { rewrapTable } from '../../src/platform/data-keys.ts'
import { generateServiceKeys, readKeys } from '../../src/platform/keys.ts'
import { makeVault } from '../../src/platform/vault.ts'
import { givenGroupAt } from '../support/group-way.ts'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const feedOf = async (service: Service, account: string) =>
  (await service.call(account, 'GET', '/v1/journal?limit=200')).body.items.filter((item: { type: string }) =>
    item.type.startsWith('group.'),
  )

t.test('the feed tells of a group to those who may read its history, of its records too', async t => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const recordId = await givenGroupRecord(service, groupId, 'group_plan')
  await givenMember(service, groupId, { studentId: students['1'] })
  await post(service, groupId, 'co-leaders', { staffId: staff.coWorker })
  await service.call('colleague', 'POST', '/v1/cases', { studentId: students['1'], source: 'outreach' })
  await service.seal()
  const whole = await feedOf(service, 'auditor')
  t.equal(whole.length, 7)
  t.ok(whole.some((item: { subjectId: string }) => item.subjectId === recordId))
  for (const account of ['owner', 'coWorker', 'lineManager', 'practiceSupervisor'])
    t.same(await feedOf(service, account), whole, `${account} reads all of it`)
  for (const account of ['colleague', 'outsider', 'otherLineManager'])
    t.same(await feedOf(service, account), [], `${account} reads nothing of it`)
})

t.test('a group that was tampered with is found by verify', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'middle')
  await service.seal()
  const said: string[] = []
  const run = () => verify(service.db, readKeys(service.keyTexts), [], line => said.push(line))
  t.equal(await run(), true, said.join('\n'))
  await service.asOwner(
    `alter table groups disable trigger groups_keep_history; update groups set step = 'late' where id = '${groupId}'`,
  )
  t.equal(await run(), false)
  t.match(said.join('\n'), new RegExp(`BAD subject ${groupId}: step is not that of the last move`))
})

t.test('a group opens under the new key after rotation; once its key is erased its words are gone', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string], 'cancelled', { minMembers: 1 })
  const { items } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/records`)).body
  const read = () => service.call('owner', 'GET', `/v1/groups/${groupId}/records/${items[0].id}`)
  const { ambient } = service.deps
  const { kek } = readKeys(service.keyTexts)
  const made = generateServiceKeys().kek
  const both = { current: 'new', keys: { ...kek.keys, new: made.keys[made.current] as Buffer } }
  t.equal(await rewrapTable(service.db, makeVault(both), 'new', 'groups'), 1)
  t.equal((await read()).status, 500, 'the old ring does not open it')
  Object.assign(ambient, { vault: makeVault(both) })
  t.equal((await read()).status, 200)

  const erase = async (account: string) =>
    service.call(account, 'DELETE', `/v1/groups/${groupId}/key`, undefined, {
      'if-match': `"${(await groupOf(service, groupId)).version}"`,
    })
  t.equal((await erase('owner')).status, 403)
  t.equal((await erase('keyHolder')).status, 200)
  t.match(await read(), { status: 410, body: { code: 'key_is_erased' } })
  t.match(await groupOf(service, groupId), { keyErased: true })
  t.match(await erase('keyHolder'), { body: { code: 'key_is_erased' } })
  const running = await givenGroup(service)
  const early = await service.call('keyHolder', 'DELETE', `/v1/groups/${running}/key`, undefined, { 'if-match': '"1"' })
  t.match(early, { status: 409, body: { code: 'group_not_over' } })
})
