import t from 'tap'
import { act, entriesOf, fuse, givenAlert, givenSignals, observeAgain, versionsOf } from '../support/alerts.ts'
import { givenSchool, givenService } from '../support/service.ts'

const given = { to: 'student', method: 'in_person', outcome: 'given', words: '约谈内容,仅供工作者。' }

t.test('a student sees an alert once notified: figures, nobody’s words, nobody who raised it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, {
    severity: 'orange',
    figures: { course: 'MATH1001', score: 41 },
    raisedBy: staff.outsider as string,
  })
  const url = `/v1/alerts/${id}`
  const list = async (account: string) => (await service.call(account, 'GET', '/v1/alerts?status=all')).body.items
  t.same(await list('student-1'), [])
  t.equal((await service.call('student-1', 'GET', url)).status, 404)
  await act(service, owner, id, 'notices', { ...given, outcome: 'attempted' })
  t.equal((await service.call('student-1', 'GET', url)).status, 404, 'an attempt is no notice')
  const notified = await act(service, owner, id, 'notices', given)
  t.equal(notified.status, 201)
  t.same(await list('student-2'), [])
  const [item] = await list('student-1')
  t.equal(item.severity, 'orange')
  t.same(item.kinds, ['failed_course'])
  t.same(item.figures[0].figures, { course: 'MATH1001', score: 41 })
  t.same(Object.keys(item).sort(), ['figures', 'id', 'kinds', 'openedAt', 'severity', 'step', 'version'])
  const seen = await service.call('student-1', 'GET', url)
  t.equal(seen.status, 200)
  t.notMatch(seen.text, /约谈|周老师|raiser|told|dispositions/)
  t.notMatch(seen.text, staff.outsider as string)
  t.same(
    seen.body.notices.map((each: { outcome: string }) => each.outcome),
    ['given'],
  )
  for (const path of ['transitions', 'timeline'])
    t.equal((await service.call('student-1', 'GET', `${url}/${path}`)).status, 404)
  t.equal((await act(service, 'student-1', id, 'receipt', { more: 1 })).status, 400, 'it takes no body')
  t.equal((await act(service, 'student-1', id, 'receipt', [])).status, 400)
  const signed = await act(service, 'student-1', id, 'receipt', {})
  t.equal(signed.status, 201)
  t.equal(signed.body.id, notified.body.id)
  t.same((await act(service, 'student-1', id, 'receipt')).body.code, 'already_signed')
  t.equal((await act(service, owner, id, 'receipt')).status, 403)
  t.equal((await act(service, 'student-2', id, 'receipt')).status, 404)
  const read = (await service.call(owner, 'GET', url)).body
  t.equal(read.notices[1].words, '约谈内容,仅供工作者。')
  t.ok(read.notices[1].signedAt)
  t.equal(read.notices[0].signedAt, null)
  const entries = await entriesOf(service, id)
  t.same(
    entries.slice(1).map(entry => [entry.type, entry.data.outcome]),
    [
      ['alert.notified', 'attempted'],
      ['alert.notified', 'given'],
      ['alert.received', undefined],
    ],
  )
  t.equal(entries.at(-1)?.actorId, students['1'])
  t.same(await versionsOf(service, id), [1, 2, 3, 4])
  const readings = await service.asOwner(
    `select actor_id, entry::jsonb->'actor'->>'kind' as kind from journal where subject_id = '${id}' and type = 'record.read' order by seq`,
  )
  t.same(
    readings.map(row => row.kind),
    ['student', 'staff'],
    'reading is journalled, once an hour',
  )
})

