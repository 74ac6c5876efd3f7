import { z } from 'zod'
import { at, exampleId, Id, instant, otherId, receiptOf, text, version, Words } from '../platform/http/schemas.ts'
import { casework, closureReasons } from '../practice/casework.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { caseKinds, caseSources } from './codes.ts'
import { flagNames } from './flags.ts'

const steps = Object.keys(casework.steps) as [string, ...string[]]

const day = () => z.iso.date()

export const caseId = Id.describe('Case')
const caseVersion = version().describe('Version of the case after the change')

/** The answer of a command on a case. */
export const receipt = receiptOf('case')

export const Step = z.enum(steps).describe('Step of casework')

/** Path of something within a case. */
export const withCase = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ caseId, ...shape })

/** Words a command may add. */
export const note = Words(2000).nullable().default(null).describe('Words; confidential')
/** Words a command wants. */
export const words = Words(2000).describe('Words; confidential')

/** Problems any change of a case may answer with. */
export const changeProblems: readonly ProblemCode[] = ['not_permitted', 'not_found', 'version_stale', 'key_is_erased']

export const CaseParams = z.strictObject({ caseId })

export const OpenCaseBody = z
  .strictObject({
    studentId: Id.describe('Student'),
    kind: z.enum(caseKinds).default('academic').describe('Kind of case'),
    source: z.enum(caseSources).describe('How it came about'),
    inScope: z
      .boolean()
      .default(true)
      .describe('Normal intelligence, and barriers that can be overcome: the target group'),
    scopeReason: Words(1000)
      .nullable()
      .default(null)
      .describe('Why a student outside the target group, or who left the school, is helped; confidential'),
    note: Words(2000).nullable().default(null).describe('First words on the case; confidential'),
    predecessorId: Id.nullable().default(null).describe('Case this one succeeds'),
  })
  .meta({ id: 'OpenCase', examples: [{ studentId: otherId, source: 'outreach', note: '两门课不及格,主动联系。' }] })

export const CaseOpened = z
  .strictObject({
    caseId,
    number: text(20).describe('Case number 档案编号'),
    step: Step,
    caseVersion,
  })
  .meta({
    id: 'CaseOpened',
    examples: [{ caseId: exampleId, number: '2026-0001', step: 'investigation', caseVersion: 1 }],
  })

const person = z.strictObject({ id: Id.describe('Person'), name: text(200).describe('Name') }).describe('A person')
const student = z
  .strictObject({ id: Id.describe('Student'), number: text(60).describe('学号'), name: text(200).describe('Name') })
  .describe('The student')

const header = {
  id: Id.describe('Case'),
  number: text(20).describe('Case number 档案编号'),
  kind: z.enum(caseKinds).describe('Kind of case'),
  step: Step,
  version: version().describe('Version: ETag of the case'),
  student,
  owner: person,
  openedAt: instant().describe('When it was opened'),
  updatedAt: instant().describe('Last write'),
  closeReason: z.enum(closureReasons).nullable().describe('Reason it ends or ended for'),
  pausedOn: day().nullable().describe('Day it was paused, null = running'),
}

const exampleHeader = {
  id: exampleId,
  number: '2026-0001',
  kind: 'academic' as const,
  step: 'tracking',
  version: 12,
  student: { id: otherId, number: '20250101', name: '王晓明' },
  owner: { id: otherId, name: '李老师' },
  openedAt: at,
  updatedAt: at,
  closeReason: null,
  pausedOn: null,
}

const flags = z.array(z.enum(flagNames)).max(20).describe('What should catch the eye; empty for the student')

export const exampleItem = { ...exampleHeader, flags: ['deferral_overdue' as const] }
export const CaseItem = z.strictObject({ ...header, flags }).meta({ id: 'CaseItem', examples: [exampleItem] })

const member = (description: string) => z.record(z.string().max(60), z.unknown()).describe(description)

export const Case = z
  .strictObject({
    ...header,
    cameFrom: Step.nullable().describe('Step closure was entered from'),
    source: z.enum(caseSources).describe('How it came about'),
    closedAt: instant().nullable().describe('When it was closed'),
    orgUnit: z
      .strictObject({
        id: Id.describe('Unit'),
        nameZh: text(200).describe('Name'),
        nameEn: text(200).nullable().describe('English name'),
      })
      .describe('Unit that answers for the case'),
    coWorkers: z
      .array(member('A co-worker: id, name, validFrom, validUntil'))
      .max(200)
      .describe('Team beside the owner'),
    goals: z
      .array(member('A goal: id, status, aim, horizon, difficulty, weight, dueOn, progress, attainment'))
      .max(200)
      .describe('Goals of the plan in force and settled ones'),
    actions: z
      .array(member('An action: id, goalId (null: provisional), status, by, strategy, dueOn'))
      .max(500)
      .describe('Actions'),
    consents: z.array(member('A consent: id, purpose, recipient, inForce')).max(500).describe('Consents'),
    pauseReason: text(60).nullable().describe('Reason code of the pause'),
    expectedReturn: day().nullable().describe('Day the student is expected back'),
    predecessorId: Id.nullable().describe('Case it succeeds'),
    successorIds: z.array(Id).max(50).describe('Cases that succeed it'),
    relations: z.array(text(40)).max(10).describe('How the caller stands to the case'),
    adoptable: z
      .array(member('A signed section: kind, recordId, signedAt'))
      .max(50)
      .optional()
      .describe('What a successor may still adopt of its predecessor, for those who write in it'),
    holds: z
      .array(member('A crisis: id, kind, openedAt, liftedAt, outcome, recipientId, crisisId'))
      .max(200)
      .optional()
      .describe('Crises'),
    waivers: z
      .array(member('A waiver: need, mode, dueOn, version'))
      .max(500)
      .optional()
      .describe('Waivers and deferrals'),
    owed: z.array(member('A deferral still owed')).max(500).optional().describe('What is still owed'),
    drafts: z.int().min(0).optional().describe('Drafts neither signed nor discarded'),
    referrals: z
      .array(member('A referral: id, status, offeredAt, settledAt'))
      .max(500)
      .optional()
      .describe('Referrals'),
    openReferrals: z.int().min(0).optional().describe('Referrals without result'),
    openGrants: z
      .array(member('A break-glass access: id, staffId, reason, until'))
      .max(200)
      .optional()
      .describe('Break-glass accesses not yet reviewed'),
    keyErased: z.boolean().optional().describe('Whether its words are gone for ever'),
    flags: flags.optional(),
  })
  .meta({
    id: 'Case',
    examples: [
      {
        ...exampleHeader,
        cameFrom: null,
        source: 'outreach',
        closedAt: null,
        orgUnit: { id: otherId, nameZh: '计算机2501班', nameEn: 'CS 2501' },
        coWorkers: [],
        goals: [{ id: 'g1', status: 'open', aim: 'relieve_and_motivate', progress: 'progress' }],
        actions: [{ id: 'a1', goalId: 'g1', status: 'open' }],
        consents: [{ id: otherId, purpose: 'service', recipient: null, inForce: true }],
        pauseReason: null,
        expectedReturn: null,
        predecessorId: null,
        successorIds: [],
        relations: ['owner'],
        flags: [],
      },
    ],
  })
