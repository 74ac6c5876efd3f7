import { z } from 'zod'
import { day, daysAfter, defineRecord, publicWords, type SigningFault, words } from '../record-kind.ts'
import { fault, futureFaults } from './parts.ts'

const name = () => publicWords(200, 'a name from the course catalogue')
const score = () => z.number().min(0).max(100).describe('0–100')

/** Figures that are missing without a reason, and reasons for figures that are there. */
const unexplained = ({
  credits,
  cohort,
  notKnown = [],
}: {
  readonly credits: { readonly required: number | null; readonly short: number | null }
  readonly cohort: object | null
  readonly notKnown?: readonly { readonly what: 'credits' | 'cohort' }[] | undefined
}): SigningFault[] => {
  const lacks = { credits: credits.required === null || credits.short === null, cohort: cohort === null }
  const said = notKnown.map(each => each.what)
  return [
    ...(['credits', 'cohort'] as const).flatMap(what =>
      lacks[what] && !said.includes(what)
        ? [fault(`/${what}`, 'reason_required', 'Say in notKnown why it is missing', '请在notKnown中说明缺失原因')]
        : [],
    ),
    ...said.flatMap((what, index) =>
      lacks[what] && said.indexOf(what) === index
        ? []
        : [fault(`/notKnown/${index}/what`, 'nothing_missing', 'Nothing more is missing here', '此处并无缺失')],
    ),
  ]
}

/** Academic record 学业状况: what can be counted. Source: seed article 3, §3.2 (1) 成绩单、培养方案、课程表、落差. */
export const academicRecord = defineRecord({
  kind: 'academic_record',
  of: 'case',
  title: { en: 'Academic record', zh: '学业状况' },
  source: 'Seed article 3, §3.2 (1); MZ/T 094-2017 预估',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  adoptable: true,
  content: z.strictObject({
    asOf: day().describe('Day the figures hold for'),
    asOfTerm: publicWords(200, 'a name from the academic calendar')
      .optional()
      .describe('Term the figures hold for; left out when they span several'),
    standing: z
      .enum(['regular', 'warned', 'academic_probation', 'repeating_year', 'delayed_graduation', 'at_risk_of_dismissal'])
      .describe('Standing under the study rules'),
    failedCount: z.int().min(0).max(200).describe('Number of failed courses; one failed twice counts once'),
    failedCourses: z
      .array(
        z.strictObject({
          course: name().describe('Course'),
          code: publicWords(60, 'a code').optional().describe('Course code'),
          term: name().describe('Term it was failed in'),
          courseKind: z.enum(['required', 'elective', 'general', 'practical']).describe('Kind of course'),
          credits: z.number().min(0).max(60).describe('Credits'),
          score: score().nullable().describe('Score 0–100, null = none'),
        }),
      )
      .max(100)
      .describe('Failed courses one by one, so that their spread by term and kind shows'),
    missingWork: z
      .array(
        z.strictObject({
          course: name().describe('Course'),
          item: name().describe('Assessment'),
          outcome: z.enum(['failed', 'missing']).describe('Below the pass mark, or not handed in'),
          score: score().nullable().describe('Score 0–100, null = none'),
        }),
      )
      .max(200)
      .describe('Failed and missing work by assessment'),
    credits: z
      .strictObject({
        earned: z.number().min(0).max(400).describe('Credits earned'),
        required: z.number().min(0).max(400).nullable().describe('Credits the programme plan asks for by now'),
        short: z.number().min(0).max(400).nullable().describe('Credits short of it'),
      })
      .describe('Credits against the programme plan 培养方案'),
    cohort: z
      .strictObject({
        size: z.int().min(1).max(100_000).describe('Students compared with'),
        rank: z.int().min(1).max(100_000).nullable().describe('1 = best; null = no average of their own'),
        mean: score().describe('Mean of the cohort, 0–100'),
        own: score().nullable().describe('Own average, 0–100; null = no result yet'),
        percentile: z
          .number()
          .min(0)
          .max(100)
          .nullable()
          .describe('Share of the cohort at or below, per cent; null = no average of their own'),
      })
      .nullable()
      .describe('Gap to the cohort 同期学生; null = not known, see notKnown'),
    notKnown: z
      .array(
        z.strictObject({
          what: z.enum(['credits', 'cohort']).describe('Credits the programme plan asks for, or the gap to the cohort'),
          answer: z.enum(['not_yet_known', 'not_applicable']).describe('It is not known yet, or does not apply'),
          reason: words(500).describe('Why not'),
        }),
      )
      .max(2)
      .optional()
      .describe('Why figures are missing; needed for each that is null'),
    timetable: words(1000).optional().describe('What the timetable leaves free'),
    remarks: words(2000).optional().describe('What the figures do not show'),
  }),
  check: (content, _facts, today) => {
    const failed = new Set(content.failedCourses.map(each => each.code ?? each.course)).size
    return [
      ...futureFaults('/asOf', content.asOf, today),
      ...(content.failedCount < failed
        ? [fault('/failedCount', 'count_too_small', 'Fewer than the courses listed', '少于所列课程数')]
        : []),
      ...(content.cohort && (content.cohort.rank ?? 1) > content.cohort.size
        ? [fault('/cohort/rank', 'rank_beyond_cohort', 'The rank lies beyond the cohort', '名次超出同期人数')]
        : []),
      ...unexplained(content),
    ]
  },
  example: today => ({
    asOf: daysAfter(today, -3),
    asOfTerm: '2025-2026学年第二学期',
    standing: 'warned',
    failedCount: 2,
    failedCourses: [
      { course: '高等数学A(上)', code: 'MATH1001', term: '2025-2026-1', courseKind: 'required', credits: 5, score: 43 },
      { course: '大学物理', code: 'PHYS1002', term: '2025-2026-2', courseKind: 'required', credits: 4, score: 51 },
    ],
    missingWork: [{ course: '线性代数', item: '期中测验', outcome: 'missing', score: null }],
    credits: { earned: 31, required: 44, short: 13 },
    cohort: { size: 118, rank: 111, mean: 76.4, own: 58.2, percentile: 6.8 },
    timetable: '周二、周四下午无课;周末有兼职。',
    remarks: '第一学期成绩中等,第二学期明显下滑。',
  }),
})