t.test(
  'a student sees what the newest notice told, not what joined since, and safety only where it names it',
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const studentId = students['1'] as string
    const { id, owner, signals } = await givenAlert(service, studentId, { kind: 'absence', severity: 'yellow' })
    await act(service, owner, id, 'notices', given)
    const seen = async () => {
      const { body } = await service.call('student-1', 'GET', `/v1/alerts/${id}`)
      const [item] = (await service.call('student-1', 'GET', '/v1/alerts')).body.items
      const { severity, kinds, figures } = body
      t.same([item.severity, item.kinds, item.figures], [severity, kinds, figures], 'the list agrees')
      return [
        severity,
        kinds,
        figures.map((each: { severity: string; status: string }) => [each.severity, each.status]),
      ]
    }
    const found = async (query: string) =>
      (await service.call('student-1', 'GET', `/v1/alerts?${query}`)).body.items.length
    const first = ['yellow', ['absence'], [['yellow', 'open']]]
    t.same(await seen(), first)
    await givenSignals(service, [
      { studentId, kind: 'safety_concern', severity: 'red' },
      { studentId, kind: 'family_event', severity: 'orange' },
    ])
    await observeAgain(service, signals[0] as string, "severity = 'orange'")
    await fuse(service)
    t.equal((await service.call(owner, 'GET', `/v1/alerts/${id}`)).body.severity, 'red')
    t.same(await seen(), first, 'nobody told the student yet')
    t.same([await found('severity=red'), await found('severity=yellow')], [0, 1], 'filters tell no more')
    service.clock.now = new Date('2026-09-20T02:00:00Z')
    t.same([await found('overdue=true'), await found('overdue=false')], [0, 1])
    const counted = (await service.call('student-1', 'GET', '/v1/alerts/counters')).body
    t.same([counted.severities.yellow, counted.severities.red, counted.overdue], [1, 0, 0])
    await act(service, owner, id, 'notices', { ...given, outcome: 'attempted' })
    await act(service, owner, id, 'notices', { ...given, to: 'family', namesSafety: true })
    t.same(await seen(), first, 'nor by an attempt, nor by telling the family')
    await act(service, owner, id, 'notices', given)
    const graver = [
      ['orange', 'open'],
      ['orange', 'open'],
    ]
    t.same(await seen(), ['orange', ['absence', 'family_event'], graver])
    await act(service, owner, id, 'notices', { ...given, namesSafety: true })
    t.same((await seen()).slice(0, 2), ['red', ['absence', 'family_event', 'safety_concern']])
    await observeAgain(service, signals[0] as string, "status = 'cleared'")
    t.ok(
      (await seen())[2].some((each: string[]) => each[1] === 'cleared'),
      'what is cleared is told at once',
    )
  },
)

t.test('a notice that names no concern for safety tells nothing of an alert that is about nothing else', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, { kind: 'low_mood', severity: 'orange' })
  await act(service, owner, id, 'notices', given)
  const { status, body } = await service.call('student-1', 'GET', `/v1/alerts/${id}`)
  t.same([status, body.severity, body.kinds, body.figures], [200, null, [], []])
})

t.test('an objection is answered before the alert is resolved; upheld, it excuses from notices', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, { severity: 'red' })
  const object = (words: string) => service.call('student-1', 'POST', `/v1/alerts/${id}/objections`, { words })
  t.equal((await object('不知情。')).status, 404, 'not before being notified')
  await act(service, owner, id, 'notices', given)
  const first = await object('成绩录错canary。')
  t.equal(first.status, 201)
  t.equal((await service.call(owner, 'POST', `/v1/alerts/${id}/objections`, { words: '我。' })).status, 403)
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  const none = await act(service, owner, id, 'dispositions', { kind: 'objection_upheld', words: '更正。' })
  t.equal(none.body.code, 'no_objection_upheld', 'it must be answered as upheld')
  await act(service, owner, id, 'dispositions', { kind: 'talk', words: '面谈。' })
  const blocked = await act(service, owner, id, 'transitions', { to: 'resolved' })
  t.same(
    blocked.body.missing.map((each: { check: string }) => each.check),
    ['family_was_notified', 'objections_are_answered'],
  )
  const answer = (objectionId: string, body: object, account = owner) =>
    service.call(account, 'POST', `/v1/alerts/${id}/objections/${objectionId}/answer`, body)
  const upheld = { answer: 'upheld', words: '经复核更正。' }
  t.equal((await answer(first.body.id, upheld, 'student-1')).status, 404)
  t.equal((await answer(id, upheld)).status, 404, 'no such objection')
  t.equal((await answer(first.body.id, upheld)).status, 201)
  t.equal((await answer(first.body.id, upheld)).body.code, 'objection_answered')
  const student = (await service.call('student-1', 'GET', `/v1/alerts/${id}`)).body
  t.same(
    student.objections.map((each: { words: string; answer: string; answerWords: string }) => [
      each.words,
      each.answer,
      each.answerWords,
    ]),
    [['成绩录错canary。', 'upheld', '经复核更正。']],
  )
  const filed = await act(service, owner, id, 'dispositions', { kind: 'objection_upheld', words: '更正。' })
  t.equal(filed.status, 201)
  t.equal((await act(service, owner, id, 'transitions', { to: 'resolved' })).status, 201, 'the family need not be told')
  t.equal((await object('再次。')).body.code, 'alert_is_resolved')
  t.same(
    await service.asOwner(
      `select 1 from alert_objections x where x::text like '%${Buffer.from('canary').toString('hex')}%'`,
    ),
    [],
  )
})

