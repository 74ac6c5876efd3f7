import { givenSchool, type Service } from './service.ts'

// One row of each collection of the roster, with what must be there.
export const unit = { externalId: 'u1', kind: 'class', nameZh: '一班' }
export const held = { role: 'counsellor', orgUnit: 'dept', validFrom: '2026-09-01' }
export const member = { externalId: 's1', name: '林老师', roles: [held] }
export const student = { number: '900', name: '新同学', major: '软件工程', grade: '2025', orgUnit: 'class' }
export const contact = { externalId: 'mother', kind: 'parent', name: '母亲', phone: '13800000000' }
export const identity = { issuer: 'bangfu', subject: 'new' }
export const term = { externalId: 't1', name: '一', startsOn: '2025-09-01', endsOn: '2026-01-20' }
export const course = { externalId: 'c1', name: '高数', credits: 5 }
export const result = {
  externalId: 'r1',
  student: '1',
  course: 'c1',
  term: 't1',
  score: 61.5,
  outcome: 'passed',
  recordedOn: '2026-01-20',
}
export const enrolment = { externalId: 'e1', student: '1', section: 'g1', from: '2025-09-01' }

/** A term and a course beside the school, for results to refer to. */
export const givenCourses = async (service: Service) => {
  const school = await givenSchool(service)
  await service.roster('terms', [term])
  await service.roster('courses', [course])
  return school
}
