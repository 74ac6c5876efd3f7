import t from 'tap'
import { entriesOf, fuse, givenAlert, givenCalendar, givenSignals } from '../support/alerts.ts'
import { givenCase } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('alerts are routed by kind, severity and unit, to whom has the fewest', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await service.roster(
    'students',
    Array.from({ length: 9 }, (_, index) => ({
      number: `r${index}`,
      name: `学生${index}`,
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const rows = await service.asOwner("select id from students where number like 'r%'")
  await givenSignals(
    service,
    rows.map(row => ({ studentId: String(row.id) })),
  )
  await fuse(service)
  const owners = await service.asOwner(
    'select owner_id, count(*)::int as n from alerts group by owner_id order by owner_id',
  )
  t.same(
    owners.map(row => row.n),
    [3, 3, 3],
    'spread over the counsellors of the nearest unit',
  )
  const [college] = await service.asOwner("select id from org_units where external_id = 'college'")
  await givenCalendar(service, {
    settings: {
      routing: [
        { kinds: ['hardship'], units: [college?.id], owner: ['line_manager'], tell: [] },
        { areas: ['positive'], owner: ['counsellor'], tell: ['counsellor'] },
        { severities: ['blue'], owner: ['class_teacher', 'psychological_counsellor'], tell: ['practice_supervisor'] },
        { owner: ['class_teacher'], tell: [] },
      ],
    },
  })
  const manager = await givenAlert(service, students['1'] as string, { kind: 'hardship' })
  t.equal(manager.owner, 'lineManager')
  const next = await givenAlert(service, students['2'] as string, { severity: 'blue' })
  t.equal(next.owner, 'coWorker', 'nobody is class teacher: the next role is looked for')
  const [{ told }] = (await service.asOwner(
    `select array_agg(staff_id)::text as told from alert_told where alert_id = '${next.id}'`,
  )) as [{ told: string }]
  t.equal(told, `{${staff.practiceSupervisor}}`)
  const nobody = await givenAlert(service, students['3'] as string, { severity: 'red' })
  t.equal(nobody.owner, 'null', 'nobody holds the role: nobody owns it, the line manager finds it')
  const inbox = await service.call('lineManager', 'GET', '/v1/alerts/counters?scope=unit')
  t.equal(inbox.body.unowned, 1)
})

t.test('the owner of an open case is told, and nobody learns of it', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string, 'colleague')
  await service.call(
    'lineManager',
    'POST',
    `/v1/cases/${caseId}/reassignments`,
    { toId: staff.outsider, reason: 'workload' },
    { 'if-match': '"1"' },
  )
  const { id, owner } = await givenAlert(service, students['1'] as string, { severity: 'red' })
  t.equal((await service.call('outsider', 'GET', `/v1/alerts/${id}`)).status, 200, 'the case’s owner sees it')
  const own = (await service.call('outsider', 'GET', `/v1/alerts/${id}`)).body.told
  t.ok(
    own.some((each: { why: string }) => each.why === 'case_owner'),
    'and why',
  )
  for (const account of [owner, 'lineManager']) {
    const seen = await service.call(account, 'GET', `/v1/alerts/${id}`)
    t.notMatch(seen.text, staff.outsider as string, `${account} is not shown who has a case`)
    t.notMatch(seen.text, caseId)
    const line = await service.call(account, 'GET', `/v1/alerts/${id}/timeline`)
    t.notMatch(line.text, staff.outsider as string)
    t.notMatch(line.text, caseId)
  }
  const timeline = (await service.call('outsider', 'GET', `/v1/cases/${caseId}/timeline`)).body.items
  t.equal(timeline.at(-1).entry.type, 'alert.told', 'the case’s own timeline says it')
})

t.test('an alert whose owner left counts as unowned, and the next signal routes it anew', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId)
  const unowned = async () => (await service.call('lineManager', 'GET', '/v1/alerts/counters?scope=unit')).body.unowned
  const ownerNow = async () => (await service.call('lineManager', 'GET', `/v1/alerts/${id}`)).body.owner?.id ?? null
  await givenSignals(service, [{ studentId }])
  await fuse(service)
  t.same([await unowned(), await ownerNow()], [0, staff[owner]], 'who holds a role keeps it')
  await service.asOwner(`update staff set left_on = '2026-09-01' where external_id = '${owner}'`)
  t.equal(await unowned(), 1)
  await givenSignals(service, [{ studentId }])
  await fuse(service)
  const next = await ownerNow()
  t.ok(next !== null && next !== staff[owner])
  t.equal(await unowned(), 0)
  const [entry] = (await entriesOf(service, id)).slice(-1)
  t.match(entry, { type: 'alert.joined', data: { ownerId: next } })
  await service.asOwner("update staff_roles set valid_until = '2026-09-02'")
  t.equal((await service.asOwner(`select 1 from alerts where owner_id = '${next}'`)).length, 1)
  await givenSignals(service, [{ studentId }])
  await fuse(service)
  t.same(
    await service.asOwner(`select owner_id from alerts where id = '${id}'`),
    [{ owner_id: null }],
    'nobody is left',
  )
})

t.test('a role nobody holds above the student is looked for at the offices beside the line, not elsewhere', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  await service.roster('org-units', [
    { externalId: 'centre', parent: 'school', kind: 'office', nameZh: '心理中心' },
    { externalId: 'far', parent: 'other', kind: 'office', nameZh: '学院办公室' },
  ])
  const at = (unit: string) =>
    service.asOwner(`update staff_roles set org_unit_id = (select id from org_units where external_id = '${unit}')
      where role = 'psychological_counsellor'`)
  const told = async (number: string) => {
    const { id } = await givenAlert(service, students[number] as string, { kind: 'low_mood', severity: 'blue' })
    const rows = await service.asOwner(`select staff_id from alert_told where alert_id = '${id}'`)
    return rows.some(row => row.staff_id === staff.coWorker)
  }
  await at('centre')
  t.equal(await told('1'), true)
  await at('far')
  t.equal(await told('2'), false)
})
