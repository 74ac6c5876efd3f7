import t from 'tap'
import { workOf } from '../support/alerts.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

/** Gives a student another number, as an import does that knows them by another id. */
const correct = (service: Service, studentId: string, number: string) =>
  service.asOwner(`update students set number = '${number}' where id = '${studentId}'`)

const waiting = async (service: Service) =>
  (await service.asOwner('select student_number from signals where student_id is null order by student_number')).map(
    row => row.student_number,
  )

t.test('signals leave quarantine when the number of a student known for long is corrected', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const source = await givenSource(service)
  service.clock.now = new Date('2026-11-14T02:00:00.000Z')
  await source.send('', aSignal({ student: '2025009' }))
  await service.work('match-signals')
  t.same(await waiting(service), ['2025009'])
  await correct(service, students['1'] as string, '2025009')
  await service.work('match-signals')
  t.same(await waiting(service), [])
  t.match(await service.asOwner('select student_id, pending from signals'), [
    { student_id: students['1'], pending: true },
  ])
})

t.test('a pass looks at so many numbers and goes on after them, round and round', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await service.asOwner(
    `insert into signals (institution_id, id, origin, external_id, student_number, kind, severity, status, observed_at, received_at, revision, figures, pending)
     select '${service.institution}', gen_random_uuid(), 'rules', n || '-' || twice, 'x' || lpad(n::text, 4, '0'), 'absence', 'blue', 'open', now(), now(), 1, '{}', false
     from generate_series(1, 1200) n cross join generate_series(1, 2) twice`,
  )
  const work = workOf(service, 'match-signals')
  const left = async () => new Set(await waiting(service)).size
  await correct(service, students['1'] as string, 'x1200')
  t.equal(await work.pass(), false)
  t.equal(await work.pass(), false)
  t.equal(await left(), 1200, 'not come to it yet')
  await work.pass()
  t.equal(await left(), 1199)
  await correct(service, students['1'] as string, 'x0001')
  await correct(service, students['2'] as string, 'x0500')
  t.equal(await work.pass(), true, 'where some were found, more may be')
  t.equal(await left(), 1197)
})
