import { z } from 'zod'
import { contactKinds, courseKinds, enrolmentStatuses, resultOutcomes, staffRoles, unitKinds } from './codes.ts'

const externalId = (what: string) => z.string().trim().min(1).max(100).describe(what)
const name = (what: string) => z.string().trim().min(1).max(200).describe(what)
const englishName = () => name('English name').nullable().optional()
/** A day the database and people know: from 1900 on; 9999-12-31 is a day too. */
const day = (what: string) =>
  z.iso
    .date()
    .refine(text => text >= '1900-01-01', 'a day from 1900 on')
    .describe(what)
const rounded = (places: number) => (value: number) => Math.round(value * 10 ** places) / 10 ** places
/** Whether no two entries of a list agree in all the members named. */
const unlike =
  <T>(...members: (keyof T)[]) =>
  (list: readonly T[]) =>
    new Set(list.map(entry => JSON.stringify(members.map(member => entry[member])))).size === list.length
const roles = Object.keys(staffRoles) as [keyof typeof staffRoles, ...(keyof typeof staffRoles)[]]

const identities = z
  .array(
    z.strictObject({
      issuer: z.string().min(1).max(300).describe('`iss` of the tokens'),
      subject: z.string().min(1).max(200).describe('`sub` of the tokens'),
    }),
  )
  .max(10)
  .refine(unlike('issuer', 'subject'), 'an identity stands twice')
  .optional()
  .describe('Tokens that speak for the person; given, they replace those known')

export const OrgUnitItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  parent: externalId('Unit above, by its own id; null = none').nullable().optional(),
  kind: z.enum(unitKinds).describe('Kind of unit'),
  nameZh: name('Chinese name'),
  nameEn: englishName(),
})

export const StaffItem = z.strictObject({
  externalId: externalId('Staff number'),
  name: name('Name'),
  nameEn: englishName(),
  leftOn: day('Last day of employment; null = employed').nullable().optional(),
  roles: z
    .array(
      z
        .strictObject({
          role: z.enum(roles).describe('Role'),
          orgUnit: externalId('Unit it is held in'),
          validFrom: day('First day'),
          validUntil: day('First day no longer held').nullable().default(null),
        })
        .refine(held => held.validUntil === null || held.validFrom <= held.validUntil, {
          path: ['validUntil'],
          message: 'before validFrom',
        }),
    )
    .max(30)
    .refine(unlike('role', 'orgUnit', 'validFrom'), 'a role stands twice from one day on')
    .describe('Every role of the person: replaces those known'),
  identities,
})

export const StudentItem = z.strictObject({
  number: externalId('学号'),
  name: name('Name'),
  nameEn: englishName(),
  birthDate: day('Birth date').nullable().optional(),
  major: name('Major 专业'),
  grade: z.string().trim().min(1).max(20).describe('Grade, e.g. 2025'),
  orgUnit: externalId('Unit that answers for the student, usually the class'),
  enrolmentStatus: z.enum(enrolmentStatuses).optional().describe('Enrolment status; a new student is `enrolled`'),
  contacts: z
    .array(
      z.strictObject({
        externalId: externalId('Id of the contact, unique with the student'),
        kind: z.enum(contactKinds).describe('Who it is'),
        name: name('Name'),
        phone: z.string().max(40).nullable().optional().describe('Telephone'),
      }),
    )
    .max(20)
    .refine(unlike('externalId'), 'a contact stands twice')
    .optional()
    .describe('Contacts to add or change'),
  identities,
})

export const TermItem = z
  .strictObject({
    externalId: externalId('The institution’s own id'),
    name: name('Name'),
    startsOn: day('First day'),
    endsOn: day('Last day'),
  })
  .refine(term => term.startsOn <= term.endsOn, { path: ['endsOn'], message: 'before startsOn' })

export const CourseItem = z.strictObject({
  externalId: externalId('Course code'),
  name: name('Name'),
  kind: z.enum(courseKinds).optional().describe('Kind of course; a new one is `required`'),
  credits: z.number().min(0).max(999).overwrite(rounded(1)).describe('Credits, to one decimal'),
})

export const ResultItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  student: externalId('Student, by number'),
  course: externalId('Course, by code'),
  term: externalId('Term, by its own id'),
  item: z.string().trim().max(100).optional().describe('Assessment; empty or none = final result of the course'),
  score: z
    .number()
    .min(0)
    .max(100)
    .overwrite(rounded(2))
    .nullable()
    .optional()
    .describe('0–100, to two decimals; null = none'),
  outcome: z.enum(resultOutcomes).describe('Outcome'),
  recordedOn: day('Day it became known'),
})

export const Upserted = z
  .strictObject({
    created: z.int().min(0).max(1000).describe('Rows that are new'),
    updated: z.int().min(0).max(1000).describe('Rows that changed'),
    unchanged: z.int().min(0).max(1000).describe('Rows as they were'),
  })
  .meta({ id: 'Upserted', examples: [{ created: 42, updated: 3, unchanged: 955 }] })
