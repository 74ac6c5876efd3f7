import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { operationStatuses } from '../platform/operation-tables.ts'
import { cancelOperation } from './cancel-operation.ts'
import { listOperations, type OperationDeps, readOperation } from './operations.ts'

const Id = z.uuid()
const exampleId = '01936d3e-7c00-7000-8000-0000000000f1'
const instant = (what: string) => z.iso.datetime().describe(what)
const OperationParams = z.strictObject({ operationId: Id.describe('Operation') })
const status = z.enum(operationStatuses)

const shape = {
  id: Id.describe('Operation'),
  kind: z.string().max(60).describe('Kind of work'),
  status: status.describe('Where it stands'),
  progress: z
    .strictObject({
      done: z.int().min(0).describe('Units done'),
      total: z.int().min(0).nullable().describe('Units in all, null until known'),
    })
    .describe('Progress in units of the work: rows, students'),
  cancellable: z.boolean().describe('Whether a cancellation would be accepted now'),
  cancelRequested: z.boolean().describe('Whether one was accepted'),
  result: z
    .record(z.string().max(60), z.unknown())
    .nullable()
    .describe(
      'What came of it, by kind; of work that failed or was cancelled, what was done until then. Null as well for whom may not ask for such work',
    ),
  problem: z
    .record(z.string().max(60), z.unknown())
    .nullable()
    .describe('Problem details (RFC 9457) of work that failed'),
  createdAt: instant('When it was asked for'),
  startedAt: instant('When a process first took it up').nullable(),
  finishedAt: instant('When it ended; it is kept for 30 days').nullable(),
}

const example = {
  id: exampleId,
  kind: 'import',
  status: 'running' as const,
  progress: { done: 12_000, total: 48_211 },
  cancellable: true,
  cancelRequested: false,
  result: null,
  problem: null,
  createdAt: '2026-11-02T08:00:00.000Z',
  startedAt: '2026-11-02T08:00:01.000Z',
  finishedAt: null,
}

/** Long work: how it stands, and stopping it. */
export const operationRoutes = (deps: OperationDeps): Route[] => [
  defineRoute({
    operationId: 'getOperation',
    method: 'GET',
    path: '/v1/operations/:operationId',
    summary: 'Say how a piece of long work stands',
    description:
      'Seen by who started it and by administrators. What came of it is told only to those who may ask for such work: a client that imports sees that the rules ran after it, not whom they flagged.',
    tag: 'Long work',
    permission: 'operation:read',
    params: OperationParams,
    answers: { 200: z.strictObject(shape).meta({ id: 'Operation', examples: [example] }) },
    problems: ['not_permitted', 'not_found'],
    handle: async call => tagged(await readOperation(deps, call.caller, call.params.operationId, call.language)),
  }),
  defineRoute({
    operationId: 'listOperations',
    method: 'GET',
    path: '/v1/operations',
    summary: 'List own long work, newest first; administrators see all',
    tag: 'Long work',
    permission: 'operation:read',
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      status: status.optional().describe('Only in this status'),
      kind: z.string().max(60).optional().describe('Only of this kind'),
    }),
    answers: { 200: pageOf('OperationPage', z.strictObject(shape), example) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const page = await listOperations(deps, call.caller, call.query, call.language)
      return pageAnswer('/v1/operations', JSON.stringify(page), page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'cancelOperation',
    method: 'POST',
    path: '/v1/operations/:operationId/cancellation',
    summary: 'Ask a piece of long work to stop: at once while it waits, else before its next step',
    tag: 'Long work',
    permission: 'operation:cancel',
    params: OperationParams,
    answers: {
      202: z
        .strictObject({
          id: Id.describe('Operation'),
          status: status.describe('Where it stands'),
          cancelRequested: z.boolean().describe('Whether it will stop'),
        })
        .meta({ id: 'OperationCancelled', examples: [{ id: exampleId, status: 'running', cancelRequested: true }] }),
    },
    problems: ['not_permitted', 'not_found', 'operation_finished', 'operation_not_cancellable', 'version_stale'],
    idempotency: 'accepted',
    writes: ['operation.cancellation_requested', 'operation.finished', 'import.finished'],
    handle: call =>
      cancelOperation(
        deps,
        {
          caller: call.caller,
          idempotency: call.idempotency,
          requestId: call.requestId,
          accessReason: call.accessReason,
        },
        call.params.operationId,
      ),
  }),
]
