import t from 'tap'
import { act, alertsOf, fuse } from '../support/alerts.ts'
import { givenLoggedService, hearing, inNoTable, wordsDue } from '../support/canary.ts'
import { givenSchool } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

const canary = 'canary4c6d'
const words = `${canary} 不得外泄的一段话。`

/** No words: codes, cursors, and ids of the sender and the school, which are kept in the clear. */
const codes = [
  'moveAlert/reason',
  'searchAlerts/cursor',
  'sendSignal/externalId',
  'sendSignal/student',
  'sendSignals/items/*/externalId',
  'sendSignals/items/*/student',
]

t.test('words of signals and alerts are nowhere but in the answer to those who may read them', async t => {
  const { service: plain, lines } = await givenLoggedService(t)
  const { service, told, spoken } = hearing(plain, canary)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string

  const raised = { student: '1', kind: 'low_mood', severity: 'orange', note: words }
  const source = await givenSource(service)
  const taken = [
    await service.call('owner', 'POST', '/v1/signals', raised),
    await service.call('student-1', 'POST', '/v1/signals', { kind: 'request_for_help', severity: 'blue', note: words }),
    await service.call('owner', 'POST', '/v1/signals/batch', { items: [raised, { ...raised, student: '99' }] }),
    await source.send('', aSignal({ note: words })),
    await source.sign('', aSignal({ note: words })),
    await source.send(
      '',
      {
        specversion: '1.0',
        id: canary,
        source: `/${canary}`,
        type: 'academic.signal.v1',
        data: aSignal({ note: words }),
      },
      { 'content-type': 'application/cloudevents+json' },
    ),
    await source.send(
      '/batch',
      `externalId,student,kind,severity,observedAt,note\nc,1,absence,yellow,2026-09-14T01:00:00Z,${words}\n`,
      {
        'content-type': 'text/csv',
      },
    ),
  ]
  for (const { status, text } of taken) t.equal(status, 202, text)
  const refused = [
    await source.send('', aSignal({ kind: canary, note: words })),
    await source.send('', { ...aSignal({ note: words }), [canary.slice(0, 3)]: canary }),
    await source.sign('', aSignal({ note: words }), { secret: 'whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh' }),
  ]
  for (const { status, text } of refused) t.ok([400, 401].includes(status), text)
  told.push(...[...taken, ...refused].map(({ text }) => text))
  await fuse(service)

  const [alert] = await alertsOf(service, studentId)
  const id = String(alert?.id)
  const write = async (account: string, path: string, body: object): Promise<string> => {
    const answer = await act(service, account, id, path, body)
    if (answer.status !== 201) t.fail(`${path}: ${answer.text}`)
    return answer.body.id
  }
  const other = alert?.owner === 'owner' ? 'colleague' : 'owner'
  await write('lineManager', 'owner', { toId: staff[other], note: words })
  await write(other, 'transitions', { to: 'acknowledged', note: words })
  for (const to of ['student', 'family'])
    await write(other, 'notices', { to, method: 'in_person', outcome: 'given', words })
  const objectionId = await write('student-1', 'objections', { words })
  await write(other, `objections/${objectionId}/answer`, { answer: 'upheld', words })
  const dispositions = [
    { kind: 'talk' },
    { kind: 'not_reached', attempts: 3 },
    { kind: 'watch', until: '2026-10-01' },
    { kind: 'objection_upheld' },
    { kind: 'case_opened' },
    { kind: 'crisis_opened', crisis: 'safety' },
  ]
  for (const disposition of dispositions) await write(other, 'dispositions', { ...disposition, words })
  const seen = (await service.call(other, 'GET', `/v1/alerts/${id}`)).body
  const { caseId } = seen.dispositions.find((each: { caseId: string | null }) => each.caseId)
  await write(other, 'dispositions', { kind: 'case_joined', caseId, words })
  for (const body of [
    { kind: canary, words },
    { kind: 'watch', until: canary, words },
    { kind: 'talk', words, [canary.slice(0, 3)]: 1 },
  ])
    t.equal((await act(service, other, id, 'dispositions', body)).status, 400)
  t.equal((await service.call(other, 'POST', '/v1/alerts/search', { text: canary })).status, 200)
  t.same(spoken(), wordsDue(service, /^\/v1\/(alerts|signals)(\/|$)/, codes), 'no words of any command were left out')

  await inNoTable(t, service, canary)
  await service.seal()
  t.notMatch(told.join('\n'), canary, 'receipts and problems')
  t.notMatch(lines.join('\n'), canary, 'logs')
  t.notMatch((await service.call('administrator', 'GET', '/metrics')).text, canary, 'metrics')
  for (const url of [
    '/v1/alerts?status=all',
    `/v1/alerts/${id}/timeline?limit=200`,
    `/v1/alerts/${id}/transitions`,
    `/v1/cases/${caseId}/timeline?limit=200`,
    '/v1/journal?limit=200',
  ]) {
    const list = await service.call(other, 'GET', url)
    t.equal(list.status, 200, url)
    t.notMatch(list.text, canary, url)
  }
  t.notMatch((await service.call('auditor', 'GET', '/v1/journal?limit=200')).text, canary, 'feed of the auditor')
  t.notMatch((await service.call('administrator', 'GET', '/v1/signals/quarantine')).text, canary, 'quarantine')
  t.notMatch((await source.receipts()).text, canary, 'receipts of the source')

  const whole = (await service.call(other, 'GET', `/v1/alerts/${id}`)).body
  const said = (items: { words: string | null }[]) => items.map(each => each.words)
  t.equal(whole.signals.length, taken.length)
  for (const [what, items] of Object.entries({ ...whole, alert: [] }))
    if (['signals', 'dispositions', 'notices', 'objections', 'notes'].includes(what)) {
      t.ok((items as unknown[]).length > 0, what)
      t.ok(
        said(items as { words: string }[]).every(each => each === words),
        `${what} are read as they were written`,
      )
    }
  t.equal(whole.objections[0].answerWords, words)
  const notes = (await service.call(other, 'GET', `/v1/students/${studentId}/signals`)).body.items
  t.ok(notes.every((each: { note: string }) => each.note === words))

  const own = (await service.call('student-1', 'GET', `/v1/alerts/${id}`)).body
  t.same(said(own.objections), [words], 'the student reads what they wrote')
  t.equal(own.objections[0].answerWords, words, 'and what was answered')
  t.notMatch(JSON.stringify({ ...own, objections: [] }), canary, 'and nothing else')
})