t.test('notices count by the level of the alert, given, signed, or tried often enough', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string, {
    severity: 'red',
    observedAt: '2026-09-10T01:00:00Z',
  })
  await act(service, owner, id, 'transitions', { to: 'acknowledged' })
  await act(service, owner, id, 'dispositions', { kind: 'not_reached', attempts: 2, words: '未接。' })
  const missing = async () => {
    const { body } = await act(service, owner, id, 'transitions?dryRun=true', { to: 'resolved' })
    return (body.missing ?? []).map((each: { check: string }) => each.check)
  }
  t.same(await missing(), ['student_was_notified', 'family_was_notified'])
  await act(service, owner, id, 'notices', { to: 'student', method: 'phone', outcome: 'attempted' })
  t.same(await missing(), ['student_was_notified', 'family_was_notified'])
  await act(service, owner, id, 'notices', { to: 'student', method: 'message', outcome: 'attempted' })
  t.same(await missing(), ['student_was_notified', 'family_was_notified'], 'two of one moment are one attempt')
  const attempt = { to: 'student', method: 'message', outcome: 'attempted' }
  for (const on of ['1990-01-01', '2026-09-09'])
    t.equal((await act(service, owner, id, 'notices', { ...attempt, on })).body.code, 'day_unfit', 'before any signal')
  await act(service, owner, id, 'notices', { ...attempt, on: '2026-09-10' })
  t.same(await missing(), ['family_was_notified'], 'two attempts count')
  await act(service, owner, id, 'notices', { to: 'family', method: 'letter', outcome: 'signed' })
  t.same(await missing(), [])
  const future = await act(service, owner, id, 'notices', {
    to: 'family',
    method: 'letter',
    outcome: 'given',
    on: '2027-01-01',
  })
  t.equal(future.body.code, 'day_unfit')
  const blue = await givenAlert(service, students['2'] as string, { severity: 'blue' })
  await act(service, blue.owner, blue.id, 'transitions', { to: 'acknowledged' })
  await act(service, blue.owner, blue.id, 'dispositions', { kind: 'no_action', words: '已补交。' })
  t.equal((await act(service, blue.owner, blue.id, 'transitions', { to: 'resolved' })).status, 201, 'blue tells nobody')
})

t.test('an erased key closes the words and the writing of words, not the alert', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id, owner } = await givenAlert(service, students['1'] as string)
  await act(service, owner, id, 'notices', given)
  await service.asOwner(`update alerts set data_key = null where id = '${id}'`)
  const seen = await service.call(owner, 'GET', `/v1/alerts/${id}`)
  t.same([seen.status, seen.body.keyErased, seen.body.notices[0].words], [200, true, null])
  t.same((await act(service, owner, id, 'dispositions', { kind: 'talk', words: '话。' })).body.code, 'key_is_erased')
})
