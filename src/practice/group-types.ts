import { z } from 'zod'
import type { Title } from '../kernel/process.ts'
import { attributeFamilies, compositionRules, type MemberRole, memberRoles } from './group-codes.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

const families = Object.keys(attributeFamilies).join('|')

/** A strength or need: family and code, `course:MATH101`. */
export const attribute = () =>
  z
    .string()
    .max(60)
    .regex(new RegExp(`^(${families}):[A-Za-z0-9][A-Za-z0-9_.-]{0,40}$`))
    .meta({ public: 'a code, not words' })

const named = <R extends keyof typeof compositionRules>(rule: R) => z.literal(rule).describe(compositionRules[rule].en)

/** A rule of composition with its parameters, as a type of group chooses it. Domain §3; seed article 3, §3.2 类型. */
export const compositionSchema = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: named('homogeneous'),
    sharedNeeds: z.int().min(1).max(10).describe('Needs all students have in common, at least'),
  }),
  z.strictObject({
    rule: named('paired'),
    volunteersPerStudent: z.int().min(1).max(10).describe('Volunteers a student has, at most'),
    studentsPerVolunteer: z.int().min(1).max(10).describe('Students a volunteer has, at most'),
  }),
  z.strictObject({
    rule: named('complementary'),
    coveredNeeds: z.int().min(1).max(10).describe('Needs of each student that others cover, at least'),
    coversOthers: z.int().min(0).max(20).describe('Others whose need each student covers, at least'),
  }),
  z.strictObject({ rule: named('open') }),
])

export type Composition = z.output<typeof compositionSchema>

/** A type of group: its rule, limits and roles. Those of an institution are stored in the same form. */
export interface GroupType {
  readonly title: Title
  readonly composition: Composition
  readonly minMembers: number
  readonly maxMembers: number
  readonly roles: readonly MemberRole[]
}

/** The types the profession knows. Seed article 3, §3.2: 成长型、结对型、互助型. */
export const groupTypes = {
  growth: {
    title: title('Growth group', '成长型小组'),
    composition: { rule: 'homogeneous', sharedNeeds: 1 },
    minMembers: 3,
    maxMembers: 20,
    roles: ['student', 'worker', 'supporter'],
  },
  paired: {
    title: title('Paired group', '结对型小组'),
    composition: { rule: 'paired', volunteersPerStudent: 3, studentsPerVolunteer: 3 },
    minMembers: 2,
    maxMembers: 20,
    roles: ['student', 'volunteer', 'worker', 'supporter'],
  },
  mutual_aid: {
    title: title('Mutual-aid group', '互助型小组'),
    composition: { rule: 'complementary', coveredNeeds: 1, coversOthers: 1 },
    minMembers: 2,
    maxMembers: 20,
    roles: ['student', 'worker', 'supporter'],
  },
} as const satisfies Record<string, GroupType>

/** Roles without which a rule can never be kept: those it is about; of a group without a rule, one that counts. */
const rolesOfRule: Readonly<Record<Composition['rule'], readonly MemberRole[]>> = {
  homogeneous: ['student'],
  paired: ['student', 'volunteer'],
  complementary: ['student'],
  open: [],
}

/** Roles a type lacks: without them no group of it could ever begin. Pure. */
export const rolesLacking = ({ composition, roles }: Pick<GroupType, 'composition' | 'roles'>): MemberRole[] => {
  const lacking = rolesOfRule[composition.rule].filter(role => !roles.includes(role))
  return lacking.length > 0 || roles.some(role => memberRoles[role].counts) ? lacking : ['student']
}
