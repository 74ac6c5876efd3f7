import { z } from 'zod'
import { exampleId, text } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { memberRoles, memberStatuses } from '../practice/group-codes.ts'
import { GroupStep, MemberId } from './schemas.ts'
import { counts, ofGroup } from './session-schemas.ts'

const rate = (what: string) => z.number().min(0).max(1).nullable().describe(`${what}, 0–1; null = nothing on file`)
const level = (what: string) => z.number().min(-2).max(2).nullable().describe(`${what}, −2…+2; null = not assessed`)

export const GroupOutcome = z
  .strictObject({
    ...ofGroup,
    step: GroupStep,
    group: z
      .strictObject({
        sessionsPlanned: z.int().min(0).describe('Sessions planned or held'),
        sessionsHeld: z.int().min(0).describe('Sessions held'),
        attendanceRate: rate('Attendances at which a member was there, late or not, of all on file'),
        goals: z.int().min(0).describe('Goals'),
        goalsAssessed: z.int().min(0).describe('Goals assessed'),
        attainmentScore: z
          .number()
          .nullable()
          .describe('T-score of the goals: 50 = as expected on the whole; null = none assessed'),
        memberAttainment: level('Mean attainment of the students'),
        satisfaction: z.number().min(1).max(5).nullable().describe('Mean satisfaction 1–5; null = no answers'),
        satisfactionAnswers: z.int().min(0).describe('Answers'),
      })
      .describe('The group'),
    members: z
      .array(
        z.strictObject({
          memberId: MemberId,
          role: z.enum(codesOf(memberRoles)).describe('Role'),
          status: z.enum(codesOf(memberStatuses)).describe('Where the member stands'),
          attendance: counts,
          attendanceRate: rate('Attendances at which the member was there'),
          attainment: level('Attainment'),
          changes: z
            .array(
              z.strictObject({
                figure: text(40).describe('Rating or subscale'),
                before: z.number().describe('Before'),
                after: z.number().describe('After'),
                change: z.number().describe('Change'),
              }),
            )
            .max(20)
            .describe('Figures taken both before and after'),
        }),
      )
      .max(200)
      .describe('Members who count'),
  })
  .meta({
    id: 'GroupOutcome',
    examples: [
      {
        groupId: exampleId,
        version: 40,
        step: 'ended',
        group: {
          sessionsPlanned: 4,
          sessionsHeld: 4,
          attendanceRate: 0.92,
          goals: 2,
          goalsAssessed: 2,
          attainmentScore: 56.2,
          memberAttainment: 0.5,
          satisfaction: 4.5,
          satisfactionAnswers: 2,
        },
        members: [
          {
            memberId: 'm1',
            role: 'student',
            status: 'completed',
            attendance: { present: 4, late: 0, excused: 0, absent: 0 },
            attendanceRate: 1,
            attainment: 1,
            changes: [{ figure: 'confidence', before: 4, after: 6, change: 2 }],
          },
        ],
      },
    ],
  })

const coordinate = z.number().min(-1.01).max(1.01)

export const GroupSociogram = z
  .strictObject({
    ...ofGroup,
    members: z
      .array(
        z.strictObject({
          memberId: MemberId,
          name: text(200).nullable().describe('Name, as the group itself shows it'),
          chosenBy: z.int().min(0).describe('Members who choose them'),
          chooses: z.int().min(0).describe('Members they choose'),
          rejectedBy: z.int().min(0).describe('Members who reject them'),
          isolate: z.boolean().describe('Chooses nobody and is chosen by nobody'),
          x: coordinate.describe('Place in the drawing: the more chosen, the nearer to the middle'),
          y: coordinate.describe('Place in the drawing'),
        }),
      )
      .max(200)
      .describe('Members'),
    ties: z
      .array(
        z.strictObject({
          fromId: MemberId.describe('Who'),
          toId: MemberId.describe('to whom'),
          rating: z.number().min(-2).max(2).describe('Mean of the ratings'),
          kind: z.enum(['choice', 'neutral', 'rejection']).describe('Above 0, 0, below 0'),
          mutual: z.boolean().describe('The other chooses too'),
        }),
      )
      .max(40_000)
      .describe('Who turns to whom'),
    isolates: z.array(MemberId).max(200).describe('Members who stand alone'),
    mutualPairs: z.array(z.array(MemberId).length(2)).max(20_000).describe('Pairs that choose each other'),
  })
  .meta({
    id: 'GroupSociogram',
    examples: [
      {
        groupId: exampleId,
        version: 20,
        members: [
          { memberId: 'm1', name: '王晓明', chosenBy: 1, chooses: 1, rejectedBy: 0, isolate: false, x: 0, y: -0.25 },
          { memberId: 'm2', name: '李芳', chosenBy: 1, chooses: 1, rejectedBy: 0, isolate: false, x: 0, y: 0.25 },
        ],
        ties: [
          { fromId: 'm1', toId: 'm2', rating: 2, kind: 'choice', mutual: true },
          { fromId: 'm2', toId: 'm1', rating: 1, kind: 'choice', mutual: true },
        ],
        isolates: [],
        mutualPairs: [['m1', 'm2']],
      },
    ],
  })
