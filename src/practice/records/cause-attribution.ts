import { z } from 'zod'
import { causeFamilies, causes, codesOf } from '../codes.ts'
import { instruments } from '../instruments.ts'
import { defineRecord, type NamedRecord, type SigningFault, words } from '../record-kind.ts'
import { fault, namedOf, repeatFaults, unknownRecord } from './parts.ts'

/** Instruments whose subscales are families of causes: what causes may be attributed from. */
const attributable = Object.entries(instruments).flatMap(([name, { subscales }]) =>
  Object.keys(subscales).every(subscale => Object.hasOwn(causeFamilies, subscale)) ? [name] : [],
)

const responseFaults = (id: string, named: readonly NamedRecord[]): SigningFault[] => {
  const response = namedOf(named, id, ['instrument_response'])
  if (!response) return [unknownRecord('/instrumentRecordId')]
  return attributable.includes(response.instrument ?? '')
    ? []
    : [fault('/instrumentRecordId', 'no_causes_scored', 'This instrument scores no causes', '此量表不评定成因')]
}

/** Cause attribution 成因分析. Source: seed article 3, §1.2; article 2, 成因分析 by scale. */
export const causeAttribution = defineRecord({
  kind: 'cause_attribution',
  of: 'case',
  title: { en: 'Attribution of causes', zh: '成因分析' },
  source: 'Seed article 3, §1.2 and §3.2 (1); article 2 (2) 成因分析',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'nothing',
  adoptable: true,
  content: z.strictObject({
    preliminary: z.boolean().describe('Whether it is a first view, to be revised'),
    causes: z
      .array(
        z.strictObject({
          cause: z.enum(codesOf(causes)).describe('Code of the cause; it names its family too'),
          weight: z.int().min(1).max(5).describe('1 slight … 5 decisive'),
          evidence: words(2000).describe('What it rests on'),
        }),
      )
      .min(1)
      .max(Object.keys(causes).length)
      .describe('Causes found'),
    instrumentRecordId: z.uuid().optional().describe('Instrument response it was attributed from'),
  }),
  check: ({ causes, instrumentRecordId }, _facts, _today, named) => [
    ...repeatFaults(
      causes.map(each => each.cause),
      index => `/causes/${index}/cause`,
      'repeated_cause',
      '成因重复',
    ),
    ...(instrumentRecordId === undefined ? [] : responseFaults(instrumentRecordId, named)),
  ],
  example: () => ({
    preliminary: true,
    causes: [
      { cause: 'poor_methods', weight: 4, evidence: '笔记零散,考前突击,高数作业多次缺交。' },
      { cause: 'lost_direction', weight: 3, evidence: '自述不知道为什么学这个专业。' },
    ],
  }),
})
