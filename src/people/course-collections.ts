import type { z } from 'zod'
import { type Collection, defineCollection, maybe, one, refs, resolved, rows } from './collection.ts'
import { AssessmentItem, CourseItem, EnrolmentItem, ResultItem, SectionItem, TermItem } from './roster-schemas.ts'

/** Terms 学期. */
export const terms = defineCollection<z.output<typeof TermItem>>({
  name: 'terms',
  operationId: 'upsertTerms',
  item: TermItem,
  example: { externalId: '2026-1', name: '2026–2027学年第一学期', startsOn: '2026-09-01', endsOn: '2027-01-20' },
  keyOf: item => item.externalId,
  refsOf: () => [],
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'startsOn', t.starts_on, 'endsOn', t.ends_on) as item
    from keys ${one('terms', 't', 'external_id = keys.key')} where t.institution_id = $1::uuid`,
  save: `u as (insert into terms (institution_id, id, external_id, name, starts_on, ends_on)
  select $1::uuid, x.id, x."externalId", x.name, x."startsOn", x."endsOn"
  from ${rows('id uuid, "externalId" text, name text, "startsOn" date, "endsOn" date')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, starts_on = excluded.starts_on, ends_on = excluded.ends_on)`,
  rowOf: (item, id) => ({ ...item, id }),
})

/** Courses 课程. */
export const courses = defineCollection<z.output<typeof CourseItem>>({
  name: 'courses',
  operationId: 'upsertCourses',
  item: CourseItem,
  example: { externalId: 'MATH2001', name: '线性代数', kind: 'required', credits: 5 },
  keyOf: item => item.externalId,
  fresh: { kind: 'required' },
  refsOf: () => [],
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'kind', t.kind, 'credits', t.credits::float8) as item
    from keys ${one('courses', 't', 'external_id = keys.key')} where t.institution_id = $1::uuid`,
  save: `u as (insert into courses (institution_id, id, external_id, name, kind, credits)
  select $1::uuid, x.id, x."externalId", x.name, x.kind, x.credits from ${rows('id uuid, "externalId" text, name text, kind text, credits numeric')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, kind = excluded.kind, credits = excluded.credits)`,
  rowOf: (item, id) => ({ ...item, id }),
})

/** Sections 教学班. */
export const sections = defineCollection<z.output<typeof SectionItem>>({
  name: 'sections',
  operationId: 'upsertSections',
  item: SectionItem,
  example: { externalId: 'MATH2001-03', name: '线性代数03班', course: 'MATH2001', term: '2026-1' },
  keyOf: item => item.externalId,
  refsOf: item => refs(['courses', item.course, '/course'], ['terms', item.term, '/term']),
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'course', c.external_id, 'term', m.external_id) as item
    from keys ${one('sections', 't', 'external_id = keys.key')} ${one('courses', 'c', 'id = t.course_id')}
    ${one('terms', 'm', 'id = t.term_id')} where t.institution_id = $1::uuid`,
  save: `u as (insert into sections (institution_id, id, external_id, name, course_id, term_id)
  select $1::uuid, x.id, x."externalId", x.name, x."courseId", x."termId"
  from ${rows('id uuid, "externalId" text, name text, "courseId" uuid, "termId" uuid')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, course_id = excluded.course_id, term_id = excluded.term_id)`,
  rowOf: ({ course, term, ...item }, id, found) => ({
    ...item,
    id,
    courseId: found.courses[course],
    termId: found.terms[term],
  }),
})

type StudentRef = { readonly column: 'number' | 'source_id'; readonly kind: 'students' | 'studentSources' }
const byNumber: StudentRef = { column: 'number', kind: 'students' }
const bySource: StudentRef = { column: 'source_id', kind: 'studentSources' }
const named = (name: string, by: StudentRef) => (by === byNumber ? name : `${name}_by_source`)

const enrolments = (by: StudentRef): Collection =>
  defineCollection<z.output<typeof EnrolmentItem>>({
    name: 'enrolments',
    statements: named('enrolments', by),
    operationId: 'upsertEnrolments',
    origins: true,
    item: EnrolmentItem,
    example: { externalId: 'E-1', student: '20250101', section: 'MATH2001-03', from: '2026-09-01' },
    keyOf: item => item.externalId,
    refsOf: item => refs([by.kind, item.student, '/student'], ['sections', item.section, '/section']),
    known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'student', s.${by.column}, 'section', g.external_id,
      'from', t.valid_from, 'until', t.valid_until, 'origin', t.origin) as item
    from keys ${one('enrolments', 't', 'external_id = keys.key')} ${one('students', 's', 'id = t.student_id')}
    ${one('sections', 'g', 'id = t.section_id')} where t.institution_id = $1::uuid`,
    save: `u as (insert into enrolments (institution_id, id, external_id, student_id, section_id, valid_from, valid_until, origin)
  select $1::uuid, y.id, y."externalId", y."studentId", y."sectionId", coalesce(y."from", b.valid_from, m.starts_on), y.until, y.origin
  from (select x.* from ${rows('id uuid, "externalId" text, "studentId" uuid, "sectionId" uuid, "from" date, until date, origin text')}) y
  ${one('sections', 'g', 'id = y."sectionId"')} ${one('terms', 'm', 'id = g.term_id')}
  ${maybe('enrolments', 'b', 'external_id = y."externalId"')} order by y."externalId"
  on conflict (institution_id, external_id) do update set student_id = excluded.student_id, section_id = excluded.section_id,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until, origin = excluded.origin)`,
    rowOf: ({ student, section, ...item }, id, found) => ({
      ...item,
      id,
      studentId: found[by.kind][student],
      sectionId: found.sections[section],
    }),
  })

