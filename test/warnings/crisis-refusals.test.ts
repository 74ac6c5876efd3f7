import t from 'tap'
import { earnCrisis, givenCrisis, givenCrisisAt, moveCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

const past = '2026-09-14T01:30:00Z'
const ahead = '2026-09-14T02:05:00Z'
const nobody = '01936d3e-7c00-7000-8000-00000000ffff'

t.test('responders: who fits, in what order, once', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const code = async (path: string, body: unknown) => (await onCrisis(service, crisisId, path, body)).body.code
  t.equal(await code('responders', { kind: 'staff' }), 'staff_unfit', 'nobody named')
  t.equal(await code('responders', { kind: 'staff', staffId: nobody }), 'staff_unfit')
  t.equal(await code('responders', { kind: 'staff', staffId: staff.administrator }), 'staff_unfit')
  t.equal(await code('responders', { kind: 'family', name: '王父', contactedAt: ahead }), 'time_out_of_order')
  const early = { answeredAt: '2026-09-14T01:00:00Z', answer: 'on_site' }
  t.equal(await code('responders', { kind: 'family', contactedAt: past, answer: early }), 'time_out_of_order')
  t.equal(await code('responders', { kind: 'family', answer: early }), 'responder_not_contacted')
  t.equal((await onCrisis(service, crisisId, 'responders', { kind: 'family', answer: { answer: 'x' } })).status, 400)
  const added = await onCrisis(service, crisisId, 'responders', { kind: 'staff', staffId: staff.coWorker })
  t.equal(await code('responders', { kind: 'staff', staffId: staff.coWorker }), 'already_responder')
  const path = `responders/${added.body.id}`
  t.equal(await code(`${path}/answers`, early), 'responder_not_contacted')
  t.equal(await code(`${path}/contact`, { contactedAt: ahead }), 'time_out_of_order')
  t.equal(await code(`${path}/contact`, { contactedAt: past }), undefined)
  t.equal(await code(`${path}/contact`, { contactedAt: past }), 'responder_settled')
  t.equal(await code(`${path}/answers`, early), 'time_out_of_order')
  t.equal(await code(`${path}/answers`, { answeredAt: past, answer: 'cannot' }), undefined)
  t.equal(await code(`${path}/answers`, { answeredAt: past, answer: 'on_site' }), undefined, 'may answer anew')
  t.equal(await code(`${path}/release`, undefined), undefined)
  for (const what of ['release', 'answers', 'contact']) {
    const bodies = {
      release: undefined,
      answers: { answeredAt: past, answer: 'on_site' },
      contact: { contactedAt: past },
    }
    t.equal(await code(`${path}/${what}`, bodies[what as 'release']), 'responder_settled', what)
  }
  t.equal(await code(`responders/${nobody}/release`, undefined), 'not_found')
  t.equal((await service.call('coWorker', 'GET', `/v1/crises/${crisisId}`)).status, 404)
})

