import { z } from 'zod'
import { moveRoutes } from '../platform/http/move-routes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Id } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageAnswer, pageOf, statusMeant } from '../platform/lists.ts'
import { requestOf } from '../platform/subject.ts'
import { alertProcess } from '../practice/alerts.ts'
import { historyRoutes } from '../records/history-routes.ts'
import {
  AlertCounters,
  AlertItem,
  AlertMoves,
  AlertParams,
  AlertSeverity,
  AlertStep,
  alertChangeProblems,
  exampleAlertItem,
} from './alert-schemas.ts'
import { alertTimeline } from './alert-timeline.ts'
import { Alert } from './alert-view-schemas.ts'
import type { AlertDeps } from './dispose-alert.ts'
import { countAlerts, listAlerts } from './list-alerts.ts'
import { explainAlert, moveAlert } from './move-alert.ts'
import { viewAlert } from './view-alert.ts'

const tag = 'Alerts'
const scope = z
  .enum(['mine', 'unit', 'told', 'all'])
  .default('all')
  .describe('Alerts owned, of units managed, told of, or all of these')
const statuses = z.enum(['open', 'resolved', 'all'])
const status = statuses.default('open').describe('Open, resolved or all alerts')
const statusByStep = statuses
  .optional()
  .describe('Open, resolved or all alerts; by default open, or over where `step` is a last one')
const AlertPage = pageOf('AlertPage', AlertItem, exampleAlertItem)

const readingRoutes = (deps: AlertDeps): Route[] => [
  defineRoute({
    operationId: 'listAlerts',
    method: 'GET',
    path: '/v1/alerts',
    summary: 'Inbox: list the alerts the caller may see, newest first',
    description:
      'With age, target and whether it is overdue. A student sees the alerts they were notified of, without who raised them.',
    tag,
    permission: 'alert:list',
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      scope,
      status: statusByStep,
      step: AlertStep.optional(),
      severity: AlertSeverity.optional(),
      overdue: z.enum(['true', 'false']).optional().describe('Only overdue ones, or only others'),
      studentId: Id.optional().describe('Only of this student'),
    }),
    answers: { 200: AlertPage },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const { overdue, ...query } = call.query
      const status = statusMeant(query, alertProcess.final, 'resolved')
      const asked = { ...query, status, overdue: overdue === undefined ? undefined : overdue === 'true' }
      const page = await listAlerts(deps, requestOf(call), asked)
      return pageAnswer('/v1/alerts', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'searchAlerts',
    method: 'POST',
    path: '/v1/alerts/search',
    summary: 'Find alerts by student number or part of a name',
    tag,
    permission: 'alert:list',
    body: z
      .strictObject({
        text: z.string().trim().min(2).max(100).describe('Student number, or at least two characters of a name'),
        limit: Limit,
        cursor: Cursor,
        scope,
        status,
      })
      .meta({ id: 'SearchAlerts', examples: [{ text: '晓明' }] }),
    answers: { 200: AlertPage },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => ({ status: 200, body: (await listAlerts(deps, requestOf(call), call.body)).body }),
  }),
  defineRoute({
    operationId: 'countAlerts',
    method: 'GET',
    path: '/v1/alerts/counters',
    summary: 'Count the caller’s open alerts by step, severity and overdue',
    tag,
    permission: 'alert:list',
    query: z.strictObject({ scope }),
    answers: { 200: AlertCounters },
    problems: ['not_permitted'],
    handle: async call => ({ status: 200, body: await countAlerts(deps, requestOf(call), call.query.scope) }),
  }),
  defineRoute({
    operationId: 'getAlert',
    method: 'GET',
    path: '/v1/alerts/:alertId',
    summary: 'Read an alert: signals, targets, dispositions, notices, objections',
    description: 'The reading is journalled. A case or crisis it led to is shown only to those who may know of it.',
    tag,
    permission: 'alert:read',
    params: AlertParams,
    answers: { 200: Alert },
    problems: ['not_permitted', 'not_found'],
    writes: ['record.read'],
    handle: async call => {
      const found = (await viewAlert(deps, requestOf(call), call.params.alertId)) as { version: number }
      return { status: 200, body: found, etag: found.version }
    },
  }),
  ...historyRoutes(deps, {
    tag,
    path: '/v1/alerts/:alertId',
    params: AlertParams,
    logs: [
      {
        operationId: 'getAlertTimeline',
        at: 'timeline',
        summary: 'Read what happened to an alert, oldest first',
        ...alertTimeline,
      },
    ],
  }),
]

const movingRoutes = (deps: AlertDeps): Route[] =>
  moveRoutes({
    tag,
    path: '/v1/alerts/:alertId',
    params: AlertParams,
    schemas: AlertMoves,
    explain: {
      operationId: 'listAlertTransitions',
      permission: 'alert:explain',
      run: (call, id) => explainAlert(deps, requestOf(call), id),
    },
    move: {
      operationId: 'moveAlert',
      permission: 'alert:move',
      summary: 'Acknowledge or resolve an alert, or learn exactly what is missing',
      description: 'With `dryRun=true` it only decides. Who acknowledges an alert that nobody owns, owns it.',
      problems: [
        ...alertChangeProblems,
        'step_not_reachable',
        'edge_not_yours',
        'reason_not_allowed',
        'requirements_unmet',
      ],
      writes: ['alert.moved'],
      run: (call, { id: alertId, ...move }) => moveAlert(deps, requestOf(call), { ...move, alertId }),
    },
  })

/** Reading and moving alerts. */
export const alertRoutes = (deps: AlertDeps): Route[] => [...readingRoutes(deps), ...movingRoutes(deps)]
