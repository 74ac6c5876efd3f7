import { z } from 'zod'
import { exampleId, Id } from '../people/schemas.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { codesOf } from '../practice/codes.ts'
import { severities, signalKinds } from '../practice/signals.ts'
import { receiptsBySignature, receiptsByToken } from './list-receipts.ts'
import { listOfStudent, listQuarantine } from './list-signals.ts'
import { academicSignalSchema } from './signal-schemas.ts'

const tag = 'Signals'

const Receipts = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          externalId: z.string().max(200).describe('The source’s own id'),
          receivedAt: z.iso.datetime().describe('When its newest observation came'),
          state: z
            .enum(['received', 'acknowledged', 'resolved'])
            .describe('received: stored; acknowledged: somebody answers for it; resolved: it was dealt with'),
        }),
      )
      .max(200)
      .describe('Receipts in the order the signals first came'),
    next: z.string().max(1000).nullable().describe('Where to go on: the next `after`'),
  })
  .meta({
    id: 'SignalReceipts',
    examples: [
      {
        items: [{ externalId: 'g-1', receivedAt: '2026-09-14T02:00:00.000Z', state: 'acknowledged' }],
        next: 'WyIwMTkz….5f2a',
      },
    ],
  })
const ReceiptQuery = z.strictObject({
  after: z.string().max(1000).optional().describe('`next` of the page before'),
  limit: Limit,
})

const receiptRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'listReceipts',
    method: 'GET',
    path: '/v1/signals/receipts',
    summary: 'Read what became of one’s own signals, without content',
    description:
      'Of a machine client those of the source it is linked to, of staff and students those they raised by hand. States change later: read from the beginning to see them anew.',
    tag,
    permission: 'signals:receipts',
    query: ReceiptQuery,
    answers: { 200: Receipts },
    problems: ['not_permitted', 'no_source_linked', 'source_disabled', 'bad_cursor'],
    handle: async call => ({ status: 200, body: await receiptsByToken(deps, call, call.query) }),
  }),
  defineRoute({
    operationId: 'listSignedReceipts',
    method: 'GET',
    path: '/v1/signal-sources/:sourceId/receipts',
    summary: 'Read what became of one’s own signals, signed with the secret of the source over an empty body',
    tag,
    permission: 'signals:send',
    params: z.strictObject({ sourceId: Id.describe('Source') }),
    query: ReceiptQuery,
    answers: { 200: Receipts },
    problems: ['signature_invalid', 'signature_expired', 'source_disabled', 'bad_cursor'],
    handle: async call => ({
      status: 200,
      body: await receiptsBySignature(deps, call, call.params.sourceId, call.query),
    }),
  }),
]

const named = (what: string) =>
  z
    .strictObject({ id: Id.describe('Id'), name: z.string().max(200).nullable().describe('Name') })
    .nullable()
    .describe(what)

const whence = {
  id: Id.describe('Signal'),
  origin: z
    .enum(['source', 'people', 'rules', 'service'])
    .describe('A registered source, a person, the institution’s rules, or the service'),
  source: named('The source; null where it is none'),
  externalId: z.string().max(400).describe('The sender’s own id'),
  raisedBy: named('Person who raised it by hand'),
  observedAt: z.iso.datetime().describe('When it was observed'),
  receivedAt: z.iso.datetime().describe('When its newest observation came'),
}
const exampleWhence = {
  id: exampleId,
  origin: 'source' as const,
  source: { id: exampleId, name: '教务预警系统' },
  externalId: 'g-1',
  raisedBy: null,
  observedAt: '2026-09-14T01:30:00.000Z',
  receivedAt: '2026-09-14T02:00:00.000Z',
}

const listRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'listQuarantine',
    method: 'GET',
    path: '/v1/signals/quarantine',
    summary: 'List signals whose student number the roster does not have',
    description:
      'Where they come from and when, not what they say. They leave by themselves once the roster has the number.',
    tag,
    permission: 'signals:quarantine',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: {
      200: pageOf(
        'QuarantinePage',
        z.strictObject({ ...whence, studentNumber: z.string().max(100).describe('Number nobody has') }),
        { ...exampleWhence, studentNumber: '20259999' },
      ),
    },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const page = await listQuarantine(deps, requestOf(call), call.query)
      return pageAnswer('/v1/signals/quarantine', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'listStudentSignals',
    method: 'GET',
    path: '/v1/students/:studentId/signals',
    summary: 'Read the signals about a student, newest first, positive ones too',
    description:
      'With figures for casework staff above the student. Words are for those who work with the student (owner or co-worker of an open case, the counsellors of the nearest unit), who may read the alert the signal is part of, or who raised it; reading them is journalled, once per reader, student and hour.',
    tag,
    permission: 'signals:read',
    params: z.strictObject({ studentId: Id.describe('Student') }),
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: {
      200: pageOf(
        'StudentSignalPage',
        z.strictObject({
          ...whence,
          kind: z.enum(codesOf(signalKinds)).describe('Kind'),
          severity: z.enum(codesOf(severities)).nullable().describe('Severity; null for positive signals'),
          status: z.enum(['open', 'cleared']).describe('cleared: it holds no more'),
          revision: z.int().describe('Observations that replaced one another so far'),
          figures: z.record(z.string().max(40), z.unknown()).describe('What shows it: numbers, dates and codes'),
          note: z
            .string()
            .max(2000)
            .nullable()
            .describe('Words; null where there are none, their key was erased, or the reader has no need to know them'),
          alertId: Id.nullable().describe('Alert it is part of; null too where the reader may not know of it'),
        }),
        {
          ...exampleWhence,
          kind: 'failed_course',
          severity: 'orange',
          status: 'open',
          revision: 1,
          figures: { course: 'MATH1001', score: 43 },
          note: null,
          alertId: null,
        },
      ),
    },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    writes: ['signals.read'],
    handle: async call => {
      const page = await listOfStudent(deps, requestOf(call), call.params.studentId, call.query)
      const path = `/v1/students/${call.params.studentId}/signals`
      return pageAnswer(path, JSON.stringify(page.body), page.next, call.query)
    },
  }),
]

const schemaRoute = (): Route =>
  defineRoute({
    operationId: 'getSignalSchema',
    method: 'GET',
    path: '/schemas/academic.signal.v1.json',
    summary: 'Read the JSON Schema of `academic.signal` v1',
    tag,
    permission: 'public:read',
    answers: { 200: null },
    produces: 'application/schema+json',
    problems: [],
    handle: async () => ({
      status: 200,
      body: JSON.stringify(academicSignalSchema()),
      contentType: 'application/schema+json',
      headers: { 'Cache-Control': 'public, max-age=3600' },
    }),
  })

/** Lists of signals, receipts, and their published schema. */
export const signalListRoutes = (deps: Deps): Route[] => [...receiptRoutes(deps), ...listRoutes(deps), schemaRoute()]
