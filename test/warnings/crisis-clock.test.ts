import { randomUUID } from 'node:crypto'
import t from 'tap'
import { defaultCalendar, defaultSettings } from '../../src/practice/warning-settings.ts'
import { givenCase } from '../support/cases.ts'
import { askCrisis, earnCrisis, givenCrisis, moveCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const set = (service: Service, settings: object, calendar: object) =>
  service.asOwner(
    `insert into warning_settings values ('${service.institution}', 1, '${JSON.stringify(settings)}', '${JSON.stringify(calendar)}', now())`,
  )

const escalations = async (service: Service, crisisId: string) =>
  (
    await service.asOwner(
      `select entry::json as entry from journal where subject_id = '${crisisId}' and type = 'crisis.escalated' order by seq`,
    )
  ).map(row => row.entry as { actor: object; data: { level: number; step: string; toldIds: string[]; dueAt: string } })

t.test('an overdue stage is told level by level, each once, and anew in the next stage', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  await service.work('escalate-overdue')
  t.same(await escalations(service, crisisId), [], 'not due yet')
  const at = (time: string) => {
    service.clock.now = new Date(time)
  }
  at('2026-09-14T03:00:00.000Z')
  await service.work('escalate-overdue')
  await service.work('escalate-overdue')
  const first = await escalations(service, crisisId)
  t.match(first, [
    {
      actor: { kind: 'service', id: null },
      data: { level: 1, step: 'open', toldIds: [staff.lineManager], dueAt: '2026-09-14T03:00:00.000Z' },
    },
  ])
  t.equal(first.length, 1)
  t.match(await readCrisis(service, crisisId), { escalation: 1, overdue: false, version: 2 })
  t.equal((await service.call('practiceSupervisor', 'GET', `/v1/crises/${crisisId}`)).status, 404)
  at('2026-09-14T09:00:00.000Z')
  await service.work('escalate-overdue')
  const second = await escalations(service, crisisId)
  t.match(second[1]?.data, { level: 2, toldIds: [staff.lineManager, staff.practiceSupervisor].sort() })
  t.equal(second.length, 2)
  t.match(await readCrisis(service, crisisId), { escalation: 2, overdue: true })
  const told = await readCrisis(service, crisisId, 'practiceSupervisor')
  t.same(told.relations, ['told'], 'who is told may read')
  at('2026-09-20T00:00:00.000Z')
  await service.work('escalate-overdue')
  t.equal((await escalations(service, crisisId)).length, 2, 'there is no third level')

  await earnCrisis(service, crisisId, 'mobilised')
  await moveCrisis(service, crisisId, { to: 'mobilised' })
  t.match(await readCrisis(service, crisisId), { escalation: 0, overdue: false, dueAt: '2026-09-21T00:00:00.000Z' })
  at('2026-09-21T00:00:00.000Z')
  await service.work('escalate-overdue')
  t.match((await escalations(service, crisisId))[2]?.data, { level: 1, step: 'mobilised' })
  const over = { to: 'debriefed', reason: 'handed_over', note: '移交。' }
  await moveCrisis(service, crisisId, over)
  await earnCrisis(service, crisisId, 'closed')
  await moveCrisis(service, crisisId, { to: 'closed' })
  at('2027-09-21T00:00:00.000Z')
  await service.work('escalate-overdue')
  t.equal((await escalations(service, crisisId)).length, 3, 'a closed crisis has no clock')
})

t.test('the institution’s settings and calendar set the clock; nothing is guessed past the horizon', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const calendar = { ...defaultCalendar, horizon: '2026-10-10', holidays: ['2026-09-15'] }
  const settings = {
    ...defaultSettings,
    escalation: [{ tell: ['practice_supervisor', 'subject_teacher'], after: { workingDays: 1 } }],
  }
  await set(service, settings, calendar)
  const crisisId = await givenCrisis(service, students['1'] as string, { kind: 'academic', subkind: 'moved_down' })
  t.match(
    await readCrisis(service, crisisId),
    { dueAt: '2026-09-16T02:00:00.000Z', beyondHorizon: false },
    'a working day, over a holiday',
  )
  service.clock.now = new Date('2026-09-16T02:00:00.000Z')
  await service.work()
  t.match(
    await escalations(service, crisisId),
    [{ data: { level: 1, toldIds: [staff.practiceSupervisor] } }],
    'a role nobody holds tells nobody',
  )
  service.clock.now = new Date('2026-09-30T02:00:00.000Z')
  await earnCrisis(service, crisisId, 'mobilised')
  const moved = await moveCrisis(service, crisisId, { to: 'mobilised' })
  t.match(moved.body, { dueAt: null, beyondHorizon: true })
  service.clock.now = new Date('2027-09-30T02:00:00.000Z')
  await service.work()
  t.equal((await escalations(service, crisisId)).length, 1, 'without a target nothing is overdue')
  const other = await givenCrisis(service, students['2'] as string, { kind: 'academic', subkind: 'moved_down' })
  const body = { settings: defaultSettings, calendar: { ...calendar, horizon: '2026-11-30' } }
  const put = await service.call('administrator', 'PUT', '/v1/warning-settings', body, { 'if-match': '"1"' })
  t.equal(put.status, 200, put.text)
  await service.seal()
  await service.work('target-crises')
  const targeted = { dueAt: '2026-10-14T02:00:00.000Z', beyondHorizon: false, overdue: true }
  t.match(await readCrisis(service, crisisId), targeted, 'ten working days from the start of the stage')
  t.match(await readCrisis(service, other), { dueAt: null, beyondHorizon: true }, 'the calendar still ends before')
  const { version } = await readCrisis(service, crisisId)
  await service.work('target-crises')
  t.equal((await readCrisis(service, crisisId)).version, version, 'once')
  await service.work('escalate-overdue')
  t.match((await escalations(service, crisisId))[1]?.data, { level: 1, step: 'mobilised' })
})