t.test('measures, notices, exemptions, decisions and appeals, in order and once', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const code = async (path: string, body: unknown) => (await onCrisis(service, crisisId, path, body)).body.code
  const measure = { kind: 'companion', basis: 'danger_to_life', from: past, note: '陪护。' }
  t.equal(await code('measures', { ...measure, until: past }), 'time_out_of_order')
  t.equal(
    (await onCrisis(service, crisisId, 'measures', { ...measure, basis: null })).status,
    400,
    'no measure without basis',
  )
  const decided = await onCrisis(service, crisisId, 'measures', { ...measure, until: '2026-09-20T00:00:00Z' })
  t.equal(await code(`measures/${decided.body.id}/end`, { how: 'ended', endedAt: ahead }), 'time_out_of_order')
  const before = new Date(Date.parse(past) - 60_000).toISOString()
  t.equal(await code(`measures/${decided.body.id}/end`, { how: 'ended', endedAt: before }), 'time_out_of_order')
  const later = await onCrisis(service, crisisId, 'measures', { ...measure, from: ahead })
  t.equal(await code(`measures/${later.body.id}/end`, { how: 'ended', endedAt: past }), undefined, 'it was never begun')
  t.equal(
    await code(`measures/${decided.body.id}/end`, { how: 'handed_over', endedAt: past, note: '家长接手。' }),
    undefined,
  )
  t.equal(await code(`measures/${decided.body.id}/end`, { how: 'ended', endedAt: past }), 'measure_ended')
  t.equal(await code(`measures/${nobody}/end`, { how: 'ended', endedAt: past }), 'not_found')
  t.equal(await code('guardian-notices', { method: 'phone', outcome: 'given', at: ahead }), 'time_out_of_order')
  const refused = await onCrisis(service, crisisId, 'exemptions', {
    from: 'monitoring',
    reason: 'legal_order',
    note: '无。',
  })
  t.match(refused.body, { code: 'exemption_unfit', reasons: ['no_danger', 'in_hospital', 'with_family', 'not_needed'] })
  const unreachable = { from: 'guardian_notice', reason: 'guardian_unreachable', note: '无人接听。' }
  t.equal(await code('exemptions', unreachable), 'exemption_unfit', 'nobody tried yet')
  t.equal(await code('guardian-notices', { method: 'phone', outcome: 'attempted', at: past }), undefined)
  t.equal(await code('exemptions', unreachable), undefined)
  t.equal(await code('decisions', { decision: 'leave', decidedOn: '2026-09-15' }), 'time_out_of_order')
  const decision = await onCrisis(service, crisisId, 'decisions', { decision: 'leave', decidedOn: '2026-09-10' })
  const path = `decisions/${decision.body.id}`
  t.equal(
    await code(`${path}/settlement`, { on: '2026-09-14', result: 'rejected' }),
    'appeal_unfit',
    'nothing to settle',
  )
  t.equal(
    await code(`${path}/appeal`, { on: '2026-09-09', note: '不服。' }),
    'time_out_of_order',
    'before the decision',
  )
  t.equal(await code(`${path}/appeal`, { on: '2026-09-15', note: '不服。' }), 'time_out_of_order')
  t.equal(await code(`${path}/appeal`, { on: '2026-09-12', note: '不服。' }), undefined)
  t.equal(await code(`${path}/appeal`, { on: '2026-09-12', note: '不服。' }), 'appeal_unfit')
  t.equal(await code(`${path}/settlement`, { on: '2026-09-11', result: 'upheld' }), 'time_out_of_order')
  t.equal(await code(`${path}/settlement`, { on: '2026-09-14', result: 'upheld' }), undefined)
  t.equal(await code(`${path}/settlement`, { on: '2026-09-14', result: 'upheld' }), 'appeal_unfit')
  for (const what of ['appeal', 'settlement'])
    t.equal(
      await code(`decisions/${nobody}/${what}`, {
        on: '2026-09-14',
        note: '无。',
        ...(what === 'settlement' ? { result: 'upheld' } : {}),
      }),
      'not_found',
    )
  t.equal(await code('outcome', { outcome: 'leave', on: '2026-09-15' }), 'time_out_of_order')
  const stale = await onCrisis(service, crisisId, 'outcome', { outcome: 'leave', on: '2026-09-14' }, { version: 1 })
  t.match([stale.status, stale.body.code], [412, 'version_stale'])
  const debrief = { on: '2026-09-14', summary: '经过。', lessons: '教训。' }
  t.equal(await code('debriefs', debrief), 'crisis_not_stabilised')
  t.equal(await code('minutes', { happenedAt: ahead, text: '未来。' }), 'time_out_of_order')
  const dayBefore = new Date(service.clock.now.getTime() - 86_400_000)
  for (const [at, refused] of [
    [dayBefore, undefined],
    [new Date(dayBefore.getTime() - 1), 'time_out_of_order'],
    [new Date('1990-01-01T00:00:00Z'), 'time_out_of_order'],
  ] as const) {
    const told = at.toISOString()
    t.equal(await code('minutes', { happenedAt: told, text: '补记。' }), refused, `minute of ${told}`)
    t.equal(
      await code('guardian-notices', { method: 'phone', outcome: 'given', at: told }),
      refused,
      `notice of ${told}`,
    )
    const family = { kind: 'family', name: '王父', contactedAt: told }
    t.equal(await code('responders', family), refused, `contact of ${told}`)
  }
  t.equal(
    await code('outcome', { outcome: 'leave', on: '2026-09-12' }),
    'time_out_of_order',
    'before it can have begun',
  )
  t.equal(await code('outcome', { outcome: 'leave', on: '2026-09-13' }), undefined)
  const words = await service.call('owner', 'GET', `/v1/crises/${crisisId}/words/${nobody}`)
  t.equal(words.status, 404)
})

