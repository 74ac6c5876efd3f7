import { z } from 'zod'
import type { Title } from '../kernel/process.ts'
import { codesOf } from './codes.ts'
import { type SignalKind, severities } from './signals.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

const span = z
  .enum(['term', 'all'])
  .default('term')
  .describe('Within the term: it runs, or ended and none has begun since; or over all terms')
const atLeast = (what: string) => z.int().min(1).max(100).describe(`At least so many ${what}`)
/** Work handed in late is not missing yet. */
const graceDays = z.int().min(0).max(60).default(0).describe('Days after the due day in which it may still come')
const points = (what: string) => z.number().min(0).max(100).describe(what)

/** Thresholds of each kind of rule; figures a flag may show are in {@link Figures}. Domain §4: rules as data. */
export const RuleCriterion = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('failed_courses').describe('Courses whose newest final result is failed or missing'),
    span,
    courses: atLeast('courses'),
  }),
  z.strictObject({
    rule: z.literal('failed_credits').describe('Credits of courses whose newest final result is failed or missing'),
    span,
    credits: z.number().positive().max(999).describe('At least so many credits'),
  }),
  z.strictObject({
    rule: z.literal('low_average').describe('Mean of the scores of a term'),
    below: points('Below this mean'),
    results: atLeast('scores, else nothing is said'),
  }),
  z.strictObject({ rule: z.literal('low_score').describe('One assessment'), below: points('Below this score') }),
  z.strictObject({
    rule: z.literal('missing_work').describe('Assessments of a course that are due and not handed in'),
    works: atLeast('assessments'),
    graceDays,
  }),
  z.strictObject({
    rule: z.literal('failing_work').describe('Assessments of a course that are missing or below a score'),
    works: atLeast('assessments'),
    below: points('Below this score'),
    graceDays,
  }),
  z.strictObject({
    rule: z.literal('bottom_of_course').describe('Among the last of a course by mean of scores'),
    percent: z.number().min(1).max(50).describe('The last so many percent'),
    students: z.int().min(2).max(10_000).describe('Only where so many students have scores'),
  }),
  z.strictObject({
    rule: z.literal('drop').describe('Mean of the running term against the term before'),
    points: points('Lower by so many points'),
  }),
  z.strictObject({
    rule: z.literal('absences').describe('Absences told by signals'),
    absences: atLeast('absences'),
    days: z.int().min(1).max(366).describe('Within so many days'),
  }),
  z.strictObject({
    rule: z.literal('silence').describe('No signal, contact or result; told in a term that has run as long'),
    weeks: z.int().min(1).max(52).describe('For so many weeks'),
  }),
])

export type RuleCriterion = z.output<typeof RuleCriterion>
export type RuleName = RuleCriterion['rule']

/** A warning rule 预警规则 as an institution writes it. */
export const WarningRule = z.strictObject({
  nameZh: z.string().trim().min(1).max(100).describe('Chinese name'),
  nameEn: z.string().trim().min(1).max(100).describe('English name'),
  severity: z.enum(codesOf(severities)).describe('Severity of its signals'),
  criterion: RuleCriterion.describe('What it looks for'),
  orgUnitId: z.uuid().nullable().default(null).describe('Only students in or below this unit'),
  grades: z.array(z.string().trim().min(1).max(20)).max(20).default([]).describe('Only these grades; none = all'),
  active: z.boolean().default(true).describe('Whether it runs'),
})

export type WarningRule = z.output<typeof WarningRule>

/** What a flag shows: numbers, dates and codes that led to it. */
export interface Figures {
  readonly threshold: number
  readonly count?: number
  readonly credits?: number
  readonly average?: number
  readonly before?: number
  readonly score?: number
  readonly rank?: number
  readonly size?: number
  readonly weeks?: number
  readonly since?: string
  /** The institution’s id of the course, and its name. */
  readonly course?: string
  readonly courseName?: string
  readonly term?: string
  readonly item?: string
  readonly courses?: readonly string[]
  readonly courseNames?: readonly string[]
  readonly items?: readonly string[]
}

