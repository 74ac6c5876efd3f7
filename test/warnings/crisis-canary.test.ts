import t from 'tap'
import { givenLoggedService, hearing, inNoTable, wordsDue } from '../support/canary.ts'
import { givenCase } from '../support/cases.ts'
import { earnCrisis, givenCrisis, moveCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

const canary = 'canary9b2e'
const words = `${canary} 不得外泄。`
/** Codes, checked by the command. */
const codes = ['exemptCrisis/reason', 'moveCrisis/reason', 'reassignCrisis/reason']
const past = '2026-09-14T01:30:00Z'

t.test('words of a crisis are nowhere but in the answer to those who may read them', async t => {
  const { service: plain, lines } = await givenLoggedService(t)
  const { service, told, spoken } = hearing(plain, canary)
  const { staff, students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  const crisisId = await givenCrisis(service, students['1'] as string, { note: words })
  const write = async (path: string, body: unknown) => {
    const answer = await onCrisis(service, crisisId, path, body)
    if (answer.status !== 201) t.fail(`${path}: ${answer.text}`)
    return answer.body.id as string
  }
  const answer = { answeredAt: past, answer: 'on_site', note: words }
  await write('responders', { kind: 'hospital', name: words, phone: canary, note: words, contactedAt: past, answer })
  const responderId = await write('responders', { kind: 'friend', name: words, contactedAt: past })
  await write(`responders/${responderId}/answers`, answer)
  await write('guardian-notices', { method: 'phone', outcome: 'given', at: past, note: words })
  await write('exemptions', { from: 'monitoring', reason: 'no_danger', note: words })
  const measureId = await write('measures', { kind: 'other', basis: 'legal_duty', from: past, note: words })
  await write(`measures/${measureId}/end`, { how: 'ended', endedAt: past, note: words })
  await write('minutes', { happenedAt: past, text: words })
  await write('outcome', { outcome: 'leave', on: '2026-09-14', note: words })
  const decisionId = await write('decisions', { decision: 'leave', decidedOn: '2026-09-14', note: words })
  await write(`decisions/${decisionId}/appeal`, { on: '2026-09-14', note: words })
  await write(`decisions/${decisionId}/settlement`, { on: '2026-09-14', result: 'rejected', note: words })
  await write('reassignments', { toId: staff.colleague, reason: 'workload', note: words })
  const asColleague = { account: 'colleague' }
  const over = { to: 'debriefed', reason: 'handed_over', note: words }
  t.equal((await moveCrisis(service, crisisId, over, asColleague)).status, 201)
  const debrief = { on: '2026-09-14', summary: words, lessons: words, followUp: words }
  const filed = await onCrisis(service, crisisId, 'debriefs', debrief, asColleague)
  t.equal(filed.status, 201)
  t.equal((await moveCrisis(service, crisisId, { to: canary }, asColleague)).status, 400)
  t.same(spoken(), wordsDue(service, /^\/v1\/crises(\/|$)/, codes), 'no words of any command were left out')
  await inNoTable(t, service, canary)
  await service.seal()
  for (const url of ['/v1/crises?status=all', `/v1/crises/${crisisId}/timeline?limit=200`, '/v1/journal?limit=200'])
    told.push((await service.call('colleague', 'GET', url)).text)
  told.push((await service.call('auditor', 'GET', '/v1/journal?limit=200')).text)
  t.notMatch(told.join('\n'), canary, 'receipts, problems, lists, timeline and feed')
  t.notMatch(lines.join('\n'), canary, 'logs')
  const whole = await readCrisis(service, crisisId, 'colleague')
  t.match(whole, {
    note: words,
    responders: [
      { name: words, phone: canary, note: words, answerNote: words },
      { name: words, answerNote: words },
    ],
    measures: [{ note: words, endNote: words }],
    notices: [{ note: words }],
    exemptions: [{ note: words }],
    decisions: [{ note: words, appealNote: words, resultNote: words }],
    debriefs: [{ summary: words, lessons: words, followUp: words }],
  })
  await earnCrisis(service, await givenCrisis(service, students['2'] as string), 'mobilised')
})

t.test('words are bound to their place: moved to another row they do not open', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  for (const text of ['甲', '乙']) await onCrisis(service, crisisId, 'minutes', { happenedAt: past, text })
  await service.asOwner(
    `update crisis_minutes set sealed = (select sealed from crisis_minutes order by id limit 1) where crisis_id = '${crisisId}'`,
  )
  t.equal((await service.call('owner', 'GET', `/v1/crises/${crisisId}/minutes`)).status, 500)
})
