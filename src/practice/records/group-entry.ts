import { z } from 'zod'
import { codesOf } from '../codes.ts'
import { attendances, groupPhases } from '../group-codes.ts'
import { day, defineRecord, localId } from '../record-kind.ts'

/**
 * Entry from a group 小组参与记录: what reaches the case of a member who was at a session. No words: the note on the
 * member is read in the group by the case's team. Source: domain §3, 成员个案.
 */
export const groupEntry = defineRecord({
  kind: 'group_entry',
  of: 'case',
  title: { en: 'Entry from a group', zh: '小组参与记录' },
  source: 'Seed article 3, §3.3 (4) 收集反馈信息; MZ/T 095-2017 转折与成熟',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  writtenBy: 'holdGroupSession',
  cardinality: 'many',
  studentReads: ['groupId', 'sessionId', 'phase', 'on', 'attendance'],
  content: z.strictObject({
    groupId: z.uuid().describe('Group'),
    sessionId: localId().describe('Session of the group'),
    phase: z.enum(codesOf(groupPhases)).describe('Phase of the group'),
    on: day().describe('Day'),
    attendance: z.enum(codesOf(attendances)).describe('Present, late, excused or absent'),
    noteRecordId: z.uuid().nullable().describe('The leaders’ note on the member, read in the group; null = none'),
  }),
  example: today => ({
    groupId: '01936d3e-7c00-7000-8000-000000000001',
    sessionId: 's1',
    phase: 'early',
    on: today,
    attendance: 'present',
    noteRecordId: null,
  }),
})
