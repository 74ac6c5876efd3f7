import t from 'tap'
import { hold } from '../support/group-life.ts'
import { earnGroup, givenGroupAt } from '../support/group-way.ts'
import { givenGroupRecord, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a sociogram is drawn from the ratings of all sessions, with the names the group shows its reader', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const all = ['1', '2', '3'].map(number => students[number] as string)
  const groupId = await givenGroupAt(service, all, 'early')
  const interactions = [
    { fromId: 'm1', toId: 'm2', rating: 2 },
    { fromId: 'm2', toId: 'm1', rating: 1 },
  ]
  const none = await service.call('owner', 'GET', `/v1/groups/${groupId}/sociogram`)
  t.match(none.body, { isolates: ['m1', 'm2', 'm3'], ties: [], mutualPairs: [] })
  t.equal((await hold(service, groupId, 's1', { interactions })).status, 201)
  const read = (account: string, end = '') => service.call(account, 'GET', `/v1/groups/${groupId}/sociogram${end}`)
  const { body } = await read('owner')
  t.match(body, {
    isolates: ['m3'],
    mutualPairs: [['m1', 'm2']],
    ties: [
      { fromId: 'm1', toId: 'm2', rating: 2, mutual: true },
      { fromId: 'm2', toId: 'm1', rating: 1, mutual: true },
    ],
  })
  await service.asOwner(`update groups set roles = roles || '{volunteer}', max_members = 4 where id = '${groupId}'`)
  await givenMember(service, groupId, { name: '校友吴先生', role: 'volunteer' })
  const namesIn = (members: { name: string | null }[]) => members.map(each => each.name)
  const names = ['王晓明', '刘思雨', '陈未成年', '校友吴先生']
  for (const account of ['owner', 'lineManager', 'practiceSupervisor']) {
    t.same(namesIn((await groupOf(service, groupId, account)).members), names, `${account} in the group`)
    t.same(namesIn((await read(account)).body.members), names, `${account} in the sociogram`)
  }
  const drawn = await read('owner', '.svg')
  t.match(drawn.headers['content-type'], 'image/svg+xml')
  t.match(drawn.text, /^<svg[\s\S]*王晓明[\s\S]*<\/svg>/)
  t.equal(drawn.text.match(/<line /g)?.length, 2)
  t.match((await read('practiceSupervisor', '.svg')).text, '>王晓明<')
  for (const account of ['student-1', 'student-2', 'outsider', 'administrator'])
    for (const end of ['', '.svg']) t.ok([403, 404].includes((await read(account, end)).status), `${account} ${end}`)
  t.same(namesIn((await groupOf(service, groupId, 'student-1')).members), ['王晓明'], 'a member reads their own')
  await service.asOwner(`update groups set data_key = null where id = '${groupId}'`)
  t.equal(namesIn((await read('owner')).body.members).at(-1), null)
  t.match((await read('owner', '.svg')).text, '>m4<', 'a name whose key is erased')
})

