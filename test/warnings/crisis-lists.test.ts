import t from 'tap'
import { earnCrisis, givenCrisis, moveCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

const at = '2026-09-14T01:30:00.000Z'

t.test('the lead is changed; lists show what is mine, of my units, by stage, kind and clock', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const ids = [
    await givenCrisis(service, students['1'] as string),
    await givenCrisis(service, students['2'] as string),
    await givenCrisis(service, students['3'] as string, { kind: 'academic', subkind: 'moved_down' }, 'colleague'),
  ]
  const listed = async (account: string, query = '') =>
    (await service.call(account, 'GET', `/v1/crises?${query}`)).body.items.map((each: { id: string }) => each.id)
  t.same(await listed('owner'), [ids[1], ids[0]])
  t.same(await listed('lineManager', 'scope=unit'), [ids[2], ids[1], ids[0]])
  t.same(await listed('lineManager', 'scope=mine'), [])
  t.same(await listed('lineManager', 'kind=academic'), [ids[2]])
  t.same(await listed('lineManager', 'step=mobilised'), [])
  t.same(await listed('lineManager', `studentId=${students['2']}`), [ids[1]])
  t.same(await listed('owner', 'overdue=true'), [])
  service.clock.now = new Date('2026-09-14T04:00:00.000Z')
  t.same(await listed('lineManager', 'overdue=true'), [ids[1], ids[0]])
  const first = await service.call('lineManager', 'GET', '/v1/crises?limit=2')
  t.ok(first.headers.link)
  t.same(
    (
      await service.call('lineManager', 'GET', `/v1/crises?limit=2&cursor=${encodeURIComponent(first.body.next)}`)
    ).body.items.map((each: { id: string }) => each.id),
    [ids[0]],
  )
  t.equal((await service.call('lineManager', 'GET', '/v1/crises?cursor=forged.x')).body.code, 'bad_cursor')

  const to = { toId: staff.coWorker, reason: 'owner_left', note: '改由心理中心负责。' }
  const given = await onCrisis(service, ids[0] as string, 'reassignments', to, { account: 'lineManager' })
  t.equal(given.body.leadId, staff.coWorker)
  t.equal((await service.call('owner', 'GET', `/v1/crises/${ids[0]}`)).status, 404, 'the former lead knows it no more')
  t.same(await listed('coWorker', 'scope=mine'), [ids[0]])
  const added = await onCrisis(service, ids[1] as string, 'responders', { kind: 'staff', staffId: staff.coWorker })
  t.same(await listed('coWorker', 'scope=mine'), [ids[1], ids[0]], 'responders see theirs')
  const released = await onCrisis(service, ids[1] as string, `responders/${added.body.id}/release`, undefined)
  t.equal(released.status, 201)
  t.same(await listed('coWorker'), [ids[0]])
  const again = await onCrisis(service, ids[1] as string, 'responders', { kind: 'staff', staffId: staff.coWorker })
  t.equal(again.status, 201, 'and may be called in anew')
  const over = { to: 'debriefed', reason: 'false_alarm', note: '无事。' }
  await moveCrisis(service, ids[1] as string, over)
  await earnCrisis(service, ids[1] as string, 'closed')
  await moveCrisis(service, ids[1] as string, { to: 'closed' })
  t.same(await listed('owner'), [])
  t.same(await listed('owner', 'status=closed'), [ids[1]])
  t.same(await listed('owner', 'step=closed'), [ids[1]], 'a last step means those that are over')
  t.same(await listed('owner', 'status=all'), [ids[1]])
})

t.test('the same key gives the first answer again; a dry run changes nothing', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const body = { studentId: students['1'], kind: 'safety', note: '学生失联。' }
  const key = { 'idempotency-key': 'open-1' }
  const first = await service.call('owner', 'POST', '/v1/crises', body, key)
  const second = await service.call('owner', 'POST', '/v1/crises', body, key)
  t.equal(second.headers['idempotent-replayed'], 'true')
  t.same(second.body, first.body)
  t.equal(
    (await service.call('owner', 'POST', '/v1/crises', { ...body, note: '另一件事。' }, key)).body.code,
    'idempotency_key_reused',
  )
  const { crisisId } = first.body
  await earnCrisis(service, crisisId, 'mobilised')
  const dry = await moveCrisis(service, crisisId, { to: 'mobilised' }, { dryRun: true })
  t.match([dry.status, dry.body.allowed], [200, true])
  t.equal((await readCrisis(service, crisisId)).step, 'open')
  const { version } = await readCrisis(service, crisisId)
  const asked = { version, key: 'move-1' }
  const moved = await moveCrisis(service, crisisId, { to: 'mobilised' }, asked)
  const replayed = await moveCrisis(service, crisisId, { to: 'mobilised' }, asked)
  t.same([moved.status, replayed.status, replayed.headers['idempotent-replayed']], [201, 201, 'true'])
  t.equal(replayed.headers.etag, moved.headers.etag)
  t.equal((await moveCrisis(service, crisisId, { to: 'stabilised' }, { version })).status, 412)
  const minute = { happenedAt: at, text: '记录一次。' }
  const written = await onCrisis(service, crisisId, 'minutes', minute, { key: 'minute-1' })
  const rewritten = await onCrisis(service, crisisId, 'minutes', minute, { key: 'minute-1' })
  t.same(rewritten.body, written.body)
  t.equal((await service.call('owner', 'GET', `/v1/crises/${crisisId}/minutes`)).body.items.length, 1)
  const path = `/v1/crises/${crisisId}/transitions`
  t.equal((await service.call('owner', 'POST', path, { to: 'stabilised' })).status, 428)
})
