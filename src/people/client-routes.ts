import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import type { Issue } from '../platform/identity.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { type EventType, events } from '../practice/events.ts'
import { scopes } from '../practice/permissions.ts'
import { clientToken, createClient, listClients, revokeClient } from './clients.ts'
import { exampleId, Id } from './schemas.ts'
import type { PeopleDeps } from './upsert.ts'

const manageRoutes = (deps: PeopleDeps): Route[] => {
  const scopeList = z.array(z.enum(scopes)).min(1).max(20).describe('What it may do')
  const eventTypes = Object.keys(events) as [EventType, ...EventType[]]
  const typeList = z
    .array(z.enum(eventTypes))
    .max(200)
    .describe('Types of journal entries it may read; none given, it reads none')
  const clientVersion = z.int().min(1).describe('Version: the ETag')
  const clientName = z.string().trim().min(1).max(100).describe('Name')
  return [
    defineRoute({
      operationId: 'createClient',
      method: 'POST',
      path: '/v1/clients',
      summary: 'Register a machine client; its secret is told once',
      tag: 'Clients',
      permission: 'clients:manage',
      description:
        'With `journal:read` it reads the types of entries granted here and no others: type, position, time and the id of what they are about, never a person. `student.enrolment_changed` is about a student: granting it tells the client of students by id.',
      body: z
        .strictObject({ name: clientName, scopes: scopeList, types: typeList.default([]) })
        .refine(client => client.types.length === 0 || client.scopes.includes('journal:read'), {
          path: ['types'],
          message: 'types are read with the scope journal:read',
        })
        .meta({
          id: 'CreateClient',
          examples: [{ name: '统计平台', scopes: ['journal:read'], types: ['case.opened', 'case.moved'] }],
        }),
      answers: {
        201: z
          .strictObject({
            id: Id.describe('Client id'),
            name: clientName,
            scopes: scopeList,
            types: typeList,
            version: clientVersion,
            secret: z
              .string()
              .max(100)
              .optional()
              .describe('Client secret; told once, so a replay of the Idempotency-Key leaves it out'),
          })
          .meta({
            id: 'ClientCreated',
            examples: [
              {
                id: exampleId,
                version: 1,
                name: '学业预警系统',
                scopes: ['signals:write'],
                types: [],
                secret: 'bfs_…',
              },
            ],
          }),
      },
      problems: ['not_permitted', 'version_stale'],
      idempotency: 'required',
      writes: ['client.created'],
      handle: call => createClient(deps, call, call.body),
    }),
    defineRoute({
      operationId: 'listClients',
      method: 'GET',
      path: '/v1/clients',
      summary: 'List machine clients, newest first, revoked ones too',
      tag: 'Clients',
      permission: 'clients:manage',
      query: z.strictObject({ limit: Limit, cursor: Cursor }),
      answers: {
        200: pageOf(
          'ClientPage',
          z.strictObject({
            id: Id.describe('Client id'),
            version: clientVersion,
            name: clientName,
            scopes: scopeList,
            types: typeList,
            createdAt: z.iso.datetime().describe('When it was registered'),
            revoked: z.boolean().describe('Whether it was revoked'),
          }),
          {
            id: exampleId,
            version: 1,
            name: '学业预警系统',
            scopes: ['signals:write'],
            types: [],
            createdAt: '2026-11-02T08:00:00.000Z',
            revoked: false,
          },
        ),
      },
      problems: ['not_permitted', 'bad_cursor'],
      handle: async call => {
        const page = await listClients(deps, call.caller, call.query)
        return pageAnswer('/v1/clients', page.body, page.next, call.query)
      },
    }),
    defineRoute({
      operationId: 'revokeClient',
      method: 'DELETE',
      path: '/v1/clients/:clientId',
      summary: 'Revoke a machine client; its tokens end within 15 minutes',
      tag: 'Clients',
      permission: 'clients:manage',
      params: z.strictObject({ clientId: Id.describe('Client id') }),
      answers: { 204: null },
      problems: ['not_permitted', 'not_found'],
      ifMatch: 'required',
      writes: ['client.revoked'],
      handle: async call => {
        await revokeClient(deps, call, { id: call.params.clientId, version: call.ifMatch as number })
        return { status: 204 }
      },
    }),
  ]
}

const basic = (header: string | undefined): [string, string] | null => {
  const [scheme, encoded = ''] = (header ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic') return null
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return [id, secret.join(':')]
}

const tokenRoute = (deps: PeopleDeps, issue: (what: Issue) => string): Route =>
  defineRoute({
    operationId: 'issueToken',
    method: 'POST',
    path: '/oauth/token',
    summary: 'Give a machine client a short-lived token (client credentials)',
    description: 'Form-encoded, RFC 6749 §4.4; client id and secret in the form or by HTTP Basic.',
    tag: 'Clients',
    permission: 'public:read',
    form: true,
    body: z
      .strictObject({
        grant_type: z.string().max(100).describe('`client_credentials`'),
        client_id: z.string().max(100).optional().describe('Client id'),
        client_secret: z.string().max(200).optional().describe('Client secret'),
        scope: z
          .string()
          .max(500)
          .optional()
          .describe('Scopes asked for, separated by spaces; none = all the client has'),
      })
      .meta({ id: 'TokenRequest', examples: [{ grant_type: 'client_credentials' }] }),
    answers: {
      200: z
        .strictObject({
          access_token: z.string().max(8192).describe('Bearer token'),
          token_type: z.literal('Bearer').describe('Kind of token'),
          expires_in: z.int().describe('Seconds until it ends'),
          scope: z.string().max(500).describe('Scopes it has'),
        })
        .meta({
          id: 'Token',
          examples: [{ access_token: 'eyJ…', token_type: 'Bearer', expires_in: 900, scope: 'signals:write' }],
        }),
    },
    problems: ['invalid_client', 'invalid_scope', 'unsupported_grant_type'],
    handle: async call => {
      const [id, secret] = basic(call.header('authorization')) ?? [
        call.body.client_id ?? '',
        call.body.client_secret ?? '',
      ]
      const input = {
        grantType: call.body.grant_type,
        clientId: id,
        clientSecret: secret,
        scope: call.body.scope ?? null,
      }
      return { status: 200, body: await clientToken(deps, issue, input), headers: { 'Cache-Control': 'no-store' } }
    },
  })

/** Machine clients and their tokens. */
export const clientRoutes = (deps: PeopleDeps, issue: (what: Issue) => string): Route[] => [
  ...manageRoutes(deps),
  tokenRoute(deps, issue),
]
