import { z } from 'zod'
import type { Process } from '../../kernel/process.ts'
import { missingShape } from '../../practice/problems/members.ts'

const text = (max: number) => z.string().max(max)
const title = z
  .strictObject({ en: text(300).describe('English'), zh: text(300).describe('Chinese') })
  .describe('In both languages')
const version = () => z.int().min(1).max(2_147_483_647)

const condition = z
  .strictObject({ reason: z.array(text(40)).max(20).describe('Reason codes') })
  .optional()
  .describe('Only for, or not for, these reasons')

const missing = z
  .array(z.strictObject({ ...missingShape, title }))
  .max(200)
  .describe('What is missing, one by one')

const requirement = z
  .strictObject({
    need: text(60).optional().describe('Record kind that must be on file'),
    check: text(60).optional().describe('Named check'),
    met: z.boolean().describe('Whether it is met'),
    waived: z.boolean().describe('Whether it was waived or deferred'),
    waiver: z
      .strictObject({
        mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
        dueOn: z.iso.date().nullable().describe('Day a deferred one is owed by; null when waived'),
      })
      .optional()
      .describe('The waiver or deferral that stands in for it'),
    waivable: z.boolean().describe('Whether a line manager may waive or defer it'),
    since: z.unknown().optional().describe('How new the record must be: case, step, or since another record'),
    where: missingShape.where,
    awaits: text(60)
      .optional()
      .describe('Record kind the check is about, which is needed itself and not on file: nothing can be said yet'),
    when: condition,
    unless: condition,
    title: title,
    records: z.array(text(60)).max(20).describe('Record kinds whose signature meets it'),
    recordKind: text(60).optional().describe('The usual one of them'),
    operation: text(60).optional().describe('operationId that meets it'),
    missing,
  })
  .describe('One need or check')

/** Every edge from where a subject stands; `step` is the enum of its steps. */
const transitionList = <S extends z.ZodType>(step: S) =>
  z
    .array(
      z.strictObject({
        to: step,
        title,
        by: z.array(text(40)).max(10).describe('Relations that may take it'),
        yours: z.boolean().describe('Whether the caller may take it'),
        allowed: z.boolean().describe('Whether the caller may take it now, for some reason'),
        noteRequired: z.boolean().describe('Whether it asks for words, whatever the reason'),
        reasons: z
          .array(
            z.strictObject({
              reason: text(40).nullable().describe('Reason code, null = none'),
              allowed: z.boolean().describe('Whether every requirement is met for it'),
              noteRequired: z.boolean().describe('Whether it asks for words'),
            }),
          )
          .max(30)
          .describe('Reasons it may be taken for'),
        requirements: z.array(requirement).max(50).describe('Every need and check, with its state'),
      }),
    )
    .max(20)
    .describe('Every edge from here')

/** What the examples of a subject's moves show. */
export interface MoveExamples {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly version: number
  /** Edges as `GET …/transitions` answers them, from which step, at which version. */
  readonly explained: {
    readonly step: string
    readonly version: number
    readonly transitions: readonly Record<string, unknown>[]
  }
}

const noMore = { shape: {}, example: {} }

/**
 * Schemas of asking for, taking and explaining moves of one guarded subject: `caseId`, `caseVersion` for `case`.
 * @param prefix of the names in OpenAPI, none for cases
 * @param more what taking a move tells beside the step and version
 */
export const moveSchemas = (
  process: Process,
  name: string,
  prefix: string,
  what: string,
  of: string,
  examples: MoveExamples,
  more: { readonly shape: z.ZodRawShape; readonly example: Readonly<Record<string, unknown>> } = noMore,
) => {
  const step = z.enum(Object.keys(process.steps) as [string, ...string[]]).describe(`Step of ${of}`)
  const subject = { [`${name}Id`]: z.uuid().describe(what) }
  const { id, from, to, explained } = examples
  return {
    MoveBody: z
      .strictObject({
        to: step,
        reason: z.string().max(40).nullable().default(null).describe('Reason code, where the edge asks for one'),
        note: z.string().trim().min(1).max(2000).nullable().default(null).describe('Why, in words; confidential'),
      })
      .meta({ id: `${prefix}Move`, examples: [{ to }] }),
    Moved: z
      .strictObject({
        ...subject,
        from: step,
        to: step,
        ...more.shape,
        [`${name}Version`]: version().describe(`Version of the ${name} after the change`),
      })
      .meta({
        id: `${prefix}Moved`,
        examples: [{ [`${name}Id`]: id, from, to, ...more.example, [`${name}Version`]: examples.version }],
      }),
    MoveAllowed: z
      .strictObject({ ...subject, from: step, to: step, allowed: z.literal(true).describe('The move may be taken') })
      .meta({ id: `${prefix}MoveAllowed`, examples: [{ [`${name}Id`]: id, from, to, allowed: true }] }),
    Transitions: z
      .strictObject({
        ...subject,
        step,
        version: version().describe(`Version of the ${name}`),
        transitions: transitionList(step),
      })
      .meta({ id: `${prefix}Transitions`, examples: [{ [`${name}Id`]: id, ...explained }] }),
  }
}
