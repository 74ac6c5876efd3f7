import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Problem } from '../practice/problems.ts'
import { recordKind } from '../practice/record-kinds.ts'
import { allKinds, describeKind, describeKindWhole } from './describe.ts'
import { code, found, object, tag, title } from './parts.ts'

/** What definitions are given. */
export interface DefinitionDeps {
  readonly now: () => Date
}

/** A day that has begun in every time zone: examples for it are never ahead of an institution. */
const dayEverywhere = (now: Date): string => new Date(now.getTime() - 12 * 3_600_000).toISOString().slice(0, 10)

const header = {
  kind: code('Kind'),
  of: code('Subject whose file it belongs in: case or group'),
  title,
  source: z.string().max(300).describe('What the form rests on'),
  writers: z.array(code('Who')).max(5).describe('Who writes it'),
  signers: z.array(code('Party')).max(5).describe('Who signs; the guardian only while the student is a minor'),
  writableIn: z
    .union([code('open, after_closed or always'), z.array(code('Step')).max(10)])
    .describe('When it is written'),
  cardinality: z.enum(['one', 'many']).describe('one: a new one supersedes the one before'),
  studentReads: z.union([code('whole or nothing'), z.array(code('Field')).max(30)]).describe('What the student reads'),
  lateAfterDays: z
    .int()
    .min(1)
    .max(365)
    .nullable()
    .describe('Days it is signed within; longer, and it is marked late. null = whenever'),
  adoptable: z.boolean().describe('May be adopted by a successor case'),
  aboutMember: z.boolean().describe('About the one member of a group its `memberId` names'),
  ownTokenOnly: z
    .boolean()
    .describe('Its author alone writes and signs it, by own token; until then nobody else reads it'),
  writtenBy: z
    .string()
    .max(60)
    .nullable()
    .describe('The operation that writes it, with all that belongs to it; null = it is drafted by itself'),
}

const whole = {
  ...header,
  schema: object('JSON Schema 2020-12; `confidential` marks what is encrypted'),
  example: object('Content for today'),
}

const exampleWhole = () => ({
  ...(describeKind(recordKind('addendum') as NonNullable<ReturnType<typeof recordKind>>) as object),
  schema: { type: 'object' },
  example: { text: '更正。' },
})

/** The record kinds with schema and example. */
export const kindRoutes = (deps: DefinitionDeps): Route[] => [
  defineRoute({
    operationId: 'listRecordKinds',
    method: 'GET',
    path: '/v1/record-kinds',
    summary: 'List the record kinds with the JSON Schema and an example of each: enough to draw their forms',
    tag,
    permission: 'definitions:read',
    answers: {
      200: z
        .strictObject({ items: z.array(z.strictObject(whole)).max(200).describe('Kinds in the order of the work') })
        .meta({ id: 'RecordKindList', examples: [{ items: [exampleWhole()] }] }),
    },
    problems: ['not_permitted'],
    handle: async () => {
      const today = dayEverywhere(deps.now())
      return found({ items: allKinds().map(kind => describeKindWhole(kind, today)) })
    },
  }),
  defineRoute({
    operationId: 'getRecordKind',
    method: 'GET',
    path: '/v1/record-kinds/:kind',
    summary:
      'Read a record kind: JSON Schema of its content, signers, steps, and an example that can be signed as it stands',
    tag,
    permission: 'definitions:read',
    params: z.strictObject({ kind: code('Kind') }),
    answers: {
      200: z.strictObject(whole).meta({ id: 'RecordKind', examples: [exampleWhole()] }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const kind = recordKind(call.params.kind)
      if (!kind) throw new Problem('not_found')
      return found(describeKindWhole(kind, dayEverywhere(deps.now())))
    },
  }),
]
