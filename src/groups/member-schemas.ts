import { z } from 'zod'
import { exampleId, Id, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { leftByHand, memberStatuses, onwardPaths, resolvedByHand } from '../practice/group-codes.ts'
import { LocalId, MemberId, note, Role, receipt } from './schemas.ts'

const Status = z.enum(codesOf(memberStatuses)).describe('Where the member stands now')

const changed = { memberId: MemberId, status: Status }

export const AddMemberBody = z
  .strictObject({
    studentId: Id.nullable().default(null).describe('Student: as student or volunteer'),
    staffId: Id.nullable().default(null).describe('Staff member: as worker, volunteer or supporter'),
    name: Words(100).nullable().default(null).describe('Name of a supporter from outside; confidential'),
    role: Role,
    note,
  })
  .refine(body => [body.studentId, body.staffId, body.name].filter(each => each !== null).length === 1, {
    message: 'exactly one of studentId, staffId and name',
  })
  .meta({ id: 'AddGroupMember', examples: [{ studentId: exampleId, role: 'student' }] })

export const MemberAdded = receipt(
  'GroupMemberAdded',
  { ...changed, role: Role },
  { memberId: 'm1', role: 'student', status: 'proposed' },
)

export const SelectBody = z
  .strictObject({
    waiting: z.boolean().default(false).describe('Put on the waiting list instead'),
    note,
  })
  .meta({ id: 'SelectGroupMember', examples: [{ waiting: false }] })

export const MemberSelected = receipt('GroupMemberSelected', changed, { memberId: 'm1', status: 'selected' })

export const ConsentBody = z
  .strictObject({
    method: z.enum(['own_token', 'paper', 'oral', 'message']).default('own_token').describe('How they consent'),
    note: note.describe('Evidence in words, where a leader files it; confidential'),
  })
  .meta({ id: 'ConsentGroupMember', examples: [{ method: 'paper', note: '纸质同意书已归档。' }] })

export const openItems = z.array(LocalId).max(10).describe('Open items that arose')

export const MemberConsented = receipt(
  'GroupMemberConsented',
  { ...changed, openItems },
  { memberId: 'm1', status: 'consented', openItems: [] },
)

export const GuardianConsentBody = z
  .strictObject({
    method: z.enum(['paper', 'oral', 'message']).describe('How the guardian consents'),
    note: Words(2000).describe('How, and by whom; confidential'),
  })
  .meta({ id: 'FileGuardianConsent', examples: [{ method: 'message', note: '母亲来电并短信确认同意。' }] })

export const GuardianConsented = receipt(
  'GuardianConsented',
  { memberId: MemberId, guardianConsentedOn: z.iso.date().describe('Day of filing') },
  { memberId: 'm1', guardianConsentedOn: '2026-09-14' },
)

export const LeaveBody = z
  .strictObject({
    reason: z.enum(codesOf(leftByHand)).describe('Why'),
    on: z.iso.date().nullable().default(null).describe('Last day; null = today'),
    exitTalk: Words(4000)
      .nullable()
      .default(null)
      .describe('The exit talk, or the attempts at one; needed of who took part; confidential'),
    tasks: z
      .array(
        z
          .strictObject({
            taskId: LocalId.describe('Open task of theirs'),
            dropped: z.boolean().default(false).describe('It is dropped; else the leaders take it over'),
          })
          .describe('A task taken over or dropped'),
      )
      .max(100)
      .default([])
      .describe('What becomes of every open task of theirs'),
    attainment: z
      .int()
      .min(-2)
      .max(2)
      .nullable()
      .default(null)
      .describe('Outcome so far −2…+2; needed of an active student'),
    onwardPath: z
      .enum(codesOf(onwardPaths))
      .nullable()
      .default(null)
      .describe('Where they go on; needed of an active student'),
  })
  .meta({
    id: 'LeaveGroup',
    examples: [
      { reason: 'no_time', exitTalk: '与实习时间冲突,愿意线上联系。', attainment: 0, onwardPath: 'peer', tasks: [] },
    ],
  })

export const MemberLeft = receipt(
  'GroupMemberLeft',
  {
    memberId: MemberId,
    reason: z.enum(codesOf(leftByHand)).describe('Why'),
    promotedId: MemberId.nullable().describe('Who was waiting and has the place now'),
    openItems,
  },
  { memberId: 'm1', reason: 'no_time', promotedId: null, openItems: ['o1'] },
)

export const PairBody = z
  .strictObject({
    volunteerId: MemberId.describe('Volunteer'),
    studentId: MemberId.describe('Student'),
  })
  .meta({ id: 'PairMembers', examples: [{ volunteerId: 'm2', studentId: 'm1' }] })

export const Paired = receipt(
  'MembersPaired',
  { volunteerId: MemberId.describe('Volunteer'), studentId: MemberId.describe('Student') },
  { volunteerId: 'm2', studentId: 'm1' },
)

export const PairEnded = receipt(
  'PairEnded',
  {
    volunteerId: MemberId.describe('Volunteer'),
    studentId: MemberId.describe('Student'),
    openItems,
  },
  { volunteerId: 'm2', studentId: 'm1', openItems: [] },
)

const resolution = z.enum(codesOf(resolvedByHand)).describe('How it is resolved')

export const ResolveBody = z
  .strictObject({ resolution, note })
  .meta({ id: 'ResolveOpenItem', examples: [{ resolution: 'goes_on', note: '余下成员愿意继续。' }] })

export const ItemResolved = receipt(
  'OpenItemResolved',
  { itemId: LocalId.describe('Item'), kind: z.string().max(40).describe('What was in question'), resolution },
  { itemId: 'o1', kind: 'below_minimum', resolution: 'goes_on' },
)
