import { z } from 'zod'
import { exampleId, Id, text, version, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import {
  attendances,
  budgetCategories,
  groupPhases,
  memberRoles,
  memberStatuses,
  sessionKinds,
  sessionStatuses,
  taskStatuses,
} from '../practice/group-codes.ts'
import { groupSession, sessionContent } from '../practice/records/group/group-session.ts'
import { GroupStep, LocalId, MemberId, note, receipt } from './schemas.ts'

const day = (what: string) => z.iso.date().describe(what)
const fen = (what: string) => z.int().min(0).max(2_000_000_000).describe(what)
const Attendance = z.enum(codesOf(attendances)).describe('Attendance')
const counts = z
  .strictObject(Object.fromEntries(codesOf(attendances).map(code => [code, z.int().min(0).describe('Members')])))
  .describe('Members by attendance')
const Session = LocalId.describe('Session')
const Task = LocalId.describe('Task')
const Line = LocalId.describe('Budget line')
const of = { groupId: Id.describe('Group'), version: version().describe('Version of the group') }
const exampleCounts = { present: 1, late: 1, excused: 0, absent: 0 }

export const HoldSessionBody = sessionContent
  .omit({ sessionId: true })
  .extend({
    notes: z
      .array(
        z.strictObject({
          memberId: MemberId,
          note: Words(4000).describe('What was seen of the member; only for the leaders and that member’s case team'),
        }),
      )
      .max(200)
      .default([])
      .describe('Private notes, one a member'),
  })
  .meta({
    id: 'HoldGroupSession',
    examples: [
      {
        ...Object.fromEntries(
          Object.entries(groupSession.example('2026-09-14')).filter(([name]) => name !== 'sessionId'),
        ),
        notes: [{ memberId: 'm1', note: '两次想发言又停下,会后说怕讲错。' }],
      },
    ],
  })

export const SessionHeld = receipt(
  'GroupSessionHeld',
  {
    sessionId: Session,
    recordId: Id.describe('Record of the session'),
    counts,
    notes: z
      .array(z.strictObject({ memberId: MemberId, recordId: Id.describe('Record of the note') }))
      .max(200)
      .describe('Notes written'),
  },
  { sessionId: 's1', recordId: exampleId, counts: exampleCounts, notes: [] },
)

export const GroupSessions = z
  .strictObject({
    ...of,
    items: z
      .array(
        z.strictObject({
          id: Session,
          phase: z.enum(codesOf(groupPhases)).describe('Phase'),
          kind: z.enum(codesOf(sessionKinds)).describe('What it is for'),
          status: z.enum(codesOf(sessionStatuses)).describe('Planned, held or dropped'),
          on: day('Day'),
          startsAt: text(5).describe('Begin HH:MM, local'),
          durationMinutes: z.int().describe('Length in minutes'),
          recordId: Id.nullable().describe('Record of the session once held'),
          attendance: z
            .array(z.strictObject({ memberId: MemberId, attendance: Attendance }))
            .max(200)
            .describe('Attendance'),
        }),
      )
      .max(1000)
      .describe('Sessions by day'),
  })
  .meta({
    id: 'GroupSessions',
    examples: [
      {
        groupId: exampleId,
        version: 12,
        items: [
          {
            id: 's1',
            phase: 'early',
            kind: 'opening',
            status: 'held',
            on: '2026-09-14',
            startsAt: '19:00',
            durationMinutes: 90,
            recordId: exampleId,
            attendance: [{ memberId: 'm1', attendance: 'present' }],
          },
        ],
      },
    ],
  })

export const SettleTaskBody = z
  .strictObject({
    status: z.enum(['done', 'dropped']).describe('What became of it'),
    note: note.describe('Words; needed when it is dropped; confidential'),
  })
  .meta({ id: 'SettleGroupTask', examples: [{ status: 'done' }] })

export const TaskSettled = receipt(
  'GroupTaskSettled',
  { taskId: Task, status: z.enum(['done', 'dropped']).describe('What became of it') },
  { taskId: 't1', status: 'done' },
)

export const GroupTasks = z
  .strictObject({
    ...of,
    items: z
      .array(
        z.strictObject({
          id: Task,
          memberId: MemberId.nullable().describe('Whose; null = the leaders’'),
          status: z.enum(codesOf(taskStatuses)).describe('Where it stands'),
          dueOn: day('Due'),
          overdue: z.boolean().describe('Open, and its day has passed'),
          text: text(1000).describe('What is done'),
        }),
      )
      .max(1000)
      .describe('Tasks by due day'),
  })
  .meta({
    id: 'GroupTasks',
    examples: [
      {
        groupId: exampleId,
        version: 14,
        items: [
          { id: 't1', memberId: 'm1', status: 'open', dueOn: '2026-10-05', overdue: false, text: '每周讲一道错题。' },
        ],
      },
    ],
  })

const approved = z
  .array(z.strictObject({ lineId: Line, approvedFen: fen('Approved, in fen') }))
  .min(1)
  .max(60)
  .describe('Lines decided on')

export const ApproveBudgetBody = z
  .strictObject({ lines: approved, note })
  .meta({ id: 'ApproveGroupBudget', examples: [{ lines: [{ lineId: 'b1', approvedFen: 30000 }] }] })

export const BudgetApproved = receipt(
  'GroupBudgetApproved',
  { lines: approved },
  { lines: [{ lineId: 'b1', approvedFen: 30000 }] },
)

export const SpendBody = z
  .strictObject({
    amountFen: z.int().min(1).max(1_000_000_000).describe('Amount, in fen'),
    on: day('Day'),
    receiptId: Id.describe('Attachment of the group: the receipt'),
    note,
  })
  .meta({ id: 'SpendGroupMoney', examples: [{ amountFen: 4550, on: '2026-09-14', receiptId: exampleId }] })

export const MoneySpent = receipt(
  'GroupMoneySpent',
  {
    id: Id.describe('Of what was spent'),
    lineId: Line,
    amountFen: fen('Amount, in fen'),
    leftFen: fen('Left on the line, in fen'),
  },
  { id: exampleId, lineId: 'b1', amountFen: 4550, leftFen: 25450 },
)

export const SettleBudgetBody = z
  .strictObject({ note: Words(2000).describe('How the money was accounted for; confidential') })
  .meta({ id: 'SettleGroupBudget', examples: [{ note: '余款已退回学院,票据交财务。' }] })

export const BudgetSettled = receipt(
  'GroupBudgetSettled',
  {
    lines: z
      .array(z.strictObject({ lineId: Line, spentFen: fen('Spent, in fen'), returnedFen: fen('Goes back, in fen') }))
      .max(60)
      .describe('Lines settled'),
  },
  { lines: [{ lineId: 'b1', spentFen: 4550, returnedFen: 25450 }] },
)

export const GroupBudget = z
  .strictObject({
    ...of,
    lines: z
      .array(
        z.strictObject({
          id: Line,
          category: z.enum(codesOf(budgetCategories)).describe('What it pays for'),
          plannedFen: fen('Planned'),
          approvedFen: fen('Approved').nullable().describe('Approved; null = not decided'),
          spentFen: fen('Spent'),
          settled: z.boolean().describe('Settled'),
        }),
      )
      .max(60)
      .describe('Lines, in fen'),
    expenses: z
      .array(
        z.strictObject({
          id: Id.describe('Of what was spent'),
          lineId: Line,
          amountFen: fen('Amount'),
          on: day('Day'),
          receiptId: Id.describe('Attachment'),
          byId: Id.describe('Who filed it'),
        }),
      )
      .max(10_000)
      .describe('What was spent, oldest first'),
    plannedFen: fen('Planned in all'),
    approvedFen: fen('Approved in all'),
    spentFen: fen('Spent in all'),
  })
  .meta({
    id: 'GroupBudget',
    examples: [
      {
        groupId: exampleId,
        version: 15,
        lines: [
          { id: 'b1', category: 'materials', plannedFen: 30000, approvedFen: 30000, spentFen: 4550, settled: false },
        ],
        expenses: [],
        plannedFen: 30000,
        approvedFen: 30000,
        spentFen: 4550,
      },
    ],
  })

const rate = (what: string) => z.number().min(0).max(1).nullable().describe(`${what}, 0–1; null = nothing on file`)
const level = (what: string) => z.number().min(-2).max(2).nullable().describe(`${what}, −2…+2; null = not assessed`)

export const GroupOutcome = z
  .strictObject({
    ...of,
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
    ...of,
    members: z
      .array(
        z.strictObject({
          memberId: MemberId,
          name: text(200).nullable().describe('Name, to those who may see it'),
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
