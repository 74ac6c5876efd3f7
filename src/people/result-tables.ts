import { sql } from 'drizzle-orm'
import { check, foreignKey, index, numeric, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, id, institutionId, oneOf } from '../platform/columns.ts'

import { courseKinds, resultOutcomes } from './codes.ts'
import { externalId, students } from './tables.ts'

/** Terms 学期. */
export const terms = pgTable(
  'terms',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    name: text('name').notNull(),
    startsOn: dayColumn('starts_on').notNull(),
    endsOn: dayColumn('ends_on').notNull(),
  },
  table => [
    primaryKey({ name: 'terms_pk', columns: [table.institutionId, table.id] }),
    unique('terms_external_id').on(table.institutionId, table.externalId),
    check('terms_start_before_end', sql.raw('starts_on <= ends_on')),
  ],
)

/** Courses 课程. */
export const courses = pgTable(
  'courses',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    credits: numeric('credits', { precision: 5, scale: 1 }).notNull(),
  },
  table => [
    primaryKey({ name: 'courses_pk', columns: [table.institutionId, table.id] }),
    unique('courses_external_id').on(table.institutionId, table.externalId),
    check('courses_kind_known', oneOf('kind', courseKinds)),
  ],
)

/** Results 成绩: of one assessment (`item`), or of the whole course (`item` empty). */
export const results = pgTable(
  'results',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    studentId: uuid('student_id').notNull(),
    courseId: uuid('course_id').notNull(),
    termId: uuid('term_id').notNull(),
    /** Name of the assessment; '' = final result of the course. */
    item: text('item').notNull(),
    /** 0–100, null when nothing was handed in or graded. */
    score: numeric('score', { precision: 5, scale: 2 }),
    outcome: text('outcome').notNull(),
    /** Day the result became known. */
    recordedOn: dayColumn('recorded_on').notNull(),
  },
  table => [
    primaryKey({ name: 'results_pk', columns: [table.institutionId, table.id] }),
    unique('results_external_id').on(table.institutionId, table.externalId),
    foreignKey({
      name: 'results_student',
      columns: [table.institutionId, table.studentId],
      foreignColumns: [students.institutionId, students.id],
    }),
    foreignKey({
      name: 'results_course',
      columns: [table.institutionId, table.courseId],
      foreignColumns: [courses.institutionId, courses.id],
    }),
    foreignKey({
      name: 'results_term',
      columns: [table.institutionId, table.termId],
      foreignColumns: [terms.institutionId, terms.id],
    }),
    index('results_by_student').on(table.institutionId, table.studentId, table.termId),
    index('results_by_course').on(table.institutionId, table.courseId, table.termId, table.item),
    check('results_outcome_known', oneOf('outcome', resultOutcomes)),
    check('results_score_in_range', sql.raw('score is null or (score >= 0 and score <= 100)')),
  ],
)
