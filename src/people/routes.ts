import { z } from 'zod'
import { tenantStatement } from '../platform/database.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import type { Issue } from '../platform/identity.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { scopes } from '../practice/permissions.ts'
import { callerCtes, callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from './actor.ts'
import { clientToken, createClient, listClients, revokeClient } from './clients.ts'
import { staffRoles, unitKinds } from './codes.ts'
import { collections } from './collections.ts'
import { listPeople, type RosterList, readStudent } from './read-people.ts'
import { Upserted } from './roster-schemas.ts'
import { type PeopleDeps, upsert } from './upsert.ts'

const Id = z.uuid()
const name = (what: string) => z.string().max(200).describe(what)
const exampleId = '01936d3e-7c00-7000-8000-000000000003'
const unit = z
  .strictObject({ id: Id.describe('Unit'), nameZh: name('Name'), nameEn: name('English name').nullable() })
  .describe('Unit')
const exampleUnit = { id: exampleId, nameZh: '计算机2501班', nameEn: 'CS 2501' }
const pascal = (text: string) => text.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())

const upsertRoutes = (deps: PeopleDeps): Route[] =>
  collections.map(collection =>
    defineRoute({
      operationId: collection.operationId,
      method: 'POST',
      path: `/v1/roster/${collection.name}`,
      summary: `Bring up to 1,000 ${collection.name} into the roster, found by the institution’s own ids`,
      description: 'All or nothing, and repeatable: the same call again changes nothing.',
      tag: 'Roster',
      permission: 'roster:write',
      body: z
        .strictObject({ items: z.array(collection.item).min(1).max(1000).describe('The rows') })
        .meta({ id: `Upsert${pascal(collection.name)}`, examples: [{ items: [collection.example] }] }),
      bodyLimit: 5 * 1024 * 1024,
      answers: { 200: Upserted },
      problems: [
        'not_permitted',
        'unknown_reference',
        'duplicate_row',
        'unit_cycle',
        'idempotency_key_reused',
        'request_in_progress',
        'version_stale',
      ],
      idempotency: 'accepted',
      writes: ['roster.changed', ...(collection.name === 'students' ? ['student.enrolment_changed'] : [])],
      handle: call =>
        upsert(
          deps,
          { caller: call.caller, idempotency: call.idempotency, requestId: call.requestId },
          collection,
          (call.body as { items: unknown[] }).items,
        ),
    }),
  )

const listRoute = (
  deps: PeopleDeps,
  operationId: Exclude<RosterList, 'searchStudents'>,
  path: string,
  what: string,
  item: z.ZodType,
  example: unknown,
  query: z.ZodRawShape = {},
): Route =>
  defineRoute({
    operationId,
    method: 'GET',
    path,
    summary: `List ${what}`,
    tag: 'Roster',
    permission: 'roster:read',
    query: z.strictObject({ limit: Limit, cursor: Cursor, ...query }),
    answers: { 200: pageOf(`${pascal(path.slice(4))}Page`, item, example) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const given = call.query as {
        limit: number
        cursor?: string
        parentId?: string
        orgUnitId?: string
        role?: string
      }
      const { limit, cursor } = given
      const filters = { unitId: given.parentId ?? given.orgUnitId, text: given.role }
      const page = await listPeople(deps, call.caller, operationId, 'roster:read', { limit, cursor, ...filters })
      return pageAnswer(path, page.body, page.next)
    },
  })

const roles = Object.keys(staffRoles) as [string, ...string[]]
const external = z.string().max(100).describe('The institution’s own id')
const heldRole = z
  .strictObject({ role: z.enum(roles).describe('Role'), unitId: Id.describe('Unit') })
  .describe('A role held today')

const listRoutes = (deps: PeopleDeps): Route[] => [
  listRoute(
    deps,
    'listOrgUnits',
    '/v1/org-units',
    'organisational units',
    z.strictObject({
      id: Id.describe('Unit'),
      externalId: external,
      parentId: Id.nullable().describe('Unit above'),
      kind: z.enum(unitKinds).describe('Kind'),
      nameZh: name('Name'),
      nameEn: name('English name').nullable(),
    }),
    {
      id: exampleId,
      externalId: 'CS',
      parentId: null,
      kind: 'college',
      nameZh: '计算机学院',
      nameEn: 'School of Computing',
    },
    { parentId: Id.optional().describe('Only directly below this unit') },
  ),
  listRoute(
    deps,
    'listStaff',
    '/v1/staff',
    'staff with the roles they hold today',
    z.strictObject({
      id: Id.describe('Staff member'),
      externalId: external,
      name: name('Name'),
      nameEn: name('English name').nullable(),
      roles: z.array(heldRole).max(30).describe('Roles today'),
    }),
    {
      id: exampleId,
      externalId: 'T1001',
      name: '李老师',
      nameEn: null,
      roles: [{ role: 'counsellor', unitId: exampleId }],
    },
    {
      orgUnitId: Id.optional().describe('Only with a role in or below this unit'),
      role: z.enum(roles).optional().describe('Only with this role'),
    },
  ),
  listRoute(
    deps,
    'listTerms',
    '/v1/terms',
    'terms with their first and last day',
    z.strictObject({
      id: Id.describe('Term'),
      externalId: external,
      name: name('Name'),
      startsOn: z.iso.date().describe('First day'),
      endsOn: z.iso.date().describe('Last day'),
    }),
    {
      id: exampleId,
      externalId: '2026-1',
      name: '2026–2027学年第一学期',
      startsOn: '2026-09-01',
      endsOn: '2027-01-20',
    },
  ),
  listRoute(
    deps,
    'listCourses',
    '/v1/courses',
    'courses',
    z.strictObject({
      id: Id.describe('Course'),
      externalId: external,
      name: name('Name'),
      kind: z.string().max(20).describe('Kind'),
      credits: z.number().describe('Credits'),
    }),
    { id: exampleId, externalId: 'MATH1001', name: '高等数学A(上)', kind: 'required', credits: 5 },
  ),
]