t.test('a lead that fits; a crisis that is over is not written any more', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisisAt(service, students['1'] as string, 'debriefed')
  const code = async (path: string, body: unknown) => (await onCrisis(service, crisisId, path, body)).body.code
  t.equal(await code('reassignments', { toId: staff.owner, reason: 'workload' }), 'already_lead')
  t.equal(await code('reassignments', { toId: staff.auditor, reason: 'workload' }), 'staff_unfit')
  const minute = { happenedAt: past, text: '补记。' }
  const measure = { kind: 'companion', basis: 'student_consent', from: past, note: '陪护。' }
  const notice = { method: 'phone', outcome: 'given', at: past }
  const debrief = { on: '2026-09-15', summary: '经过。', lessons: '教训。' }
  t.equal(await code('debriefs', debrief), 'time_out_of_order')
  const whileItLasts: [string, unknown][] = [
    ['responders', { kind: 'family', name: '王父' }],
    ['measures', measure],
    ['exemptions', { from: 'monitoring', reason: 'no_danger', note: '无。' }],
    ['outcome', { outcome: 'continued', on: '2026-09-14' }],
  ]
  for (const [path, body] of whileItLasts) {
    const refused = await onCrisis(service, crisisId, path, body)
    t.match([refused.status, refused.body.code, refused.body.step], [409, 'crisis_is_over', 'debriefed'], path)
  }
  t.equal(await code('minutes', minute), undefined, 'a late minute is still taken')
  t.equal(await code('guardian-notices', notice), undefined)
  const decision = { decision: 'leave', decidedOn: '2026-09-14' }
  const decided = await onCrisis(service, crisisId, 'decisions', decision)
  await earnCrisis(service, crisisId, 'closed')
  t.equal((await moveCrisis(service, crisisId, { to: 'closed' })).status, 201)
  const { responders } = await readCrisis(service, crisisId)
  const never: [string, unknown][] = [
    ['minutes', minute],
    ['guardian-notices', notice],
    ['decisions', decision],
    ['debriefs', { ...debrief, on: '2026-09-14' }],
    ['reassignments', { toId: staff.colleague, reason: 'workload' }],
    [`responders/${responders[0].id}/release`, undefined],
  ]
  for (const [path, body] of never) t.equal(await code(path, body), 'crisis_is_over', path)
  const at = `decisions/${decided.body.id}`
  t.equal((await onCrisis(service, crisisId, `${at}/appeal`, { on: '2026-09-14', note: '不服。' })).status, 201)
  const settled = await onCrisis(service, crisisId, `${at}/settlement`, { on: '2026-09-14', result: 'upheld' })
  t.equal(settled.status, 201, 'an appeal comes when it comes')
  t.match(await readCrisis(service, crisisId), {
    step: 'closed',
    decisions: [{ appealNote: '不服。', result: 'upheld' }],
  })
  const gone = await moveCrisis(service, crisisId, { to: 'open' })
  t.match(gone.body, { code: 'step_not_reachable', reachable: [] })
  const responder = await service.call('lineManager', 'GET', `/v1/crises/${crisisId}`)
  t.equal(responder.status, 200)
})

t.test('others than lead and line manager take no move; an erased key is told', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  await onCrisis(service, crisisId, 'responders', { kind: 'staff', staffId: staff.coWorker })
  const moved = await moveCrisis(service, crisisId, { to: 'mobilised' }, { account: 'coWorker' })
  t.match(moved.body, { code: 'edge_not_yours', by: ['lead', 'line_manager'] })
  await service.asOwner(`update crises set data_key = null where id = '${crisisId}'`)
  t.equal((await service.call('owner', 'GET', `/v1/crises/${crisisId}`)).body.code, 'key_is_erased')
  const minute = { happenedAt: past, text: '无钥。' }
  t.equal((await onCrisis(service, crisisId, 'minutes', minute)).body.code, 'key_is_erased')
})
