import { z } from 'zod'
import { tenantStatement } from '../platform/database.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'
import type { Issue } from '../platform/identity.ts'
import { callerCtes, callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from './actor.ts'
import { clientRoutes } from './client-routes.ts'
import { importRoutes } from './imports/import-routes.ts'
import { rosterRoutes } from './roster-routes.ts'
import { exampleId, heldRole, Id, name } from './schemas.ts'
import { studentRoutes } from './student-routes.ts'
import type { PeopleDeps } from './upsert.ts'

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
      // With the minute in it the answer would have another ETag every minute.
      const { time: _, ...told } = known
      return tagged({ ...told, scopes: call.caller.scopes, institution })
    },
  })

/** Roster, students, who am I, machine clients. */
export const peopleRoutes = (deps: PeopleDeps, issue: (what: Issue) => string): Route[] => [
  meRoute(deps),
  ...rosterRoutes(deps),
  ...importRoutes(deps),
  ...studentRoutes(deps),
  ...clientRoutes(deps, issue),
]
