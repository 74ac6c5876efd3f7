import { z } from 'zod'
import { staffRoles } from './codes.ts'

export const Id = z.uuid()
/** An id of other systems, taken: no spaces around it, and no controls or characters nobody sees. */
export const ownId = (what: string, max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{C}+$/u)
    .describe(what)
/** A name or title, taken: one line, read as it is written. Rare characters, private ones too, are names of people. */
export const ownName = (what: string, max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine(text => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'holds a control character')
    .describe(what)
export const name = (what: string) => z.string().max(200).describe(what)
export const exampleId = '01936d3e-7c00-7000-8000-000000000003'
export const unit = z
  .strictObject({ id: Id.describe('Unit'), nameZh: name('Name'), nameEn: name('English name').nullable() })
  .describe('Unit')
export const exampleUnit = { id: exampleId, nameZh: '计算机2501班', nameEn: 'CS 2501' }
export const pascal = (text: string) =>
  text.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())

export const roles = Object.keys(staffRoles) as [string, ...string[]]
export const external = z.string().max(100).describe('The institution’s own id')
export const heldRole = z
  .strictObject({ role: z.enum(roles).describe('Role'), unitId: Id.describe('Unit') })
  .describe('A role held today')
