import { z } from 'zod'
import { exampleId, Id } from '../people/schemas.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { codesOf } from '../practice/codes.ts'
import { signalKinds } from '../practice/signals.ts'
import { listSources } from './list-sources.ts'
import { createSource, rotateSecret } from './source-secrets.ts'
import { changeSource, readSource } from './sources.ts'

const tag = 'Signal sources'

const terms = {
  name: z.string().trim().min(1).max(100).describe('Name'),
  kinds: z
    .array(z.enum(codesOf(signalKinds)))
    .min(1)
    .max(50)
    .describe('Kinds it may send'),
  dailyQuota: z.int().min(1).max(10_000_000).describe('Signals a day at most'),
  clientId: Id.nullable().describe(
    'Machine client that may send as this source by bearer token; null = by signature only',
  ),
}
const shown = {
  id: Id.describe('Source'),
  ...terms,
  disabled: z.boolean().describe('Whether it may send nothing'),
  previousUntil: z.iso.datetime().nullable().describe('Until when the secret before is good; null = there is none'),
  createdAt: z.iso.datetime().describe('When it was registered'),
  version: z.int().describe('Version'),
}
const secret = z
  .string()
  .max(100)
  .optional()
  .describe('Signing secret, `whsec_…`; told once, so a replay of the Idempotency-Key leaves it out')
const example = {
  id: exampleId,
  name: '教务预警系统',
  kinds: ['failed_course' as const, 'progress' as const],
  dailyQuota: 20_000,
  clientId: null,
  disabled: false,
  previousUntil: null,
  createdAt: '2026-09-01T01:00:00.000Z',
  version: 1,
}
const Source = z.strictObject(shown).meta({ id: 'SignalSource', examples: [example] })
const SourceParams = z.strictObject({ sourceId: Id.describe('Source') })

const readingRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'listSignalSources',
    method: 'GET',
    path: '/v1/signal-sources',
    summary: 'List the systems that may send signals, newest first',
    tag,
    permission: 'sources:manage',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: pageOf('SignalSourcePage', z.strictObject(shown), example) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const page = await listSources(deps, requestOf(call), call.query)
      return pageAnswer('/v1/signal-sources', page.body, page.next, call.query)
    },
  }),
  defineRoute({
    operationId: 'getSignalSource',
    method: 'GET',
    path: '/v1/signal-sources/:sourceId',
    summary: 'Read a system that may send signals',
    tag,
    permission: 'sources:manage',
    params: SourceParams,
    answers: { 200: Source },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const { source } = await readSource(deps, requestOf(call), call.params.sourceId)
      return { status: 200, body: source, etag: source.version }
    },
  }),
]

/** The registry of systems that may send signals. */
export const sourceRoutes = (deps: Deps): Route[] => [
  ...readingRoutes(deps),
  defineRoute({
    operationId: 'createSignalSource',
    method: 'POST',
    path: '/v1/signal-sources',
    summary: 'Register a system that may send signals; its secret is told once',
    tag,
    permission: 'sources:manage',
    body: z
      .strictObject({
        ...terms,
        dailyQuota: terms.dailyQuota.default(20_000),
        clientId: terms.clientId.default(null),
      })
      .meta({ id: 'CreateSignalSource', examples: [{ name: example.name, kinds: example.kinds }] }),
    answers: {
      201: z
        .strictObject({ ...shown, secret })
        .meta({ id: 'SignalSourceCreated', examples: [{ ...example, secret: 'whsec_…' }] }),
    },
    idempotency: 'required',
    problems: [
      'not_permitted',
      'source_exists',
      'client_already_linked',
      'idempotency_key_reused',
      'request_in_progress',
      'version_stale',
    ],
    writes: ['source.created'],
    handle: call => createSource(deps, requestOf(call), call.body),
  }),
  defineRoute({
    operationId: 'changeSignalSource',
    method: 'PATCH',
    path: '/v1/signal-sources/:sourceId',
    summary: 'Change name, kinds, quota or client of a source, or disable it',
    tag,
    permission: 'sources:manage',
    params: SourceParams,
    body: z
      .strictObject({
        name: terms.name.optional(),
        kinds: terms.kinds.optional(),
        dailyQuota: terms.dailyQuota.optional(),
        clientId: terms.clientId.optional(),
        disabled: shown.disabled.optional(),
      })
      .meta({ id: 'ChangeSignalSource', examples: [{ disabled: true }] }),
    ifMatch: 'required',
    answers: { 200: Source },
    problems: ['not_permitted', 'not_found', 'source_exists', 'client_already_linked'],
    writes: ['source.changed'],
    handle: async call => {
      const body = await changeSource(deps, requestOf(call), call.params.sourceId, call.ifMatch as number, call.body)
      return { status: 200, body, etag: body.version }
    },
  }),
  defineRoute({
    operationId: 'rotateSignalSecret',
    method: 'POST',
    path: '/v1/signal-sources/:sourceId/secret',
    summary: 'Give a source a new secret; the one before stays good for 24 hours',
    description:
      'With `overlapHours: 0` the secret before ends at once: when it leaked. A secret before that ends in any case: who lost the answer to one call and makes another should hand the new secret over at once.',
    tag,
    permission: 'sources:manage',
    params: SourceParams,
    body: z
      .strictObject({ overlapHours: z.int().min(0).max(24).default(24).describe('Hours both secrets are good') })
      .meta({ id: 'RotateSignalSecret', examples: [{ overlapHours: 24 }] }),
    answers: {
      200: z
        .strictObject({
          id: shown.id,
          secret,
          previousUntil: z.iso.datetime().describe('Until when the secret before is good'),
          version: shown.version,
        })
        .meta({
          id: 'SignalSecret',
          examples: [{ id: exampleId, secret: 'whsec_…', previousUntil: '2026-09-15T01:00:00.000Z', version: 2 }],
        }),
    },
    ifMatch: 'accepted',
    idempotency: 'required',
    problems: ['not_permitted', 'not_found', 'version_stale', 'idempotency_key_reused', 'request_in_progress'],
    writes: ['source.secret_rotated'],
    handle: call => {
      const { params, body, ifMatch } = call
      return rotateSecret(deps, requestOf(call), { id: params.sourceId, ifMatch, overlapHours: body.overlapHours })
    },
  }),
]
