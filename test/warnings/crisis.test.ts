import t from 'tap'
import { verify } from '../../src/commands.ts'
import { readKeys } from '../../src/platform/keys.ts'
import {
  earnCrisis,
  givenCrisis,
  givenCrisisAt,
  moveCrisis,
  onCrisis,
  readCrisis,
  wholeWay,
} from '../support/crises.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const entriesOf = async (service: Service, crisisId: string) =>
  (
    await service.asOwner(
      `select entry::json as entry from journal where subject_id = '${crisisId}' and subject_version is not null order by seq`,
    )
  ).map(
    row =>
      row.entry as {
        type: string
        actor: { kind: string }
        reason?: string
        data: Record<string, unknown>
        caseId: null
      },
  )

const at = '2026-09-14T01:30:00.000Z'

t.test('a safety crisis from the first call to the end, every stage earned', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const opened = await readCrisis(service, crisisId)
  t.match(opened, {
    step: 'open',
    kind: 'safety',
    subkind: 'missing',
    note: '学生夜间未归,电话不通。',
    relations: ['lead'],
  })
  t.equal(opened.dueAt, '2026-09-14T03:00:00.000Z', 'an hour by the clock')
  t.equal(opened.beyondHorizon, false)

  const refused = await moveCrisis(service, crisisId, { to: 'mobilised' })
  t.equal(refused.status, 422)
  t.same(
    refused.body.missing.map((each: { check: string }) => each.check),
    ['responder_has_answered', 'guardian_was_notified'],
  )
  const chinese = await moveCrisis(service, crisisId, { to: 'mobilised' }, { language: 'zh-CN' })
  t.match(chinese.body.missing[1].title, /安全危机须告知监护人/)

  const staffed = await onCrisis(service, crisisId, 'responders', { kind: 'staff', staffId: staff.coWorker })
  t.equal(staffed.status, 201)
  t.equal(staffed.body.crisisVersion, 2)
  const responderId = staffed.body.id
  const path = `responders/${responderId}`
  t.equal((await onCrisis(service, crisisId, `${path}/contact`, { contactedAt: at })).status, 201)
  const cannot = { answeredAt: at, answer: 'cannot' }
  t.equal((await onCrisis(service, crisisId, `${path}/answers`, cannot, { account: 'coWorker' })).status, 201)
  t.equal(
    (await moveCrisis(service, crisisId, { to: 'mobilised' })).body.missing[0].check,
    'responder_has_answered',
    'whoever cannot come does not count',
  )
  const comes = { answeredAt: at, answer: 'on_site', note: '已到宿舍楼下。' }
  t.equal((await onCrisis(service, crisisId, `${path}/answers`, comes, { account: 'coWorker' })).status, 201)
  const attempted = { method: 'phone', outcome: 'attempted', at }
  t.equal((await onCrisis(service, crisisId, 'guardian-notices', attempted)).status, 201)
  t.equal((await moveCrisis(service, crisisId, { to: 'mobilised' })).body.missing[0].check, 'guardian_was_notified')
  const unreachable = { from: 'guardian_notice', reason: 'guardian_unreachable', note: '三次拨打无人接听。' }
  t.equal((await onCrisis(service, crisisId, 'exemptions', unreachable)).status, 201)
  service.clock.now = new Date('2026-09-14T02:30:00.000Z')
  const mobilised = await moveCrisis(service, crisisId, { to: 'mobilised' })
  t.equal(mobilised.status, 201)
  t.match(mobilised.body, { from: 'open', to: 'mobilised', dueAt: '2026-09-15T02:30:00.000Z', beyondHorizon: false })

  const before = (await readCrisis(service, crisisId)).version
  const stabilising = await moveCrisis(service, crisisId, { to: 'stabilised' })
  t.same(
    stabilising.body.missing.map((each: { check: string }) => each.check),
    ['minutes_were_kept', 'specialist_is_involved', 'monitoring_is_decided'],
  )
  const minute = { happenedAt: '2026-09-14T02:20:00Z', text: '已在操场找到学生。' }
  const minuted = await onCrisis(service, crisisId, 'minutes', minute, { account: 'coWorker' })
  t.equal(minuted.status, 201)
  t.equal(minuted.body.late, false)
  t.notOk(minuted.headers.etag, 'a minute has no version')
  const late = await onCrisis(service, crisisId, 'minutes', {
    happenedAt: '2026-09-14T01:20:00Z',
    text: '当时在宿舍。',
  })
  t.equal(late.body.late, true, 'written an hour after')
  t.equal((await readCrisis(service, crisisId)).version, before, 'minutes leave the version')
  const minutes = (await service.call('owner', 'GET', `/v1/crises/${crisisId}/minutes`)).body.items
  t.same(
    minutes.map((each: { text: string; late: boolean }) => [each.text, each.late]),
    [
      ['当时在宿舍。', true],
      ['已在操场找到学生。', false],
    ],
    'in the order things happened',
  )
  t.equal(minutes[1].by.name, '赵老师')
  await earnCrisis(service, crisisId, 'stabilised')
  t.equal((await moveCrisis(service, crisisId, { to: 'stabilised' })).status, 201)

  t.equal((await moveCrisis(service, crisisId, { to: 'mobilised' })).body.code, 'reason_required')
  t.equal((await moveCrisis(service, crisisId, { to: 'mobilised', reason: 'relapse' })).body.code, 'note_required')
  const soon = { outcome: 'continued', on: '2026-09-14' }
  t.equal((await onCrisis(service, crisisId, 'outcome', soon)).status, 201)
  const relapse = { to: 'mobilised', reason: 'relapse', note: '再次失联。' }
  t.equal((await moveCrisis(service, crisisId, relapse)).status, 201)
  const [measure] = (await readCrisis(service, crisisId)).measures
  const end = { how: 'ended', endedAt: measure.from }
  t.equal((await onCrisis(service, crisisId, `measures/${measure.id}/end`, end)).status, 201)
  t.same(
    (await moveCrisis(service, crisisId, { to: 'stabilised' })).body.missing.map(
      (each: { check: string }) => each.check,
    ),
    ['minutes_were_kept', 'monitoring_is_decided'],
    'after a relapse it is decided anew',
  )
  const noDanger = { from: 'monitoring', reason: 'with_family', note: '家长已接回。' }
  t.equal((await onCrisis(service, crisisId, 'exemptions', noDanger)).status, 201)
  await earnCrisis(service, crisisId, 'stabilised')
  t.equal((await moveCrisis(service, crisisId, { to: 'stabilised' })).status, 201)

  const unsettled = await moveCrisis(service, crisisId, { to: 'debriefed' })
  t.equal(unsettled.body.missing[0].check, 'outcome_is_recorded', 'the outcome too')
  t.equal((await onCrisis(service, crisisId, 'outcome', { outcome: 'leave', on: '2026-09-14' })).status, 201)
  t.equal((await moveCrisis(service, crisisId, { to: 'debriefed' })).body.missing[0].check, 'decision_is_recorded')
  const decided = await onCrisis(service, crisisId, 'decisions', {
    decision: 'leave',
    decidedOn: '2026-09-14',
    note: '准予休学一年。',
  })
  t.equal(decided.status, 201)
  const appealed = await onCrisis(service, crisisId, `decisions/${decided.body.id}/appeal`, {
    on: '2026-09-14',
    note: '不同意休学。',
  })
  t.equal(appealed.status, 201)
  t.equal((await moveCrisis(service, crisisId, { to: 'debriefed' })).status, 201)
  t.same(
    (await moveCrisis(service, crisisId, { to: 'closed' })).body.missing.map((each: { check: string }) => each.check),
    ['debrief_is_on_file', 'appeals_are_settled'],
  )
  await earnCrisis(service, crisisId, 'closed')
  const closed = await moveCrisis(service, crisisId, { to: 'closed' }, { account: 'lineManager' })
  t.equal(closed.status, 201)
  t.equal(closed.body.dueAt, null)
  t.equal(closed.body.beyondHorizon, false)

  const whole = await readCrisis(service, crisisId)
  t.match(whole, {
    step: 'closed',
    outcome: 'leave',
    overdue: false,
    responders: [
      { kind: 'staff', answer: 'on_site', answerNote: '已到宿舍楼下。' },
      { kind: 'psychological_centre', name: '心理中心值班员' },
    ],
    decisions: [{ decision: 'leave', note: '准予休学一年。', appealNote: '不同意休学。', result: 'rejected' }],
    notices: [{ outcome: 'attempted' }],
    debriefs: [{ lessons: '宿舍查寝信息须当晚上报。' }],
  })
  t.ok(whole.closedAt)
  const entries = await entriesOf(service, crisisId)
  t.equal(entries[0]?.type, 'crisis.opened')
  t.same(
    entries.filter(entry => entry.type === 'crisis.moved').map(entry => entry.data.to),
    ['mobilised', 'stabilised', 'mobilised', 'stabilised', 'debriefed', 'closed'],
  )
  t.ok(entries.every(entry => entry.caseId === null && entry.actor.kind === 'staff'))
  const timeline = (await service.call('owner', 'GET', `/v1/crises/${crisisId}/timeline?limit=200`)).body.items
  t.equal(timeline.filter((each: { entry: { type: string } }) => each.entry.type === 'crisis.minuted').length, 3)
  const relapsed = timeline.find((each: { entry: { reason?: string } }) => each.entry.reason === 'relapse')
  const words = await service.call('owner', 'GET', `/v1/crises/${crisisId}/words/${relapsed.entry.data.wordsId}`)
  t.equal(words.body.words, '再次失联。')
  const reads = await service.asOwner(`select 1 from journal where type = 'record.read' and subject_id = '${crisisId}'`)
  t.equal(reads.length, 1, 'one entry a reader and hour')
  await service.seal()
  const said: string[] = []
  t.ok(await verify(service.db, readKeys(service.keyTexts), [], line => said.push(line)), said.join('\n'))
})

