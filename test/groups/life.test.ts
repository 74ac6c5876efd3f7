import t from 'tap'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a group is prepared, refused what is missing, and begins', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service)
  const opened = await groupOf(service, groupId)
  t.match(opened, { number: 'G2026-0001', step: 'preparation', version: 1, relations: ['leader'], minMembers: 2 })

  const refused = await post(service, groupId, 'transitions', { to: 'early' })
  t.equal(refused.status, 422)
  t.equal(refused.body.code, 'requirements_unmet')
  const missing = refused.body.missing.map((each: { need?: string; check?: string }) => each.need ?? each.check)
  t.same([...new Set(missing)].sort(), [
    'group_budget',
    'group_plan',
    'members_have_consented',
    'recruitment_plan',
    'sessions_are_planned',
  ])

  const [one, two] = [
    await givenMember(service, groupId, { studentId: students['1'] }),
    await givenMember(service, groupId, { studentId: students['2'] }),
  ]
  t.same([one, two], ['m1', 'm2'])
  for (const memberId of [one, two]) await givenGroupRecord(service, groupId, 'member_profile', { memberId })
  for (const kind of ['group_plan', 'recruitment_plan', 'session_plan']) await givenGroupRecord(service, groupId, kind)
  await givenGroupRecord(service, groupId, 'group_budget')
  const { transitions } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/transitions`)).body
  const edge = transitions.find((each: { to: string }) => each.to === 'early')
  t.same(
    edge.requirements.filter((each: { met: boolean }) => !each.met).map((each: { check: string }) => each.check),
    ['budget_is_funded'],
  )
  await service.asOwner('update group_budget_lines set approved_fen = planned_fen')
  const dry = await service.call(
    'owner',
    'POST',
    `/v1/groups/${groupId}/transitions?dryRun=true`,
    { to: 'early' },
    {
      'if-match': `"${(await groupOf(service, groupId)).version}"`,
    },
  )
  t.match(dry, { status: 200, body: { allowed: true } })
  const moved = await post(service, groupId, 'transitions', { to: 'early' })
  t.match(moved, { status: 201, body: { from: 'preparation', to: 'early' } })
  const begun = await groupOf(service, groupId)
  t.match(begun.members, [
    { id: 'm1', status: 'active' },
    { id: 'm2', status: 'active' },
  ])
  const timeline = await service.call('owner', 'GET', `/v1/groups/${groupId}/timeline`)
  t.equal(timeline.body.items.at(-1).entry.type, 'group.moved')
  t.equal(timeline.body.items.length, begun.version, 'one entry a version')

  const listed = await service.call('lineManager', 'GET', '/v1/groups')
  t.match(listed.body.items, [{ id: groupId, members: 2 }])
  const found = await service.call('owner', 'POST', '/v1/groups/search', { text: '高数' })
  t.match(found.body.items, [{ id: groupId }])
  t.same((await service.call('outsider', 'GET', '/v1/groups')).body.items, [])
})
