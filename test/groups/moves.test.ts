import t from 'tap'
import { postgresUrl } from '../support/database.ts'
import { earnGroup, givenGroupAt, moveGroup } from '../support/group-way.ts'
import { givenGroup, givenMember, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const pair = async (service: Service) => {
  const { students } = await givenSchool(service)
  return [students['1'] as string, students['2'] as string]
}

t.test('two leaders who move a group at once: one does, the other is told', async t => {
  const service = await givenService(t)
  const students = await pair(service)
  const [row] = await service.asOwner("select id from staff where external_id = 'coWorker'")
  const groupId = await givenGroupAt(service, students, 'preparation')
  await earnGroup(service, groupId, 'early')
  t.equal((await post(service, groupId, 'co-leaders', { staffId: row?.id })).status, 201)
  const { version } = await groupOf(service, groupId)
  const answers = await Promise.all(
    ['owner', 'coWorker', 'owner', 'coWorker'].map(account =>
      moveGroup(service, groupId, { to: 'early' }, { account, version }),
    ),
  )
  t.same(answers.map(each => each.status).sort(), [201, 412, 412, 412])
  const moves = await service.asOwner(`select n from group_moves where subject_id = '${groupId}'`)
  t.equal(moves.length, 2)
})

t.test(
  'a phase moves while members come and go: every change is one version and one entry',
  { skip: !postgresUrl },
  async t => {
    const service = await givenService(t)
    const students = await pair(service)
    const groupId = await givenGroupAt(service, students, 'preparation')
    await earnGroup(service, groupId, 'early')
    const { version } = await groupOf(service, groupId)
    const propose = (name: string) =>
      service.call('owner', 'POST', `/v1/groups/${groupId}/members`, { name, role: 'supporter', note: '校友支持。' })
    const answers = await Promise.all([
      moveGroup(service, groupId, { to: 'early' }, { version }),
      ...Array.from({ length: 8 }, (_, index) => propose(`校友${index}`)),
    ])
    t.ok(
      answers.every(each => [201, 412].includes(each.status)),
      answers.map(each => each.status).join(),
    )
    const after = await groupOf(service, groupId)
    t.same(
      after.members.map((each: { id: string }) => each.id),
      after.members.map((_: unknown, index: number) => `m${index + 1}`),
      'ids in the order of proposal, without holes',
    )
    const entries = await service.asOwner(
      `select subject_version as v from journal where subject_id = '${groupId}' and subject_version is not null order by 1`,
    )
    t.same(
      entries.map(each => each.v),
      Array.from({ length: after.version }, (_, index) => index + 1),
    )
  },
)

t.test('round trips: a move two, a member two, a list one, a group one, its transitions one', async t => {
  const service = await givenService(t)
  const students = await pair(service)
  const groupId = await givenGroupAt(service, students, 'preparation')
  await earnGroup(service, groupId, 'early')
  const { version } = await groupOf(service, groupId)
  const count = async (work: () => Promise<{ status: number }>) => {
    const before = service.roundTrips()
    const answer = await work()
    return [answer.status, service.roundTrips() - before]
  }
  const get = (path: string) => () => service.call('owner', 'GET', `/v1/groups${path}`)
  t.same(await count(() => moveGroup(service, groupId, { to: 'early' }, { version })), [201, 2])
  t.same(await count(get('')), [200, 1])
  t.same(await count(get(`/${groupId}`)), [200, 1])
  t.same(await count(get(`/${groupId}/transitions`)), [200, 1])
  t.same(await count(get(`/${groupId}/composition`)), [200, 1])
  t.same(await count(get(`/${groupId}/timeline`)), [200, 1])
  const leaving = { reason: 'no_time', exitTalk: '谈过。', attainment: 0, onwardPath: 'peer' }
  const leave = () => service.call('owner', 'POST', `/v1/groups/${groupId}/members/m1/leaving`, leaving)
  t.same(await count(leave), [201, 2])
})

t.test('a move is replayed, and refused with what is missing, reasons and words', async t => {
  const service = await givenService(t)
  const students = await pair(service)
  const groupId = await givenGroup(service)
  await givenMember(service, groupId, { studentId: students[0] })
  const cancel = (body: object, account = 'owner') =>
    moveGroup(service, groupId, { to: 'cancelled', ...body }, { account })
  t.match(await cancel({}), { status: 422, body: { code: 'reason_required' } })
  t.match(await cancel({ reason: 'need_lapsed' }), { status: 422, body: { code: 'note_required' } })
  t.match(await cancel({ reason: 'harm', note: '错误的理由' }), { status: 422, body: { code: 'reason_not_allowed' } })
  t.match(await cancel({ reason: 'no_such_reason' }), { status: 422, body: { code: 'reason_not_allowed' } })
  const refused = await cancel({ reason: 'need_lapsed', note: '需求已不存在。' })
  t.match(refused, { status: 422, body: { code: 'requirements_unmet' } })
  t.same(
    refused.body.missing.map((each: { check: string }) => each.check),
    ['members_were_told', 'onward_plans_are_made'],
  )
  t.match(await cancel({ reason: 'need_lapsed', note: '督导无权' }, 'practiceSupervisor'), {
    status: 403,
    body: { code: 'edge_not_yours' },
  })
  await earnGroup(service, groupId, 'cancelled', 'need_lapsed')
  const { version } = await groupOf(service, groupId)
  const body = { to: 'cancelled', reason: 'need_lapsed', note: '需求已不存在。' }
  const first = await moveGroup(service, groupId, body, { account: 'lineManager', version, key: 'once' })
  t.match(first, { status: 201, body: { from: 'preparation', to: 'cancelled' } })
  const again = await moveGroup(service, groupId, body, { account: 'lineManager', version, key: 'once' })
  t.same(again.body, first.body)
  t.equal(again.headers['idempotent-replayed'], 'true')
  t.match(await groupOf(service, groupId), {
    step: 'cancelled',
    endReason: 'need_lapsed',
    members: [{ status: 'left', leftReason: 'group_cancelled' }],
  })
  t.match(await post(service, groupId, 'members', { name: '校友', role: 'supporter' }), {
    status: 409,
    body: { code: 'group_is_over' },
  })
})

t.test('a line manager waives what may be waived, and never of a group they lead', async t => {
  const service = await givenService(t)
  const students = await pair(service)
  const groupId = await givenGroupAt(service, students, 'preparation')
  const waive = async (needs: string[], account = 'lineManager') =>
    service.call(account, 'POST', `/v1/groups/${groupId}/records`, {
      kind: 'group_waiver',
      content: { needs, reason: '成员由上期小组延续。' },
    })
  t.equal((await waive(['recruitment_plan'], 'owner')).status, 403)
  t.equal((await waive(['group_plan'])).status, 422, 'the plan can never be waived')
  const { id } = (await waive(['recruitment_plan', 'sessions_are_planned'])).body
  const sign = (id: string) =>
    service.call(
      'lineManager',
      'POST',
      `/v1/groups/${groupId}/records/${id}/signatures`,
      { party: 'line_manager' },
      {
        'if-match': '"1"',
      },
    )
  t.equal((await sign(id)).status, 201)
  t.match((await groupOf(service, groupId)).waivers, [{ need: 'recruitment_plan' }, { need: 'sessions_are_planned' }])
  const refused = await moveGroup(service, groupId, { to: 'early' })
  const missing = refused.body.missing.map((each: { need?: string; check?: string }) => each.need ?? each.check)
  t.notOk(missing.includes('recruitment_plan') || missing.includes('sessions_are_planned'))
  t.ok(missing.includes('group_plan'))
  const [manager] = await service.asOwner("select id from staff where external_id = 'lineManager'")
  t.equal((await post(service, groupId, 'co-leaders', { staffId: manager?.id })).status, 201)
  const own = (await waive(['composition_fits'])).body.id
  t.match(await sign(own), { status: 403, body: { code: 'not_nearest_line_manager' } })
})
