import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { unitKinds } from './codes.ts'
import { collections } from './collections.ts'
import { listPeople, type RosterList } from './read-people.ts'
import { Upserted } from './roster-schemas.ts'
import { exampleId, external, heldRole, Id, name, pascal, roles } from './schemas.ts'
import { type PeopleDeps, upsert } from './upsert.ts'

const upsertRoutes = (deps: PeopleDeps): Route[] =>
  collections.map(collection =>
    defineRoute({
      operationId: collection.operationId,
      method: 'POST',
      path: `/v1/roster/${collection.name}`,
      summary: `Bring up to 1,000 ${collection.name} into the roster, found by the institution’s own ids`,
      description:
        'All or nothing, and repeatable: the same call again changes nothing. What a row does not give stays as it is known.',
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
        'identity_taken',
        'unit_cycle',
        'version_stale',
      ],
      idempotency: 'accepted',
      writes: ['roster.changed', ...(collection.name === 'students' ? ['student.enrolment_changed'] : [])],
      handle: call =>
        upsert(
          deps,
          { caller: call.caller, idempotency: call.idempotency, requestId: call.requestId },
          collection,
          (call.body as { items: Record<string, unknown>[] }).items,
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
      return pageAnswer(path, page.body, page.next, given)
    },
  })

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
      externalId: 'T9001',
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
    { id: exampleId, externalId: 'MATH2001', name: '线性代数', kind: 'required', credits: 5 },
  ),
]

/** Upserts and lists of the roster. */
export const rosterRoutes = (deps: PeopleDeps): Route[] => [...upsertRoutes(deps), ...listRoutes(deps)]
