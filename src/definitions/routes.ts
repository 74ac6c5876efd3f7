import { z } from 'zod'
import type { ProblemDefinition } from '../kernel/problem.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'
import { instruments } from '../practice/instruments.ts'
import { Problem, problems } from '../practice/problems.ts'
import { strategies } from '../practice/strategies.ts'
import { codeLists } from './describe.ts'
import { type DefinitionDeps, kindRoutes } from './kind-routes.ts'
import { code, found, list, object, tag } from './parts.ts'
import { processRoutes } from './process-routes.ts'

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
