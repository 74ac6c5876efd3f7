import { z } from 'zod'
import { mermaid, svg } from '../kernel/diagram.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Problem } from '../practice/problems.ts'
import { describeProcess, processes } from './describe.ts'
import { code, found, list, object, tag, title } from './parts.ts'

const processNamed = (name: string) => {
  const process = Object.hasOwn(processes, name) ? processes[name] : undefined
  if (!process) throw new Problem('not_found')
  return process
}

/** The guarded processes, as data and drawn. */
export const processRoutes = (): Route[] => [
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
