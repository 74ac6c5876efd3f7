import t from 'tap'
import { act, givenAlert } from '../support/alerts.ts'
import { askCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('signals name their alert only to those who may know of it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { kind: 'low_mood', severity: 'orange' })
  if (owner !== 'owner') await act(service, 'lineManager', id, 'owner', { toId: staff.owner })
  const named = async (account: string) =>
    (await service.call(account, 'GET', `/v1/students/${studentId}/signals`)).body.items.map(
      (each: { alertId: string | null }) => each.alertId,
    )
  for (const account of ['owner', 'lineManager', 'coWorker']) t.same(await named(account), [id], account)
  for (const account of ['colleague', 'pastCoWorker', 'practiceSupervisor']) {
    t.equal((await service.call(account, 'GET', `/v1/alerts/${id}`)).status, 404)
    t.same(await named(account), [null], `${account} is not told that there is one`)
  }
  const open = (account: string) => askCrisis(service, studentId, { alertId: id }, account)
  const stranger = await open('colleague')
  t.same([stranger.status, stranger.body.code], [422, 'crisis_link_unfit'], 'nor may a crisis name it unknown')
  t.equal((await open('coWorker')).status, 201)
})
