import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { outcomeOf } from '../../examples/oulad/carry.ts'
import { cohorts } from '../../examples/oulad/cohorts.ts'
import { type Registration, readOulad, sampleOf, splitAt, troubles } from '../../examples/oulad/data.ts'
import { daysOf } from '../../examples/oulad/days.ts'
import { finalsPackage, markOf, rosterPackage } from '../../examples/oulad/package.ts'
import { answerTo } from '../../examples/oulad/policy.ts'
import { runImport } from '../support/imports.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** A dataset of the same form: a presentation, three students, two assessments and an exam. */
const files = {
  'courses.csv': 'code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n',
  'assessments.csv':
    'code_module,code_presentation,id_assessment,assessment_type,date,weight\nAAA,2013J,2,TMA,54,20\nAAA,2013J,1,TMA,19,10\nAAA,2013J,9,Exam,,100\n',
  'studentInfo.csv.gz':
    'code_module,code_presentation,id_student,final_result\nAAA,2013J,11,Pass\nAAA,2013J,12,Fail\nAAA,2013J,13,Fail\n',
  'studentAssessment.csv.gz':
    'id_assessment,id_student,date_submitted,is_banked,score\n1,11,18,0,78\n2,11,60,0,39\n1,12,19,0,20\n2,12,300,0,30\n',
}

const given = async (t: Test): Promise<Registration[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'oulad-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text)
  return readOulad(folder)
}

t.test('the data set is read as it went, day by day', async t => {
  const [first, second, third] = (await given(t)) as [Registration, Registration, Registration]
  t.same(
    first.work.map(({ assessment, dueDay, score, knownDay }) => [assessment, dueDay, score, knownDay]),
    [
      ['1', 19, 78, 19],
      ['2', 54, 39, 60],
    ],
    'a score is known when the work was due, or came later',
  )
  t.equal(second.work[1]?.knownDay, 267, 'and within the presentation')
  t.same(
    [first, second, third].map(each => troubles(each.work).length),
    [1, 2, 2],
  )
  t.match(cohorts([first, second, third])(second, 19), { size: 3, rank: 2, own: 20 })
  t.equal(sampleOf([first, second, third], 2).length, 2)
  t.same(
    [outcomeOf(first, splitAt(first, 19).late).reason, outcomeOf(third, third.work).reason],
    ['goals_met', 'lost_contact'],
  )
})

t.test('its package is imported without a fault, twice without a change; marks and final results follow', async t => {
  const registrations = await given(t)
  const service = await givenService(t)
  await givenSchool(service)
  const days = daysOf(registrations, '2026-09-01')
  t.equal(days.dateOf('AAA-2013J', 3), '2026-09-04')
  const staff = [{ number: 'AAA-1', name: 'One', role: 'counselor', unit: 'OU-AAA' } as const]
  const school = { registrations, days, above: 'college', staff }
  const roster = async () => runImport(service, 'format=oneroster', await buffer(rosterPackage(school)))
  const first = await roster()
  t.match(first, { status: 'succeeded', result: { errorCount: 0 } })
  t.ok(first.result.created >= 3 + 1 + 1 + 1 + 3 + 3)
  t.match((await roster()).result, { created: 0, updated: 0 })
  service.clock.now = new Date('2027-06-01T02:30:00.000Z')
  const marks = registrations.flatMap(each =>
    each.work.filter(work => work.score !== null).map(work => markOf(days, each, work)),
  )
  t.match((await service.roster('results', marks)).body, { created: 4 })
  const finals = await buffer(finalsPackage(registrations, days))
  t.match((await runImport(service, 'format=oneroster&passMark=40', finals)).result, { created: 3 })
  const stored = await service.asOwner(
    "select s.number, r.outcome, count(*)::int as n from results r join students s on s.id = r.student_id where s.number in ('11', '12', '13') group by 1, 2 order by 1, 2",
  )
  t.same(
    stored.map(row => [row.number, row.outcome, row.n]),
    [
      ['11', 'failed', 1],
      ['11', 'passed', 2],
      ['12', 'failed', 3],
      ['13', 'failed', 1],
    ],
  )
})

t.test('the office answers by what it knows', async t => {
  const known = {
    severity: 'orange',
    student: '11',
    signals: 2,
    caseId: null,
    watched: false,
    over: false,
    watchUntil: '2026-10-01',
  }
  t.equal(answerTo({ ...known, caseId: 'c' }).disposition.kind, 'case_joined')
  t.equal(answerTo({ ...known, caseId: 'c', over: true }).disposition.kind, 'no_action')
  t.equal(answerTo({ ...known, watched: true }).disposition.kind, 'talk', 'nobody is watched for ever')
  t.same(answerTo(known), answerTo(known))
  const kinds = Array.from(
    { length: 400 },
    (_, n) => answerTo({ ...known, student: `${28_000 + 37 * n}` }).disposition.kind,
  )
  const opened = kinds.filter(kind => kind === 'case_opened').length / kinds.length
  t.ok(opened > 0.7 && opened < 0.9, `${opened} of orange alerts become cases`)
})