t.test('what changed of a member is what was measured before and after; reading it is journalled', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'late')
  const measured = { by: 'how_things_stand', answers: [1, 1, 1, 2, 2] }
  await givenGroupRecord(service, groupId, 'member_profile', { memberId: 'm1', baseline: measured })
  await earnGroup(service, groupId, 'ending')
  t.equal((await post(service, groupId, 'transitions', { to: 'ending' })).status, 201)
  await givenGroupRecord(service, groupId, 'final_evaluation', {
    members: [
      {
        memberId: 'm1',
        attainment: 2,
        outcome: '好转。',
        after: { by: 'how_things_stand', answers: [3, 3, 4, 4, 2] },
      },
      { memberId: 'm2', attainment: -1, outcome: '仍需帮助。', after: measured },
    ],
  })
  const { body } = await service.call('lineManager', 'GET', `/v1/groups/${groupId}/outcome`)
  t.match(body, { step: 'ending', group: { sessionsHeld: 3, memberAttainment: 0.5 } })
  t.same(
    body.members.map((each: { attainment: number; changes: unknown[] }) => [each.attainment, each.changes]),
    [
      [
        2,
        [
          { figure: 'how_things_stand.satisfaction', before: 1, after: 3.33, change: 2.33 },
          { figure: 'how_things_stand.confidence', before: 2, after: 4, change: 2 },
          { figure: 'how_things_stand.mood', before: 2, after: 2, change: 0 },
        ],
      ],
      [-1, []],
    ],
    'ratings before and an instrument after are not compared',
  )
  await service.call('lineManager', 'GET', `/v1/groups/${groupId}/outcome`)
  const read = await service.asOwner(
    `select entry::json->'actor'->>'kind' as kind from journal where type = 'record.read' and subject_id = '${groupId}'`,
  )
  t.same(read, [{ kind: 'staff' }], 'once an hour')
  for (const account of ['student-1', 'colleague', 'outsider'])
    t.ok([403, 404].includes((await service.call(account, 'GET', `/v1/groups/${groupId}/outcome`)).status), account)
  const unread = await service.asOwner(`select 1 from journal where type = 'record.read' and subject_id = '${groupId}'`)
  t.equal(unread.length, 1, 'who may not read leaves no reading')
})

t.test('a task is settled once; a dropped one says why', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'late')
  const settle = (taskId: string, body: Record<string, unknown>, account = 'owner') =>
    post(service, groupId, `tasks/${taskId}/settlement`, body, account)
  t.match((await settle('t1', { status: 'dropped' })).body, { code: 'note_required' })
  t.match(await settle('t1', { status: 'dropped', note: '改由同伴完成。' }), {
    status: 201,
    body: { taskId: 't1', status: 'dropped' },
  })
  t.match((await settle('t1', { status: 'done' })).body, { code: 'task_settled' })
  t.equal((await settle('t9', { status: 'done' })).status, 404)
  t.equal((await settle('t2', { status: 'open' })).status, 400)
  t.equal((await settle('t2', { status: 'done' }, 'lineManager')).status, 403)
  await t.rejects(
    givenGroupRecord(service, groupId, 'task_assignment', {
      tasks: [{ id: 't1', memberId: 'm2', text: '再次分配', dueOn: '2026-10-01' }],
    }),
    { message: /task_settled/ },
  )
})

t.test('before is what was measured before the first session, whatever is measured later', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'early')
  const rated = (mood: number) => ({ memberId: 'm2', baseline: { by: 'ratings', mood } })
  await givenGroupRecord(service, groupId, 'member_profile', rated(2))
  await givenGroupRecord(service, groupId, 'member_profile', rated(3))
  t.equal((await hold(service, groupId, 's1', { interactions: [] })).status, 201)
  await givenGroupRecord(service, groupId, 'member_profile', {
    memberId: 'm2',
    baseline: { by: 'ratings', mood: 7, study: 6 },
  })
  for (const to of ['middle', 'late', 'ending']) {
    await earnGroup(service, groupId, to)
    t.equal((await post(service, groupId, 'transitions', { to })).status, 201)
  }
  const { example } = (await service.call('owner', 'GET', '/v1/record-kinds/final_evaluation')).body
  const [one, two] = example.members
  const evaluated = { ...two, memberId: 'm2', after: { by: 'ratings', mood: 8, study: 8 } }
  await givenGroupRecord(service, groupId, 'final_evaluation', { members: [one, evaluated] })
  await givenGroupRecord(service, groupId, 'final_evaluation', { members: [one] })
  const { members } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/outcome`)).body
  t.match(
    members.find((each: { memberId: string }) => each.memberId === 'm2').changes,
    [
      { figure: 'study', before: 3, after: 8 },
      { figure: 'mood', before: 3, after: 8 },
    ],
    'also where a later evaluation says nothing of the member',
  )
})
