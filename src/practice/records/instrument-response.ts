import { z } from 'zod'
import { codesOf } from '../codes.ts'
import { instruments, scoresOf, subscales } from '../instruments.ts'
import { confidential, day, defineRecord } from '../record-kind.ts'
import { fault, leadingUpFaults } from './parts.ts'

/** Instrument response 量表: answers as data, scored by the service. Source: seed article 2 (2) 借助分析量表归因. */
export const instrumentResponse = defineRecord({
  kind: 'instrument_response',
  of: 'case',
  title: { en: 'Instrument', zh: '量表' },
  source: 'Seed article 2, (2) 成因分析 分析量表',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({
    instrument: z.enum(codesOf(instruments)).describe('Instrument'),
    version: z.int().min(1).max(99).describe('Version of the instrument'),
    occasion: z.enum(['before', 'during', 'after']).describe('When in the help it was answered'),
    on: day().describe('Day'),
    answers: confidential(z.array(z.int().min(1).max(5)).min(1).max(60)).describe('Answers in order of the items, 1–5'),
    scores: confidential(z.partialRecord(z.enum(subscales), z.number().min(1).max(5)))
      .optional()
      .describe('Mean per subscale, 1–5; computed by the service, whatever is sent'),
  }),
  derive: content => {
    const scores = scoresOf(content.instrument, content.answers)
    const { scores: _, ...rest } = content
    return scores ? { ...rest, scores } : rest
  },
  check: (content, facts, today) => [
    ...leadingUpFaults('/on', content.on, facts, today),
    ...(content.version !== instruments[content.instrument].version
      ? [fault('/version', 'unknown_version', 'The instrument has no such version', '量表没有此版本')]
      : []),
    ...(content.answers.length !== instruments[content.instrument].items.length
      ? [fault('/answers', 'wrong_count', 'One answer per item', '每题须有一个回答')]
      : []),
  ],
  example: today => ({
    instrument: 'learning_difficulty_causes',
    version: 1,
    occasion: 'before',
    on: today,
    answers: [4, 4, 3, 2, 1, 2, 3, 2, 2, 4, 3, 2],
  }),
})
