import t from 'tap'
import { givenCase, givenDraft, sign } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const givenCourses = async (service: Service) => {
  await service.roster('terms', [
    { externalId: 't1', name: '一', startsOn: '2025-09-01', endsOn: '2026-01-20' },
    { externalId: 't2', name: '二', startsOn: '2026-02-20', endsOn: '2026-07-10' },
  ])
  const credits = { C1: 4, C2: 3 }
  await service.roster(
    'courses',
    Object.entries(credits).map(([externalId, each]) => ({ externalId, name: externalId, credits: each })),
  )
}

const final = (student: string, course: string, score: number | null, outcome: string, on: string, term = 't1') => ({
  externalId: `${student}-${course}-${on}`,
  student,
  course,
  term,
  item: '',
  score,
  outcome,
  recordedOn: on,
})

const standingOf = async (service: Service, studentId: unknown, query = '') =>
  (await service.call('owner', 'GET', `/v1/students/${studentId}/standing${query}`)).body

t.test('standing is computed from results', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCourses(service)
  const day = '2026-01-20'
  await service.roster('results', [
    final('1', 'C1', 40, 'failed', day),
    final('1', 'C2', 70, 'passed', day),
    { ...final('1', 'C1', null, 'missing', day), externalId: 'mid', item: '期中' },
    final('2', 'C1', 90, 'passed', day),
    final('3', 'C1', 60, 'passed', day),
  ])
  const body = await standingOf(service, students['1'])
  t.match(body, {
    failedCount: 1,
    failedCourses: [{ code: 'C1', score: 40 }],
    missingWork: [{ item: '期中', outcome: 'missing' }],
    credits: { earned: 3 },
    cohort: { size: 3, rank: 3, own: 55, percentile: 33.3 },
  })
  t.equal(body.cohort.mean, 68.33)
})

t.test('of each course the newest final result counts: failed no more once passed, credits earned once', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCourses(service)
  const standing = (query = '') => standingOf(service, students['1'], query)
  await service.roster('results', [
    final('1', 'C1', 40, 'failed', '2026-01-20'),
    final('1', 'C2', 50, 'failed', '2026-01-20'),
    final('1', 'C2', 30, 'failed', '2026-07-01', 't2'),
  ])
  const failed = [
    { code: 'C1', score: 40, term: '一' },
    { code: 'C2', score: 30, term: '二' },
  ]
  t.match(await standing(), { failedCount: 2, failedCourses: failed, credits: { earned: 0 } })
  await service.roster('results', [
    final('1', 'C1', 70, 'passed', '2026-02-25', 't2'),
    final('1', 'C1', 80, 'passed', '2026-07-01', 't2'),
  ])
  const after = await standing()
  t.match(after, { failedCount: 1, credits: { earned: 4 } })
  t.match(after.failedCourses, [{ code: 'C2' }])
  t.equal(after.failedCourses.length, 1)
  const { id: termId } = (await service.asOwner("select id from terms where external_id = 't1'"))[0] as { id: string }
  t.match(await standing(`?termId=${termId}`), { failedCount: 2 }, 'as that term ended')
})

t.test('a student without a scored result has no place in the cohort, and the record takes it so', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCourses(service)
  const day = '2026-01-20'
  await service.roster('results', [
    final('1', 'C1', null, 'exempt', day),
    final('2', 'C1', 90, 'passed', day),
    final('3', 'C1', 60, 'passed', day),
  ])
  const { studentId, ...figures } = await standingOf(service, students['1'])
  t.equal(studentId, students['1'])
  t.same(figures.cohort, { size: 2, rank: null, mean: 75, own: null, percentile: null })
  t.equal(figures.credits.earned, 4)
  const caseId = await givenCase(service, students['1'] as string)
  const notKnown = [{ what: 'credits', answer: 'not_yet_known', reason: '培养方案尚未导入' }]
  const { id } = (await givenDraft(service, caseId, 'academic_record', { ...figures, notKnown })).body
  t.equal((await sign(service, 'owner', caseId, id, { party: 'worker' })).status, 201)
})
