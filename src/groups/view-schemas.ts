import { z } from 'zod'
import { at, exampleId, Id, instant, otherId, text, version } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { memberStatuses, openItemKinds, openItemResolutions, taskStatuses } from '../practice/group-codes.ts'
import { compositionSchema } from '../practice/group-types.ts'
import { GroupStep, LocalId, limit, MemberId, Role, TypeCode } from './schemas.ts'

const day = () => z.iso.date()
const Status = z.enum(codesOf(memberStatuses)).describe('Where the member stands')

const person = z.strictObject({ id: Id.describe('Person'), name: text(200).describe('Name') }).describe('A person')

const header = {
  id: Id.describe('Group'),
  number: text(20).describe('Group number'),
  name: text(100).describe('Name'),
  type: TypeCode,
  step: GroupStep,
  version: version().describe('Version: ETag of the group'),
  leader: person.describe('Leader'),
  openedAt: instant().describe('When it was opened'),
  updatedAt: instant().describe('Last write'),
  endReason: text(40).nullable().describe('Why it ended early or was cancelled'),
  minMembers: limit('Members at least'),
  maxMembers: limit('Members at most'),
}

const exampleHeader = {
  id: exampleId,
  number: 'G2026-0001',
  name: '高数互助小组',
  type: 'mutual_aid',
  step: 'early' as const,
  version: 9,
  leader: { id: otherId, name: '李老师' },
  openedAt: at,
  updatedAt: at,
  endReason: null,
  minMembers: 2,
  maxMembers: 20,
}

export const exampleItem = { ...exampleHeader, orgUnitId: otherId, members: 6, openItems: 0 }
export const GroupItem = z
  .strictObject({
    ...header,
    orgUnitId: Id.describe('Unit that answers for it'),
    members: z.int().min(0).describe('Students and volunteers who take part'),
    openItems: z.int().min(0).nullable().describe('Open items; null for who only takes part, as in the group itself'),
  })
  .meta({ id: 'GroupItem', examples: [exampleItem] })

const Member = z
  .strictObject({
    id: MemberId,
    studentId: Id.nullable().describe('The student'),
    staffId: Id.nullable().describe('The staff member'),
    name: text(200).nullable().describe('Name; null once the key that sealed one from outside is erased'),
    role: Role,
    status: Status,
    strengths: z.array(text(60)).max(50).describe('Of the newest profile'),
    needs: z.array(text(60)).max(50).describe('Of the newest profile'),
    baseline: z.boolean().describe('Whether a baseline is on file'),
    normsAccepted: z.boolean().describe('Whether the norms in force were accepted'),
    told: z.boolean().describe('Whether told of the ending'),
    attainment: z.int().min(-2).max(2).nullable().describe('Outcome −2…+2'),
    onwardPath: text(40).nullable().describe('Where they go on'),
    consentedOn: day().nullable().describe('Day of consent'),
    guardianConsentedOn: day().nullable().describe('Day the consent of the guardian was filed'),
    guardianConsentNeeded: z.boolean().describe('Under 18, and the consent of the guardian is still to be filed'),
    leftOn: day().nullable().describe('Last day'),
    leftReason: text(40).nullable().describe('Why they left'),
  })
  .describe('A member')

const thing = (description: string) => z.record(z.string().max(60), z.unknown()).describe(description)

export const Group = z
  .strictObject({
    ...header,
    endedAt: instant().nullable().describe('When it ended'),
    orgUnit: z
      .strictObject({
        id: Id.describe('Unit'),
        nameZh: text(200).describe('Name'),
        nameEn: text(200).nullable().describe('English name'),
      })
      .describe('Unit that answers for the group'),
    coLeaders: z.array(thing('A co-leader: id, name, validFrom, validUntil')).max(100).describe('Co-leaders'),
    relations: z.array(text(40)).max(10).describe('How the caller stands to the group'),
    members: z.array(Member).max(500).describe('Members; for who takes part, only themselves'),
    sessions: z
      .array(thing('A session: id, phase, kind, status, on, startsAt, durationMinutes, recordId'))
      .max(200)
      .describe('Sessions'),
    tasks: z
      .array(
        z.strictObject({
          id: LocalId.describe('Task'),
          memberId: MemberId.nullable().describe('Whose; null = the leaders’'),
          status: z.enum(codesOf(taskStatuses)).describe('Status'),
          dueOn: day().describe('Due'),
        }),
      )
      .max(1000)
      .describe('Tasks; for who takes part, their own'),
    composition: compositionSchema.optional().describe('Rule of composition'),
    roles: z.array(Role).max(4).optional().describe('Roles members may have'),
    pairs: z.array(thing('A pair: volunteerId, studentId')).max(1000).optional().describe('Pairs that stand'),
    goals: z.array(thing('A goal: id, status, attainment, attainmentFinal')).max(100).optional().describe('Goals'),
    budgetLines: z
      .array(thing('A line in fen: id, plannedFen, approvedFen, spentFen, settled'))
      .max(100)
      .optional()
      .describe('Budget'),
    openItems: z
      .array(
        z.strictObject({
          id: LocalId.describe('Item'),
          kind: z.enum(codesOf(openItemKinds)).describe('What is in question'),
          dueOn: day().describe('Due'),
          resolution: z.enum(codesOf(openItemResolutions)).nullable().describe('How it was resolved; null = open'),
        }),
      )
      .max(500)
      .optional()
      .describe('What puts the composition in question'),
    waivers: z.array(thing('A waiver: need, mode, version')).max(100).optional().describe('Waivers'),
    drafts: z.int().min(0).optional().describe('Drafts neither signed nor discarded'),
    keyErased: z.boolean().optional().describe('Whether its words are gone for ever'),
  })
  .meta({
    id: 'Group',
    examples: [
      {
        ...exampleHeader,
        endedAt: null,
        orgUnit: { id: otherId, nameZh: '计算机学院', nameEn: 'School of Computing' },
        coLeaders: [],
        relations: ['leader'],
        members: [
          {
            id: 'm1',
            studentId: otherId,
            staffId: null,
            name: '王晓明',
            role: 'student',
            status: 'active',
            strengths: ['course:PHYS101'],
            needs: ['course:MATH101'],
            baseline: true,
            normsAccepted: true,
            told: false,
            attainment: null,
            onwardPath: null,
            consentedOn: '2026-09-14',
            guardianConsentedOn: null,
            guardianConsentNeeded: false,
            leftOn: null,
            leftReason: null,
          },
        ],
        sessions: [
          {
            id: 's1',
            phase: 'early',
            kind: 'opening',
            status: 'held',
            on: '2026-09-14',
            startsAt: '19:00',
            durationMinutes: 90,
          },
        ],
        tasks: [{ id: 't1', memberId: 'm1', status: 'open', dueOn: '2026-10-01' }],
      },
    ],
  })
