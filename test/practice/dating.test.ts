import t from 'tap'
import { beginningOfCrisis, isDayOfAlert, isEndOfWait, timesTried } from '../../src/practice/dating.ts'

t.test('what is done about an alert is done from its first signal until today', async t => {
  const fits = (day: string) => isDayOfAlert(day, '2026-09-10', '2026-09-14')
  t.same(['2026-09-09', '2026-09-10', '2026-09-14', '2026-09-15', '1900-01-01'].map(fits), [
    false,
    true,
    true,
    false,
    false,
  ])
})

t.test('a watch or pause ends within a year', async t => {
  const fits = (until: string) => isEndOfWait(until, '2026-09-14')
  t.same(['2026-09-14', '2026-09-15', '2027-09-15', '2027-09-16', '2999-12-10'].map(fits), [
    false,
    true,
    true,
    false,
    false,
  ])
})

t.test('attempts of one day are as many as were filed an hour apart', async t => {
  const tried = (...attempts: string[]) =>
    timesTried(
      attempts.map(each => ({ on: each.slice(0, 10), at: each.includes('@') ? (each.split('@')[1] as string) : each })),
    )
  t.equal(tried(), 0)
  t.equal(tried('2026-09-14T09:00:00Z', '2026-09-14T09:00:01Z', '2026-09-14T09:59:59Z'), 1)
  t.equal(tried('2026-09-14T09:00:00Z', '2026-09-14T10:00:00Z', '2026-09-14T10:30:00Z'), 2)
  t.equal(tried('2026-09-13@2026-09-14T09:00:00Z', '2026-09-14T09:00:01Z'), 2, 'of two days, written down together')
})

t.test('a crisis is opened late by a day, an academic one by a week', async t => {
  t.equal(beginningOfCrisis('safety', '2026-09-14T02:00:00.000Z'), '2026-09-13T02:00:00.000Z')
  t.equal(beginningOfCrisis('academic', '2026-09-14T02:00:00.000Z'), '2026-09-07T02:00:00.000Z')
})
