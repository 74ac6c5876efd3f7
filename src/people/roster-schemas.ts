import { z } from 'zod'
import { contactKinds, courseKinds, enrolmentStatuses, resultOutcomes, staffRoles, unitKinds } from './codes.ts'

const externalId = (what: string) => z.string().trim().min(1).max(100).describe(what)
const name = (what: string) => z.string().trim().min(1).max(200).describe(what)
const optionalName = () => name('English name').nullable().default(null)
const day = (what: string) => z.iso.date().describe(what)
const roles = Object.keys(staffRoles) as [keyof typeof staffRoles, ...(keyof typeof staffRoles)[]]

const identities = z
  .array(
    z.strictObject({
      issuer: z.string().min(1).max(300).describe('`iss` of the tokens'),
      subject: z.string().min(1).max(200).describe('`sub` of the tokens'),
    }),
  )
  .max(10)
  .optional()
  .describe('Tokens that speak for the person; given, they replace those known')

export const OrgUnitItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  parent: externalId('Unit above, by its own id').nullable().default(null),
  kind: z.enum(unitKinds).describe('Kind of unit'),
  nameZh: name('Chinese name'),
  nameEn: optionalName(),
})

export const StaffItem = z.strictObject({
  externalId: externalId('Staff number'),
  name: name('Name'),
  nameEn: optionalName(),
  leftOn: day('Last day of employment').nullable().default(null),
  roles: z
    .array(
      z.strictObject({
        role: z.enum(roles).describe('Role'),
        orgUnit: externalId('Unit it is held in'),
        validFrom: day('First day'),
        validUntil: day('First day no longer held').nullable().default(null),
      }),
    )
    .max(30)
    .describe('Every role of the person: replaces those known'),
  identities,
})

export const StudentItem = z.strictObject({
  number: externalId('学号'),
  name: name('Name'),
  nameEn: optionalName(),
  birthDate: day('Birth date').nullable().default(null),
  major: name('Major 专业'),
  grade: z.string().trim().min(1).max(20).describe('Grade, e.g. 2025'),
  orgUnit: externalId('Unit that answers for the student, usually the class'),
  enrolmentStatus: z.enum(enrolmentStatuses).default('enrolled').describe('Enrolment status'),
  contacts: z
    .array(
      z.strictObject({
        externalId: externalId('Id of the contact'),
        kind: z.enum(contactKinds).describe('Who it is'),
        name: name('Name'),
        phone: z.string().max(40).nullable().default(null).describe('Telephone'),
      }),
    )
    .max(20)
    .optional()
    .describe('Contacts to add or change'),
  identities,
})

export const TermItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  name: name('Name'),
  startsOn: day('First day'),
  endsOn: day('Last day'),
})

export const CourseItem = z.strictObject({
  externalId: externalId('Course code'),
  name: name('Name'),
  kind: z.enum(courseKinds).default('required').describe('Kind of course'),
  credits: z.number().min(0).max(999).describe('Credits'),
})

export const ResultItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  student: externalId('Student, by number'),
  course: externalId('Course, by code'),
  term: externalId('Term, by its own id'),
  item: z.string().trim().max(100).default('').describe('Assessment; empty = final result of the course'),
  score: z.number().min(0).max(100).nullable().default(null).describe('0–100, null = none'),
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
