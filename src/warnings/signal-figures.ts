import { z } from 'zod'

const codeText = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/()-]{0,63}$/)
    .describe(`${what}, as a code`)
const number = (what: string) => z.number().min(-1e9).max(1e9).optional().describe(what)
const count = (what: string) => z.int().min(0).max(1_000_000).optional().describe(what)
const day = (what: string) => z.iso.date().optional().describe(what)

/** What shows a signal: numbers, dates and codes. Words belong into `note`. */
export const Figures = z
  .strictObject({
    course: codeText('Course').optional(),
    courses: z.array(codeText('Course')).max(50).optional().describe('Courses'),
    item: codeText('Assessment or occasion').optional(),
    items: z.array(codeText('Assessment or occasion')).max(50).optional().describe('Assessments or occasions'),
    term: codeText('Term').optional(),
    score: number('Score reached'),
    average: number('Mean of scores'),
    before: number('The same figure before, for comparison'),
    threshold: number('Bound that was crossed'),
    credits: number('Credits concerned'),
    required: number('Credits required'),
    count: count('How many'),
    rank: count('Place, 1 = first'),
    size: count('Among how many'),
    percentile: z.number().min(0).max(100).optional().describe('Per cent at or below'),
    hours: number('Hours'),
    days: count('Days'),
    weeks: count('Weeks'),
    since: day('First day of it'),
    dueOn: day('Day it was due'),
    time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .optional()
      .describe('Time of day, HH:MM'),
  })
  .meta({
    id: 'SignalFigures',
    examples: [{ course: 'MATH1001', score: 43, threshold: 60 }],
  })

/** Members of {@link Figures}, lists apart: columns of the CSV twin. */
export const figureNames = Object.keys(Figures.shape).filter(name => !['courses', 'items'].includes(name))
