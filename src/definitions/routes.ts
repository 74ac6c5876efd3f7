import { z } from 'zod'
import { mermaid, svg } from '../kernel/diagram.ts'
import type { ProblemDefinition } from '../kernel/problem.ts'
import { type Answer, defineRoute, type Route } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'
import { instruments } from '../practice/instruments.ts'
import { Problem, problems } from '../practice/problems.ts'
import { recordKind } from '../practice/record-kinds.ts'
import { strategies } from '../practice/strategies.ts'
import { allKinds, codeLists, describeKind, describeKindWhole, describeProcess, processes } from './describe.ts'

/** What definitions are given. */
export interface DefinitionDeps {
  readonly now: () => Date
}

const tag = 'Definitions'
const code = (what: string) => z.string().max(60).describe(what)
const object = (what: string) => z.record(z.string().max(100), z.unknown()).describe(what)
const cached = { 'Cache-Control': 'private, max-age=300' }
const found = (body: unknown, contentType?: string): Answer =>
  tagged(body, { headers: cached, ...(contentType ? { contentType } : {}) })
const title = z
  .strictObject({ en: z.string().max(300).describe('English'), zh: z.string().max(300).describe('Chinese') })
  .describe('Title')

const list = (id: string, what: string, example: Record<string, unknown>) =>
  z
    .strictObject({ items: z.array(object(what)).max(500).describe('All of them') })
    .meta({ id, examples: [{ items: [example] }] })

const processNamed = (name: string) => {
  const process = Object.hasOwn(processes, name) ? processes[name] : undefined
  if (!process) throw new Problem('not_found')
  return process
}

/** A day that has begun in every time zone: examples for it are never ahead of an institution. */
const dayEverywhere = (now: Date): string => new Date(now.getTime() - 12 * 3_600_000).toISOString().slice(0, 10)

