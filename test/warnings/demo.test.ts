import t from 'tap'
import { demoStudents } from '../../src/demo/roster.ts'
import { type DemoCaller, demoSignals, seedAlerts, seedCalendar } from '../../src/demo/seed-alerts.ts'
import { fuse, givenSignals } from '../support/alerts.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('the demo has alerts in different steps and a calendar that reaches as far as it is announced', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const known = demoStudents.map(student => student.number)
  for (const { student } of demoSignals) t.ok(known.includes(student), `${student} is a student of the demo`)
  const numbers = [...new Set(demoSignals.map(signal => signal.student))]
  await service.roster(
    'students',
    numbers.map(number => ({ number, name: `学生${number}`, major: '软件工程', grade: '2025', orgUnit: 'class' })),
  )
  const rows = await service.asOwner('select number, id from students')
  const ids = Object.fromEntries(rows.map(row => [String(row.number), String(row.id)]))
  const callerOf =
    (account: string): DemoCaller =>
    async (method, url, payload, version) => {
      const answer = await service.call(
        account,
        method,
        url,
        payload,
        version === undefined ? {} : { 'if-match': `"${version}"` },
      )
      t.ok(answer.status < 300, `${method} ${url} ${answer.text}`)
      return answer
    }
  await seedCalendar(callerOf('administrator'))
  await seedAlerts(async signals => {
    const given = signals.map(({ student, kind, severity, figures }) => ({
      studentId: ids[student] as string,
      kind,
      severity,
      figures,
    }))
    await givenSignals(service, given)
    await fuse(service)
  }, callerOf('lineManager'))
  const steps = await service.asOwner('select step, count(*)::int as n from alerts group by step order by step')
  t.same(steps, [
    { step: 'acknowledged', n: 3 },
    { step: 'raised', n: 1 },
    { step: 'resolved', n: 1 },
  ])
  t.match(await service.asOwner('select step, kind from crises'), [{ step: 'open', kind: 'academic' }])
  const counters = (await service.call('lineManager', 'GET', '/v1/alerts/counters')).body
  t.same([counters.open, counters.beyondHorizon], [4, 0])
})
