import t from 'tap'
import { done } from '../support/group-life.ts'
import { earnGroup, givenGroupAt, holdNext, moveGroup } from '../support/group-way.ts'
import { givenGroup, givenGroupRecord, givenMember, groupOf, guardianAgrees, post } from '../support/groups.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a group goes through its phases to the end, and tells what came of it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'ended')
  const ended = await groupOf(service, groupId)
  t.match(ended, { step: 'ended', endReason: null, members: [{ status: 'completed' }, { status: 'completed' }] })
  t.ok(ended.endedAt)

  const outcome = await service.call('practiceSupervisor', 'GET', `/v1/groups/${groupId}/outcome`)
  t.match(outcome.body, {
    step: 'ended',
    group: {
      sessionsPlanned: 4,
      sessionsHeld: 4,
      attendanceRate: 1,
      goals: 2,
      goalsAssessed: 2,
      attainmentScore: 56.2,
      memberAttainment: 0.5,
      satisfaction: 4.5,
    },
    members: [
      {
        memberId: 'm1',
        attendance: { present: 4, absent: 0 },
        attainment: 1,
        changes: [
          { figure: 'life', before: 5, after: 6, change: 1 },
          { figure: 'study', before: 3, after: 6, change: 3 },
          {},
          {},
          {},
        ],
      },
      { memberId: 'm2', attainment: 0, changes: [] },
    ],
  })
  const late = await post(service, groupId, 'sessions/s1/holding', {})
  t.equal(late.status, 400)
  const over = await post(service, groupId, 'tasks/t1/settlement', { status: 'done' })
  t.match(over, { status: 409, body: { code: 'group_is_over' } })
})

t.test('a group that is cancelled leaves nobody without word, money or a way on', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'early')
  const cancel = () =>
    post(service, groupId, 'transitions', { to: 'cancelled', reason: 'no_leader', note: '指导者调离。' })
  const missing = (await cancel()).body.missing.map((each: { check: string }) => each.check)
  t.same([...new Set(missing)].sort(), ['budget_is_settled', 'members_were_told', 'onward_plans_are_made'])
  const told = { decision: 'cancel', replan: [], told: { on: '2026-09-14', medium: 'phone', memberIds: ['m1', 'm2'] } }
  await givenGroupRecord(service, groupId, 'contingency_adjustment', told)
  for (const memberId of ['m1', 'm2']) await givenGroupRecord(service, groupId, 'onward_plan', { memberId })
  await post(service, groupId, 'budget/settlement', { note: '未支出,全部退回。' })
  t.match(await cancel(), { status: 201, body: { to: 'cancelled' } })
  t.match(await groupOf(service, groupId), {
    endReason: 'no_leader',
    members: [
      { status: 'left', leftReason: 'group_cancelled' },
      { status: 'left', leftReason: 'group_cancelled' },
    ],
  })
})

t.test('a group that ends early ends with its tasks settled, and tells its members in the phase it ends', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'middle')
  const tell = () =>
    givenGroupRecord(service, groupId, 'contingency_adjustment', {
      decision: 'end_early',
      replan: [],
      told: { on: '2026-09-14', medium: 'phone', memberIds: ['m1', 'm2'] },
    })
  await tell()
  await earnGroup(service, groupId, 'late')
  t.match(await moveGroup(service, groupId, { to: 'late' }), { status: 201 })
  const end = () => moveGroup(service, groupId, { to: 'ending', reason: 'members_wish', note: '一致同意。' })
  const checks = (told: { body: { missing: { check: string }[] } }) => [
    ...new Set(told.body.missing.map(each => each.check)),
  ]
  t.same(checks(await end()), ['members_were_told'], 'what was told in the phase before does not count')
  await tell()
  t.match(await end(), { status: 201 })
  const ended = await moveGroup(service, groupId, { to: 'ended' })
  t.ok(checks(ended).includes('tasks_are_settled'))
  const { tasks } = await groupOf(service, groupId)
  for (const { id } of tasks)
    t.match(await post(service, groupId, `tasks/${id}/settlement`, { status: 'dropped', note: '小组提前结束。' }), {
      status: 201,
    })
  await earnGroup(service, groupId, 'ended')
  t.match(await moveGroup(service, groupId, { to: 'ended' }), { status: 201 })
})

t.test('whoever joins late is active once they accept the norms, and counts from then on', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'middle')
  const memberId = await givenMember(service, groupId, { studentId: students['3'] })
  const status = async () =>
    (await groupOf(service, groupId)).members.find((each: { id: string }) => each.id === memberId).status
  t.equal(await status(), 'consented')
  await givenGroupRecord(service, groupId, 'contract_acceptance', { memberId })
  t.equal(await status(), 'active')
})

