import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
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

/** Sections 教学班: a course as it is taught in a term. */
export const sections = pgTable(
  'sections',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    name: text('name').notNull(),
    courseId: uuid('course_id').notNull(),
    termId: uuid('term_id').notNull(),
  },
  table => [
    primaryKey({ name: 'sections_pk', columns: [table.institutionId, table.id] }),
    unique('sections_external_id').on(table.institutionId, table.externalId),
    foreignKey({
      name: 'sections_course',
      columns: [table.institutionId, table.courseId],
      foreignColumns: [courses.institutionId, courses.id],
    }),
    foreignKey({
      name: 'sections_term',
      columns: [table.institutionId, table.termId],
      foreignColumns: [terms.institutionId, terms.id],
    }),
    index('sections_by_term').on(table.institutionId, table.termId, table.courseId),
  ],
)

/** Who is in a section, from a day until before another. */
export const enrolments = pgTable(
  'enrolments',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    studentId: uuid('student_id').notNull(),
    sectionId: uuid('section_id').notNull(),
    validFrom: dayColumn('valid_from').notNull(),
    /** First day no longer in the section. */
    validUntil: dayColumn('valid_until'),
  },
  table => [
    primaryKey({ name: 'enrolments_pk', columns: [table.institutionId, table.id] }),
    unique('enrolments_external_id').on(table.institutionId, table.externalId),
    foreignKey({
      name: 'enrolments_student',
      columns: [table.institutionId, table.studentId],
      foreignColumns: [students.institutionId, students.id],
    }),
    foreignKey({
      name: 'enrolments_section',
      columns: [table.institutionId, table.sectionId],
      foreignColumns: [sections.institutionId, sections.id],
    }),
    index('enrolments_by_student').on(table.institutionId, table.studentId),
    index('enrolments_by_section').on(table.institutionId, table.sectionId),
  ],
)

/** Assessments 考核项目: what a result can be the result of. */
export const assessments = pgTable(
  'assessments',
  {
    institutionId: institutionId(),
    id: id(),
    externalId: externalId(),
    title: text('title').notNull(),
    /** Null = of the course in the term, in every section. */
    sectionId: uuid('section_id'),
    courseId: uuid('course_id').notNull(),
    termId: uuid('term_id').notNull(),
    dueOn: dayColumn('due_on'),
    /** Percent of the course’s final result; null = not told. */
    weight: numeric('weight', { precision: 5, scale: 2 }),
    /** Points that are 100 %: imported scores are divided by it. */
    maxScore: numeric('max_score', { precision: 8, scale: 2 }).notNull(),
    /** Its results are the final results of the course. */
    isFinal: boolean('is_final').notNull(),
  },
  table => [
    primaryKey({ name: 'assessments_pk', columns: [table.institutionId, table.id] }),
    unique('assessments_external_id').on(table.institutionId, table.externalId),
    foreignKey({
      name: 'assessments_section',
      columns: [table.institutionId, table.sectionId],
      foreignColumns: [sections.institutionId, sections.id],
    }),
    foreignKey({
      name: 'assessments_course',
      columns: [table.institutionId, table.courseId],
      foreignColumns: [courses.institutionId, courses.id],
    }),
    foreignKey({
      name: 'assessments_term',
      columns: [table.institutionId, table.termId],
      foreignColumns: [terms.institutionId, terms.id],
    }),
    index('assessments_by_course').on(table.institutionId, table.courseId, table.termId, table.dueOn),
    check('assessments_weight_in_range', sql.raw('weight is null or (weight >= 0 and weight <= 100)')),
    check('assessments_max_score_positive', sql.raw('max_score > 0')),
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
    /** Assessment it is the result of, where the roster knows it. */
    assessmentId: uuid('assessment_id'),
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
    foreignKey({
      name: 'results_assessment',
      columns: [table.institutionId, table.assessmentId],
      foreignColumns: [assessments.institutionId, assessments.id],
    }),
    index('results_by_student').on(table.institutionId, table.studentId, table.termId),
    index('results_by_course').on(table.institutionId, table.courseId, table.termId, table.item),
    check('results_outcome_known', oneOf('outcome', resultOutcomes)),
    check('results_score_in_range', sql.raw('score is null or (score >= 0 and score <= 100)')),
  ],
)