const processRoutes = (): Route[] => [
  defineRoute({
    operationId: 'listProcesses',
    method: 'GET',
    path: '/v1/processes',
    summary: 'List the guarded processes',
    tag,
    permission: 'definitions:read',
    answers: {
      200: list('ProcessList', 'A process: name and title', {
        name: 'case',
        title: { en: 'Casework', zh: '个案工作' },
      }),
    },
    problems: ['not_permitted'],
    handle: async () =>
      found({ items: Object.values(processes).map(process => ({ name: process.name, title: process.title })) }),
  }),
  defineRoute({
    operationId: 'getProcess',
    method: 'GET',
    path: '/v1/processes/:name',
    summary: 'Read a process: steps, edges, needs, checks, who may take them',
    tag,
    permission: 'definitions:read',
    params: z.strictObject({ name: code('Process') }),
    answers: {
      200: z
        .strictObject({
          name: code('Process'),
          title,
          initial: code('First step'),
          final: z.array(code('Step')).max(10).describe('Last steps'),
          relations: object('Titles of the relations that take edges, by code'),
          reasons: object('Titles of the reasons of moves, by code'),
          steps: z.array(object('Step, title, note')).max(50).describe('Steps in order'),
          edges: z
            .array(object('from, to, by, reasons, noteRequired, noteFor, needs, checks'))
            .max(200)
            .describe('Edges'),
        })
        .meta({
          id: 'Process',
          examples: [
            {
              name: 'case',
              title: { en: 'Casework', zh: '个案工作' },
              initial: 'investigation',
              final: ['closed'],
              relations: { owner: { en: 'Owner', zh: '负责人' } },
              reasons: { declined: { en: 'The student declines help', zh: '学生不愿继续接受帮扶' } },
              steps: [],
              edges: [],
            },
          ],
        }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call => found(describeProcess(processNamed(call.params.name))),
  }),
  defineRoute({
    operationId: 'getProcessDiagram',
    method: 'GET',
    path: '/v1/processes/:name/diagram',
    summary: 'Draw a process as SVG, or as Mermaid when asked',
    tag,
    permission: 'definitions:read',
    params: z.strictObject({ name: code('Process') }),
    query: z.strictObject({
      language: z.enum(['en', 'zh']).default('en').describe('Language of the labels'),
      format: z.enum(['svg', 'mermaid']).optional().describe('Format; else by Accept (text/vnd.mermaid)'),
    }),
    answers: { 200: null },
    produces: 'image/svg+xml',
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const process = processNamed(call.params.name)
      const asked = call.query.format ?? (call.header('accept')?.includes('mermaid') ? 'mermaid' : 'svg')
      return asked === 'mermaid'
        ? found(mermaid(process, call.query.language), 'text/vnd.mermaid; charset=utf-8')
        : found(svg(process, call.query.language), 'image/svg+xml; charset=utf-8')
    },
  }),
]

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
    .describe('The operation that writes and signs it in one act; null = it is drafted and signed'),
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

const kindRoutes = (deps: DefinitionDeps): Route[] => [
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

const codeRoutes = (): Route[] => [
  defineRoute({
    operationId: 'getCodes',
    method: 'GET',
    path: '/v1/codes',
    summary: 'Read every code list of the profession with titles',
    tag,
    permission: 'definitions:read',
    answers: {
      200: object('Lists by name').meta({
        id: 'Codes',
        examples: [{ horizons: { near: { en: 'Near', zh: '近期' } } }],
      }),
    },
    problems: ['not_permitted'],
    handle: async () => found(codeLists()),
  }),
  defineRoute({
    operationId: 'listStrategies',
    method: 'GET',
    path: '/v1/strategies',
    summary: 'List strategies of help, for a cause or all',
    tag,
    permission: 'definitions:read',
    query: z.strictObject({ cause: code('Code of a cause').optional() }),
    answers: {
      200: list('StrategyList', 'A strategy: code, title, causes, line, settings', {
        code: 'tutoring',
        line: 'teaching',
      }),
    },
    problems: ['not_permitted'],
    handle: async call => {
      const { cause } = call.query
      const fit = Object.entries(strategies).filter(
        ([, strategy]) => cause === undefined || strategy.causes.includes(cause),
      )
      return found({ items: fit.map(([name, strategy]) => ({ code: name, ...strategy })) })
    },
  }),
  defineRoute({
    operationId: 'listInstruments',
    method: 'GET',
    path: '/v1/instruments',
    summary: 'List the instruments the service scores, with items and subscales',
    tag,
    permission: 'definitions:read',
    answers: {
      200: list('InstrumentList', 'An instrument: code, version, items, subscales', {
        code: 'how_things_stand',
        version: 1,
      }),
    },
    problems: ['not_permitted'],
    handle: async () =>
      found({ items: Object.entries(instruments).map(([name, instrument]) => ({ code: name, ...instrument })) }),
  }),
]

const page = (name: string, definition: ProblemDefinition): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${name}</title>
<body style="font:16px/1.6 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem">
<p><code>${name}</code> · HTTP ${definition.status}</p>
<h1>${definition.title.en} · ${definition.title.zh}</h1><p>${definition.detail.en}</p><p lang="zh">${definition.detail.zh}</p>
${definition.members ? `<p>Members: <code>${definition.members.join(', ')}</code></p>` : ''}</body></html>
`

const problemRoute = (): Route =>
  defineRoute({
    operationId: 'getProblem',
    method: 'GET',
    path: '/problems/:code',
    summary: 'Explain a problem code',
    tag,
    permission: 'public:read',
    params: z.strictObject({ code: code('Problem code') }),
    answers: { 200: null },
    produces: 'text/html',
    problems: ['not_found'],
    handle: async call => {
      const name = call.params.code
      if (!Object.hasOwn(problems, name)) throw new Problem('not_found')
      return tagged(page(name, problems[name as keyof typeof problems]), {
        contentType: 'text/html; charset=utf-8',
        headers: { 'Cache-Control': 'public, max-age=3600' },
      })
    },
  })

/** What the service says of itself: processes, record kinds, codes, problems. */
export const definitionRoutes = (deps: DefinitionDeps): Route[] => [
  ...processRoutes(),
  ...kindRoutes(deps),
  ...codeRoutes(),
  problemRoute(),
]
