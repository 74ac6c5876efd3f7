import t from 'tap'
import { act, givenAlert } from '../support/alerts.ts'
import { onCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('the family is not notified where a crisis opened from the alert says why not', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const alert = await givenAlert(service, students['1'] as string, { kind: 'safety_concern', severity: 'red' })
  const { id, owner } = alert
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  await act(service, owner, id, 'notices', { to: 'student', method: 'in_person', outcome: 'given' })
  const opened = await act(service, owner, id, 'dispositions', {
    kind: 'crisis_opened',
    crisis: 'safety',
    words: '家暴。',
  })
  t.equal(opened.status, 201, opened.text)
  const resolve = () => act(service, owner, id, 'transitions', { to: 'resolved' })
  t.same(
    (await resolve()).body.missing.map((each: { check: string }) => each.check),
    ['family_was_notified'],
  )
  const exempt = (from: string, reason: string) =>
    onCrisis(service, opened.body.crisisId, 'exemptions', { from, reason, note: '父亲施暴。' }, { account: owner })
  t.equal((await exempt('monitoring', 'no_danger')).status, 201)
  t.equal((await resolve()).status, 422, 'another exemption does not')
  t.equal((await exempt('guardian_notice', 'notice_endangers')).status, 201)
  t.equal((await resolve()).status, 201)
})
