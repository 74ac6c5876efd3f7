import { randomUUID } from 'node:crypto'
import t from 'tap'
import { type Process, stepsOf } from '../../src/kernel/process.ts'
import { groupWork } from '../../src/practice/group-work.ts'
import { earnGroup, givenGroupAt, moveGroup, wholeWay } from '../support/group-way.ts'
import { groupOf } from '../support/groups.ts'
import { everyStepAgrees } from '../support/model.ts'
import { givenSchool, givenService } from '../support/service.ts'

const steps = stepsOf(groupWork)

const givenPair = async (service: Parameters<typeof givenSchool>[0]) => {
  const { students } = await givenSchool(service)
  return [students['1'] as string, students['2'] as string]
}

t.test('a client that knows only the API carries a group to its end', async t => {
  const service = await givenService(t)
  const groupId = await givenGroupAt(service, await givenPair(service), 'ended')
  const ended = await groupOf(service, groupId)
  t.match(ended, { step: 'ended', members: [{ status: 'completed' }, { status: 'completed' }] })
  const moves = await service.asOwner(`select to_step from group_moves where subject_id = '${groupId}' order by n`)
  t.same(
    moves.map(row => row.to_step),
    ['preparation', ...wholeWay],
  )
})

t.test('every phase to every phase: the API and the database agree with the definition', async t => {
  const service = await givenService(t)
  const pair = await givenPair(service)
  for (const from of steps) {
    const groupId = await givenGroupAt(service, pair, from)
    await everyStepAgrees(t, service, groupWork as unknown as Process, {
      id: groupId,
      table: 'groups',
      moves: 'group_moves',
      key: 'subject_id',
      from,
      ask: to => moveGroup(service, groupId, { to }, { dryRun: true }),
      columns: step => `, ended_at = ${groupWork.final.includes(step as 'ended') ? 'now()' : 'null'}`,
    })
  }
})

t.test('every need alone blocks its move', async t => {
  const service = await givenService(t)
  const pair = await givenPair(service)
  for (const { from, to, needs, ...edge } of groupWork.edges) {
    if (needs.length === 0) continue
    const groupId = await givenGroupAt(service, pair, from)
    await earnGroup(service, groupId, to)
    for (const { record } of needs) {
      const put = (status: string) =>
        service.asOwner(
          `alter table group_records disable trigger group_records_keep_signed;
           update group_records set status = '${status}' where group_id = '${groupId}' and kind = '${record}' and signed_at is not null;
           alter table group_records enable trigger group_records_keep_signed`,
        )
      await put('superseded')
      const refused = await moveGroup(service, groupId, { to }, { dryRun: true })
      t.equal(refused.status, 422, `${from} to ${to} without ${record}`)
      t.same(
        refused.body.missing?.map((each: { need?: string; check?: string }) => each.need ?? each.check),
        [record],
        `${record} alone is named`,
      )
      await put('signed')
    }
    const reason = 'reasons' in edge && !('reasonOptional' in edge) ? edge.reasons[0] : undefined
    t.equal((await moveGroup(service, groupId, { to, reason }, { dryRun: true })).status, 200, `${from} to ${to}`)
  }
})

t.test('illegal history cannot be stored, by the application role either', async t => {
  const service = await givenService(t)
  const [one, two] = (await givenPair(service)) as [string, string]
  const id = await givenGroupAt(service, [one, two], 'middle')
  const refuses = async (what: string, by: string, sql: string) =>
    t.rejects(
      service.asApplication(sql),
      /^[0-9A-Z]{5}$/.test(by) ? { code: by } : { constraint: by, code: '23514' },
      what,
    )
  const change = (set: string) => `update groups set ${set} where id = '${id}'`
  const denied = '42501'
  await refuses(
    'a forged move',
    denied,
    `insert into group_moves select institution_id, subject_id, 99, 'middle', 'late', null, 99, now(), by_id, null from group_moves where subject_id = '${id}' limit 1`,
  )
  await refuses('a move deleted', denied, `delete from group_moves where subject_id = '${id}'`)
  await refuses('a move rewritten', denied, `update group_moves set to_step = 'late' where subject_id = '${id}'`)
  await refuses('a group deleted', denied, `delete from groups where id = '${id}'`)
  await refuses('a phase without a version', 'subject_version_only_rises', change("step = 'late'"))
  await refuses('a version rewound', 'subject_version_only_rises', change('version = 1'))
  await refuses('writes rewound', 'subject_version_only_rises', change('writes = 0'))
  await refuses('a phase skipped', 'group_moves_edge_allowed', change("step = 'ended', version = version + 1"))
  await refuses('a phase unknown', 'group_moves_edge_allowed', change("step = 'limbo', version = version + 1"))
  await refuses('a null phase', '23502', change('step = null, version = version + 1'))
  await refuses('an end of a group that runs', 'groups_ended_has_time', change('ended_at = now()'))
  await refuses('a forged move count', 'subject_history_is_kept', change('move_count = 9'))
  await refuses('limits out of order', 'groups_limits_in_order', change('min_members = 9, max_members = 3'))
  const signed = `where group_id = '${id}' and status = 'signed'`
  await refuses(
    'a signed record changed',
    'records_signed_never_change',
    `update group_records set content = '{}' ${signed}`,
  )
  await refuses('a signature deleted', denied, `delete from group_record_signatures where group_id = '${id}'`)
  await refuses('a member deleted', denied, `delete from group_members where group_id = '${id}'`)
  await refuses(
    'an attendance rewritten',
    denied,
    `update group_attendance set status = 'absent' where group_id = '${id}'`,
  )
  await refuses(
    'more spent than approved',
    'group_budget_lines_within',
    `update group_budget_lines set spent_fen = approved_fen + 1 where group_id = '${id}'`,
  )
  await refuses(
    'a member of two kinds of person',
    'group_members_one_person',
    `update group_members set staff_id = '${randomUUID()}' where group_id = '${id}'`,
  )
  await refuses(
    'a member who left without a day',
    'group_members_left_whole',
    `update group_members set status = 'left' where group_id = '${id}'`,
  )
  await t.rejects(
    service.asApplication(
      `insert into group_members (institution_id, group_id, id, place, student_id, role, status)
       select institution_id, group_id, 'm9', 9, student_id, role, status from group_members where group_id = '${id}' and id = 'm1'`,
    ),
    { code: '23505', constraint: 'group_members_one_student' },
    'a student twice in a group',
  )
  await refuses(
    'an opening at a later phase',
    'group_moves_edge_allowed',
    `insert into groups select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', 'G9'))).* from groups c where id = '${id}'`,
  )
})