t.test('the lead is not told of the lead’s own delay: whoever is told next is', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string, {}, 'lineManager')
  service.clock.now = new Date('2026-09-14T03:30:00.000Z')
  await service.work('escalate-overdue')
  t.match(await escalations(service, crisisId), [{ data: { level: 2, toldIds: [staff.practiceSupervisor] } }])
})

t.test(
  'of many who open at a time one does, and the case is held once',
  { skip: postgresUrl ? false : 'needs PostgreSQL' },
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        askCrisis(service, students['1'] as string, {}, index % 2 ? 'owner' : 'colleague'),
      ),
    )
    t.same(answers.map(each => each.status).sort(), [201, ...Array.from({ length: 7 }, () => 409)])
    t.same([...new Set(answers.filter(each => each.status === 409).map(each => each.body.code))], ['crisis_is_open'])
    const holds = await service.asOwner(`select id from case_holds where case_id = '${caseId}'`)
    t.equal(holds.length, 1)
    const key = randomUUID()
    const body = { studentId: students['2'], kind: 'safety', note: '同一请求。' }
    const same = await Promise.all(
      Array.from({ length: 8 }, () => service.call('owner', 'POST', '/v1/crises', body, { 'idempotency-key': key })),
    )
    t.ok(
      same.every(each => each.status === 201 || each.body.code === 'request_in_progress'),
      same.map(each => each.text).join(),
    )
    t.equal(new Set(same.filter(each => each.status === 201).map(each => each.body.crisisId)).size, 1)
  },
)

t.test('many sweepers tell and hold once', { skip: postgresUrl ? false : 'needs PostgreSQL' }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crises = [
    await givenCrisis(service, students['1'] as string),
    await givenCrisis(service, students['2'] as string),
    await givenCrisis(service, students['3'] as string),
  ]
  const cases = [await givenCase(service, students['1'] as string), await givenCase(service, students['2'] as string)]
  service.clock.now = new Date('2026-09-14T03:10:00.000Z')
  await Promise.all(Array.from({ length: 6 }, () => service.work()))
  for (const crisisId of crises) t.equal((await escalations(service, crisisId)).length, 1)
  for (const caseId of cases)
    t.equal((await service.asOwner(`select 1 from case_holds where case_id = '${caseId}'`)).length, 1)
})

t.test(
  'a crisis that ends while its cases are being held leaves no hold behind',
  { skip: postgresUrl ? false : 'needs PostgreSQL' },
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    for (const number of ['1', '2', '3']) {
      const crisisId = await givenCrisis(service, students[number] as string)
      const caseId = await givenCase(service, students[number] as string)
      const over = { to: 'debriefed', reason: 'false_alarm', note: '无事。' }
      const [moved] = await Promise.all([
        moveCrisis(service, crisisId, over, { version: 1 }),
        service.work('hold-cases-in-crisis'),
      ])
      t.equal(moved.status, 201)
      await service.work('hold-cases-in-crisis')
      t.same(
        await service.asOwner(`select 1 from case_holds where case_id = '${caseId}' and lifted_version is null`),
        [],
      )
    }
  },
)

t.test('minutes written at the same time are all kept', { skip: postgresUrl ? false : 'needs PostgreSQL' }, async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const crisisId = await givenCrisis(service, students['1'] as string)
  const written = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      onCrisis(
        service,
        crisisId,
        'minutes',
        { happenedAt: '2026-09-14T01:30:00Z', text: `第${index}条。` },
        { version: 1 },
      ),
    ),
  )
  t.ok(written.every(each => each.status === 201))
  const pages: string[] = []
  let cursor = ''
  do {
    const { body } = await service.call('owner', 'GET', `/v1/crises/${crisisId}/minutes?limit=4${cursor}`)
    pages.push(...body.items.map((each: { id: string }) => each.id))
    cursor = body.next ? `&cursor=${encodeURIComponent(body.next)}` : ''
  } while (cursor)
  t.equal(new Set(pages).size, 10)
  const timeline = await service.call('owner', 'GET', `/v1/crises/${crisisId}/timeline?limit=5`)
  t.equal(timeline.body.items.length, 5)
  const rest = await service.call(
    'owner',
    'GET',
    `/v1/crises/${crisisId}/timeline?cursor=${encodeURIComponent(timeline.body.next)}`,
  )
  t.equal(rest.body.items.length, 6)
})