/** Who is in a section, by student number or by the id in the system students are imported from. */
export const enrolmentsBy = { number: enrolments(byNumber), source: enrolments(bySource) }

/** Assessments 考核项目. */
export const assessments = defineCollection<z.output<typeof AssessmentItem>>({
  name: 'assessments',
  operationId: 'upsertAssessments',
  item: AssessmentItem,
  example: { externalId: 'A-1', title: '期中考试', section: 'MATH2001-03', dueOn: '2026-11-06', weight: 30 },
  keyOf: item => item.externalId,
  fresh: { maxScore: 100, isFinal: false },
  refsOf: item =>
    refs(['sections', item.section, '/section'], ['courses', item.course, '/course'], ['terms', item.term, '/term']),
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'title', t.title, 'section', g.external_id,
      'course', case when g.id is null then c.external_id end, 'term', case when g.id is null then m.external_id end, 'dueOn', t.due_on,
      'weight', t.weight::float8, 'maxScore', t.max_score::float8, 'isFinal', t.is_final) as item
    from keys ${one('assessments', 't', 'external_id = keys.key')} ${maybe('sections', 'g', 'id = t.section_id')}
    ${one('courses', 'c', 'id = t.course_id')} ${one('terms', 'm', 'id = t.term_id')}
    where t.institution_id = $1::uuid`,
  save: `u as (insert into assessments (institution_id, id, external_id, title, section_id, course_id, term_id, due_on, weight, max_score, is_final)
  select $1::uuid, y.id, y."externalId", y.title, y."sectionId", coalesce(g.course_id, y."courseId"), coalesce(g.term_id, y."termId"),
    y."dueOn", y.weight, y."maxScore", y."isFinal"
  from (select x.* from ${rows('id uuid, "externalId" text, title text, "sectionId" uuid, "courseId" uuid, "termId" uuid, "dueOn" date, weight numeric, "maxScore" numeric, "isFinal" boolean')}) y
  ${maybe('sections', 'g', 'id = y."sectionId"')} order by y."externalId"
  on conflict (institution_id, external_id) do update set title = excluded.title, section_id = excluded.section_id, course_id = excluded.course_id,
    term_id = excluded.term_id, due_on = excluded.due_on, weight = excluded.weight, max_score = excluded.max_score, is_final = excluded.is_final)`,
  rowOf: ({ section, course, term, ...item }, id, found) => ({
    ...item,
    id,
    sectionId: resolved(found, 'sections', section),
    courseId: resolved(found, 'courses', course),
    termId: resolved(found, 'terms', term),
  }),
})

const results = (by: StudentRef): Collection =>
  defineCollection<z.output<typeof ResultItem>>({
    name: 'results',
    statements: named('results', by),
    operationId: 'upsertResults',
    item: ResultItem,
    example: {
      externalId: 'R-1',
      student: '20250101',
      course: 'MATH2001',
      term: '2026-1',
      score: 43,
      outcome: 'failed',
      recordedOn: '2026-09-14',
    },
    keyOf: item => item.externalId,
    fresh: { item: '' },
    happened: ['recordedOn'],
    refsOf: item =>
      refs(
        [by.kind, item.student, '/student'],
        ['assessments', item.assessment, '/assessment'],
        ['courses', item.course, '/course'],
        ['terms', item.term, '/term'],
      ),
    known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'student', s.${by.column}, 'assessment', a.external_id,
      'course', case when a.id is null then c.external_id end, 'term', case when a.id is null then m.external_id end,
      'item', case when a.id is null then t.item end, 'score', t.score::float8, 'outcome', t.outcome, 'recordedOn', t.recorded_on) as item
    from keys ${one('results', 't', 'external_id = keys.key')}
    ${one('students', 's', 'id = t.student_id')} ${one('courses', 'c', 'id = t.course_id')}
    ${one('terms', 'm', 'id = t.term_id')}
    ${maybe('assessments', 'a', 'id = t.assessment_id')} where t.institution_id = $1::uuid`,
    save: `u as (insert into results (institution_id, id, external_id, student_id, course_id, term_id, item, score, outcome, recorded_on, assessment_id)
  select $1::uuid, y.id, y."externalId", y."studentId", coalesce(a.course_id, y."courseId"), coalesce(a.term_id, y."termId"),
    case when a.id is null then coalesce(y.item, '') when a.is_final then '' else a.title end, y.score, y.outcome, y."recordedOn", y."assessmentId"
  from (select x.* from ${rows('id uuid, "externalId" text, "studentId" uuid, "courseId" uuid, "termId" uuid, "assessmentId" uuid, item text, score numeric, outcome text, "recordedOn" date')}) y
  ${maybe('assessments', 'a', 'id = y."assessmentId"')} order by y."externalId"
  on conflict (institution_id, external_id) do update set student_id = excluded.student_id, course_id = excluded.course_id, term_id = excluded.term_id,
    item = excluded.item, score = excluded.score, outcome = excluded.outcome, recorded_on = excluded.recorded_on, assessment_id = excluded.assessment_id)`,
    rowOf: ({ student, course, term, assessment, ...item }, id, found) => ({
      ...item,
      id,
      studentId: found[by.kind][student],
      courseId: resolved(found, 'courses', course),
      termId: resolved(found, 'terms', term),
      assessmentId: resolved(found, 'assessments', assessment),
    }),
  })

/** Results 成绩, by student number or by the id in the system students are imported from. */
export const resultsBy = { number: results(byNumber), source: results(bySource) }