const studentHeader = {
  id: Id.describe('Student'),
  number: z.string().max(100).describe('学号'),
  name: name('Name'),
  nameEn: name('English name').nullable(),
  major: name('Major'),
  grade: z.string().max(20).describe('Grade'),
  enrolmentStatus: z.string().max(40).describe('Enrolment status'),
  orgUnit: unit,
}
const exampleStudent = {
  id: exampleId,
  number: '20250101',
  name: '王晓明',
  nameEn: null,
  major: '计算机科学与技术',
  grade: '2025',
  enrolmentStatus: 'enrolled',
  orgUnit: exampleUnit,
}
const StudentParams = z.strictObject({ studentId: Id.describe('Student') })
const figures = (description: string) => z.record(z.string().max(40), z.unknown()).describe(description)

const studentRoutes = (deps: PeopleDeps): Route[] => [
  defineRoute({
    operationId: 'searchStudents',
    method: 'POST',
    path: '/v1/students/search',
    summary: 'Find students the caller may see, by number or part of a name',
    tag: 'Roster',
    permission: 'students:read',
    body: z
      .strictObject({
        text: z
          .string()
          .trim()
          .min(2)
          .max(100)
          .optional()
          .describe('Beginning of the number, or at least two characters of the name'),
        orgUnitId: Id.optional().describe('Only in or below this unit'),
        limit: Limit,
        cursor: Cursor,
      })
      .meta({ id: 'SearchStudents', examples: [{ text: '晓明' }] }),
    answers: { 200: pageOf('StudentPage', z.strictObject(studentHeader), exampleStudent) },
    problems: ['not_permitted', 'bad_cursor'],
    handle: async call => {
      const { text, orgUnitId: unitId, limit, cursor } = call.body
      const page = await listPeople(deps, call.caller, 'searchStudents', 'students:read', {
        text,
        unitId,
        limit,
        cursor,
      })
      return { status: 200, body: page.body }
    },
  }),
  defineRoute({
    operationId: 'getStudent',
    method: 'GET',
    path: '/v1/students/:studentId',
    summary: 'Read a student with contacts',
    tag: 'Roster',
    permission: 'students:read',
    params: StudentParams,
    answers: {
      200: z
        .strictObject({
          ...studentHeader,
          birthDate: z.iso.date().nullable().describe('Birth date'),
          contacts: z.array(figures('A contact: id, kind, name, phone')).max(200).describe('Contacts'),
        })
        .meta({ id: 'Student', examples: [{ ...exampleStudent, birthDate: '2006-03-14', contacts: [] }] }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call => ({
      status: 200,
      body: await readStudent(deps, call.caller, 'getStudent', call.params.studentId),
    }),
  }),
  defineRoute({
    operationId: 'getStanding',
    method: 'GET',
    path: '/v1/students/:studentId/standing',
    summary: 'Compute a student’s academic standing from the results: failed, missing, gap to the cohort',
    description: 'The cohort is major and grade. The figures go into an `academic_record` as they are.',
    tag: 'Roster',
    permission: 'students:read',
    params: StudentParams,
    query: z.strictObject({ termId: Id.optional().describe('Only results of this term') }),
    answers: {
      200: z
        .strictObject({
          studentId: Id.describe('Student'),
          failedCount: z.int().describe('Failed courses'),
          failedCourses: z
            .array(figures('Course, code, term, courseKind, credits, score'))
            .max(1000)
            .describe('Failed courses'),
          missingWork: z
            .array(figures('Course, item, outcome, score'))
            .max(2000)
            .describe('Failed and missing assessments'),
          credits: figures('Credits earned, required, short'),
          cohort: figures('Size, rank, mean, own, percentile').nullable(),
        })
        .meta({
          id: 'Standing',
          examples: [
            {
              studentId: exampleId,
              failedCount: 1,
              failedCourses: [{ course: '高等数学A(上)', score: 43 }],
              missingWork: [],
              credits: { earned: 31, required: null, short: null },
              cohort: { size: 118, rank: 111, mean: 76.4, own: 58.2, percentile: 6.8 },
            },
          ],
        }),
    },
    problems: ['not_permitted', 'not_found'],
    handle: async call => ({
      status: 200,
      body: await readStudent(deps, call.caller, 'getStanding', call.params.studentId, call.query.termId ?? null),
    }),
  }),
]

const whoStatement = tenantStatement<{ caller: KnownCaller; institution: { nameZh: string; nameEn: string } | null }>(
  'people.who',
  `with ${callerCtes} select ${callerJson} as caller,
  (select json_build_object('nameZh', name_zh, 'nameEn', name_en) from institutions where id = $1::uuid) as institution`,
)

const meRoute = (deps: PeopleDeps): Route =>
  defineRoute({
    operationId: 'getMe',
    method: 'GET',
    path: '/v1/me',
    summary: 'Say who the token speaks for and what they are today',
    tag: 'Roster',
    permission: 'self:read',
    answers: {
      200: z
        .strictObject({
          kind: z.enum(['staff', 'student', 'client']).describe('Who'),
          id: Id.describe('Person or client'),
          name: name('Name').nullable(),
          today: z.iso.date().describe('Today at the institution'),
          roles: z.array(heldRole).max(30).describe('Roles today'),
          scopes: z.array(z.string().max(40)).max(20).describe('Scopes of a machine client'),
          institution: z
            .strictObject({ nameZh: name('Name'), nameEn: name('English name') })
            .nullable()
            .describe('The institution'),
        })
        .meta({
          id: 'Me',
          examples: [
            {
              kind: 'staff',
              id: exampleId,
              name: '李老师',
              today: '2026-11-02',
              roles: [{ role: 'counsellor', unitId: exampleId }],
              scopes: [],
              institution: { nameZh: '示范大学', nameEn: 'Demo University' },
            },
          ],
        }),
    },
    problems: ['not_permitted'],
    handle: async call => {
      const params = callerParams(call.caller, deps.ambient.now())
      const [row] = await deps.db.as(call.caller.institution).rows(whoStatement, ...params)
      const { caller, institution } = row as {
        caller: KnownCaller
        institution: { nameZh: string; nameEn: string } | null
      }
      const known = knownCaller(call.caller, caller)
      requirePermission(call.caller, known, 'self:read')
      return { status: 200, body: { ...known, scopes: call.caller.scopes, institution } }
    },
  })

const clientRoutes = (deps: PeopleDeps): Route[] => {
  const scopeList = z.array(z.enum(scopes)).min(1).max(20).describe('What it may do')
  const clientName = z.string().trim().min(1).max(100).describe('Name')
  return [
    defineRoute({
      operationId: 'createClient',
      method: 'POST',
      path: '/v1/clients',
      summary: 'Register a machine client; its secret is told once',
      tag: 'Clients',
      permission: 'clients:manage',
      body: z
        .strictObject({ name: clientName, scopes: scopeList })
        .meta({ id: 'CreateClient', examples: [{ name: '学业预警系统', scopes: ['signals:write'] }] }),
      answers: {
        201: z
          .strictObject({
            id: Id.describe('Client id'),
            name: clientName,
            scopes: scopeList,
            secret: z.string().max(100).describe('Client secret; not told again'),
          })
          .meta({
            id: 'ClientCreated',
            examples: [{ id: exampleId, name: '学业预警系统', scopes: ['signals:write'], secret: 'bfs_…' }],
          }),
      },
      problems: ['not_permitted'],
      writes: ['client.created'],
      handle: async call => ({ status: 201, body: await createClient(deps, call, call.body) }),
    }),
    defineRoute({
      operationId: 'listClients',
      method: 'GET',
      path: '/v1/clients',
      summary: 'List machine clients',
      tag: 'Clients',
      permission: 'clients:manage',
      answers: {
        200: pageOf(
          'ClientPage',
          z.strictObject({
            id: Id.describe('Client id'),
            name: clientName,
            scopes: scopeList,
            createdAt: z.iso.datetime().describe('When it was registered'),
            revoked: z.boolean().describe('Whether it was revoked'),
          }),
          {
            id: exampleId,
            name: '学业预警系统',
            scopes: ['signals:write'],
            createdAt: '2026-11-02T08:00:00.000Z',
            revoked: false,
          },
        ),
      },
      problems: ['not_permitted'],
      handle: async call => ({ status: 200, body: await listClients(deps, call.caller) }),
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
      writes: ['client.revoked'],
      handle: async call => {
        await revokeClient(deps, call, call.params.clientId)
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

/** Roster, students, who am I, machine clients. */
export const peopleRoutes = (deps: PeopleDeps, issue: (what: Issue) => string): Route[] => [
  meRoute(deps),
  ...upsertRoutes(deps),
  ...listRoutes(deps),
  ...studentRoutes(deps),
  ...clientRoutes(deps),
  tokenRoute(deps, issue),
]
