import { z } from 'zod'
import { exampleId, Id, text, version, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { attendances, groupPhases, sessionKinds, sessionStatuses, taskStatuses } from '../practice/group-codes.ts'
import { groupSession, sessionContent } from '../practice/records/group/group-session.ts'
import { LocalId, MemberId, note, receipt } from './schemas.ts'

const day = (what: string) => z.iso.date().describe(what)
const Session = LocalId.describe('Session')
const Task = LocalId.describe('Task')

/** What tells of a group as it is. */
export const ofGroup = { groupId: Id.describe('Group'), version: version().describe('Version of the group') }

/** Members by attendance. */
export const counts = z
  .strictObject(Object.fromEntries(codesOf(attendances).map(code => [code, z.int().min(0).describe('Members')])))
  .describe('Members by attendance')

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
    ...ofGroup,
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
            .array(
              z.strictObject({ memberId: MemberId, attendance: z.enum(codesOf(attendances)).describe('Attendance') }),
            )
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
    ...ofGroup,
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
