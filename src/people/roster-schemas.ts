import { z } from 'zod'
import { contactKinds, courseKinds, enrolmentStatuses, resultOutcomes, staffRoles, unitKinds } from './codes.ts'
import { ownId, ownName } from './schemas.ts'

const externalId = (what: string) => ownId(what, 100)
const name = (what: string) => ownName(what, 200)
const englishName = () => name('English name').nullable().optional()
/** A day the database and people know: from 1900 on; 9999-12-31 is a day too. */
const day = (what: string) =>
  z.iso
    .date()
    .refine(text => text >= '1900-01-01', 'a day from 1900 on')
    .describe(what)
/**
 * Tomorrow in UTC, by the clock of the machine: a day later has begun nowhere on earth. Items are checked before anybody
 * knows whose they are, in calls and in imports alike.
 */
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
const rounded = (places: number) => (value: number) => Math.round(value * 10 ** places) / 10 ** places
/** Whether no two entries of a list agree in all the members named. */
const unlike =
  <T>(...members: (keyof T)[]) =>
  (list: readonly T[]) =>
    new Set(list.map(entry => JSON.stringify(members.map(member => entry[member])))).size === list.length
/** Whether a last day, where there is one, is not before the first; a fault of the last one. */
const inOrder = <First extends string, Last extends string>(
  first: First,
  last: Last,
): [
  (given: { readonly [M in First | Last]?: string | null | undefined }) => boolean,
  { path: string[]; message: string },
] => [
  ({ [first]: begins, [last]: ends }) => begins == null || ends == null || begins <= ends,
  { path: [last], message: `before ${first}` },
]
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
        .refine(...inOrder('validFrom', 'validUntil')),
    )
    .max(30)
    .refine(unlike('role', 'orgUnit', 'validFrom'), 'a role stands twice from one day on')
    .optional()
    .describe('Every role of the person; given, they replace those known'),
  identities,
})

export const StudentItem = z.strictObject({
  number: externalId('学号'),
  name: name('Name'),
  nameEn: englishName(),
  birthDate: day('Birth date; a day that has come')
    .refine(text => text <= tomorrow(), 'a day that has come')
    .nullable()
    .optional(),
  major: name('Major 专业'),
  grade: ownName('Grade, e.g. 2025', 20),
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
  .refine(...inOrder('startsOn', 'endsOn'))

export const CourseItem = z.strictObject({
  externalId: externalId('Course code'),
  name: name('Name'),
  kind: z.enum(courseKinds).optional().describe('Kind of course; a new one is `required`'),
  credits: z.number().min(0).max(999).overwrite(rounded(1)).describe('Credits, to one decimal'),
})

export const SectionItem = z.strictObject({
  externalId: externalId('The institution’s own id'),
  name: name('Name'),
  course: externalId('Course, by code'),
  term: externalId('Term, by its own id'),
})

export const EnrolmentItem = z
  .strictObject({
    externalId: externalId('The institution’s own id'),
    student: externalId('Student, by number'),
    section: externalId('Section, by its own id'),
    from: day('First day; not given: that of the term').optional(),
    until: day('First day no longer in the section; null = goes on').nullable().optional(),
  })
  .refine(...inOrder('from', 'until'))

const ofSomething = { message: 'give what it belongs to, or both course and term, not both ways' }
const bothOrNone = (whole: unknown, course: unknown, term: unknown) =>
  whole == null ? course != null && term != null : course == null && term == null

export const AssessmentItem = z
  .strictObject({
    externalId: externalId('The institution’s own id'),
    title: ownName('Title', 100),
    section: externalId('Section, by its own id; else course and term').nullable().default(null),
    course: externalId('Course, by code, of an assessment in every section').nullable().default(null),
    term: externalId('Term, by its own id').nullable().default(null),
    dueOn: day('Day it is due; null = none').nullable().optional(),
    weight: z
      .number()
      .min(0)
      .max(100)
      .overwrite(rounded(2))
      .nullable()
      .optional()
      .describe('Percent of the final result, to two decimals; null = not told'),
    maxScore: z
      .number()
      .min(0.01)
      .max(100_000)
      .overwrite(rounded(2))
      .optional()
      .describe('Points that are 100 %, to two decimals; of a new one 100'),
    isFinal: z.boolean().optional().describe('Its results are the final results of the course; not those of a new one'),
  })
  .refine(item => bothOrNone(item.section, item.course, item.term), ofSomething)

export const ResultItem = z
  .strictObject({
    externalId: externalId('The institution’s own id'),
    student: externalId('Student, by number'),
    assessment: externalId('Assessment, by its own id; else course and term').nullable().default(null),
    course: externalId('Course, by code').nullable().default(null),
    term: externalId('Term, by its own id').nullable().default(null),
    item: z
      .string()
      .trim()
      .max(100)
      .nullable()
      .optional()
      .describe('Name of the assessment, where none is given; empty or none = final result of the course'),
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
  .refine(item => bothOrNone(item.assessment, item.course, item.term), ofSomething)
  .transform(({ item, ...result }) => {
    if (result.assessment !== null) return { ...result, item: null }
    return item === undefined ? result : { ...result, item: item ?? '' }
  })

/** Id of a person in the system an import comes from. */
export const SourceId = externalId('Id in the system it is imported from').optional()

/** A role of a staff member as imports bring it, one by one. */
export const StaffRoleItem = z.strictObject({
  externalId: externalId('Id of the assignment'),
  staff: externalId('Staff member'),
  role: z.enum(roles).describe('Role'),
  orgUnit: externalId('Unit it is held in'),
  validFrom: day('First day'),
  validUntil: day('First day no longer held').nullable().default(null),
})

export const Upserted = z
  .strictObject({
    created: z.int().min(0).max(1000).describe('Rows that are new'),
    updated: z.int().min(0).max(1000).describe('Rows that changed'),
    unchanged: z.int().min(0).max(1000).describe('Rows as they were'),
  })
  .meta({ id: 'Upserted', examples: [{ created: 42, updated: 3, unchanged: 955 }] })