t.test('an academic crisis: no guardian, no specialist; the clock needs a calendar', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const academic = { kind: 'academic', subkind: 'at_risk_of_dismissal' }
  const crisisId = await givenCrisis(service, students['1'] as string, academic)
  const { dueAt, beyondHorizon, overdue } = await readCrisis(service, crisisId)
  t.same([dueAt, beyondHorizon, overdue], [null, true, false], 'past the horizon there is no target, and it says so')
  const other = await service.call('owner', 'POST', '/v1/crises', {
    studentId: students['1'],
    kind: 'safety',
    note: '同时出现安全问题。',
  })
  t.equal(other.status, 201, 'one of each kind may be open')
  for (const to of wholeWay) {
    await earnCrisis(service, crisisId, to)
    t.equal((await moveCrisis(service, crisisId, { to })).status, 201, to)
  }
  const whole = await readCrisis(service, crisisId)
  t.same([whole.notices, whole.exemptions], [[], []])
  const again = await givenCrisis(service, students['1'] as string, academic)
  t.not(again, crisisId, 'after one is over another may be opened')
})

t.test('a crisis ends early for a reason, from open and mobilised', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const endings = [
    ['open', 'false_alarm'],
    ['open', 'died'],
    ['mobilised', 'handed_over'],
    ['mobilised', 'left_school'],
  ] as const
  for (const [from, reason] of endings) {
    const crisisId = await givenCrisisAt(service, students['2'] as string, from)
    t.equal((await moveCrisis(service, crisisId, { to: 'debriefed', reason })).body.code, 'note_required')
    t.equal((await moveCrisis(service, crisisId, { to: 'debriefed', note: '说明' })).body.code, 'reason_required')
    const wrong = { to: 'debriefed', reason: 'relapse', note: '说明' }
    t.equal((await moveCrisis(service, crisisId, wrong)).body.code, 'reason_not_allowed')
    t.equal((await moveCrisis(service, crisisId, { to: 'debriefed', reason, note: '说明。' })).status, 201, reason)
    t.equal((await readCrisis(service, crisisId)).endReason, reason)
    await earnCrisis(service, crisisId, 'closed')
    t.equal((await moveCrisis(service, crisisId, { to: 'closed' })).status, 201)
  }
})
