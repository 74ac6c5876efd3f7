import { randomUUID } from 'node:crypto'
import t from 'tap'
import { givenCaseAt, givenDraft } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('what a row refers to is there, whoever writes it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'tracking')
  const { id: draft } = (await givenDraft(service, caseId, 'addendum')).body
  const [owner, nobody, id] = [staff.owner, randomUUID(), randomUUID()]
  const ours = `'${service.institution}', '${id}', '${caseId}'`
  const transfer = (from: string | undefined, to: string | undefined) =>
    `insert into transfers values (${ours}, '${from}', '${to}', 'rejected', now(), now())`
  const set = (table: string, column: string, where = `case_id = '${caseId}'`, value: string = nobody) =>
    `update ${table} set ${column} = '${value}' where ${where}`
  const dangling: Readonly<Record<string, string>> = {
    goals_plan: set('goals', 'plan_id'),
    actions_plan: set('actions', 'plan_id'),
    actions_goal: set('actions', 'goal_id', `case_id = '${caseId}'`, 'g99'),
    consents_record: set('consents', 'record_id'),
    waivers_record: `insert into waivers values ('${service.institution}', '${caseId}', '${nobody}', 'environment', 'waived', null, 9)`,
    records_amends: set('records', 'amends_id', `id = '${draft}'`),
    records_adopted_from: set('records', 'adopted_from_id', `id = '${draft}'`),
    transfers_from: transfer(nobody, owner),
    transfers_to: transfer(owner, nobody),
    case_holds_recipient: `insert into case_holds (institution_id, id, case_id, kind, opened_version, opened_at, opened_by, recipient_id)
      values (${ours}, 'safety_crisis', 1, now(), '${owner}', '${nobody}')`,
    access_grants_staff: `insert into access_grants values (${ours}, '${nobody}', 'complaint', now(), now(), null, null)`,
    cases_predecessor: set('cases', 'predecessor_id', `id = '${caseId}'`),
    cases_owner: set('cases', 'owner_id', `id = '${caseId}'`),
    case_workers_staff: `insert into case_workers values ('${service.institution}', '${caseId}', '${nobody}', '2026-09-14', null)`,
  }
  for (const [constraint, sql] of Object.entries(dangling))
    await t.rejects(service.asApplication(sql), { code: '23503', constraint }, constraint)
})
