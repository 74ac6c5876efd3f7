import { randomUUID } from 'node:crypto'
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
    t.same(
      refused.body.missing?.map((each: { need?: string; check?: string }) => each.need ?? each.check),
      [need.record],
      `${need.record} alone is named`,
    )
  }
})

t.test('illegal history cannot be stored, by the application role either', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'plan')
  const refuses = async (what: string, by: string, sql: string) =>
    t.rejects(
      service.asApplication(sql),
      /^[0-9A-Z]{5}$/.test(by) ? { code: by } : { constraint: by, code: '23514' },
      what,
    )
  const change = (set: string) => `update cases set ${set} where id = '${caseId}'`
  const denied = '42501'
  const notNull = '23502'
  const forgedMove = `insert into case_moves select institution_id, case_id, 99, 'plan', 'tracking', null, 99, now(), by_id, null from case_moves where case_id = '${caseId}' limit 1`
  await refuses('a forged move', denied, forgedMove)
  await refuses('a move deleted', denied, `delete from case_moves where case_id = '${caseId}'`)
  await refuses('a move rewritten', denied, `update case_moves set to_step = 'tracking' where case_id = '${caseId}'`)
  await refuses('a case deleted', denied, `delete from cases where id = '${caseId}'`)
  await t.rejects(
    service.asOwner(forgedMove.replace('select institution_id, case_id', 'select institution_id, gen_random_uuid()')),
    { code: '23503', constraint: 'case_moves_case' },
    'a move of no case, by the owner of the schema either',
  )
  await refuses('a step without a version', 'cases_version_only_rises', change("step = 'tracking'"))
  await refuses('a version rewound', 'cases_version_only_rises', change('version = 1'))
  await refuses('writes rewound', 'cases_version_only_rises', change('writes = 0'))
  await refuses('a skipped step', 'case_moves_edge_allowed', change("step = 'evaluation', version = version + 1"))
  await refuses('a step unknown', 'case_moves_edge_allowed', change("step = 'limbo', version = version + 1"))
  await refuses('a null step', notNull, change('step = null, version = version + 1'))
  await refuses('a forged origin', 'cases_history_is_kept', change("came_from = 'tracking', version = version + 1"))
  await refuses('forged steps reached', 'cases_history_is_kept', change("reached = '{}'"))
  await refuses('a second open case by a forged flag', 'cases_history_is_kept', change('counts_as_open = false'))
  await refuses('a forged move count', 'cases_history_is_kept', change('move_count = 9'))
  await refuses(
    'a case that ends without reason',
    'cases_close_reason_while_ending',
    change("step = 'closure', version = version + 1"),
  )
  await move(service, caseId, { to: 'closure', reason: 'declined' })
  await refuses(
    'a return to where it did not come from',
    'case_moves_returns_to_origin',
    change("step = 'tracking', close_reason = null, version = version + 1"),
  )
  await refuses('a null origin', 'cases_history_is_kept', change('came_from = null, version = version + 1'))
  const signed = `where case_id = '${caseId}' and status = 'signed'`
  await refuses('a signed record changed', 'records_signed_never_change', `update records set content = '{}' ${signed}`)
  await refuses(
    'a signed record unsigned',
    'records_signed_never_change',
    `update records set status = 'draft' ${signed}`,
  )
  await refuses('a signature deleted', denied, `delete from record_signatures where case_id = '${caseId}'`)
  await refuses(
    'a signature rewritten',
    denied,
    `update record_signatures set party = 'student' where case_id = '${caseId}'`,
  )
  const opening = (more: object) =>
    `insert into cases select (jsonb_populate_record(c, '${JSON.stringify({
      id: randomUUID(),
      number: randomUUID(),
      close_reason: null,
      student_id: students['2'],
      ...more,
    })}')).* from cases c where id = '${caseId}' returning came_from, came_from_since, reached, move_count`
  await refuses('an opening at a later step', 'case_moves_edge_allowed', opening({ step: 'tracking' }))
  const forged = { step: 'investigation', came_from: 'tracking', came_from_since: 1, reached: ['plan'], move_count: 7 }
  t.same(
    await service.asApplication(opening(forged)),
    [{ came_from: null, came_from_since: null, reached: ['investigation'], move_count: 0 }],
    'what an opening claims of its history is not stored',
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
