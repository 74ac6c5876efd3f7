import { z } from 'zod'
import { aboutOf, loadSubject } from '../people/guarded.ts'
import { exampleId, Id, text, version } from '../platform/http/schemas.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { breachesOf } from '../practice/composition.ts'
import { countedMembers } from '../practice/group-checks/members.ts'
import { compositionSchema } from '../practice/group-types.ts'
import { freePlaces } from '../practice/membership.ts'
import { type LoadedFacts, loadGroup } from './facts.ts'
import { MemberId } from './schemas.ts'

const title = z
  .strictObject({ en: text(1000).describe('English'), zh: text(1000).describe('Chinese') })
  .describe('In both languages')

export const Composition = z
  .strictObject({
    groupId: Id.describe('Group'),
    version: version().describe('Version of the group'),
    composition: compositionSchema.describe('Rule of composition with its parameters'),
    fits: z.boolean().describe('Whether nobody breaks the rule and the limits are kept'),
    members: z.int().min(0).describe('Members who count and have agreed'),
    minMembers: z.int().describe('At least'),
    maxMembers: z.int().describe('At most'),
    freePlaces: z.int().describe('Places left'),
    breaches: z
      .array(
        z
          .strictObject({
            memberId: MemberId.nullable().describe('Who breaks it; null = the group as a whole'),
            code: text(60).describe('What is broken'),
            title: title.describe('In words'),
            mend: title.describe('What would mend it'),
          })
          .describe('A breach'),
      )
      .max(1000)
      .describe('Who breaks the rule, and what would mend it'),
  })
  .meta({
    id: 'GroupComposition',
    examples: [
      {
        groupId: exampleId,
        version: 7,
        composition: { rule: 'paired', volunteersPerStudent: 3, studentsPerVolunteer: 3 },
        fits: false,
        members: 4,
        minMembers: 2,
        maxMembers: 20,
        freePlaces: 16,
        breaches: [
          {
            memberId: 'm1',
            code: 'not_paired',
            title: { en: 'Member m1 has no volunteer', zh: '成员m1尚未与志愿者结对' },
            mend: { en: 'Pair m1 with a volunteer', zh: '为m1安排志愿者' },
          },
        ],
      },
    ],
  })

/** Answers `GET /v1/groups/{id}/composition`. */
export const readComposition = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const { facts } = await loadSubject<LoadedFacts, object>(tenant, loadGroup, 'group:explain', about)
  const breaches = breachesOf(facts.composition, facts)
  const { length } = countedMembers(facts)
  const { minMembers, maxMembers } = facts
  return {
    groupId,
    version: facts.version,
    composition: facts.composition,
    fits: breaches.length === 0 && length >= minMembers && length <= maxMembers,
    members: length,
    minMembers,
    maxMembers,
    freePlaces: freePlaces(facts),
    breaches,
  }
}
