import { z } from 'zod'
import { text } from '../platform/http/schemas.ts'
import { compositionSchema } from '../practice/group-types.ts'
import { limit, Role, TypeCode } from './schemas.ts'

export const GroupTypeBody = z
  .strictObject({
    title: z
      .strictObject({ en: text(100).min(1).describe('English'), zh: text(100).min(1).describe('Chinese') })
      .describe('Title'),
    composition: compositionSchema.describe('Rule of composition with its parameters'),
    minMembers: limit('Members at least'),
    maxMembers: limit('Members at most'),
    roles: z
      .array(Role)
      .min(1)
      .max(4)
      .refine(roles => new Set(roles).size === roles.length, { message: 'each role once' })
      .describe('Roles members may have'),
    active: z.boolean().default(true).describe('Whether groups may be opened with it'),
  })
  .meta({
    id: 'PutGroupType',
    examples: [
      {
        title: { en: 'Study circle', zh: '读书会' },
        composition: { rule: 'open' },
        minMembers: 3,
        maxMembers: 12,
        roles: ['student', 'worker'],
      },
    ],
  })

const exampleType = {
  code: 'growth',
  title: { en: 'Growth group', zh: '成长型小组' },
  composition: { rule: 'homogeneous' as const, sharedNeeds: 1 },
  minMembers: 3,
  maxMembers: 20,
  roles: ['student' as const, 'worker' as const],
  active: true,
  version: 0,
}

export const GroupType = z
  .strictObject({
    code: TypeCode,
    ...GroupTypeBody.shape,
    active: z.boolean().describe('Whether groups may be opened with it'),
    version: z.int().min(0).describe('Version: ETag; 0 = the profession’s own, not changed here'),
  })
  .meta({ id: 'GroupType', examples: [exampleType] })

export const GroupTypes = z
  .strictObject({ items: z.array(GroupType).max(200).describe('Types of groups') })
  .meta({ id: 'GroupTypes', examples: [{ items: [exampleType] }] })
