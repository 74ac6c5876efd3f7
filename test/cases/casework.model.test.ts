import t from 'tap'
import { type Process, stepsOf } from '../../src/kernel/process.ts'
import { casework } from '../../src/practice/casework.ts'
import { earn, fullWay, givenCase, givenCaseAt, move } from '../support/cases.ts'
import { everyStepAgrees } from '../support/model.ts'
import { givenSchool, givenService } from '../support/service.ts'

const steps = stepsOf(casework)
const student = (index: number) => ({
  number: `m${index}`,
  name: `学生${index}`,
  birthDate: '2005-05-05',
  major: '软件工程',
  grade: '2025',
  orgUnit: 'class',
})

t.test('a client that knows only the API carries a case to its end', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'closed')
  const closed = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
  t.equal(closed.step, 'closed')
  t.equal(closed.closeReason, 'goals_met')
  const moves = await service.asOwner(`select to_step from case_moves where case_id = '${caseId}' order by n`)
  t.same(
    moves.map(row => row.to_step),
    ['investigation', ...fullWay.map(each => each.to)],
  )
})

t.test('every step to every step: the API and the database agree with the definition', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await service.roster(
    'students',
    steps.map((_, index) => student(index)),
  )
  const rows = await service.asOwner("select number, id from students where number like 'm%'")
  const ids = Object.fromEntries(rows.map(row => [String(row.number), String(row.id)]))
  for (const [index, from] of steps.entries()) {
    const caseId = await givenCaseAt(service, ids[`m${index}`] as string, from)
    const [{ came_from: origin }] = (await service.asOwner(`select came_from from cases where id = '${caseId}'`)) as [
      { came_from: string | null },
    ]
    await everyStepAgrees(t, service, casework as unknown as Process, {
      id: caseId,
      table: 'cases',
      moves: 'case_moves',
      key: 'case_id',
      from,
      origin,
      ask: to => move(service, caseId, { to }, { dryRun: true }),
      columns: step =>
        `, close_reason = ${step === 'closure' || step === 'closed' ? "'other'" : 'null'}, closed_at = ${step === 'closed' ? 'now()' : 'null'}`,
    })
  }
})

t.test('every need alone blocks its move', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const cases = casework.edges.flatMap(edge =>
    edge.needs.filter(need => !('when' in need) && !edge.back).map(need => ({ edge, need })),
  )
  await service.roster(
    'students',
    cases.map((_, index) => student(index)),
  )
  const rows = await service.asOwner("select number, id from students where number like 'm%'")
  const ids = Object.fromEntries(rows.map(row => [String(row.number), String(row.id)]))
  for (const [index, { edge, need }] of cases.entries()) {
    const caseId = await givenCaseAt(service, ids[`m${index}`] as string, edge.from)
    await earn(service, caseId, edge.to)
    await service.asOwner(
      `alter table records disable trigger records_keep_signed;
       update records set status = 'discarded', signed_at = null, signed_version = null where case_id = '${caseId}' and kind = '${need.record}';
       alter table records enable trigger records_keep_signed`,
    )
    const refused = await move(service, caseId, { to: edge.to, note: '为何' })
    t.equal(refused.status, 422, `${edge.from} to ${edge.to} without ${need.record}`)
    t.ok(
      refused.body.missing?.some((each: { need?: string }) => each.need === need.record),
      `${need.record} is named`,
    )
  }
})

t.test('illegal history cannot be stored, by the application role either', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'plan')
  const refuses = async (what: string, sql: string) => t.rejects(service.asApplication(sql), what)
  await refuses(
    'a forged move',
    `insert into case_moves select institution_id, case_id, 99, 'plan', 'tracking', null, 99, now(), by_id, null from case_moves where case_id = '${caseId}' limit 1`,
  )
  await refuses('a move deleted', `delete from case_moves where case_id = '${caseId}'`)
  await refuses('a move rewritten', `update case_moves set to_step = 'tracking' where case_id = '${caseId}'`)
  await refuses('a case deleted', `delete from cases where id = '${caseId}'`)
  await refuses('a step without a version', `update cases set step = 'tracking' where id = '${caseId}'`)
  await refuses('a version rewound', `update cases set version = 1 where id = '${caseId}'`)
  await refuses('writes rewound', `update cases set writes = 0 where id = '${caseId}'`)
  await refuses('a skipped step', `update cases set step = 'evaluation', version = version + 1 where id = '${caseId}'`)
  await refuses('a step unknown', `update cases set step = 'limbo', version = version + 1 where id = '${caseId}'`)
  await refuses('a null step', `update cases set step = null, version = version + 1 where id = '${caseId}'`)
  await refuses(
    'a forged origin',
    `update cases set came_from = 'tracking', version = version + 1 where id = '${caseId}'`,
  )
  await refuses('forged steps reached', `update cases set reached = '{}' where id = '${caseId}'`)
  await refuses('a second open case by a forged flag', `update cases set counts_as_open = false where id = '${caseId}'`)
  await refuses('a forged move count', `update cases set move_count = 9 where id = '${caseId}'`)
  await refuses(
    'a closed case without reason',
    `update cases set step = 'closure', version = version + 1 where id = '${caseId}'`,
  )
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await refuses(
    'a return to where it did not come from',
    `update cases set step = 'tracking', close_reason = null, version = version + 1 where id = '${caseId}'`,
  )
  await refuses('a null origin', `update cases set came_from = null, version = version + 1 where id = '${caseId}'`)
  await refuses(
    'a signed record changed',
    `update records set content = '{}' where case_id = '${caseId}' and status = 'signed'`,
  )
  await refuses(
    'a signed record unsigned',
    `update records set status = 'draft' where case_id = '${caseId}' and status = 'signed'`,
  )
  await refuses('a signature deleted', `delete from record_signatures where case_id = '${caseId}'`)
  await refuses('a signature rewritten', `update record_signatures set party = 'student' where case_id = '${caseId}'`)
  await refuses(
    'an opening at a later step',
    `insert into cases select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', 'x', 'step', 'tracking', 'close_reason', null, 'student_id', '${students['2']}'))).* from cases c where id = '${caseId}'`,
  )
  const back = await move(service, caseId, { to: 'plan', note: '学生改变主意' })
  t.equal(back.status, 201, 'the honest way back is taken')
})

t.test('a move back restores what was earned', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await earn(service, caseId, 'agreement')
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await move(service, caseId, { to: 'investigation', note: '学生重新接受' })
  t.equal((await move(service, caseId, { to: 'agreement' })).status, 201)
})
