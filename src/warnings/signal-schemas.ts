import { z } from 'zod'
import { ownId } from '../people/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { isPositive, type Severity, type SignalKind, severities, signalKinds } from '../practice/signals.ts'
import { Figures, figureNames } from './signal-figures.ts'

const earliest = Date.parse('2000-01-01T00:00:00Z')
const observedAt = z.iso
  .datetime({ offset: true })
  .max(40)
  .refine(text => Date.parse(text) >= earliest, 'not before the year 2000')
  .transform(text => new Date(text).toISOString())
  .describe('When it was observed; an older observation never replaces a newer one')

const externalId = ownId('The sender’s own id of the signal: the same id is the same signal, for ever', 200)
const student = ownId('Number of the student 学号', 100)

const common = {
  status: z.enum(['open', 'cleared']).default('open').describe('`cleared`: it holds no more'),
  figures: Figures.default({}).describe('What shows it: numbers, dates and codes, never words'),
  note: z.string().trim().min(1).max(2000).optional().describe('Words, kept encrypted'),
}

const kindsWhere = (positive: boolean) =>
  (Object.keys(signalKinds) as SignalKind[]).filter(kind => isPositive(kind) === positive) as [
    SignalKind,
    ...SignalKind[],
  ]
const warning = {
  kind: z.enum(kindsWhere(false)).describe('Kind'),
  severity: z.enum(codesOf(severities)).describe('Severity 预警级别'),
}
const positive = { kind: z.enum(kindsWhere(true)).describe('Kind: something good') }

const example = {
  externalId: 'grade-2026-1-MATH1001-20250101',
  student: '20250101',
  kind: 'failed_course' as const,
  severity: 'orange' as const,
  observedAt: '2026-09-14T01:30:00.000Z',
  figures: { course: 'MATH1001', term: '2026-1', score: 43, threshold: 60 },
}

/** What a system sends: `academic.signal`, version 1. */
export const AcademicSignal = z
  .discriminatedUnion('kind', [
    z.strictObject({ externalId, student, ...warning, observedAt, ...common }),
    z.strictObject({ externalId, student, ...positive, observedAt, ...common }),
  ])
  .meta({
    id: 'AcademicSignal',
    description:
      '`academic.signal` v1: something observed about a student. Warnings have a severity, positive signals (progress, praise) have none.',
    examples: [example],
  })

const own = {
  externalId: externalId
    .optional()
    .describe('Your own id of the signal, to update or clear it later; given if left out'),
  student: student
    .optional()
    .describe('Number of the student 学号; students raise signals only about themselves and leave it out'),
  observedAt: observedAt.optional().describe('When it was observed; now if left out'),
}

/** What a person raises by hand. */
export const RaisedSignal = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...own, ...warning, ...common }),
    z.strictObject({ ...own, ...positive, ...common }),
  ])
  .meta({
    id: 'RaisedSignal',
    description: 'A signal raised by hand: as `academic.signal`, with less to fill in.',
    examples: [
      { student: '20250101', kind: 'absence', severity: 'yellow', figures: { count: 3 }, note: '连续三次缺课。' },
    ],
  })

/** A signal as it is taken: times in UTC with milliseconds. */
export interface Signal {
  readonly externalId: string
  readonly student: string
  readonly kind: SignalKind
  /** null for positive signals. */
  readonly severity: Severity | null
  readonly status: 'open' | 'cleared'
  readonly observedAt: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly note: string | null
}

const result = z.enum(['accepted', 'updated', 'older', 'duplicate', 'refused'])

/** What became of one signal of a request. */
export const SignalResult = z.strictObject({
  externalId: z.string().max(200).nullable().describe('The sender’s own id; null where it could not be read'),
  result: result.describe(
    'accepted: stored; updated: newer than what was known; older: kept, but a newer one is known; duplicate: known; refused: see code',
  ),
  code: z.string().max(60).optional().describe('Problem code of a refusal'),
  errors: z
    .array(
      z.strictObject({
        pointer: z.string().max(500).describe('JSON pointer into the signal'),
        code: z.string().max(100).describe('Kind of fault'),
        detail: z.string().max(500).describe('The fault in words'),
      }),
    )
    .max(50)
    .optional()
    .describe('Faults of a refused signal'),
})

export type SignalResult = z.output<typeof SignalResult>

/** Answer to one signal: stored, nothing more. */
export const SignalTaken = SignalResult.pick({ externalId: true, result: true }).meta({
  id: 'SignalTaken',
  examples: [{ externalId: example.externalId, result: 'accepted' }],
})

/** Answer to many. */
export const SignalsTaken = z
  .strictObject({ items: z.array(SignalResult).max(1000).describe('A result per signal, in the order sent') })
  .meta({
    id: 'SignalsTaken',
    examples: [
      {
        items: [
          { externalId: example.externalId, result: 'accepted' },
          { externalId: 'x', result: 'refused', code: 'kind_not_permitted' },
        ],
      },
    ],
  })

/** Many signals as JSON. */
export const SignalBatch = z
  .strictObject({ items: z.array(AcademicSignal).min(1).max(1000).describe('The signals') })
  .meta({ id: 'SignalBatch', examples: [{ items: [example] }] })

const event = {
  specversion: z.literal('1.0').describe('Version of CloudEvents'),
  id: z.string().min(1).max(200).describe('Id of the event; the signal has an id of its own'),
  source: z.string().min(1).max(500).describe('Where the event comes from'),
  type: z.literal('academic.signal.v1').describe('Type'),
  time: z.iso.datetime({ offset: true }).max(40).optional().describe('When it happened'),
  subject: z.string().max(200).optional().describe('What it is about'),
  datacontenttype: z.string().max(100).optional().describe('`application/json`'),
  dataschema: z.string().max(500).optional().describe('Address of the schema'),
}

const wholeEvent = () => z.looseObject({ ...event, data: AcademicSignal.describe('The signal') })

/** A signal as a CloudEvent, structured. Extension attributes are passed over. */
export const SignalEvent = wholeEvent().meta({
  id: 'SignalEvent',
  examples: [
    {
      specversion: '1.0',
      id: 'e-1',
      source: '/jwc/grades',
      type: 'academic.signal.v1',
      time: example.observedAt,
      datacontenttype: 'application/json',
      data: example,
    },
  ],
})

/** Attributes of an event whose data is checked apart. */
export const EventAttributes = z.looseObject(event)

/** Many events. */
export const SignalEventBatch = z
  .array(SignalEvent)
  .min(1)
  .max(1000)
  .meta({
    id: 'SignalEventBatch',
    description: 'CloudEvents of one batch',
    examples: [[{ specversion: '1.0', id: 'e-1', source: '/jwc/grades', type: 'academic.signal.v1', data: example }]],
  })

/** The CSV twin. */
export const SignalCsv = z
  .string()
  .max(5_242_880)
  .describe(
    `The CSV twin: UTF-8, a heading row, then up to 1,000 signals. Columns: externalId, student, kind, severity, status, observedAt, note, ${figureNames.join(', ')}; only the first three and observedAt must be there.`,
  )

/** The published JSON Schema of `academic.signal` v1. */
export const academicSignalSchema = (): Record<string, unknown> => {
  const whole = z.toJSONSchema(AcademicSignal, { io: 'input', target: 'draft-2020-12' })
  const { AcademicSignal: signal, ...parts } = whole.$defs ?? {}
  const { id: _, ...schema } = signal ?? {}
  return {
    $schema: whole.$schema,
    $id: '/schemas/academic.signal.v1.json',
    title: 'academic.signal v1',
    ...schema,
    $defs: parts,
  }
}
