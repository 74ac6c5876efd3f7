import { z } from 'zod'
import { note, words } from '../cases/schemas.ts'
import { Id, otherId } from '../platform/http/schemas.ts'
import { dispositions } from '../practice/alerts.ts'
import { codesOf } from '../practice/codes.ts'
import { crisisKinds, crisisSubkinds } from '../practice/crisis-codes.ts'

const on = z.iso.date().nullable().default(null).describe('Day it happened, null = today')

const withWords = ['talk', 'study_discussion', 'interest_group', 'declined', 'objection_upheld', 'no_action'] as const

/** A disposition to be filed, by kind. `merged` is filed by merging. */
export const DispositionBody = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(withWords).describe('What became of it'), on, words }),
    z.strictObject({
      kind: z.literal('not_reached').describe('The student could not be reached'),
      on,
      attempts: z.int().min(1).max(50).describe('How often it was tried'),
      words,
    }),
    z.strictObject({
      kind: z.literal('watch').describe('The student is watched'),
      on,
      until: z.iso.date().describe('Last day; then the student is flagged again'),
      words: note,
    }),
    z.strictObject({
      kind: z.literal('case_opened').describe('A case is opened; the caller owns it'),
      on,
      words: note,
    }),
    z.strictObject({
      kind: z.literal('case_joined').describe('The evidence goes into an open case'),
      on,
      caseId: Id.describe('Case the caller works on'),
      words: note,
    }),
    z.strictObject({
      kind: z.literal('crisis_opened').describe('A crisis is opened'),
      on,
      crisis: z.enum(codesOf(crisisKinds)).describe('Kind of crisis'),
      subkind: z
        .enum(codesOf(crisisSubkinds))
        .nullable()
        .default(null)
        .describe('What it is about; needed for an academic crisis'),
      words,
    }),
  ])
  .meta({ id: 'DisposeAlert', examples: [{ kind: 'talk', words: '与学生面谈,商定补考计划。' }] })

export const DispositionKind = z.enum(codesOf(dispositions)).describe('What became of it')
export const dispositionExample = { id: otherId, kind: 'talk' }
