import { z } from 'zod'
import { moveSchemas } from '../platform/http/move-schemas.ts'
import { exampleId, Id, receiptOf, text, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { memberRoles } from '../practice/group-codes.ts'
import { groupWork } from '../practice/group-work.ts'
import type { ProblemCode } from '../practice/problems.ts'

const groupId = Id.describe('Group')

/** Path of something within a group. */
export const withGroup = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ groupId, ...shape })
export const GroupParams = z.strictObject({ groupId })
export const LocalId = z
  .string()
  .max(16)
  .regex(/^[a-z][a-z0-9_]{0,15}$/)
export const MemberId = LocalId.describe('Member of the group')
export const GroupStep = z.enum(codesOf(groupWork.steps)).describe('Phase of group work')
export const TypeCode = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9_]*$/)
  .describe('Code of the type')
export const Role = z.enum(codesOf(memberRoles)).describe('Role in the group')
export const limit = (what: string) => z.int().min(1).max(100).describe(what)

/** Words a command may add. */
export const note = Words(2000).nullable().default(null).describe('Words; confidential')

/** The answer of a command on a group: ids, codes and the new version. */
export const receipt = receiptOf('group')

/** Problems any change of a group may answer with. */
export const changeProblems: readonly ProblemCode[] = [
  'not_permitted',
  'not_found',
  'version_stale',
  'key_is_erased',
  'group_is_over',
]

export const OpenGroupBody = z
  .strictObject({
    name: Words(100).describe('What it is called before its members: nothing confidential'),
    type: TypeCode,
    orgUnitId: Id.describe('Unit that answers for it'),
    minMembers: limit('Members at least; null = as the type says').nullable().default(null),
    maxMembers: limit('Members at most; null = as the type says').nullable().default(null),
  })
  .meta({ id: 'OpenGroup', examples: [{ name: '高数互助小组', type: 'mutual_aid', orgUnitId: exampleId }] })

export const GroupOpened = receipt(
  'GroupOpened',
  { number: text(20).describe('Group number'), step: GroupStep },
  { number: 'G2026-0001', step: 'preparation' },
)

export const ChangeGroupBody = z
  .strictObject({
    name: Words(100).nullable().default(null).describe('Name; null = as it is'),
    type: TypeCode.nullable().default(null),
    minMembers: limit('Members at least; null = as it is').nullable().default(null),
    maxMembers: limit('Members at most; null = as it is').nullable().default(null),
    note,
  })
  .meta({ id: 'ChangeGroup', examples: [{ maxMembers: 12 }] })

/** Moves of a group: asking, taking, explaining. */
export const groupMoves = moveSchemas(groupWork as never, 'group', 'Group', 'Group', 'group work', {
  id: exampleId,
  from: 'preparation',
  to: 'early',
  version: 7,
  explained: {
    step: 'early',
    version: 8,
    transitions: [
      {
        to: 'middle',
        title: groupWork.steps.middle.title,
        by: ['leader', 'co_leader'],
        yours: true,
        allowed: false,
        noteRequired: false,
        reasons: [{ reason: null, allowed: false, noteRequired: false }],
        requirements: [
          {
            check: 'opening_session_was_held',
            met: false,
            waived: false,
            waivable: false,
            title: { en: 'The opening session was held, with attendance', zh: '已开展开组活动并记录出勤' },
            records: [],
            operation: 'holdGroupSession',
            missing: [
              {
                check: 'opening_session_was_held',
                operation: 'holdGroupSession',
                title: { en: 'No opening session was held', zh: '尚无开组活动' },
              },
            ],
          },
        ],
      },
    ],
  },
})
