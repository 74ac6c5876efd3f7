import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'
import { Cursor, Limit, pageOf } from '../platform/lists.ts'
import { listPeople, readStudent } from './read-people.ts'
import { exampleId, exampleUnit, Id, name, unit } from './schemas.ts'
import type { PeopleDeps } from './upsert.ts'

const studentHeader = {
  id: Id.describe('Student'),
  number: z.string().max(100).describe('学号'),
  name: name('Name'),
  nameEn: name('English name').nullable(),
  major: name('Major'),
  grade: z.string().max(20).describe('Grade'),
  enrolmentStatus: z.string().max(40).describe('Enrolment status'),
  orgUnit: unit,
}
const exampleStudent = {
  id: exampleId,
  number: '20250101',
  name: '王晓明',
  nameEn: null,
  major: '计算机科学与技术',
  grade: '2025',
  enrolmentStatus: 'enrolled',
  orgUnit: exampleUnit,
}
const StudentParams = z.strictObject({ studentId: Id.describe('Student') })
const figures = (description: string) => z.record(z.string().max(40), z.unknown()).describe(description)

/** Finding and reading students. */
export const studentRoutes = (deps: PeopleDeps): Route[] => [
  defineRoute({
    operationId: 'searchStudents',
    method: 'POST',
    path: '/v1/students/search',
    summary: 'Find students the caller may see, by number or part of a name',
    tag: 'Roster',
    permission: 'students:read',
    body: z
      .strictObject({
        text: z
          .string()
          .trim()
          .min(2)
          .max(100)
          .optional()
          .describe('Beginning of the number, or at least two characters of the name'),
        orgUnitId: Id.optional().describe('Only in or below this unit'),
        limit: Limit,
        cursor: Cursor,
      })
      .meta({ id: 'SearchStudents', examples: [{ text: '晓明' }] }),
    answers: { 200: pageOf('StudentPage', z.strictObject(studentHeader), exampleStudent) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const { text, orgUnitId: unitId, limit, cursor } = call.body
      const page = await listPeople(deps, call.caller, 'searchStudents', 'students:read', {
        text,
        unitId,
        limit,
        cursor,
      })
      return { status: 200, body: page.body }
    },
  }),
  defineRoute({
    operationId: 'getStudent',
    method: 'GET',
    path: '/v1/students/:studentId',
    summary: 'Read a student with contacts',
    tag: 'Roster',
    permission: 'students:read',
    params: StudentParams,
    answers: {
      200: z
        .strictObject({
          ...studentHeader,
          birthDate: z.iso.date().nullable().describe('Birth date'),
          absentSince: z.iso
            .date()
            .nullable()
            .describe('Day from which full imports have missed the student; null while they bring them'),
          contacts: z.array(figures('A contact: id, kind, name, phone')).max(200).describe('Contacts'),
        })
        .meta({
          id: 'Student',
          examples: [{ ...exampleStudent, birthDate: '2006-03-14', absentSince: null, contacts: [] }],
        }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call => tagged(await readStudent(deps, call.caller, 'getStudent', call.params.studentId)),
  }),
  defineRoute({
    operationId: 'getStanding',
    method: 'GET',
    path: '/v1/students/:studentId/standing',
    summary: 'Compute a student’s academic standing from the results: failed, missing, gap to the cohort',
    description:
      'The cohort is major and grade. Of each course the newest final result counts: a resit that is passed leaves nothing failed, and credits are earned once. The figures go into an `academic_record` as they are; why one is null is said there in `notKnown`.',
    tag: 'Roster',
    permission: 'students:read',
    params: StudentParams,
    query: z.strictObject({ termId: Id.optional().describe('Only results of this term') }),
    answers: {
      200: z
        .strictObject({
          studentId: Id.describe('Student'),
          failedCount: z.int().describe('Failed courses'),
          failedCourses: z
            .array(figures('Course, code, term, courseKind, credits, score'))
            .max(1000)
            .describe('Failed courses'),
          missingWork: z
            .array(figures('Course, item, outcome, score'))
            .max(2000)
            .describe('Failed and missing assessments'),
          credits: figures('Credits earned, required, short'),
          cohort: figures(
            'Size, rank, mean, own, percentile; rank, own and percentile are null to a student without a scored result',
          ).nullable(),
        })
        .meta({
          id: 'Standing',
          examples: [
            {
              studentId: exampleId,
              failedCount: 1,
              failedCourses: [{ course: '高等数学A(上)', score: 43 }],
              missingWork: [],
              credits: { earned: 31, required: null, short: null },
              cohort: { size: 118, rank: 111, mean: 76.4, own: 58.2, percentile: 6.8 },
            },
          ],
        }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call =>
      tagged(await readStudent(deps, call.caller, 'getStanding', call.params.studentId, call.query.termId ?? null)),
  }),
]