t.test('whoever joins late accepts the norms before the group moves on', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'middle')
  const accept = (memberId: string) => givenGroupRecord(service, groupId, 'contract_acceptance', { memberId })
  const third = await givenMember(service, groupId, { studentId: students['3'] }, 'selected')
  await givenGroupRecord(service, groupId, 'member_profile', { memberId: third })
  await guardianAgrees(service, groupId, third)
  done(await post(service, groupId, `members/${third}/consent`, { method: 'oral', note: '面谈同意。' }))
  await givenGroupRecord(service, groupId, 'task_assignment')
  const task = { id: 't9', memberId: third, text: '整理错题。', dueOn: '2026-10-01' }
  await givenGroupRecord(service, groupId, 'task_assignment', { tasks: [task] })
  await holdNext(service, groupId)
  await givenGroupRecord(service, groupId, 'phase_evaluation', { phase: 'middle' })
  const lacking = { status: 422, body: { missing: [{ check: 'norms_are_accepted', pointer: '/members/2' }] } }
  t.match(await moveGroup(service, groupId, { to: 'late' }), lacking)
  await accept(third)
  t.match(await moveGroup(service, groupId, { to: 'late' }), { status: 201 })
  await earnGroup(service, groupId, 'ending')
  await givenGroupRecord(service, groupId, 'group_contract')
  const revised = await moveGroup(service, groupId, { to: 'ending' })
  t.same(
    revised.body.missing.map((each: { check: string }) => each.check),
    ['norms_are_accepted', 'norms_are_accepted', 'norms_are_accepted'],
    'norms revised late are accepted anew',
  )
  for (const memberId of ['m1', 'm2', third]) await accept(memberId)
  t.match(await moveGroup(service, groupId, { to: 'ending' }), { status: 201 })
})

t.test('nobody joins a group in its ending phase', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'late')
  const memberId = await givenMember(service, groupId, { studentId: students['3'] }, 'selected')
  const proposed = (await post(service, groupId, 'members', { name: '校友', role: 'supporter', note: '迟。' })).body
  await earnGroup(service, groupId, 'ending')
  t.match(await moveGroup(service, groupId, { to: 'ending' }), { status: 201 })
  const refused = { status: 409, body: { code: 'group_is_ending' } }
  const note = '临近结束。'
  t.match(await post(service, groupId, 'members', { name: '校友', role: 'supporter', note }), refused)
  t.match(await post(service, groupId, `members/${proposed.memberId}/selection`, { note }), refused)
  t.match(await post(service, groupId, `members/${proposed.memberId}/selection`, { waiting: true }), refused)
  t.match(await post(service, groupId, `members/${memberId}/consent`, { method: 'oral', note }), refused)
  await earnGroup(service, groupId, 'ended')
  t.match(await moveGroup(service, groupId, { to: 'ended' }), { status: 201 })
  t.match((await groupOf(service, groupId)).members, [
    { status: 'completed' },
    { status: 'completed' },
    { status: 'left', leftReason: 'group_ended', leftOn: '2026-09-14' },
    { status: 'left', leftReason: 'group_ended' },
  ])
  t.equal((await service.call('student-3', 'GET', `/v1/groups/${groupId}`)).status, 404)
})

t.test('no pair stands in a group that was cancelled', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroup(service, { type: 'paired' })
  const studentId = await givenMember(service, groupId, { studentId: students['1'] })
  const volunteerId = await givenMember(service, groupId, { studentId: students['2'], role: 'volunteer' })
  await post(service, groupId, 'pairs', { volunteerId, studentId })
  await earnGroup(service, groupId, 'cancelled', 'need_lapsed')
  const told = await moveGroup(service, groupId, { to: 'cancelled', reason: 'need_lapsed', note: '需求已不存在。' })
  t.equal(told.status, 201)
  t.same((await groupOf(service, groupId)).pairs, [])
})

t.test('every open task of who leaves goes to the leaders or is dropped, and its words to no other member', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const groupId = await givenGroupAt(service, [students['1'] as string, students['2'] as string], 'late')
  const given = (id: string, memberId: string, text: string) => ({ id, memberId, text, dueOn: '2026-10-01' })
  const own = '每天写一条情绪日记。'
  await givenGroupRecord(service, groupId, 'task_assignment', { tasks: [given('t1', 'm1', own)] })
  const leave = (tasks: object[]) =>
    post(service, groupId, 'members/m1/leaving', {
      reason: 'no_time',
      exitTalk: '时间冲突。',
      attainment: 0,
      onwardPath: 'peer',
      tasks,
    })
  const unfit = (at: number) => ({
    status: 422,
    body: { code: 'leaving_incomplete', errors: [{ pointer: `/tasks/${at}`, code: 'task_unfit' }] },
  })
  t.match(await leave([{ taskId: 't1' }, { taskId: 't1', dropped: true }]), unfit(1))
  t.match(await leave([{ taskId: 't1' }, { taskId: 't2' }]), unfit(1), 'nor the task of another')
  t.match(await leave([{ taskId: 't1', to: 'm2' }]), { status: 400 }, 'nobody is handed the words of another')
  t.match(await leave([{ taskId: 't1' }]), { status: 201 })
  const taskOf = async (account: string) =>
    (await service.call(account, 'GET', `/v1/groups/${groupId}/tasks`)).body.items.find(
      (each: { id: string }) => each.id === 't1',
    )
  t.match(await taskOf('owner'), { memberId: null, status: 'open', text: own })
  t.equal(await taskOf('student-2'), undefined)
  await givenGroupRecord(service, groupId, 'task_assignment', { tasks: [given('t1', 'm2', '整理错题。')] })
  t.match(await taskOf('student-2'), { memberId: 'm2', text: '整理错题。' })
})