interface Kind {
  readonly title: Title
  /** Kind of the signal it raises. */
  readonly signal: SignalKind
  /** A flag in words. */
  readonly why: (figures: Figures) => Title
}

const list = (names: readonly string[] | undefined) => (names ?? []).slice(0, 10).join(', ')

const courseIn = (figures: Figures) => figures.courseName ?? figures.course
const coursesIn = (figures: Figures) => list(figures.courseNames ?? figures.courses)

/** Each kind of rule: its name, the signal it raises, and how a flag explains itself. */
export const ruleKinds: Readonly<Record<RuleName, Kind>> = {
  failed_courses: {
    title: title('Failed courses', '不及格课程'),
    signal: 'failed_course',
    why: f =>
      title(
        `${f.count} failed courses (from ${f.threshold}): ${coursesIn(f)}`,
        `不及格课程${f.count}门(阈值${f.threshold}):${coursesIn(f)}`,
      ),
  },
  failed_credits: {
    title: title('Failed credits', '不及格学分'),
    signal: 'credit_shortfall',
    why: f =>
      title(
        `${f.credits} credits failed (from ${f.threshold}): ${coursesIn(f)}`,
        `不及格学分${f.credits}(阈值${f.threshold}):${coursesIn(f)}`,
      ),
  },
  low_average: {
    title: title('Low average', '平均分偏低'),
    signal: 'low_score',
    why: f =>
      title(
        `Mean of ${f.count} scores is ${f.average} (below ${f.threshold})`,
        `${f.count}项成绩平均${f.average}分(低于${f.threshold})`,
      ),
  },
  low_score: {
    title: title('Low score', '成绩偏低'),
    signal: 'low_score',
    why: f =>
      title(
        `${courseIn(f)} ${f.item}: ${f.score} (below ${f.threshold})`,
        `${courseIn(f)} ${f.item}:${f.score}分(低于${f.threshold})`,
      ),
  },
  missing_work: {
    title: title('Missing work', '未交作业'),
    signal: 'missing_work',
    why: f =>
      title(
        `${f.count} assessments of ${courseIn(f)} missing (from ${f.threshold}): ${list(f.items)}`,
        `${courseIn(f)}缺交${f.count}次(阈值${f.threshold}):${list(f.items)}`,
      ),
  },
  failing_work: {
    title: title('Failing work', '作业不合格'),
    signal: 'low_score',
    why: f =>
      title(
        `${f.count} assessments of ${courseIn(f)} failed or missing (from ${f.threshold}): ${list(f.items)}`,
        `${courseIn(f)}不合格或缺交${f.count}次(阈值${f.threshold}):${list(f.items)}`,
      ),
  },
  bottom_of_course: {
    title: title('Bottom of a course', '课程排名靠后'),
    signal: 'bottom_of_course',
    why: f =>
      title(
        `Rank ${f.rank} of ${f.size} in ${courseIn(f)} (last ${f.threshold} %)`,
        `${courseIn(f)}第${f.rank}名,共${f.size}人(后${f.threshold}%)`,
      ),
  },
  drop: {
    title: title('Drop against the last term', '成绩下滑'),
    signal: 'drop_in_results',
    why: f =>
      title(
        `Mean ${f.average} after ${f.before} (from ${f.threshold} points)`,
        `平均分由${f.before}降至${f.average}(阈值${f.threshold}分)`,
      ),
  },
  absences: {
    title: title('Absences', '缺勤'),
    signal: 'absence',
    why: f =>
      title(
        `${f.count} absences since ${f.since} (from ${f.threshold})`,
        `自${f.since}以来缺勤${f.count}次(阈值${f.threshold})`,
      ),
  },
  silence: {
    title: title('Silence', '长期无信息'),
    signal: 'silence',
    why: f =>
      title(
        `Nothing heard since ${f.since ?? 'the beginning'} (${f.threshold} weeks)`,
        `自${f.since ?? '入学'}以来无信息(阈值${f.threshold}周)`,
      ),
  },
}
