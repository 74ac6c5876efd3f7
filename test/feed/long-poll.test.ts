import t from 'tap'
import { givenCase } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

/** Two processes' applications on one database; neither seals but when told to. */
const givenTwo = async (t: Parameters<typeof givenService>[0]) => {
  const first = await givenService(t)
  const second = await givenService(t, { restored: { from: first, db: first.db } })
  const { students } = await givenSchool(first)
  await first.seal()
  const { next } = (await first.call('auditor', 'GET', '/v1/journal?limit=200')).body
  return { first, second, students, next: next as number }
}

const waitFor = async (service: Service, after: number, wait: number) => {
  const begun = performance.now()
  const { body } = await service.call('auditor', 'GET', `/v1/journal?after=${after}&wait=${wait}`)
  return { ...body, seconds: (performance.now() - begun) / 1000 }
}

t.test('who waits at one process is answered soon after another has sealed', async t => {
  const { first, second, students, next } = await givenTwo(t)
  const waiting = waitFor(second, next, 12)
  await new Promise(resolve => setTimeout(resolve, 1_500))
  const caseId = await givenCase(first, students['1'] as string)
  await first.seal()
  const sealedAt = performance.now()
  const answer = await waiting
  t.match(answer.items, [{ type: 'case.opened', subjectId: caseId }])
  t.ok((performance.now() - sealedAt) / 1000 < (postgresUrl ? 3 : 5), `answered ${answer.seconds} s after it was asked`)
})

t.test('the time is kept when nothing is sealed, and whoever goes away is not waited for', async t => {
  const { second, next } = await givenTwo(t)
  const answer = await waitFor(second, next, 2)
  t.same(answer.items, [])
  t.equal(answer.next, next)
  t.ok(answer.seconds > 1.8 && answer.seconds < 5, `${answer.seconds} s`)
  const waiting = waitFor(second, next, 20)
  await new Promise(resolve => setTimeout(resolve, 300))
  await second.app.close()
  t.ok((await waiting).seconds < 5, 'a service that drains lets go')
})
