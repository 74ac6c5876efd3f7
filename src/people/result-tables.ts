import { sql } from 'drizzle-orm'
import { boolean, check, index, numeric, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { dayColumn, id, institutionId, keyOf, oneOf, refersTo } from '../platform/columns.ts'

import { courseKinds, resultOutcomes } from './codes.ts'
import { externalId, origin, students } from './tables.ts'

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
    keyOf('terms', table),
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
    keyOf('courses', table),
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
    keyOf('sections', table),
    unique('sections_external_id').on(table.institutionId, table.externalId),
    refersTo('sections_course', table, table.courseId, courses),
    refersTo('sections_term', table, table.termId, terms),
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
    origin: origin(),
  },
  table => [
    keyOf('enrolments', table),
    unique('enrolments_external_id').on(table.institutionId, table.externalId),
    refersTo('enrolments_student', table, table.studentId, students),
    refersTo('enrolments_section', table, table.sectionId, sections),
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
    keyOf('assessments', table),
    unique('assessments_external_id').on(table.institutionId, table.externalId),
    refersTo('assessments_section', table, table.sectionId, sections),
    refersTo('assessments_course', table, table.courseId, courses),
    refersTo('assessments_term', table, table.termId, terms),
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
    keyOf('results', table),
    unique('results_external_id').on(table.institutionId, table.externalId),
    refersTo('results_student', table, table.studentId, students),
    refersTo('results_course', table, table.courseId, courses),
    refersTo('results_term', table, table.termId, terms),
    refersTo('results_assessment', table, table.assessmentId, assessments),
    index('results_by_student').on(table.institutionId, table.studentId, table.termId),
    index('results_by_course').on(table.institutionId, table.courseId, table.termId, table.item),
    check('results_outcome_known', oneOf('outcome', resultOutcomes)),
    check('results_score_in_range', sql.raw('score is null or (score >= 0 and score <= 100)')),
  ],
)
