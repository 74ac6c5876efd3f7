import t from 'tap'
import { type Evidence, evidenceText, longestEvidence } from '../../src/warnings/evidence.ts'
import { act, givenAlert, givenSignals } from '../support/alerts.ts'
import { readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

const before = (nth: number, ms: number) => new Date(Date.parse('2026-09-13T00:00:00Z') - nth * ms).toISOString()
const facts = { course: '高等数学(上)'.repeat(8), absences: 3, since: '2026-09-01' }

t.test('evidence that does not fit keeps its newest lines whole, and counts the rest', async t => {
  const signals = Array.from(
    { length: 200 },
    (_, nth): Evidence => ({
      kind: 'absence',
      severity: 'blue',
      status: 'open',
      observedAt: before(nth, 86_400_000),
      figures: facts,
    }),
  )
  const text = evidenceText('转为个案。', signals, 350)
  const [first, newest, ...others] = text.split('\n')
  t.equal(first, '转为个案。')
  t.match(newest, /^2026-09-13 · .* absence · .* blue · course=.* · absences=3 · since=2026-09-01$/)
  const rest = others.pop() as string
  t.ok(others.every(line => line.endsWith('since=2026-09-01')))
  t.equal(rest, `另有${350 - others.length - 1}条较早的信号 · ${350 - others.length - 1} earlier signals`)
  t.ok(text.length <= longestEvidence && text.length > longestEvidence - 200, `${text.length}`)
  t.equal(evidenceText(null, signals.slice(0, 2), 2).split('\n').length, 2, 'where all fits nothing is added')
})

t.test('a crisis opened from an alert with much evidence is read as its schema says', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const studentId = students['1'] as string
  const { id, owner } = await givenAlert(service, studentId, { severity: 'red', figures: facts })
  await givenSignals(
    service,
    Array.from({ length: 60 }, (_, nth) => ({
      studentId,
      observedAt: before(nth, 60_000),
      figures: { ...facts, nth },
    })),
  )
  await service.work('fuse-signals')
  const body = { kind: 'crisis_opened', crisis: 'safety', words: '情况紧急。' }
  const { crisisId } = (await act(service, owner, id, 'dispositions', body)).body
  const { note } = await readCrisis(service, crisisId, owner)
  t.match(note, /^情况紧急。\n2026-09-14 .*\n2026-09-13 .*nth=0\b.*\n2026-09-12 .*nth=1\b.*\n2026-09-12 .*nth=2\b/)
  const { schemas } = (await service.call('owner', 'GET', '/openapi.json')).body.components
  t.ok(note.length > 2000 && note.length <= schemas.Crisis.properties.note.maxLength, `${note.length}`)
})
