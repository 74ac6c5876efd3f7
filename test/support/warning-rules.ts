import type { Test } from 'tap'
import type { Service } from './service.ts'

export const rule = (criterion: object, more: object = {}) => ({
  nameZh: '规则',
  nameEn: 'Rule',
  severity: 'orange',
  criterion,
  ...more,
})

export const write = async (t: Test, service: Service, body: object): Promise<string> => {
  const written = await service.call('administrator', 'POST', '/v1/warning-rules', body)
  t.equal(written.status, 201, written.text)
  return written.body.id
}

/** Runs rules and waits for the end. @returns the operation's result */
export const run = async (service: Service, body: object) => {
  const asked = await service.call('administrator', 'POST', '/v1/warning-rules/runs', body)
  if (asked.status !== 202) throw new Error(asked.text)
  await service.work('operations')
  return (await service.call('administrator', 'GET', `/v1/operations/${asked.body.id}`)).body
}

export const result = (
  student: string,
  course: string,
  item: string,
  score: number | null,
  outcome: string,
  on: string,
  term = 'T2',
) => ({
  externalId: `${student}-${course}-${item}-${term}`,
  student,
  course,
  term,
  item,
  score,
  outcome,
  recordedOn: on,
})

export const names = { MATH: '高等数学', PHYS: '大学物理' }

/** Two terms, three courses; student 1 fails, 2 does well, 3 has dropped. */
export const givenResults = async (service: Service) => {
  await service.roster('terms', [
    { externalId: 'T1', name: '上学期', startsOn: '2026-02-20', endsOn: '2026-07-10' },
    { externalId: 'T2', name: '本学期', startsOn: '2026-08-20', endsOn: '2027-01-20' },
  ])
  await service.roster('courses', [
    { externalId: 'MATH', name: names.MATH, credits: 5 },
    { externalId: 'PHYS', name: names.PHYS, credits: 4 },
  ])
  const day = '2026-09-10'
  const done = await service.roster('results', [
    result('1', 'MATH', '', 43, 'failed', day),
    result('1', 'PHYS', '', 30, 'failed', day),
    result('1', 'MATH', 'A1', 20, 'failed', day),
    result('1', 'MATH', 'A2', null, 'missing', day),
    result('2', 'MATH', '', 88, 'passed', day),
    result('2', 'MATH', 'A1', 90, 'passed', day),
    result('3', 'MATH', '', 85, 'passed', '2026-06-30', 'T1'),
    result('3', 'MATH', 'A1', 61, 'passed', day),
  ])
  if (done.status !== 200) throw new Error(done.text)
}

export const numbers = (flags: { number: string }[]) => flags.map(flag => flag.number).sort()
