import t from 'tap'
import { givenCase, versionOf } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

const dayMs = 86_400_000

t.test('co-workers come and go by their days', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const url = `/v1/cases/${caseId}/co-workers`
  const at = async () => ({ 'if-match': `"${await versionOf(service, caseId)}"` })
  const add = async (more: object = {}, staffId = staff.coWorker) =>
    service.call('owner', 'POST', url, { staffId, ...more }, await at())
  const end = async () => service.call('owner', 'DELETE', `${url}/${staff.coWorker}`, undefined, await at())
  const sees = async () => (await service.call('coWorker', 'GET', `/v1/cases/${caseId}`)).status === 200
  const later = (days: number) => {
    service.clock.now = new Date(service.clock.now.getTime() + days * dayMs)
  }
  t.equal((await add({ validUntil: '2026-09-13' })).body.code, 'days_unfit', 'over before it begins')
  t.equal((await add({ validUntil: '2026-09-14' })).body.code, 'days_unfit', 'over as it begins')
  t.equal((await add({ validFrom: '2026-09-13' })).body.code, 'days_unfit', 'begun before anybody asked')
  t.equal((await add({ validFrom: '2026-09-20', validUntil: '2026-09-20' })).body.code, 'days_unfit')
  t.equal((await add({}, staff.owner)).body.code, 'already_owner')
  t.equal((await add({}, staff.auditor)).body.code, 'staff_unfit')
  t.equal(await versionOf(service, caseId), 1, 'nothing was written')
  const added = await add()
  t.same([added.status, added.body.validFrom, added.body.validUntil], [201, '2026-09-14', null])
  t.equal((await add()).body.code, 'already_on_team')
  later(1)
  t.equal((await add()).body.code, 'already_on_team', 'on the next day too')
  t.equal((await add({ validFrom: '2026-12-01' })).body.code, 'already_on_team', 'nor for a day of the same part')
  t.equal((await end()).status, 200)
  t.notOk(await sees())
  t.equal((await end()).status, 404, 'there is nothing to end')
  t.equal((await add()).status, 201, 'taken up again on the same day')
  t.ok(await sees())
  t.equal((await end()).status, 200, 'ended on its first day')
  t.notOk(await sees())
  t.equal((await add({ validUntil: '2026-09-18' })).status, 201, 'and taken up again')
  t.ok(await sees())
  t.equal((await add({ validFrom: '2026-09-17' })).body.code, 'already_on_team', 'the days overlap')
  t.equal((await add({ validFrom: '2026-09-20' })).status, 201, 'a second part, to come')
  later(4)
  t.notOk(await sees(), 'between the two')
  later(1)
  t.ok(await sees())
  t.equal((await end()).status, 200)
  t.equal((await end()).status, 404)
  const parts = await service.asOwner(
    `select valid_from::text as "from", valid_until::text as until from case_workers where case_id = '${caseId}' order by 1`,
  )
  t.same(parts, [
    { from: '2026-09-14', until: '2026-09-15' },
    { from: '2026-09-15', until: '2026-09-18' },
    { from: '2026-09-20', until: '2026-09-20' },
  ])
})

t.test('a part that has not begun can be called off', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const url = `/v1/cases/${caseId}/co-workers`
  const at = async () => ({ 'if-match': `"${await versionOf(service, caseId)}"` })
  const body = { staffId: staff.coWorker, validFrom: '2026-10-01' }
  t.equal((await service.call('owner', 'POST', url, body, await at())).status, 201)
  const end = async () => service.call('owner', 'DELETE', `${url}/${staff.coWorker}`, undefined, await at())
  t.match(await end(), { status: 200, body: { validUntil: '2026-10-01' } }, 'it ends on the day it would begin')
  const told = (await service.call('owner', 'GET', `/v1/cases/${caseId}/timeline`)).body.items.at(-1)
  t.match(told.entry, { type: 'co_worker.ended', data: { validUntil: '2026-10-01' } })
  t.match((await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body.coWorkers, [{ validUntil: '2026-10-01' }])
  t.equal((await end()).status, 404)
  service.clock.now = new Date('2026-10-02T02:00:00Z')
  t.equal((await service.call('coWorker', 'GET', `/v1/cases/${caseId}`)).status, 404)
  await t.rejects(
    service.asApplication(`update case_workers set valid_until = valid_from - 1 where case_id = '${caseId}'`),
    { code: '23514', constraint: 'case_workers_days_in_order' },
  )
})
